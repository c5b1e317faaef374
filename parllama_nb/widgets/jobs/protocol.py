"""What the view of the jobs and the kernel say to each other.

Methods: those of every view, and cancel (CancelParams), cancel_all, clear. Events:
snapshot (JobsSnapshot), jobs (JobsData).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import Failure, ProgressData, _Wire

__all__ = ["CancelParams", "JobData", "JobsData", "JobsSnapshot"]


class CancelParams(_Wire):
    """Which job is to stop."""

    job_id: str = Field(max_length=64)


class JobData(_Wire):
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


class JobsData(_Wire):
    """What has become of some jobs, and the ids of those that are listed no more."""

    changed: list[JobData]
    forgotten: list[str]


class JobsSnapshot(_Wire):
    """All jobs that are listed, the newest first."""

    seq: int
    jobs: list[JobData]
