"""The command prompts, which imports its actions when it runs."""

from __future__ import annotations

from ..report import Report
from ..table import Call, Command, Opening
from .params import PromptsParams

__all__ = ["COMMAND"]

_VIEW = (
    "The prompt library is a view, which only Jupyter shows. %parllama prompts lists "
    "the prompts without it."
)


async def prompts(params: PromptsParams, call: Call) -> Report | Opening:
    """Run the action that was requested."""
    if params.view:
        return Opening("prompts", " ".join(params.words), _VIEW)
    from .actions import ACTIONS  # noqa: PLC0415 - when it is needed

    return await ACTIONS[params.action](params, call)


COMMAND = Command(
    name="prompts",
    group="Ask",
    summary="Keep prompts: write, find, import and export them.",
    params=PromptsParams,
    run=prompts,
    live=lambda params: params.action == "import",
    examples=(
        "%parllama prompts import fabric --all",
        "%parllama prompts list security",
        "%parllama prompts edit summarize",
        "%parllama prompts export markdown ~/prompts",
    ),
)
