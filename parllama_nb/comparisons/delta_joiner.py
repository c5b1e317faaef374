"""What comes in several columns at once, told in few words."""

from __future__ import annotations

from collections.abc import Callable

from ..chats.throttle import Throttle
from ..events import ColumnDelta
from ..providers.messages import DeltaKind

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
        self._throttle = Throttle(_JOINED)

    def add(self, column: int, kind: DeltaKind, text: str) -> None:
        """Tell of some more text in a column, now or soon."""
        last = self._pending[-1] if self._pending else None
        if last is not None and (last.column, last.kind) == (column, kind):
            self._pending[-1] = ColumnDelta(column, kind, last.text + text)
        else:
            self._pending.append(ColumnDelta(column, kind, text))
        self._throttle.soon(self._join)

    def flush(self) -> None:
        """Tell now what has come."""
        self._throttle.now(self._join)

    def _join(self) -> None:
        pending, self._pending = self._pending, []
        self._tell(pending)
