"""last: the newest answers once more, from where they are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..chats.history.reading import Turn
from ..markdown.sanitize import escape
from ._table import Argument, Call, Command, Params, Report

__all__ = ["COMMAND", "LastParams"]

_LONGEST_QUESTION = 200


class LastParams(Params):
    """How many answers to show."""

    count: Annotated[int, Field(ge=1, le=100), Argument("N", "How many.")] = 1


async def last(params: LastParams, call: Call) -> Report:
    """The newest answers; also of a cell whose kernel ended before it did."""
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
    how = "" if turn.state == "settled" else ", not settled"
    head = f"**{escape(question)}** ({escape(turn.model)}{how})"
    return f"{head}\n\n{turn.answer.text or 'No text had come.'}"


COMMAND = Command(
    name="last",
    summary="Show the newest answers again, whatever became of their cells.",
    params=LastParams,
    run=last,
    examples=("%parllama last", "%parllama last 3"),
)
