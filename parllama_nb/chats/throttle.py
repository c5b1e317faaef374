"""Limits how often a function is called: at once, then at most once per interval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Throttle"]


class Throttle:
    """Rate-limits a callback. The caller buffers what has accumulated.

    `interval` is in seconds. Used on the service loop only.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._called = -1.0e9
        self._due = False
        self._timer: asyncio.TimerHandle | None = None

    def soon(self, call: Callable[[], None]) -> None:
        """Call now if the last call is long enough ago, else as soon as it is."""
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
        """Make the call that `soon` has postponed now, if there is one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            self._due = False
            self._called = asyncio.get_running_loop().time()
            call()
