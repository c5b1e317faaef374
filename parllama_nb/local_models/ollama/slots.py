"""How many pulls run at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

__all__ = ["Slots"]


class Slots:
    """Lets in as many as `limit()` allows, in order. Used on one event loop.

    The limit may change at any time; call `review` to let in who waits.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def take(self, waiting: Callable[[], object]) -> AsyncIterator[None]:
        """Hold a slot; calls `waiting` if it has to be waited for."""
        if self._waiting or self._busy >= self._limit():
            waiting()
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave()  # its turn had come
                else:
                    self._waiting.remove(turn)
                raise
        else:
            self._busy += 1
        try:
            yield
        finally:
            self._leave()

    def review(self) -> None:
        """Let in as many as the limit now allows."""
        while self._waiting and self._busy < self._limit():
            turn = self._waiting.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)

    def _leave(self) -> None:
        self._busy -= 1
        self.review()
