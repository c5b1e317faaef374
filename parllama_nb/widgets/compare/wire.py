"""Columns of a comparison as the compare view's wire types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...chats.answer import dollars
from ...comparisons.column import Column
from ...comparisons.comparison import Comparison
from .._base import failure
from .._protocol import Failure, ProgressData
from .protocol import ColumnData, ColumnSettled, ColumnWaitsData

__all__ = ["column_data", "options_in_words", "settled_data", "waits_data"]


def column_data(
    column: Column, side: Comparison, redact: Callable[[str], str]
) -> ColumnData:
    """Return all of a column."""
    return ColumnData(
        id=column.id,
        state=column.live.state,
        text=column.live.text,
        thinking=column.live.thinking,
        notice=redact(column.live.notice),
        progress=_progress(column),
        error=_error(column, redact),
        **_figures(column, side),
    )


def settled_data(
    column: Column, side: Comparison, redact: Callable[[str], str]
) -> ColumnSettled:
    """Return how a column ended; the page has its text from the deltas."""
    return ColumnSettled(
        column=column.id,
        state=column.live.state,
        error=_error(column, redact),
        **_figures(column, side),
    )


def waits_data(column: Column, redact: Callable[[str], str]) -> ColumnWaitsData:
    """Return what a column waits for."""
    notice = redact(column.live.notice)
    return ColumnWaitsData(column=column.id, notice=notice, progress=_progress(column))


def options_in_words(side: Comparison) -> str:
    """Return the options of all columns in words: "temperature 0.2, seed 1"."""
    words = []
    for name, value in side.question.options.items():
        label = name.replace("_", " ")
        words.append(
            f"{label} {value}" if isinstance(value, str | int | float) else label
        )
    return ", ".join(words)


def _figures(column: Column, side: Comparison) -> dict[str, Any]:
    """Return the fields of `ColumnFigures`."""
    figures = {
        "model": column.model,
        "asked_s": max(0.0, side.seconds - column.live.seconds),
        "picked": column.picked,
        "first_token_s": column.live.first_token_s,
    }
    answer = column.answer
    if answer is None:
        return figures
    return figures | {
        "ending": answer.ending,
        "first_token_s": answer.timing.first_token_s,
        "total_s": answer.timing.total_s,
        "tokens_per_s": answer.tokens_per_s,
        "input_tokens": answer.usage.input_tokens,
        "output_tokens": answer.usage.output_tokens,
        "cost": None if answer.cost is None else dollars(answer.cost),
    }


def _error(column: Column, redact: Callable[[str], str]) -> Failure | None:
    error = column.answer.error if column.answer is not None else None
    return None if error is None else failure(error, redact)


def _progress(column: Column) -> ProgressData | None:
    progress = column.live.progress
    return None if progress is None else ProgressData.of(progress)
