"""What the progress view and the kernel send each other."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, NoticeData, ProgressData, Snapshot

__all__ = ["ProgressEnd", "ProgressEvent", "ProgressSnapshot"]

ProgressState = Literal["running", "done", "stopped", "failed"]


class ProgressEnd(EventData):
    """The job is over. `text` is what it gave, as Markdown."""

    event = "ended"
    state: ProgressState
    seconds: float
    text: str = ""
    error: Failure | None = None


class ProgressSnapshot(Snapshot):
    """All of a progress view.

    `phases` are those before the one that `progress` is of, `seconds` how long the job
    has been at it or took.
    """

    state: ProgressState
    title: str
    seconds: float
    phases: list[str] = Field(default_factory=list)
    progress: ProgressData | None = None
    notices: list[str] = Field(default_factory=list)
    text: str = ""
    error: Failure | None = None


ProgressEvent = ProgressData | NoticeData | ProgressEnd
