"""Slow work that several answers wait for: done once, cancelled if nobody waits."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ..events import Progress

__all__ = ["Report", "Shared", "in_thread"]

Report = Callable[[Progress], None]

T = TypeVar("T")


class _Flight(Generic[T]):
    """One running piece of work, and the listeners of its progress."""

    def __init__(self) -> None:
        self.listeners: list[Report] = []
        self.last: Progress | None = None
        self.task: asyncio.Task[T] | None = None

    def report(self, progress: Progress) -> None:
        self.last = progress
        for listener in tuple(self.listeners):
            listener(progress)


class Shared(Generic[T]):
    """Runs work by key; a second call with the same key joins the first."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    async def run(
        self, key: str, work: Callable[[Report], Awaitable[T]], report: Report
    ) -> T:
        """Return the result of `work`, or of the same work that already runs.

        A waiter that is cancelled leaves the others waiting; the last one cancels the
        work and waits until it has cleaned up.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight()
            flight.task = asyncio.ensure_future(_call(work, flight.report))
            flight.task.add_done_callback(lambda _: self._forget(key, flight))
        elif flight.last is not None:
            report(flight.last)
        task = flight.task
        assert task is not None  # noqa: S101 - set in the line that made the flight
        flight.listeners.append(report)
        try:
            return await asyncio.shield(task)
        finally:
            flight.listeners.remove(report)
            if not flight.listeners and not task.done():
                self._forget(key, flight)
                await _end(task)

    async def ended(self, key: str) -> None:
        """Wait until no work of this key runs; its error is not raised here."""
        flight = self._flights.get(key)
        if flight is not None and flight.task is not None:
            await asyncio.wait([flight.task])

    async def aclose(self) -> None:
        """Cancel all running work, and wait until it has cleaned up."""
        for key, flight in list(self._flights.items()):
            self._forget(key, flight)
            if flight.task is not None:
                await _end(flight.task)

    def _forget(self, key: str, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


async def _call(work: Callable[[Report], Awaitable[T]], report: Report) -> T:
    return await work(report)


async def _end(task: asyncio.Task[T]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        # Read here, so that the loop does not report that nobody did.
        task.exception()


async def in_thread(work: Callable[[threading.Event], T]) -> T:
    """Run blocking work in a daemon thread; a cancel sets its event and waits.

    Not an executor's thread: those are joined when the interpreter exits, and a
    download must not hold up the end of a kernel.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    stop = threading.Event()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work(stop)
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="parllama-embedded", daemon=True).start()
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([done])
        if not done.cancelled():
            done.exception()
        raise
