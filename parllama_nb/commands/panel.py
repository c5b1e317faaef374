"""panel: opens everything in one view."""

from __future__ import annotations

from .table import Call, Command, Opening, Params

__all__ = ["COMMAND", "TEXT", "PanelParams"]

TEXT = (
    "The control panel of parllama_nb: chat, models side by side, prompts, local "
    "models, providers, the vault, jobs, usage and settings in one view. Jupyter shows "
    "it while the kernel that made it runs; %parllama opens a new one. Commands do the "
    "same: %parllama ask TEXT, %parllama compare, %parllama prompts, %parllama models, "
    "%parllama providers, %parllama vault, %parllama jobs, %parllama usage, %parllama "
    "settings; %parllama help lists them all."
)
"""Shown in place of the panel if it cannot be shown."""


class PanelParams(Params):
    """It has no parameters."""


async def panel(params: PanelParams, call: Call) -> Opening:
    """Open the control panel."""
    del params
    return Opening("panel", call.notebook.name, TEXT)


COMMAND = Command(
    name="panel",
    group="Notebook",
    summary="Open all of this in one view; so does %parllama.",
    params=PanelParams,
    run=panel,
    examples=("%parllama", "%parllama panel"),
)
