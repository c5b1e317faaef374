"""What the answer view and the kernel send each other."""

from __future__ import annotations

from .._protocol import AnswerData, Delta, NoticeData, ProgressData, Settled, Snapshot

__all__ = ["AnswerEvent", "AnswerSnapshot"]


class AnswerSnapshot(Snapshot, AnswerData):
    """All of an answer view.

    `again`: the question failed for something that the user can add, and can be asked
    again once that is there.
    """

    model: str
    again: bool = False


AnswerEvent = Delta | NoticeData | ProgressData | Settled
