"""Columns of a comparison as the compare view's wire types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from ...chats.answer import dollars
from ...comparisons.column import Column
from ...comparisons.comparison import Comparison
from .._base import failure
from .._protocol import ProgressData
from .protocol import ColumnData, ColumnWaitsData

__all__ = ["column_data", "options_in_words", "waits_data"]


def column_data(
    column: Column, side: Comparison, redact: Callable[[str], str], *, whole: bool
) -> ColumnData:
    """A column; what has come of its text only if the `whole` of it is wanted."""
    live = column.live
    data = ColumnData(
        id=column.id,
        model=column.model,
        state=live.state,
        asked_s=max(0.0, side.seconds - live.seconds),
        picked=column.picked,
        text=live.text if whole else None,
        thinking=live.thinking if whole else None,
        notice=redact(column.live.notice),
        progress=_progress(column),
        first_token_s=live.first_token_s,
    )
    answer = column.answer
    if answer is None:
        return data
    error = answer.error
    return data.model_copy(
        update={
            "error": None if error is None else failure(error, redact),
            "ending": answer.ending,
            "first_token_s": answer.timing.first_token_s,
            "total_s": answer.timing.total_s,
            "tokens_per_s": answer.tokens_per_s,
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "cost": None if answer.cost is None else dollars(answer.cost),
        }
    )


def waits_data(column: Column, redact: Callable[[str], str]) -> ColumnWaitsData:
    """What a column waits for."""
    notice = redact(column.live.notice)
    return ColumnWaitsData(column=column.id, notice=notice, progress=_progress(column))


def options_in_words(side: Comparison) -> str:
    """What all columns are asked with: "temperature 0.2, seed 1"."""
    said = []
    for name, value in side.question.options.items():
        words = name.replace("_", " ")
        said.append(
            f"{words} {value}" if isinstance(value, str | int | float) else words
        )
    return ", ".join(said)


def _progress(column: Column) -> ProgressData | None:
    progress = column.live.progress
    return None if progress is None else ProgressData(**asdict(progress))
