"""panel: everything in one view."""

from __future__ import annotations

from ._table import Call, Command, Opening, Params

__all__ = ["COMMAND", "TEXT", "PanelParams"]

TEXT = (
    "The control panel of parllama_nb: chat, models side by side, providers, jobs and "
    "settings in one view. It is shown where Jupyter shows widgets, while the kernel "
    "that made it runs; %parllama opens a new one. What it does, commands do too: "
    "%parllama ask TEXT, %parllama compare, %parllama providers, %parllama jobs, "
    "%parllama settings; %parllama help lists them all."
)
"""What stands in the panel's place where it cannot be shown."""


class PanelParams(Params):
    """It wants nothing."""


async def panel(params: PanelParams, call: Call) -> Opening:
    """Open the control panel."""
    del params
    return Opening("panel", call.notebook.name, TEXT)


COMMAND = Command(
    name="panel",
    summary="Open the control panel; %parllama alone does the same.",
    params=PanelParams,
    run=panel,
    examples=("%parllama", "%parllama panel"),
)
