"""What is shown of columns and rows: nulls, ranges, examples, lines of CSV."""

from __future__ import annotations

import csv
import io
import math
import reprlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...secret import Secret
from ..secret_names import HIDDEN
from .budget import cut_line
from .nested import compact, names_a_secret

__all__ = [
    "PRECISE",
    "ROWS",
    "count_of",
    "csv_lines",
    "examples",
    "facts_of",
    "name_of",
    "nulls",
    "step_of",
    "value_range",
]

ROWS = 20
"""Rows of a sample, at most."""

PRECISE = 1_000
"""Tokens from which numbers are shown with all their digits."""

_EXACT = 300_000
"""Cells up to which nulls and ranges are those of all rows."""

_SAMPLED = 1_000
"""Rows of a larger frame that nulls and ranges are taken from, spread evenly."""

_EXAMPLES = 3
_NAME = 40  # characters
_LONGEST_TEXT = 40


def count_of(count: int, word: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {word}{'s' if count != 1 else ''}"


def step_of(height: int, width: int) -> int:
    """Return how many rows on the next one of a sample is."""
    return 1 if height * width <= _EXACT else max(1, height // _SAMPLED)


def name_of(name: object) -> str:
    """Return the name of a column on one line, in quotes if it needs them."""
    text = cut_line(str(name), _NAME)
    return text if text.isidentifier() else f'"{text}"'


def facts_of(values: Any, *, sampled: bool, shown: bool = True) -> list[str]:  # noqa: ANN401
    """Return nulls and range of a column of pandas, or examples if `shown`."""
    facts = nulls(int(values.isna().sum()), len(values), sampled=sampled)
    kind = getattr(values.dtype, "kind", "O")
    if not len(values):
        return []
    if kind in "iufmM":
        return facts + value_range(values.min(), values.max())
    if kind == "b":
        return [*facts, f"{values.mean():.0%} true"]
    return facts + examples(values.dropna().iloc[:50].tolist() if shown else ())


def nulls(count: int, size: int, *, sampled: bool) -> list[str]:
    """Return how many values are missing, of a sample as a share."""
    if not count or not size:
        return []
    if sampled:
        return [f"{max(count / size, 0.01):.0%} null"]
    return [f"{count:,} null"]


def value_range(low: object, high: object) -> list[str]:
    """Return the lowest and the highest value."""
    # NaN and NaT alone are not themselves.
    if low is None or high is None or low != low or high != high:  # noqa: PLR0124
        return []
    return [_brief(low) if low == high else f"{_brief(low)} to {_brief(high)}"]


def examples(values: Iterable[object]) -> list[str]:
    """Return up to three different values."""
    found: list[str] = []
    for value in values:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        text = _cell(value, precise=False, longest=18)
        if text not in found:
            found.append(text)
        if len(found) == _EXAMPLES:
            break
    return ["e.g. " + " | ".join(found)] if found else []


def csv_lines(
    rows: Iterable[Sequence[object]], *, precise: bool, hidden: Sequence[bool] = ()
) -> Iterator[str]:
    """Give rows as lines of CSV; the values of `hidden` columns are not shown."""
    for row in rows:
        # A row that names a secret, as settings have it, holds it in another column.
        named = any(names_a_secret(value) for value in row)
        cells = [
            HIDDEN
            if (number < len(hidden) and hidden[number])
            or (named and isinstance(value, str) and not names_a_secret(value))
            else _cell(value, precise=precise)
            for number, value in enumerate(row)
        ]
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(cells)
        yield line.getvalue()


def _cell(value: object, *, precise: bool, longest: int = 80) -> str:
    if isinstance(value, float) and not precise:
        return _brief(value)
    if isinstance(value, str):
        return cut_line(value, longest)
    if isinstance(value, dict | list | tuple | set | frozenset | bytes):
        return cut_line(compact(value, 6, 40, 2), longest)
    if isinstance(value, Secret):
        return str(value)
    return cut_line(str(value), longest)


def _brief(value: object) -> str:
    """Return a number with four digits, a time without its midnight."""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    text = text.removesuffix(" 00:00:00")
    return text if len(text) < _LONGEST_TEXT else reprlib.repr(text)
