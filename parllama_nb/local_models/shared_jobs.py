"""Jobs of which there is one for each subject: the same asked for twice is one job."""

from __future__ import annotations

import weakref
from typing import Any, TypeVar

from ..jobs import Job, JobRunner, Work

__all__ = ["SharedJobs", "Subject"]

T = TypeVar("T")

Subject = tuple[str, ...]
"""What a job is about: a verb, a server, a model."""


class SharedJobs:
    """Starts jobs, and knows those it has started. From any thread."""

    def __init__(self, jobs: JobRunner) -> None:
        self._jobs = jobs
        self._running: dict[Subject, Job[Any]] = {}
        self._own: weakref.WeakSet[Job[Any]] = weakref.WeakSet()

    def start(self, subject: Subject, title: str, work: Work[T]) -> Job[T]:
        """Start a job unless one about the subject runs; that one is returned then."""
        job = self._running.get(subject)
        if job is None or job.future.done():
            job = self._running[subject] = self._jobs.start(title, work)
            started = job
            self._own.add(job)
            job.future.add_done_callback(lambda _: self._forget(subject, started))
        return job

    def owns(self, job: Job[Any]) -> bool:
        """Whether it has started a job, running or ended."""
        return job in self._own

    def _forget(self, subject: Subject, job: Job[Any]) -> None:
        if self._running.get(subject) is job:
            del self._running[subject]
