"""last: shows the newest answers again, from the database."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..chats.history.reading import Turn
from ..markdown.sanitize import escape
from .report import Report, prose
from .table import Argument, Call, Command, Params

__all__ = ["COMMAND", "LastParams"]

_LONGEST_QUESTION = 200

_BETWEEN = "\n\n---\n\n"


class LastParams(Params):
    """How many answers to show."""

    count: Annotated[int, Field(ge=1, le=100), Argument("N", "How many to show.")] = 1


async def last(params: LastParams, call: Call) -> Report:
    """Show the newest answers, even that of a cell whose kernel ended first."""
    turns = await call.app.chats.newest(params.count)
    if not turns:
        return Report("Nothing was asked yet.")
    shown = [_shown(turn) for turn in turns]
    markdown, plain = (_BETWEEN.join(texts) for texts in zip(*shown, strict=True))
    return Report(markdown, plain)


def _shown(turn: Turn) -> tuple[str, str]:
    """Returns a question and its answer, as Markdown and as text."""
    if turn.unreadable:
        head, about = "encrypted", f"({turn.model})"
        text = str(turn.error or "")
        answer = prose(text)
    else:
        head = turn.question[-1].text if turn.question else ""
        if len(head) > _LONGEST_QUESTION:
            head = f"{head[:_LONGEST_QUESTION]}…"
        how = "" if turn.state == "settled" else ", not finished"
        about = f"({turn.model}{how})"
        answer = text = turn.answer.text or "No text arrived."
    markdown = f"**{escape(head)}** {escape(about)}\n\n{answer}"
    return markdown, f"{head} {about}\n\n{text}"


COMMAND = Command(
    name="last",
    group="Ask",
    summary="Show the newest answers again, also of deleted cells.",
    params=LastParams,
    run=last,
    to="compare",
    examples=("%parllama last", "%parllama last 3"),
)
