"""The questions of one conversation: the first is being answered, the others wait."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from ..errors import ParllamaError
from ..events import SessionChanged
from ..jobs import Job

__all__ = ["QuestionQueue"]


class QuestionQueue:
    """Jobs that ask in a conversation, in the order of their turns.

    Used on the service loop only. That a job has left is told by `emit`, under the
    session's `id`.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the session's
        emit: Callable[[SessionChanged], None],
    ) -> None:
        self._id = id
        self._emit = emit
        self._jobs: list[Job[Any]] = []
        self._lock = asyncio.Lock()

    @property
    def first(self) -> Job[Any] | None:
        """The job whose question is being answered, or will be next."""
        return self._jobs[0] if self._jobs else None

    def add(self, job: Job[Any]) -> None:
        """Let a job wait that has only just been started."""
        self._jobs.append(job)
        # Also of a job that was stopped before its first step.
        job.future.add_done_callback(lambda _: self._leave(job))

    @contextlib.asynccontextmanager
    async def turn(self, job: Job[Any]) -> AsyncIterator[None]:
        """Within a job: wait until all that was asked before is answered."""
        if job not in self._jobs:
            self._jobs.append(job)
        if self._jobs[0] is not job:
            job.notice("Waiting for the answer before it.")
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
            # The job's end is told before its work has let go of the conversation.
            await asyncio.sleep(0)

    def _leave(self, job: Job[Any]) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
            self._emit(SessionChanged(self._id))
