"""The view of the ledger: what was sent and what it cost, and the budget."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import StoreError
from ...events import SETTINGS, USAGE, Event, SettingsChanged
from ...ledger.periods import Period, period
from ...ledger.table import csv_of
from ...providers.accounting import THIS_MACHINE
from ...settings.keys import default, lookup
from ...settings.model import BudgetSettings
from .._base import View, failure
from .._requests import request
from ..settings.form import group_of
from ..settings.protocol import SetParams, ValueData
from .protocol import (
    BudgetData,
    UsageCsv,
    UsageData,
    UsageParams,
    UsageRow,
    UsageSnapshot,
)

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["UsageView"]

# Seconds for which news are collected: a batch ends hundreds of requests a second.
_JOINED = 0.3

# Seconds between two looks at what other kernels have spent, while a page shows it.
_LOOK = 5.0

# Days that a plot shows as such; more are months.
_MOST_DAYS = 92

_SUMS = [name for name in UsageRow.model_fields if name != "name"]


class UsageView(View[UsageSnapshot, BudgetData]):
    """Shows the ledger, also as it grows; `subject` is of no use."""

    bundle_name = "usage"
    without_widgets = "%parllama usage says what was sent, and what it cost."

    def __init__(self, app: Parllama, subject: object = None) -> None:
        del subject
        self._cost: float | None = None
        self._telling: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        super().__init__(app)
        self._unlisten = [
            app.events.listen(USAGE, lambda _: self._soon_told()),
            app.events.listen(SETTINGS, self._hear_settings),
        ]

    def snapshot(self) -> UsageSnapshot:
        """Return the budget, once the month's cost is known."""
        return UsageSnapshot(seq=self.seq, budget=self._budget())

    def close(self) -> None:
        """Close the view and stop looking."""
        for remove in self._unlisten:
            remove()
        self._soon(self._stop)
        super().close()

    @request
    async def on_hello(self) -> UsageSnapshot:
        """Find out what the month has cost, begin to look, and send the budget."""
        self._cost = await self._app.ledger.month_cost()
        if self._watching is None:
            self._watching = self._loop.create_task(self._watch())
        return await super().on_hello()

    @request
    async def on_usage(self, params: UsageParams) -> UsageData:
        """Return the sums of a period."""
        ledger, span = self._app.ledger, _period(params)
        days = await ledger.usages(span, "day")
        rows = await ledger.usages(span, params.by)
        hosts = await ledger.usages(span, "host")
        named = [self._row(each, params.by) for each in rows]
        times, by_month = _times(days, span)
        return UsageData(
            total=_sum("", days),
            times=times,
            rows=named,
            hosts=[
                self._row(each, "host")
                for each in hosts
                if each["host"] != THIS_MACHINE
            ],
            by_month=by_month,
        )

    @request
    async def on_csv(self, params: UsageParams) -> tuple[UsageCsv, list[bytes]]:
        """Return each request of a period as a file."""
        found = await self._app.ledger.usages(_period(params))
        text = await asyncio.to_thread(csv_of, found, None)
        name = f"usage-{time.strftime('%Y-%m-%d')}.csv"
        return UsageCsv(file_name=name, count=len(found)), [text.encode()]

    @request
    async def on_set(self, params: SetParams) -> ValueData:
        """Change a limit of the budget; it is in effect when the response comes."""
        settings = self._app.settings
        if not params.key.startswith("budget."):
            return ValueData.model_validate({"value": settings.value(params.key)})
        await asyncio.to_thread(settings.update, {params.key: params.value})
        return ValueData.model_validate({"value": settings.value(params.key)})

    def _row(self, row: dict[str, Any], by: str) -> UsageRow:
        return _sum(self._app.redact(str(row[by] or "")), [row])

    def _budget(self) -> BudgetData | None:
        if self._cost is None:
            return None
        app = self._app
        current = app.settings.current
        schema = BudgetSettings.model_json_schema()
        settings = group_of("budget", schema, lambda key: lookup(current, key), default)
        unwritten = app.ledger.failure
        return BudgetData(
            month=time.strftime("%B"),
            cost=self._cost,
            settings=settings,
            unwritten=None if unwritten is None else failure(unwritten, app.redact),
        )

    def _hear_settings(self, event: Event) -> None:
        if isinstance(event, SettingsChanged) and any(
            key.startswith("budget.") for key in event.keys
        ):
            self._soon_told()

    def _soon_told(self) -> None:
        if self._telling is None:
            self._telling = self._loop.call_later(_JOINED, self._begin_telling)

    def _begin_telling(self) -> None:
        self._telling = None
        task = self._loop.create_task(self._tell_budget())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_budget(self) -> None:
        self._cost = await self._app.ledger.month_cost()
        budget = self._budget()
        if budget is not None:
            self.tell(budget)

    async def _watch(self) -> None:
        """Look now and then for what other kernels have noted."""
        last = 0
        while True:
            try:
                newest = await self._app.ledger.newest()
            except StoreError:
                newest = last
            if self._shown > 0 and newest != last and last:
                self._soon_told()
            last = newest
            await asyncio.sleep(_LOOK)

    def _stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._telling is not None:
            self._telling.cancel()


def _period(params: UsageParams) -> Period:
    return period(None if params.span == "all" else params.span)


def _sum(name: str, rows: Sequence[dict[str, Any]]) -> UsageRow:
    sums = {each: sum(row[each] for row in rows) for each in _SUMS}
    return UsageRow(name=name, **sums)


def _times(days: Sequence[dict[str, Any]], span: Period) -> tuple[list[UsageRow], bool]:
    """Return the days of a period, or its months, also those on which nothing was sent.

    It says which of the two they are.
    """
    if not days:
        return [], False
    today = dt.date.today()  # noqa: DTZ011 - the clock on the wall
    first = dt.date.fromisoformat(days[0]["day"])
    if span.since is not None:
        first = min(first, span.since.date())
    last = max(today, dt.date.fromisoformat(days[-1]["day"]))
    by_month = (last - first).days >= _MOST_DAYS
    length = len("2026-11") if by_month else len("2026-11-30")
    found: dict[str, list[dict[str, Any]]] = {
        name[:length]: [] for name in _days(first, last)
    }
    for day in days:
        found[day["day"][:length]].append(day)
    return [_sum(name, rows) for name, rows in found.items()], by_month


def _days(first: dt.date, last: dt.date) -> Iterator[str]:
    for number in range((last - first).days + 1):
        yield (first + dt.timedelta(days=number)).isoformat()
