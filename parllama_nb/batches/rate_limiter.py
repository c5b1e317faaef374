"""Limits the requests in flight to one provider, and slows down when it refuses."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["ConcurrencyLimiter"]

# Seconds to pause if a provider refuses and does not say for how long.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


class ConcurrencyLimiter:
    """The request slots of one provider, at most `most`. Used on one event loop.

    A refusal halves the slots and pauses all of them; each success gives a fraction of
    one back, as TCP does (additive increase, multiplicative decrease).
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.allowed = float(most)
        self._busy = 0
        self._pauses = 0
        self._not_before = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one slot, as soon as one is free and no pause is on."""
        while self._busy >= int(self.allowed):
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                await waiting
            except asyncio.CancelledError:
                self._wake()  # it may have been woken in the same moment
                raise
        self._busy += 1
        try:
            await self._paused()
            yield
        finally:
            self._busy -= 1
            self._wake()

    async def _paused(self) -> None:
        """Wait for the end of the pause, which may be extended meanwhile."""
        loop = asyncio.get_running_loop()
        pause = self._not_before - loop.time()
        if pause > 0:
            await asyncio.sleep(pause)
            await self._paused()

    def slow_down(self, retry_after: float | None) -> float:
        """Halve the slots after a refusal and pause. Returns the pause in seconds.

        Further refusals during a pause do not count again.
        """
        now = asyncio.get_running_loop().time()
        if now >= self._not_before:
            self.allowed = max(1.0, self.allowed / 2)
            self._pauses += 1
        guess = min(_FIRST_PAUSE * 2.0 ** (self._pauses - 1), _LONGEST_PAUSE)
        pause = guess if retry_after is None else retry_after
        self._not_before = max(self._not_before, now + pause)
        return pause

    def succeeded(self) -> None:
        """A request was answered: give back a fraction of a slot."""
        self._pauses = 0
        self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)
        self._wake()

    def _wake(self) -> None:
        free = int(self.allowed) - self._busy
        while free > 0 and self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                free -= 1
