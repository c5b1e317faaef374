"""Keeps the ledger, and holds what is asked to the budget of the month."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ..errors import BudgetError, StoreError
from ..events import Event, UsageRecorded
from ..providers.accounting import SentRequest
from ..store.database import Store, written
from .queries import By, Period, Usages, usages
from .rows import TOTAL, day_of, insert

__all__ = ["Budget", "Ledger", "month_of"]

_log = logging.getLogger(__name__)

_MOST = 10_000
"""Requests that wait for a database which fails; those before them are dropped."""


@dataclass(frozen=True, slots=True)
class Budget:
    """US dollars in a calendar month that warn, and that stop; None for no limit."""

    warn: float | None = None
    stop: float | None = None


class Ledger:
    """Notes what was sent in the database; `Accounts` of all providers.

    A request that cannot be written waits, and is written with a later one; `failure`
    says why. `notebook()` names the notebook, `budget()` returns the limits as they are
    now, `emit` is called on any thread.
    """

    def __init__(
        self,
        store: Store,
        notebook: Callable[[], str],
        budget: Callable[[], Budget],
        emit: Callable[[Event], object],
    ) -> None:
        self.failure: StoreError | None = None
        self._store = store
        self._notebook = notebook
        self._budget = budget
        self._emit = emit
        self._waiting: deque[SentRequest] = deque(maxlen=_MOST)
        # What the month has cost by the database when it was last asked, which requests
        # of this kernel it then had, and what all of those have cost until now.
        self._read = 0.0
        self._at = 0.0
        self._recorded = 0.0
        # What of them is in the database, as far as `_written` has been told.
        self._noted = 0.0
        self._warned = ""

    # what is sent

    @property
    def limited(self) -> bool:
        """Whether there is a budget."""
        budget = self._budget()
        return budget.warn is not None or budget.stop is not None

    async def allow(self, notice: Callable[[str], object]) -> None:
        """Let a request go that will cost something; warns once a month and kernel.

        It knows what has ended: requests that are under way at once may cost more than
        the budget, together, but no other one begins after they have.

        Raises:
            BudgetError: the month has cost as much as the budget allows.

        """
        budget, month = self._budget(), month_of(time.time())
        cost = await self.month_cost()
        if budget.stop is not None and cost >= budget.stop:
            raise _used_up(cost, budget.stop)
        if budget.warn is not None and cost >= budget.warn and self._warned != month:
            self._warned = month
            notice(f"{_of(cost, budget.warn)} are spent this month.")

    def record(self, sent: SentRequest) -> None:
        """Note a request that was sent. Never waits, and never raises."""
        self._waiting.append(sent)
        self._recorded += sent.cost or 0.0
        try:
            writing = self._store.call(self._write, unless=lambda: not self._waiting)
        except RuntimeError:  # Python is ending, and starts no thread any more
            return
        writing.add_done_callback(self._written)

    def remark(self, cost: float | None) -> tuple[str, ...]:
        """Return what the footer of an answer of this cost says of the budget."""
        warn = self._budget().warn
        if cost is None or warn is None:
            return ()
        spent = self._spent
        return (f"{_of(spent, warn)} this month",) if spent >= warn else ()

    async def month_cost(self) -> float:
        """Return what this calendar month has cost until now, in all kernels."""
        month = month_of(time.time())

        def read(connection: sqlite3.Connection) -> tuple[float, float]:
            (cost,) = connection.execute(
                "SELECT coalesce(sum(cost), 0) FROM ledger_day "
                "WHERE by = ? AND day >= ?",
                (TOTAL, f"{month}-01"),
            ).fetchone()
            # Here and not before: a write that stood in the queue has been made by now.
            return float(cost), self._noted

        # A database that fails must not break an answer: then it is what is known.
        with contextlib.suppress(StoreError):
            self._read, self._at = await written(self._store.call(read))
        return self._spent

    @property
    def _spent(self) -> float:
        return self._read + self._recorded - self._at

    # what was sent

    async def newest(self) -> int:
        """Return the number of the newest request of all kernels; 0 for none.

        Raises:
            StoreError: the database cannot be read.

        """

        def read(connection: sqlite3.Connection) -> int:
            (number,) = connection.execute("SELECT max(id) FROM ledger").fetchone()
            return int(number or 0)

        return int(await written(self._store.call(read)) or 0)

    async def usages(self, period: Period, by: By | None = None) -> Usages:
        """Return what was sent in a period, or its sums by what `by` names.

        Raises:
            StoreError: the database cannot be read.

        """
        reading = self._store.call(lambda connection: usages(connection, period, by))
        found: Usages | None = await written(reading)
        return found or []

    def _write(self, connection: sqlite3.Connection) -> list[SentRequest]:
        some = [*self._waiting]
        insert(connection, self._notebook(), some)
        return some

    def _written(self, future: Future[Any]) -> None:
        # On the store's thread before its next call; or in `record`, if the write has
        # ended by then. Until `record` returns, the ledger has no later call there.
        error = future.exception()
        if error is None:
            for sent in future.result() or ():
                self._noted += sent.cost or 0.0
                # It is gone from there if too many came while it was written.
                if self._waiting and self._waiting[0] is sent:
                    self._waiting.popleft()
            self.failure = None
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._emit(UsageRecorded())
            return
        if self.failure is None:
            _log.warning("the ledger cannot be written: %s", type(error).__name__)
        self.failure = (
            error
            if isinstance(error, StoreError)
            else StoreError("The ledger cannot be written.")
        )


def month_of(seconds: float) -> str:
    """Return the month on the wall's clock of a time since the epoch: "2026-11"."""
    return day_of(seconds)[:7]


def _of(cost: float, limit: float) -> str:
    return f"${cost:,.2f} of ${limit:,.2f}"


def _used_up(cost: float, limit: float) -> BudgetError:
    month = time.strftime("%B", time.localtime())
    message = (
        f"Not asked: the budget of ${limit:,.2f} a month is used up; {month} has cost "
        f"${cost:,.2f}."
    )
    hint = (
        f"`%parllama settings budget.stop {2 * limit or 10:g}` raises it, a model on "
        "this machine costs nothing, and `%parllama usage` says what did."
    )
    return BudgetError(message, hint=hint)
