"""The queue of one conversation: its first question is answered, the others wait."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any

from ..errors import ParllamaError, UsageError
from ..events import Events, SessionChanged
from ..jobs import Job

__all__ = ["QuestionQueue", "begun_or_over"]


async def begun_or_over(
    job: Job[Any], has_begun: Callable[[], bool], events: Events, session_id: str
) -> None:
    """Wait until a job of a session has begun its turn, or is over.

    Raises:
        ParllamaError: it could not begin.

    """
    changed = asyncio.Event()
    job.future.add_done_callback(lambda _: changed.set())
    remove = events.listen(session_id, lambda _: changed.set())
    try:
        while not job.future.done():
            if has_begun():
                return
            changed.clear()
            await changed.wait()
    finally:
        remove()
    await asyncio.wrap_future(job.future)


class QuestionQueue:
    """The jobs that ask in one conversation, in the order of their turns.

    Used on the service loop only. Emits `SessionChanged` when a job leaves.
    """

    def __init__(self, session_id: str, emit: Callable[[SessionChanged], None]) -> None:
        self._session_id = session_id
        self._emit = emit
        self._jobs: list[Job[Any]] = []
        self._asked: weakref.WeakSet[Job[Any]] = weakref.WeakSet()
        self._lock = asyncio.Lock()

    @property
    def first(self) -> Job[Any] | None:
        """The job whose question is being answered, or is next."""
        return self._jobs[0] if self._jobs else None

    def refuse(self) -> None:
        """Refuse what has to wait until no question is being answered.

        Raises:
            UsageError: one is, or waits.

        """
        if self._jobs:
            message = "This conversation is answering already."
            raise UsageError(message, hint="Wait for the answer, or stop it.")

    def add(self, job: Job[Any]) -> None:
        """Add a job that was just started, before its work calls `turn`."""
        self._jobs.append(job)
        self._asked.add(job)
        # `turn` does not see the end of a job that is stopped before its first step.
        job.future.add_done_callback(lambda _: self._leave(job))

    def hide_questions(self) -> None:
        """Take the questions out of the titles of all jobs, those that are over too."""
        for job in self._asked:
            job.rename("chat again")

    @contextlib.asynccontextmanager
    async def turn(self, job: Job[Any]) -> AsyncIterator[None]:
        """Within a job, wait until the questions before it are answered."""
        if job not in self._jobs:
            self._jobs.append(job)
        if self._jobs[0] is not job:
            job.notice("Waiting for the previous answer.")
        try:
            async with self._lock:
                yield
        finally:
            self._leave(job)

    async def stop(self) -> None:
        """Cancel all jobs and wait until they are gone."""
        while (job := self.first) is not None:
            job.cancel()
            with contextlib.suppress(ParllamaError):
                await asyncio.shield(asyncio.wrap_future(job.future))
            # The job's future is done before its work has left the queue.
            await asyncio.sleep(0)

    def _leave(self, job: Job[Any]) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
            self._emit(SessionChanged(self._session_id))
