"""The jobs of a view, and what becomes of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...events import ALL, Event, JobChanged, JobForgotten, Notice, ProgressChanged
from .._base import failure
from .._protocol import ProgressData
from .protocol import JobData, JobsData

if TYPE_CHECKING:
    from ...application import Parllama
    from ...jobs import Job

__all__ = ["JobFeed"]

# Seconds for which changes are collected: hundreds of jobs may change at once.
_JOINED = 0.1


class JobFeed:
    """Calls `tell` with the changes of the jobs that `shows` is true of.

    On the service loop.
    """

    def __init__(
        self,
        app: Parllama,
        tell: Callable[[JobsData], None],
        shows: Callable[[Job[Any]], bool],
    ) -> None:
        self._app = app
        self._tell = tell
        self._shows = shows
        # Ids of changed jobs, in the order of their first change.
        self._changed: dict[str, None] = {}
        self._sending: asyncio.TimerHandle | None = None
        self.close = app.events.listen(ALL, self._hear)

    def jobs(self) -> list[JobData]:
        """Return the jobs as they are now, the newest first."""
        return [self.data(job) for job in self._app.jobs.list() if self._shows(job)]

    def _hear(self, event: Event) -> None:
        match event:
            case JobChanged() | JobForgotten() | ProgressChanged() | Notice():
                self._changed[event.job_id] = None
                if self._sending is None:
                    loop = self._app.runtime.loop
                    self._sending = loop.call_later(_JOINED, self._send_changes)
            case _:
                pass

    def _send_changes(self) -> None:
        ids, self._changed, self._sending = self._changed, {}, None
        known = {job.id: job for job in self._app.jobs.list()}
        jobs = [known[job_id] for job_id in ids if job_id in known]
        changed = [self.data(job) for job in jobs if self._shows(job)]
        forgotten = [job_id for job_id in ids if job_id not in known]
        if changed or forgotten:
            self._tell(JobsData(changed=changed, forgotten=forgotten))

    def data(self, job: Job[Any]) -> JobData:
        """Return a job as it is now."""
        redact = self._app.redact
        error = job.error if job.state == "failed" else None
        progress = job.progress if job.state == "running" else None
        return JobData(
            id=job.id,
            title=redact(job.title),
            state=job.state,
            seconds=max(0.0, (job.finished or time.time()) - job.started),
            progress=ProgressData.of(progress, redact) if progress else None,
            notice=redact(job.last_notice) if job.state == "running" else "",
            error=failure(error, redact) if error is not None else None,
        )
