"""Reads counts of tokens as servers write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields

from .messages import Usage

__all__ = ["count_of", "total", "updated"]

_DIGITS = re.compile(r"[0-9]{1,12}(\.0)?")

_NAMES = [each.name for each in fields(Usage)]

_MOST = 10**12
"""Tokens; no answer has more, and the database could not hold any number."""


def count_of(value: object) -> int | None:
    """Return a count of tokens, None for what is not one.

    Some servers write whole numbers as 7.0 or as "7".
    """
    if isinstance(value, str):
        value = float(value) if _DIGITS.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN is not within any limits.
    return int(value) if 0 <= value <= _MOST and value == int(value) else None


def updated(known: Usage, later: Usage) -> Usage:
    """Return the counts of a later report, and the known ones that it lacks.

    A 0 that comes later is no count: some servers fill in what they do not know.
    """
    counts: dict[str, int | None] = {}
    for name in _NAMES:
        before, now = getattr(known, name), getattr(later, name)
        counts[name] = now if before is None else now or before
    return Usage(**counts)


def total(usages: Iterable[Usage]) -> Usage:
    """Return the sums of all counts; None where there is none."""
    sums: dict[str, int | None] = dict.fromkeys(_NAMES)
    for usage in usages:
        for name in _NAMES:
            count = getattr(usage, name)
            if count is not None:
                sums[name] = (sums[name] or 0) + count
    return Usage(**sums)
