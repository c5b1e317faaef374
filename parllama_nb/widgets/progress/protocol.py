"""The wire types of the progress view.

Methods: hello, left, asset, snapshot, stop. Events: snapshot (ProgressSnapshot),
progress (ProgressData), notice (NoticeData), ended (ProgressEnd).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import Failure, ProgressData, _Wire

__all__ = ["ProgressEnd", "ProgressSnapshot"]

ProgressState = Literal["running", "done", "stopped", "failed"]


class ProgressEnd(_Wire):
    """The job is over. `text` is what it gave, as Markdown."""

    state: ProgressState
    seconds: float
    text: str = ""
    error: Failure | None = None


class ProgressSnapshot(_Wire):
    """All of a progress view. `seq` is that of the last event it already holds.

    `phases` are those before the one that `progress` is of, `seconds` how long the job
    has been at it or took.
    """

    seq: int
    state: ProgressState
    title: str
    seconds: float
    phases: list[str] = Field(default_factory=list)
    progress: ProgressData | None = None
    notices: list[str] = Field(default_factory=list)
    text: str = ""
    error: Failure | None = None
