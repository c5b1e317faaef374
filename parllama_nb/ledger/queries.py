"""Reads the ledger: each request, or sums by day, model, provider, ..."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

from ..errors import UsageError
from .periods import Period
from .rows import SUMS, TOTAL

__all__ = ["BY", "By", "Period", "Usages", "checked_by", "usages"]

By = Literal[
    "day", "month", "model", "provider", "notebook", "host", "purpose", "conversation"
]

BY: tuple[By, ...] = get_args(By)

Usages: TypeAlias = "list[dict[str, Any]]"
"""Requests, or sums, as names and values."""

_PROVIDER = "substr(name, 1, instr(name, '/') - 1)"

_GROUPS: Mapping[By, tuple[str, str]] = {
    "day": (TOTAL, "day"),
    "month": (TOTAL, "substr(day, 1, 7)"),
    "provider": ("model", _PROVIDER),
}
"""What the sums of days are by, and how they are summed up further, where not by name.
"""

_COMMON: Mapping[str, str] = {
    "model": "provider || '/' || model",
    "notebook": "notebook",
    # Where it went at last.
    "host": "CASE sent_to WHEN '' THEN host ELSE sent_to END",
    "purpose": "purpose",
    "conversation": "coalesce(conversation, '')",
}
"""What `rows` sums up by, of a single request."""

_IN_TIME: tuple[By, ...] = ("day", "month")
"""What is shown in the order of time, and all else by what it cost."""

_NAME = "(SELECT name FROM session WHERE session.id = {} AND NOT sealed)"

_DETAILS = (
    f"began, notebook, {_NAME.format('ledger.conversation')} AS conversation, "
    "purpose, provider, provider || '/' || model AS model, host, sent_to, local, bytes, attachments, input_tokens, output_tokens, "  # noqa: E501
    "cached_tokens, cache_write_tokens, reasoning_tokens, cost, seconds, ended, "
    "error"
)


_AS_SUMS = (
    "strftime('%Y-%m-%d', began, 'unixepoch', 'localtime') AS day, "
    "1 AS requests, ended = 'error' AS failed, coalesce(bytes, 0) AS bytes, "
    "CASE attachments WHEN '' THEN 0 ELSE length(attachments) - "
    "length(replace(attachments, ' ', '')) + 1 END AS attachments, "
    "coalesce(input_tokens, 0) AS input_tokens, "
    "coalesce(output_tokens, 0) AS output_tokens, "
    "coalesce(cached_tokens, 0) AS cached_tokens, "
    "coalesce(reasoning_tokens, 0) AS reasoning_tokens, "
    "coalesce(cost, 0.0) AS cost, cost IS NULL AND NOT local AS unpriced"
)
"""A request as `rows` adds it to the sums of its day."""


def checked_by(by: str | None) -> By | None:
    """Return what to sum by.

    Raises:
        UsageError: nothing can be summed by it.

    """
    for each in BY:
        if each == by:
            return each
    if by is None:
        return None
    message = f"Usage cannot be summed by {by!r:.60}."
    raise UsageError(message, hint=f"by is one of {', '.join(BY)}.")


def usages(connection: sqlite3.Connection, period: Period, by: By | None) -> Usages:
    """Return the requests of a period, the newest first, or their sums.

    Of a conversation it gives the name; None for all that are encrypted or deleted.
    """
    if by is None:
        where, values = _between(period)
        return _named(
            connection.execute(
                f"SELECT {_DETAILS} FROM ledger {where} ORDER BY began DESC",  # noqa: S608
                values,
            )
        )
    kept, group = _GROUPS.get(by, (by, "name"))
    source, values = _sums(period, kept)
    sums = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    query = f"SELECT {group} AS [{by}], {sums} FROM {source} GROUP BY 1"  # noqa: S608
    if by == "conversation":
        name = _NAME.format("summed.conversation")
        query = (
            f"SELECT {name} AS conversation, {sums} FROM ({query}) AS summed "  # noqa: S608
            "GROUP BY 1"
        )
    order = "1" if by in _IN_TIME else "cost DESC, requests DESC, 1"
    return _named(connection.execute(f"{query} ORDER BY {order}", values))


def _named(cursor: sqlite3.Cursor) -> Usages:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _sums(period: Period, by: str) -> tuple[str, list[object]]:
    """Return what to sum: the sums of days, or the requests of a part of one."""
    if period.of_days:
        tests, values = ["by = ?"], [by]
        for limit, test in ((period.since, "day >= ?"), (period.until, "day < ?")):
            if limit is not None:
                tests.append(test)
                values.append(limit.date().isoformat())
        return f"ledger_day {_where(tests)}", [*values]
    where, numbers = _between(period)
    columns = f"{_COMMON[by]} AS name, {_AS_SUMS}"
    return f"(SELECT {columns} FROM ledger {where})", numbers  # noqa: S608


def _between(period: Period) -> tuple[str, list[object]]:
    where, values = [], []
    for limit, test in ((period.since, "began >= ?"), (period.until, "began < ?")):
        if limit is not None:
            where.append(test)
            values.append(_seconds(limit))
    return _where(where), [*values]


def _where(tests: list[str]) -> str:
    return f"WHERE {' AND '.join(tests)}" if tests else ""


def _seconds(moment: dt.datetime) -> float:
    try:
        return moment.timestamp()
    except (OverflowError, OSError, ValueError):
        # Beyond what the platform's clock knows: the year 1, or 9999.
        return 0.0 if moment.year < dt.MAXYEAR // 2 else 1e12
