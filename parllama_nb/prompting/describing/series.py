"""Series and indexes of pandas: type, nulls, range and their first values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...providers.token_estimate import text_tokens
from ..secret_names import HIDDEN, looks_secret
from .budget import fitting
from .samples import (
    PRECISE,
    ROWS,
    count_of,
    csv_lines,
    facts_of,
    name_of,
    step_of,
    value_range,
)

__all__ = ["index_facts", "index_text", "series_text"]


def series_text(series: Any, tokens: int) -> str:  # noqa: ANN401 - not imported here
    """Return a series' length, type, nulls and range, and its first values."""
    name = "" if series.name is None else f" {name_of(series.name)}"
    head = f"Series{name}, {count_of(len(series), 'value')}, {series.dtype}"
    if looks_secret(str(series.name)):
        return f"{head}\nIts values are hidden: it is named like a secret."
    step = step_of(len(series), 1)
    sample = series.iloc[::step]
    labelled = type(series.index).__name__ != "RangeIndex"
    # A row of a frame, or settings: each value has a name of its own.
    named = labelled and any(looks_secret(str(each)) for each in series.index[:1_000])
    facts = facts_of(sample, sampled=step > 1, shown=not named)
    head = ", ".join([head, *facts])
    if step > 1 and facts:
        head += f" (of {len(sample):,} of them)"
    first = series.iloc[:ROWS]
    rows: Iterable[Sequence[object]] = (
        [
            (label, HIDDEN if looks_secret(str(label)) else value)
            for label, value in first.items()
        ]
        if labelled
        else [(value,) for value in first]
    )
    return _listed(head, rows, tokens)


def index_text(index: Any, tokens: int) -> str:  # noqa: ANN401 - not imported here
    """Return an index's length, type and range, and its first values."""
    rows = [each if isinstance(each, tuple) else (each,) for each in index[:ROWS]]
    return _listed(index_facts(index, step_of(len(index), 1)), rows, tokens)


def index_facts(index: Any, step: int) -> str:  # noqa: ANN401 - not imported here
    """Return an index's class, length, type and range; every so many values count."""
    kind = type(index).__name__
    if kind == "MultiIndex":
        names = ", ".join(name_of(name) for name in index.names[:8])
        return f"MultiIndex, {count_of(len(index), 'value')}, levels {names}"
    facts = ""
    if getattr(index.dtype, "kind", "O") in "iufmM" and len(index):
        part = index[::step]
        facts = "".join(f", {each}" for each in value_range(part.min(), part.max()))
    named = "" if index.name is None else f" {name_of(index.name)}"
    return f"{kind}{named}, {count_of(len(index), 'value')}, {index.dtype}{facts}"


def _listed(head: str, rows: Iterable[Sequence[object]], tokens: int) -> str:
    lines = csv_lines(rows, precise=tokens >= PRECISE)
    shown = list(fitting(lines, tokens - text_tokens(head) - 8))
    if not shown:
        return head
    return "\n".join([head, f"First {count_of(len(shown), 'value')} as CSV:", *shown])
