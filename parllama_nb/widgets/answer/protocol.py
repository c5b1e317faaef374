"""What the answer view and the kernel send each other."""

from __future__ import annotations

from .._protocol import AnswerData, Delta, NoticeData, ProgressData, Settled, Snapshot

__all__ = ["AnswerEvent", "AnswerSnapshot"]


class AnswerSnapshot(Snapshot, AnswerData):
    """All of an answer view."""

    model: str


AnswerEvent = Delta | NoticeData | ProgressData | Settled
