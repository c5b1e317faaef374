"""Jobs: their states, their events, and how they stop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from parllama_nb.errors import ServerError, StoppedError, UsageError
from parllama_nb.events import (
    ALL,
    Event,
    Events,
    JobChanged,
    JobForgotten,
    Progress,
    ProgressChanged,
)
from parllama_nb.jobs import Job, JobRunner
from parllama_nb.runtime import Runtime

from .interrupts import interrupt_the_waiting


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    runtime = Runtime()
    yield JobRunner(runtime, Events())
    runtime.close()


def test_a_job_returns_its_result_and_emits_its_states(runner: JobRunner) -> None:
    received: list[Event] = []

    async def work(job: Job[int]) -> int:
        job.report(Progress("Counting", 1, 2, "items"))
        await asyncio.sleep(0)
        return 7

    job = runner.start("count", work, listener=received.append)
    assert job.result() == 7
    assert job.state == "done"
    assert job.progress == Progress("Counting", 1, 2, "items")
    assert received == [
        JobChanged(job.id, "count", "running"),
        ProgressChanged(job.id, Progress("Counting", 1, 2, "items")),
        JobChanged(job.id, "count", "done"),
    ]


def test_frequent_progress_is_few_events_and_the_last_is_among_them(
    runner: JobRunner,
) -> None:
    received: list[Event] = []

    async def work(job: Job[None]) -> None:
        for step in range(1000):
            job.report(Progress("Reading", step, 999, "items"))
        job.report(Progress("Writing", 1, 2, "items"))
        job.report(Progress("Writing", 2, 2, "items"))

    begun = time.monotonic()
    job = runner.start("copy", work, listener=received.append)
    job.result()
    seconds = time.monotonic() - begun
    progress = [each.progress for each in received if isinstance(each, ProgressChanged)]
    steps = [(each.phase, each.done) for each in progress]
    assert steps[0] == ("Reading", 0)
    # Two more than in every tenth of a second: a new phase, and the last.
    assert steps[-2:] == [("Writing", 1), ("Writing", 2)]
    assert len(steps) <= 3 + 10 * seconds
    assert isinstance(received[-1], JobChanged)


def test_progress_gets_its_rate_from_the_job(runner: JobRunner) -> None:
    async def work(job: Job[None]) -> None:
        job.report(Progress("Loading", 0, 1000, "bytes"))
        later = job._rate_meter._clock() + 2
        job._rate_meter._clock = lambda: later
        job.report(Progress("Loading", 500, 1000, "bytes"))

    job = runner.start("load", work)
    job.result()
    assert job.progress is not None
    assert job.progress.rate == pytest.approx(250, rel=0.2)


def test_a_failed_job_raises_its_error(runner: JobRunner) -> None:
    async def work(job: Job[None]) -> None:
        message = "It failed."
        raise ServerError(message)

    job = runner.start("fail", work)
    with pytest.raises(ServerError, match="It failed"):
        job.result()
    assert job.state == "failed"


def test_a_job_cancelled_before_its_first_step_ends(runner: JobRunner) -> None:
    blocked, release = threading.Event(), threading.Event()

    def block() -> None:
        blocked.set()
        release.wait(5)

    async def work(job: Job[None]) -> None:
        message = "never runs"
        raise AssertionError(message)

    runner.runtime.loop.call_soon_threadsafe(block)
    blocked.wait(5)
    job = runner.start("never", work)
    job.cancel()
    release.set()
    with pytest.raises(StoppedError):
        job.result()
    assert job.state == "cancelled"


def test_ctrl_c_returns_what_the_job_settled(runner: JobRunner) -> None:
    async def work(job: Job[str]) -> str:
        try:
            interrupt_the_waiting()
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            job.state = "cancelled"
        return "what had come"

    job = runner.start("ask", work)
    assert job.result() == "what had come"
    assert job.state == "cancelled"


def test_ctrl_c_is_raised_if_the_job_settled_nothing(runner: JobRunner) -> None:
    async def work(job: Job[None]) -> None:
        interrupt_the_waiting()
        await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        runner.start("sleep", work).result()


def test_jobs_are_listed_newest_first_and_old_ones_forgotten(runner: JobRunner) -> None:
    async def work(job: Job[None]) -> None:
        pass

    for _ in range(205):
        runner.start("quick", work).result()
    ids = [int(job.id) for job in runner.list()]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) <= 201
    with pytest.raises(UsageError, match="no job 9999"):
        runner.get("9999")


def test_a_job_with_a_failing_listener_still_ends(
    runner: JobRunner, caplog: pytest.LogCaptureFixture
) -> None:
    def bad(event: Event) -> None:
        message = "listener's own fault"
        raise RuntimeError(message)

    received: list[Event] = []
    runner.events.listen(ALL, received.append)

    async def work(job: Job[int]) -> int:
        return 1

    assert runner.start("fine", work, listener=bad).result() == 1
    assert len(received) == 2
    assert "a listener to JobChanged failed" in caplog.text


def test_jobs_that_have_ended_are_forgotten_on_request(runner: JobRunner) -> None:
    received: list[Event] = []
    runner.events.listen(ALL, received.append)

    async def at_once(job: Job[None]) -> None:
        pass

    async def forever(job: Job[None]) -> None:
        await asyncio.Event().wait()

    running = runner.start("wait", forever)
    ended = [runner.start("end", at_once, listed=listed) for listed in (True, False)]
    for job in ended:
        job.result()
    assert runner.clear() == 1  # one of them was never listed
    assert runner.list() == [running]
    running.cancel()
    with pytest.raises(StoppedError):
        running.result()
    forgotten = [event for event in received if isinstance(event, JobForgotten)]
    assert forgotten == [JobForgotten(job.id) for job in ended]
    assert runner.clear() == 1
    assert runner.clear() == 0


def test_a_job_keeps_its_last_notice_and_what_it_failed_with(
    runner: JobRunner,
) -> None:
    broken = ServerError("It broke off.")

    class Partial:
        error = broken

    async def fail(job: Job[None]) -> None:
        job.notice("first")
        job.notice("last")
        raise broken

    async def break_off(job: Job[Partial]) -> Partial:
        return Partial()

    async def succeed(job: Job[int]) -> int:
        assert job.error is None
        return 7

    failed = runner.start("fail", fail)
    with pytest.raises(ServerError):
        failed.result()
    assert failed.last_notice == "last"
    assert failed.error is broken
    broke_off = runner.start("break off", break_off)
    broke_off.result()
    assert broke_off.error is broken
    done = runner.start("succeed", succeed)
    done.result()
    assert done.error is None


def test_a_job_is_not_waited_for_on_the_service_loop(runner: JobRunner) -> None:
    async def work(job: Job[None]) -> None:
        del job
        await asyncio.Event().wait()

    async def wait_here() -> None:
        job = runner.start("never", work)
        with pytest.raises(UsageError, match="callback"):
            job.result()
        with pytest.raises(StoppedError):
            await job.wait()

    runner.runtime.run(wait_here())


_ENDING = """
import atexit, threading
from parllama_nb.errors import UsageError
from parllama_nb.events import Events
from parllama_nb.jobs import JobRunner
from parllama_nb.runtime import Runtime

runner = JobRunner(Runtime(), Events())

def start():
    try:
        runner.start("late", None)
    except UsageError as error:
        print(error.message)

def late():
    threading.main_thread().join()
    start()

atexit.register(start)
threading.Thread(target=late).start()
"""


def test_a_job_that_begins_as_the_program_ends_is_refused_in_one_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _ENDING], capture_output=True, text=True, check=True
    )
    line = "Nothing can be asked any more: the program is ending."
    assert (ended.stdout.splitlines(), ended.stderr) == ([line, line], "")
