"""last: shows the newest answers again, from the database."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..chats.history.reading import Turn
from ..markdown.sanitize import escape
from .table import Argument, Call, Command, Params, Report

__all__ = ["COMMAND", "LastParams"]

_LONGEST_QUESTION = 200


class LastParams(Params):
    """How many answers to show."""

    count: Annotated[int, Field(ge=1, le=100), Argument("N", "How many.")] = 1


async def last(params: LastParams, call: Call) -> Report:
    """Show the newest answers, even that of a cell whose kernel ended first."""
    turns = await call.app.chats.newest(params.count)
    if not turns:
        return Report("Nothing was asked yet.")
    return Report("\n\n---\n\n".join(map(_shown, turns)))


def _shown(turn: Turn) -> str:
    if turn.unreadable:
        why = str(turn.error or "")
        return f"**encrypted** ({escape(turn.model)})\n\n{escape(why)}"
    question = turn.question[-1].text if turn.question else ""
    if len(question) > _LONGEST_QUESTION:
        question = f"{question[:_LONGEST_QUESTION]}…"
    how = "" if turn.state == "settled" else ", not finished"
    head = f"**{escape(question)}** ({escape(turn.model)}{how})"
    return f"{head}\n\n{turn.answer.text or 'No text arrived.'}"


COMMAND = Command(
    name="last",
    summary="Show the newest answers again, even if their cells are gone.",
    params=LastParams,
    run=last,
    examples=("%parllama last", "%parllama last 3"),
)
