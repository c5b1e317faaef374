"""Slow work that many wait for: once for all, and stopped when nobody waits."""

from __future__ import annotations

import asyncio
import threading

import pytest

from parllama_nb.events import Progress
from parllama_nb.providers.single_flight import Report, Shared, in_thread


class Work:
    """Work that a test lets go on, and that notes what becomes of it."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.go_on = asyncio.Event()
        self.under_way = asyncio.Event()

    async def __call__(self, report: Report) -> str:
        self.begun += 1
        report(Progress("working"))
        self.under_way.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return "done"


def ignore(progress: Progress) -> None:
    pass


async def test_many_waiters_share_one_work_and_its_progress() -> None:
    shared: Shared[str] = Shared()
    work = Work()
    told: list[str] = []
    first = asyncio.create_task(shared.run("a", work, ignore))
    await work.under_way.wait()
    second = asyncio.create_task(shared.run("a", work, lambda p: told.append(p.phase)))
    await asyncio.sleep(0)
    work.go_on.set()
    assert await asyncio.gather(first, second) == ["done", "done"]
    assert work.begun == 1
    assert told == ["working"]  # though it was reported before the second came


async def test_one_that_leaves_does_not_stop_it_for_the_others() -> None:
    shared: Shared[str] = Shared()
    work = Work()
    leaving, staying = (
        asyncio.create_task(shared.run("a", work, ignore)) for _ in range(2)
    )
    await work.under_way.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    work.go_on.set()
    assert await staying == "done"
    assert work.cancelled == 0


async def test_the_last_one_to_leave_stops_it_and_the_next_starts_anew() -> None:
    shared: Shared[str] = Shared()
    work = Work()
    only = asyncio.create_task(shared.run("a", work, ignore))
    await work.under_way.wait()
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    assert work.cancelled == 1
    work.go_on.set()
    assert await shared.run("a", work, ignore) == "done"
    assert work.begun == 2


async def test_a_failure_reaches_every_waiter_and_is_not_kept() -> None:
    shared: Shared[str] = Shared()

    async def fail(report: Report) -> str:
        await asyncio.sleep(0)
        message = "no"
        raise ValueError(message)

    results = await asyncio.gather(
        *(shared.run("a", fail, ignore) for _ in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [ValueError] * 3
    work = Work()
    work.go_on.set()
    assert await shared.run("a", work, ignore) == "done"


async def test_closing_ends_what_is_under_way() -> None:
    shared: Shared[str] = Shared()
    work = Work()
    waiting = asyncio.create_task(shared.run("a", work, ignore))
    await work.under_way.wait()
    await shared.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.cancelled == 1


async def test_a_cancel_is_handed_to_the_thread_and_waits_for_its_end() -> None:
    running = threading.Event()
    ended = threading.Event()

    def work(stop: threading.Event) -> None:
        running.set()
        if stop.wait(30):
            ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(running.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_thread_gives_its_result_or_its_error() -> None:
    assert await in_thread(lambda stop: 7) == 7

    def fail(stop: threading.Event) -> None:
        message = "no"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no"):
        await in_thread(fail)
