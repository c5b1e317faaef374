"""Periods of the ledger: from when to when, as a user says it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from ..errors import UsageError

__all__ = ["Moment", "Period", "period"]

Moment = str | dt.date | dt.datetime | None
"""A day, a time, or a text that says one; None for no limit."""

_AGO = re.compile(r"(\d{1,5})\s*(h|d|w|m|y)[a-z]*", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d")
_HINT = (
    "Write a day (2026-11-30), a month (2026-11), a time (2026-11-30T18:00), "
    "today, yesterday, week, month or year, or 12h, 7d or 4w for so long ago."
)


@dataclass(frozen=True, slots=True)
class Period:
    """From `since`, up to but without `until`; None for no limit. In local time."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def of_days(self) -> bool:
        """Whether it begins and ends at midnight."""
        limits = (self.since, self.until)
        return all(each is None or each.time() == dt.time() for each in limits)


def period(
    since: Moment = None, until: Moment = None, *, now: dt.datetime | None = None
) -> Period:
    """Return the period between two moments.

    A day or a month as `until` is part of it.

    Raises:
        UsageError: one is no moment, or they are the wrong way round.

    """
    now = now or dt.datetime.now()  # noqa: DTZ005 - the clock on the wall
    begin = _begin("since", since, now)
    end = _end("until", until, now)
    if begin is not None and end is not None and begin >= end:
        message = "The period ends before it begins."
        raise UsageError(message, hint="Exchange since and until.")
    return Period(begin, end)


def _begin(name: str, given: Moment, now: dt.datetime) -> dt.datetime | None:
    return None if given is None else _span(name, given, now)[0]


def _end(name: str, given: Moment, now: dt.datetime) -> dt.datetime | None:
    return None if given is None else _span(name, given, now)[1]


def _span(
    name: str, given: str | dt.date | dt.datetime, now: dt.datetime
) -> tuple[dt.datetime, dt.datetime]:
    """Return the begin and the end of what a moment names: a day lasts one."""
    if isinstance(given, dt.datetime):
        moment = _local(given)
        return moment, moment
    if isinstance(given, dt.date):
        return _days(given, 1)
    if not isinstance(given, str):
        message = f"{name} takes a day or a time, not {type(given).__name__}."
        raise UsageError(message, hint=_HINT)
    span = _named(given.strip().lower(), now) or _written(given.strip())
    if span is None:
        message = f"{given!r:.60} is no day and no time."
        raise UsageError(message, hint=_HINT)
    return span


def _named(text: str, now: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
    today, day = now.date(), dt.timedelta(days=1)
    first = today.replace(month=1, day=1)
    spans = {
        "now": (now, now),
        "today": _days(today, 1),
        "yesterday": _days(today - day, 1),
        "week": _days(today - today.weekday() * day, 7),
        "month": _month(today.replace(day=1)),
        "year": (_midnight(first), _midnight(first.replace(year=first.year + 1))),
    }
    ago = _AGO.fullmatch(text)
    if ago is None:
        return spans.get(text)
    count, unit = int(ago[1]), ago[2].lower()
    if unit == "h":
        moment = now - dt.timedelta(hours=count)
        return moment, moment
    days = {"d": 1, "w": 7, "m": 30, "y": 365}[unit] * count
    # So many days with today, so that 7d is a week; at most as far as there are days.
    days = min(max(1, days), today.toordinal())
    return _days(today - (days - 1) * day, 1)


def _written(text: str) -> tuple[dt.datetime, dt.datetime] | None:
    try:
        if month := _MONTH.fullmatch(text):
            return _month(dt.date(int(month[1]), int(month[2]), 1))
        if len(text) == len("2026-11-30"):
            return _days(dt.date.fromisoformat(text), 1)
        if not _TIME.match(text):
            return None
        moment = _local(dt.datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
    return moment, moment


def _days(first: dt.date, count: int) -> tuple[dt.datetime, dt.datetime]:
    return _midnight(first), _midnight(first + dt.timedelta(days=count))


def _month(first: dt.date) -> tuple[dt.datetime, dt.datetime]:
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return _midnight(first), _midnight(following)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def _local(moment: dt.datetime) -> dt.datetime:
    """Return a time without a zone, by the clock on the wall."""
    return moment.astimezone().replace(tzinfo=None) if moment.tzinfo else moment
