"""The service loop: one daemon thread with one asyncio loop.

All I/O runs here and not on the kernel's own loop, which a running cell blocks.
`submit` starts a coroutine, `run` also waits for it in the calling thread.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from .errors import UsageError

__all__ = ["Runtime", "wait"]

T = TypeVar("T")

# Seconds of one wait: a wait without a limit cannot be interrupted on every platform.
_TICK = 0.5


class Runtime:
    """Owns the service loop, which starts with the first use and ends with `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid = 0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop, started if need be.

        A forked child gets a loop of its own, because it has no copy of the thread.
        """
        with self._lock:
            loop = self._loop
            if loop is None or self._pid != os.getpid() or not self._alive():
                loop = self._start()
            return loop

    def refuse_waiting(self) -> None:
        """Refuse to wait on the service loop, which nothing would ever end.

        Raises:
            UsageError: this is the thread of the loop.

        """
        if threading.current_thread() is self._thread:
            message = "Nothing can be waited for in a callback of parllama_nb."
            hint = "There, use await: await pl.aask(...), await pl.amap(...)."
            raise UsageError(message, hint=hint)

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for it; Ctrl-C cancels it.

        Raises:
            UsageError: it is called on the loop.

        """
        try:
            self.refuse_waiting()
        except UsageError:
            coroutine.close()
            raise
        future: Future[T] | None = None
        try:
            future = self.submit(coroutine)
            return wait(future)
        except KeyboardInterrupt:
            if future is not None:
                future.cancel()
            raise

    def close(self) -> None:
        """Cancel all tasks and end the thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
            if loop is None or thread is None or self._pid != os.getpid():
                return
        if not thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)

    def _alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _start(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        started = threading.Event()

        def main() -> None:
            asyncio.set_event_loop(loop)
            loop.call_soon(started.set)
            try:
                loop.run_forever()
            finally:
                loop.close()

        # A thread has a fresh context: one copied from a cell would carry the cell's
        # kernel parent, and all messages of the loop would count as that cell's.
        thread = threading.Thread(target=main, name="parllama_nb", daemon=True)
        thread.start()
        started.wait()
        self._loop, self._thread, self._pid = loop, thread, os.getpid()
        return loop


def wait(future: Future[T], limit: float = math.inf) -> T:
    """Wait for a future's result; Ctrl-C interrupts it on every platform.

    Args:
        future: what to wait for.
        limit: seconds after which TimeoutError is raised.

    """
    end = time.monotonic() + limit
    while True:
        try:
            return future.result(min(_TICK, max(0.0, end - time.monotonic())))
        except TimeoutError:
            # The coroutine itself may have raised it, too.
            if future.done() or time.monotonic() >= end:
                raise


async def _cancel_all() -> None:
    current = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not current]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
