"""The view of all jobs: their progress, their results, and Cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import View
from .._requests import request
from .feed import JobFeed
from .protocol import CancelParams, Cleared, JobsData, JobsSnapshot

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["JobsView"]


class JobsView(View[JobsSnapshot, JobsData]):
    """Lists the jobs of the app, running and ended."""

    bundle_name = "jobs"
    without_widgets = "%parllama jobs lists the jobs."

    def __init__(self, app: Parllama) -> None:
        super().__init__(app)
        self._feed = JobFeed(app, self.tell, lambda job: job.listed)

    def snapshot(self) -> JobsSnapshot:
        """Return all jobs as they are now, the newest first."""
        return JobsSnapshot(seq=self.seq, jobs=self._feed.jobs())

    def close(self) -> None:
        """Close the view and stop listening to the jobs."""
        self._feed.close()
        super().close()

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
