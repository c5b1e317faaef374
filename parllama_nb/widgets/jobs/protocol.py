"""What the view of the jobs and the kernel send each other."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, ProgressData, Snapshot, Wire

__all__ = ["CancelParams", "Cleared", "JobData", "JobsData", "JobsSnapshot"]


class CancelParams(Wire):
    """Which job is to stop."""

    job_id: str = Field(max_length=64)


class Cleared(Wire):
    """How many jobs that have ended are listed no more."""

    forgotten: int


class JobData(Wire):
    """One job as it is now.

    `seconds` is how long it has run until this was sent, or ran until it ended: not
    the time of a clock, since the page's may be another.
    """

    id: str
    title: str
    state: Literal["running", "done", "failed", "cancelled"]
    seconds: float
    progress: ProgressData | None = None
    notice: str = ""
    error: Failure | None = None


class JobsData(EventData):
    """What has become of some jobs, and the ids of those that are listed no more."""

    event = "jobs"
    changed: list[JobData]
    forgotten: list[str]


class JobsSnapshot(Snapshot):
    """All jobs that are listed, the newest first."""

    jobs: list[JobData]
