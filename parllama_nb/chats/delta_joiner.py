"""What comes in several columns at once, told in few words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..events import ColumnDelta
from .engine import Kind

__all__ = ["DeltaJoiner"]

# Seconds over which the deltas of all columns are joined, as those of one are.
_JOINED = 0.04


class DeltaJoiner:
    """Joins deltas and hands them to `tell`: the first at once, others in a while.

    Used on the service loop only.
    """

    def __init__(self, tell: Callable[[list[ColumnDelta]], None]) -> None:
        self._tell = tell
        self._pending: list[ColumnDelta] = []
        self._told = -_JOINED
        self._timer: asyncio.TimerHandle | None = None

    def add(self, column: int, kind: Kind, text: str) -> None:
        """Tell of some more text in a column, now or soon."""
        last = self._pending[-1] if self._pending else None
        if last is not None and (last.column, last.kind) == (column, kind):
            self._pending[-1] = ColumnDelta(column, kind, last.text + text)
        else:
            self._pending.append(ColumnDelta(column, kind, text))
        if self._timer is None:
            loop = asyncio.get_running_loop()
            wait = self._told + _JOINED - loop.time()
            if wait <= 0:
                self.flush()
            else:
                self._timer = loop.call_later(wait, self.flush)

    def flush(self) -> None:
        """Tell now what has come."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = self._pending, []
        if pending:
            self._told = asyncio.get_running_loop().time()
            self._tell(pending)
