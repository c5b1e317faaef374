"""A call that is made at once, and then no more often than every so many seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Throttle"]


class Throttle:
    """When something is told again; what is told by then is its owner's to keep.

    `interval` is in seconds. Used on the service loop only.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._called = -1.0e9
        self._due = False
        self._timer: asyncio.TimerHandle | None = None

    def soon(self, call: Callable[[], None]) -> None:
        """Call now if the last time is long enough ago, else once it is."""
        self._due = True
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        wait = self._called + self._interval - loop.time()
        if wait <= 0:
            self.now(call)
        else:
            self._timer = loop.call_later(wait, self.now, call)

    def now(self, call: Callable[[], None]) -> None:
        """Call now what was to be called soon; nothing where nothing was."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            self._due = False
            self._called = asyncio.get_running_loop().time()
            call()
