"""An event loop whose clock is moved by what it waits for, so that no test waits.

A minute's wait before a retry is over at once, and always at the same time of the
clock. What comes from other threads is waited for as on any loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Iterator
from typing import Any

from parllama_nb.runtime import Runtime

__all__ = ["OnLoop", "VirtualLoop", "virtual_loop"]

_STUCK = 10.0


class _Selector(selectors.DefaultSelector):
    """Moves the clock of a loop instead of waiting."""

    clock: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            # Only another thread can go on from here.
            ready = super().select(_STUCK)
            assert ready, "nothing will ever happen on this loop"
            return ready
        ready = super().select(0)
        if not ready:
            self.clock.now += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop with a clock of its own, which begins at 0."""

    def __init__(self) -> None:
        self.now = 0.0
        selector = _Selector()
        selector.clock = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


class OnLoop(Runtime):
    """A runtime whose service loop is the test's own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._own = loop

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._own


@contextlib.contextmanager
def virtual_loop() -> Iterator[VirtualLoop]:
    """A loop for one test; what still runs on it at the end is cancelled."""
    loop = VirtualLoop()
    try:
        yield loop
    finally:
        loop.run_until_complete(_cancel_all())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
