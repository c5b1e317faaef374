"""Periods as users write them."""

from __future__ import annotations

import datetime as dt

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.ledger.periods import Moment, Period, period


def day(month: int, number: int, year: int = 2026, hour: int = 0) -> dt.datetime:
    """A time on the wall's clock, which has no zone."""
    return dt.datetime(year, month, number, hour, 30 if hour else 0)  # noqa: DTZ001


NOW = day(11, 30, hour=18)


@pytest.mark.parametrize(
    ("since", "until", "begin", "end"),
    [
        (None, None, None, None),
        ("today", None, day(11, 30), None),
        ("yesterday", "yesterday", day(11, 29), day(11, 30)),
        ("week", None, day(11, 30), None),
        ("month", "month", day(11, 1), day(12, 1)),
        ("year", "year", day(1, 1), day(1, 1, 2027)),
        ("7d", None, day(11, 24), None),
        ("1 day", None, day(11, 30), None),
        ("2w", None, day(11, 17), None),
        ("12h", None, NOW - dt.timedelta(hours=12), None),
        ("99999y", None, day(1, 1, 1), None),
        ("2026-02", "2026-02", day(2, 1), day(3, 1)),
        ("2025-12", None, day(12, 1, 2025), None),
        ("2026-11-03", "2026-11-03", day(11, 3), day(11, 4)),
        ("2026-11-03T12:30", "now", day(11, 3, hour=12), NOW),
        (" Today ", None, day(11, 30), None),
        (dt.date(2026, 5, 1), dt.date(2026, 5, 2), day(5, 1), day(5, 3)),
        (NOW, None, NOW, None),
    ],
)
def test_a_period_is_from_midnight_to_midnight_unless_it_names_times(
    since: Moment, until: Moment, begin: dt.datetime, end: dt.datetime
) -> None:
    found = period(since, until, now=NOW)
    assert found == Period(begin, end)
    midnight = {None, dt.time()}
    times = {moment and moment.time() for moment in (begin, end)}
    assert found.of_days == (times <= midnight)


def test_a_time_of_another_zone_is_that_of_the_wall() -> None:
    moment = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
    (begin, expected) = (period(moment).since, moment.astimezone())
    assert begin == expected.replace(tzinfo=None)
    assert period("2026-11-30T12:00:00Z").since == begin


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13", "2026-02-30", "7", "-7d", "d", "1" * 80, "20261"]
)
def test_what_is_no_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="no day and no time") as caught:
        period(text)
    assert "2026-11-30" in (caught.value.hint or "")
    assert len(caught.value.message) < 120


def test_another_type_is_refused() -> None:
    with pytest.raises(UsageError, match="since takes a day or a time, not int"):
        period(7)  # type: ignore[arg-type]


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match="ends before it begins"):
        period("2026-11-30", "2026-11-01")
