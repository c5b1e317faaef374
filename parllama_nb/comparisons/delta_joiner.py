"""Joins the deltas of several columns, so that views get few messages."""

from __future__ import annotations

from collections.abc import Callable

from ..chats.throttle import Throttle
from ..events import ColumnDelta
from ..providers.messages import DeltaKind

__all__ = ["DeltaJoiner"]

# Seconds for which deltas are joined: as long as the engine joins those of one answer.
_JOINED = 0.04


class DeltaJoiner:
    """Joins deltas and passes them to `deliver`: the first at once, others later.

    Used on the service loop only.
    """

    def __init__(self, deliver: Callable[[list[ColumnDelta]], None]) -> None:
        self._deliver = deliver
        self._pending: list[ColumnDelta] = []
        self._throttle = Throttle(_JOINED)

    def add(self, column: int, kind: DeltaKind, text: str) -> None:
        """Add a delta of a column, to be delivered now or soon."""
        last = self._pending[-1] if self._pending else None
        if last is not None and (last.column, last.kind) == (column, kind):
            self._pending[-1] = ColumnDelta(column, kind, last.text + text)
        else:
            self._pending.append(ColumnDelta(column, kind, text))
        self._throttle.soon(self._join)

    def flush(self) -> None:
        """Deliver all pending deltas now."""
        self._throttle.now(self._join)

    def _join(self) -> None:
        pending, self._pending = self._pending, []
        self._deliver(pending)
