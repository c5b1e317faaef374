"""The view of all jobs: what runs, how far it is and how it ended, and Cancel."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
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

# Seconds for which changes are gathered: hundreds of jobs may tell at once.
_JOINED = 0.1


class JobsView(View[JobsSnapshot, JobsData]):
    """Lists the jobs of the app, those under way and those that have ended."""

    bundle_name = "jobs"
    without_widgets = "The jobs are listed by %parllama jobs."

    def __init__(self, app: Parllama) -> None:
        # Ids in the order in which they were heard of.
        self._heard: dict[str, None] = {}
        self._telling: asyncio.TimerHandle | None = None
        super().__init__(app)
        self._deafen = app.events.listen(ALL, self._hear)

    def snapshot(self) -> JobsSnapshot:
        """All jobs as they are now, the newest first."""
        listed = [job for job in self._app.jobs.list() if job.listed]
        return JobsSnapshot(seq=self.seq, jobs=[self._data(job) for job in listed])

    def close(self) -> None:
        """Close it, and hear no more of the jobs."""
        self._deafen()
        super().close()

    def _hear(self, event: Event) -> None:
        match event:
            case JobChanged() | JobForgotten() | ProgressChanged() | Notice():
                self._heard[event.job_id] = None
                if self._telling is None:
                    self._telling = self._loop.call_later(_JOINED, self._tell_heard)
            case _:
                pass

    def _tell_heard(self) -> None:
        heard, self._heard, self._telling = self._heard, {}, None
        known = {job.id: job for job in self._app.jobs.list()}
        jobs = [known[job_id] for job_id in heard if job_id in known]
        changed = [self._data(job) for job in jobs if job.listed]
        forgotten = [job_id for job_id in heard if job_id not in known]
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
            progress=ProgressData(**asdict(progress)) if progress else None,
            notice=redact(job.last_notice) if job.state == "running" else "",
            error=failure(error, redact) if error is not None else None,
        )

    @request
    async def on_cancel(self, params: CancelParams) -> None:
        """Cancel a job; one that has ended, or is cancelled already, takes no harm."""
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
