"""Jobs: everything that takes a while, with its progress and a way to stop it."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Generic, TypeAlias, TypeVar

from .errors import ParllamaError, StoppedError, UsageError
from .events import (
    Event,
    Events,
    JobChanged,
    JobForgotten,
    JobState,
    Notice,
    Progress,
    ProgressChanged,
)
from .progress_rate import RateMeter
from .runtime import Runtime, wait
from .secret import where
from .surrogates import without_surrogates

__all__ = ["Job", "JobRunner", "Work"]

T = TypeVar("T")

Work: TypeAlias = "Callable[[Job[T]], Coroutine[Any, Any, T]]"

_log = logging.getLogger(__name__)

# How many finished jobs stay listed.
_KEPT = 200

# Seconds between two events about a job's progress.
_INTERVAL = 0.1

# Seconds a job may take after Ctrl-C to settle what has come.
_GRACE = 5.0


class Job(Generic[T]):
    """Work under way or finished. Made by `JobRunner.start`.

    A job that is not `listed` is too short to be worth a line in a list. `started`
    and `finished` are in seconds since the epoch.
    """

    def __init__(
        self, job_id: str, title: str, runner: JobRunner, *, listed: bool
    ) -> None:
        self.id = job_id
        self.title = title
        self.listed = listed
        self.state: JobState = "running"
        self.progress: Progress | None = None
        self.last_notice = ""
        self.started = time.time()
        self.finished: float | None = None
        self.future: Future[T] = Future()
        self._runner = runner
        self._task: asyncio.Task[T] | None = None
        self._cancelled = False
        self._rate_meter = RateMeter()
        self._progress_due = False
        self._followers = 0

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.state}: {self.title}>"

    def report(self, progress: Progress) -> None:
        """Report progress. From any thread, as often as the work likes.

        The job adds rate and time left if the work does not know them. Within a phase
        it emits at most ten events per second; the last one comes before the job ends.
        """
        before = self.progress
        self.progress = self._rate_meter.annotate(progress)
        if before is None or before.phase != progress.phase:
            self._runner.emit_soon(ProgressChanged(self.id, self.progress))
        elif not self._progress_due:
            self._progress_due = True
            loop = self._runner.runtime.loop
            loop.call_soon_threadsafe(loop.call_later, _INTERVAL, self._emit_progress)

    def _emit_progress(self) -> None:
        if self._progress_due and self.progress is not None:
            self._progress_due = False
            self._runner.events.emit(ProgressChanged(self.id, self.progress))

    @property
    def error(self) -> BaseException | None:
        """The error that it raised, else the `error` of its result; None if none."""
        if not self.future.done() or self.future.cancelled():
            return None
        failure = self.future.exception()
        if failure is not None:
            return failure
        error = getattr(self.future.result(), "error", None)
        return error if isinstance(error, ParllamaError) else None

    def notice(self, text: str) -> None:
        """Show the user a line of text while they wait. From any thread."""
        self.last_notice = text
        self._runner.emit_soon(Notice(self.id, text))

    async def wait(self) -> T:
        """Return the result, on any event loop.

        Whoever is cancelled while waiting cancels the job, which settles what it has.
        """
        try:
            # Shielded, so that it is the job that is cancelled, and not its future.
            return await asyncio.shield(asyncio.wrap_future(self.future))
        except asyncio.CancelledError:
            self.cancel()
            raise

    async def followed(
        self, report: Callable[[Progress], object], notice: Callable[[str], object]
    ) -> T:
        """Return the result, and pass progress and notices on to another job.

        On the service loop. Several may follow a job; it is cancelled, and its end
        waited for, if the last of them is.
        """
        self._followers += 1
        remove = self._runner.events.listen(
            self.id, lambda event: _pass_on(event, report, notice)
        )
        if self.progress is not None:
            report(self.progress)
        ending = asyncio.wrap_future(self.future)
        try:
            return await asyncio.shield(ending)
        except asyncio.CancelledError:
            if self._followers == 1:
                self.cancel()
                await asyncio.wait([ending])
            raise
        finally:
            self._followers -= 1
            remove()
            if ending.done() and not ending.cancelled():
                ending.exception()  # read, so that the loop does not report it

    def cancel(self) -> None:
        """Stop the job. From any thread; does nothing if it has ended."""
        self._runner.runtime.loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    def begin(self, work: Work[T]) -> None:
        """Start the work. Called once, by the runner, on the service loop."""
        self._emit_state()
        self._task = asyncio.ensure_future(work(self))
        self._task.add_done_callback(self._end)
        if self._cancelled:
            self._task.cancel()

    def _end(self, task: asyncio.Task[T]) -> None:
        # Done here and not in the work, because a task that is cancelled before its
        # first step never runs a line of its own.
        self.finished = time.time()
        failure: BaseException | None = None
        if task.cancelled():
            self.state, failure = "cancelled", StoppedError("Stopped.")
        elif (failure := task.exception()) is not None:
            self.state = "failed"
            if not isinstance(failure, ParllamaError):
                _log.error("job %s failed: %s", self.id, where(failure))
        elif self.state == "running":
            self.state = "done"
        self._emit_progress()
        self._emit_state()
        if failure is None:
            self.future.set_result(task.result())
        else:
            self.future.set_exception(failure)

    def rename(self, title: str) -> None:
        """Give the job another title."""
        if title != self.title:
            self.title = title
            self._emit_state()

    def _emit_state(self) -> None:
        self._runner.events.emit(JobChanged(self.id, self.title, self.state))

    def result(self) -> T:
        """Wait for the job's result; Ctrl-C cancels it.

        A cancelled job may still return what has come, as one for an answer does.

        Raises:
            ParllamaError: the job failed.
            UsageError: it is called on the service loop, which the job needs.
            KeyboardInterrupt: it was interrupted, and returned nothing.

        """
        try:
            self._runner.runtime.refuse_waiting()
        except UsageError:
            self.cancel()
            raise
        try:
            return wait(self.future)
        except KeyboardInterrupt:
            self.cancel()
        end = time.monotonic() + _GRACE
        while True:
            try:
                return wait(self.future, max(0.0, end - time.monotonic()))
            except KeyboardInterrupt:
                continue  # a second Ctrl-C must not lose what the first one keeps
            except (StoppedError, TimeoutError):
                raise KeyboardInterrupt from None


def _pass_on(
    event: Event,
    report: Callable[[Progress], object],
    notice: Callable[[str], object],
) -> None:
    match event:
        case ProgressChanged(progress=progress):
            report(progress)
        case Notice(text=text):
            notice(text)
        case _:
            pass


class JobRunner:
    """Starts jobs on the service loop, and lists them."""

    def __init__(self, runtime: Runtime, events: Events) -> None:
        self.runtime = runtime
        self.events = events
        self._jobs: dict[str, Job[Any]] = {}
        self._numbers = itertools.count(1)

    def start(
        self,
        title: str,
        work: Work[T],
        *,
        listener: Callable[[Event], None] | None = None,
        listed: bool = True,
    ) -> Job[T]:
        """Start `work(job)` on the service loop. From any thread.

        `listener` gets all events of the job. The work may set `job.state` to "failed"
        or "cancelled" itself and still return a result, such as an answer that broke
        off.

        Raises:
            UsageError: Python is ending, and its threads take no more work.

        """
        if not threading.main_thread().is_alive():
            message = "Nothing can be asked any more: the program is ending."
            hint = (
                "Wait for its threads before its last line, and ask nothing in atexit."
            )
            raise UsageError(message, hint=hint)
        name = without_surrogates(title)
        job: Job[T] = Job(str(next(self._numbers)), name, self, listed=listed)
        self._jobs[job.id] = job
        self._forget()
        if listener is not None:
            remove = self.events.listen(job.id, listener)
            job.future.add_done_callback(lambda _: remove())
        try:
            self.runtime.loop.call_soon_threadsafe(job.begin, work)
        except KeyboardInterrupt:
            job.cancel()  # the caller does not get the job, and so could not stop it
            raise
        return job

    def list(self) -> list[Job[Any]]:
        """Return all jobs that are not forgotten, the newest first."""
        # Copied in one step: other threads start jobs meanwhile.
        jobs = [*self._jobs.values()]
        return sorted(jobs, key=lambda job: int(job.id), reverse=True)

    def get(self, job_id: str) -> Job[Any]:
        """Return a job by its id.

        Raises:
            UsageError: there is no such job.

        """
        job = self._jobs.get(job_id)
        if job is not None:
            return job
        message = f"There is no job {job_id}."
        raise UsageError(message, hint="%parllama jobs lists them.")

    def clear(self) -> int:
        """Forget the jobs that have ended. Returns how many. From any thread."""
        return self._forget(keep=0)

    def emit_soon(self, event: ProgressChanged | Notice | JobForgotten) -> None:
        """Emit an event on the service loop, from any thread."""
        self.runtime.loop.call_soon_threadsafe(self.events.emit, event)

    def _forget(self, keep: int = _KEPT) -> int:
        ended = [job for job in [*self._jobs.values()] if job.state != "running"]
        forgotten = 0
        for job in ended[: max(0, len(ended) - keep)]:
            # Another thread may have removed it meanwhile.
            if self._jobs.pop(job.id, None) is not None:
                self.emit_soon(JobForgotten(job.id))
                forgotten += job.listed
        return forgotten
