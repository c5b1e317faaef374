"""The answer view: an answer as it streams, with Stop."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from ...chats.answer import Answer, Timing
from ...errors import ParllamaError
from ...events import (
    AnswerDelta,
    AnswerDone,
    Event,
    JobChanged,
    Notice,
    ProgressChanged,
)
from .._base import failure
from .._job_view import JobView
from .._protocol import AnswerState, Delta, NoticeData, ProgressData, Settled
from .protocol import AnswerEvent, AnswerSnapshot

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["AnswerView"]


class AnswerView(JobView[AnswerSnapshot, AnswerEvent]):
    """Shows the job of a question: its progress, and the answer as it streams."""

    bundle_name = "answer"
    without_widgets = (
        "The answer was still streaming when this was saved; "
        "%parllama last shows what had arrived."
    )

    def __init__(self, app: Parllama, model: str = "") -> None:
        self._model = model
        self._begun = time.time()
        self._state: AnswerState = "waiting"
        self._parts: dict[str, list[str]] = {"text": [], "thinking": []}
        self._notice = ""
        self._progress: ProgressData | None = None
        self._settled: Settled | None = None
        super().__init__(app)

    def snapshot(self) -> AnswerSnapshot:
        """Return all of the answer so far."""
        settled = self._settled
        return AnswerSnapshot(
            seq=self.seq,
            state=self._state,
            model=self._model,
            text=self._joined("text"),
            thinking=self._joined("thinking"),
            notice=self._notice,
            progress=self._progress,
            footer=settled.footer if settled else "",
            error=settled.error if settled else None,
        )

    def hear(self, event: Event) -> None:
        """Show an event of the job. On the service loop."""
        match event:
            case AnswerDelta(kind=kind, text=text):
                self._state, self._notice, self._progress = "streaming", "", None
                self._parts[kind].append(text)
                self.tell(Delta(kind=kind, text=text))
            case ProgressChanged(progress=progress) if self._state == "waiting":
                self._progress = ProgressData(**asdict(progress))
                self.tell(self._progress)
            case Notice(text=text):
                self._notice = text
                self.tell(NoticeData(text=text))
            case AnswerDone() | JobChanged() | ProgressChanged():
                pass

    def partial(self) -> Answer | None:
        """Return the partial answer, or None without text. From any thread."""
        text, thinking = ("".join(tuple(parts)) for parts in self._parts.values())
        if not text:
            return None
        return Answer(
            text=text,
            thinking=thinking,
            model=self._model,
            finish_reason="cancelled",
            timing=Timing(self._begun, None, time.time() - self._begun),
        )

    def _settle(self, result: object) -> None:
        error = result.error if isinstance(result, Answer) else result
        if isinstance(error, ParllamaError):
            self._state = "failed"
        elif isinstance(result, Answer) and result.finish_reason == "cancelled":
            self._state = "stopped"
        else:
            self._state = "done"
        self._settled = Settled(
            state=self._state,
            footer=result.footer if isinstance(result, Answer) else "",
            error=failure(error, self._app.redact)
            if isinstance(error, ParllamaError)
            else None,
        )
        self.tell(self._settled)

    def _joined(self, kind: str) -> str:
        # Joined in place, so that the next snapshot does not join the same parts again.
        parts = self._parts[kind]
        parts[:] = ["".join(parts)]
        return parts[0]
