"""The view of all jobs: their progress, their results, and Cancel."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from ...events import ALL, Event, JobChanged, JobForgotten, Notice, ProgressChanged
from .._base import View, failure
from .._protocol import ProgressData
from .._requests import request
from .protocol import CancelParams, Cleared, JobData, JobsData, JobsSnapshot

if TYPE_CHECKING:
    from ...application import Parllama
    from ...jobs import Job

__all__ = ["JobsView"]

# Seconds for which changes are collected: hundreds of jobs may change at once.
_JOINED = 0.1


class JobsView(View[JobsSnapshot, JobsData]):
    """Lists the jobs of the app, running and ended."""

    bundle_name = "jobs"
    without_widgets = "%parllama jobs lists the jobs."

    def __init__(self, app: Parllama) -> None:
        # Ids of changed jobs, in the order of their first change.
        self._changed: dict[str, None] = {}
        self._sending: asyncio.TimerHandle | None = None
        super().__init__(app)
        self._unlisten = app.events.listen(ALL, self._hear)

    def snapshot(self) -> JobsSnapshot:
        """Return all jobs as they are now, the newest first."""
        listed = [job for job in self._app.jobs.list() if job.listed]
        return JobsSnapshot(seq=self.seq, jobs=[self._data(job) for job in listed])

    def close(self) -> None:
        """Close the view and stop listening to the jobs."""
        self._unlisten()
        super().close()

    def _hear(self, event: Event) -> None:
        match event:
            case JobChanged() | JobForgotten() | ProgressChanged() | Notice():
                self._changed[event.job_id] = None
                if self._sending is None:
                    self._sending = self._loop.call_later(_JOINED, self._send_changes)
            case _:
                pass

    def _send_changes(self) -> None:
        ids, self._changed, self._sending = self._changed, {}, None
        known = {job.id: job for job in self._app.jobs.list()}
        jobs = [known[job_id] for job_id in ids if job_id in known]
        changed = [self._data(job) for job in jobs if job.listed]
        forgotten = [job_id for job_id in ids if job_id not in known]
        if changed or forgotten:
            self.tell(JobsData(changed=changed, forgotten=forgotten))

    def _data(self, job: Job[Any]) -> JobData:
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

    @request
    async def on_cancel(self, params: CancelParams) -> None:
        """Cancel a job, unless it has ended."""
        self._app.jobs.get(params.job_id).cancel()

    @request
    async def on_cancel_all(self) -> None:
        """Cancel all jobs that run."""
        for job in self._app.jobs.list():
            if job.listed and job.state == "running":
                job.cancel()

    @request
    async def on_clear(self) -> Cleared:
        """Forget the jobs that have ended."""
        return Cleared(forgotten=self._app.jobs.clear())
