"""The command sessions, which imports its actions when it runs."""

from __future__ import annotations

from ..report import Report
from ..table import Call, Command
from .params import SessionsParams

__all__ = ["COMMAND"]


async def sessions(params: SessionsParams, call: Call) -> Report:
    """Run the action that was requested."""
    from .actions import ACTIONS  # noqa: PLC0415 - when it is needed

    return await ACTIONS[params.action](params, call)


_LIVE = frozenset({"name", "summarise", "export", "import"})
"""Actions that take a while."""

COMMAND = Command(
    name="sessions",
    group="Conversations",
    summary="List, search, change, export conversations.",
    params=SessionsParams,
    run=sessions,
    live=lambda params: params.action in _LIVE,
    examples=(
        "%parllama sessions",
        "%parllama sessions search error handling",
        '%parllama sessions rename "New chat" diary',
        "%parllama sessions folder diary Private",
        "%parllama sessions encrypt diary",
        "%parllama sessions summarise diary",
        '%parllama sessions to-prompt diary "my questions"',
        "%parllama sessions export diary diary.html",
        "%parllama sessions export --all conversations.zip",
        "%parllama sessions import conversations.zip",
    ),
)
