"""compare: shows the last answers side by side again, or keeps one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from ..comparisons.comparison import Comparison
from ..errors import UsageError
from ..markdown.sanitize import escape
from .report import Report
from .table import Argument, Call, Command, Opening, Option, Params

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["COMMAND", "CompareParams"]


_NOTHING = "Nothing was compared yet."
_HOW = "%%parllama MODEL MODEL asks two models."


def _models(app: Parllama, before: Sequence[str]) -> list[str]:
    """Returns the models whose answers can be picked."""
    last = app.comparisons.last
    return [column.model for column in [*last.columns]] if last and before else []


class CompareParams(Params):
    """Open the last comparison, or keep the answer of one of its models."""

    action: Annotated[
        Literal["pick"] | None,
        Argument(
            "pick", "Keep one answer as a turn of a conversation.", values="action"
        ),
    ] = None
    winner: Annotated[
        str | None,
        Argument("MODEL", "The model that gave it, or its number.", values=_models),
    ] = None
    session: Annotated[
        str | None,
        Option(
            ("--session",),
            "Keep it in the conversation of this name, not in that of the question.",
            "NAME",
        ),
    ] = None


async def compare(params: CompareParams, call: Call) -> Opening | Report:
    """Open the last comparison in a view, or an empty one if there is none; or pick."""
    comparisons = call.app.comparisons
    last = comparisons.last
    if params.action is None:
        opened = last or comparisons.empty(call.notebook.name)
        return Opening("compare", opened, _text(last))
    if last is None:
        raise UsageError(_NOTHING, hint=_HOW)
    if params.winner is None:
        names = ", ".join(f"{column.id}: {column.model}" for column in last.columns)
        message = "compare pick needs the number of an answer."
        raise UsageError(message, hint=f"Available: {names}.")
    column = last.named(params.winner)
    saved = await last.pick(column.id, params.session)
    place = f"turn {saved.turn} of the conversation {escape(saved.session or '')}"
    text = f"The answer of **{escape(column.model)}** is kept as {place}."
    if saved.session == call.notebook.name:
        text += " `%parllama chat` and `%%parllama -c` go on from there."
    return Report(text)


def _text(last: Comparison | None) -> str:
    if last is None:
        return f"{_NOTHING} {_HOW}"
    return str(last.comparison())


COMMAND = Command(
    name="compare",
    group="Ask",
    summary="Show the last comparison; last: the newest answers.",
    params=CompareParams,
    run=compare,
    examples=("%parllama compare", "%parllama compare pick 2"),
)
