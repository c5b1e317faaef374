"""The answer view: an answer as it streams, with Stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...chats.answer import Answer
from ...chats.live_answer import LiveAnswer
from ...errors import ParllamaError, UsageError
from ...events import (
    AnswerDelta,
    AnswerRecast,
    Event,
    Notice,
    ProgressChanged,
)
from .._base import failure
from .._job_view import JobView
from .._protocol import Delta, Failure, NoticeData, ProgressData, Settled
from .._requests import request
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
        self._live = LiveAnswer(model)
        self._footer = ""
        self._error: Failure | None = None
        self._again: Callable[[], None] | None = None
        super().__init__(app)

    def snapshot(self) -> AnswerSnapshot:
        """Return all of the answer so far."""
        live, progress = self._live, self._live.progress
        return AnswerSnapshot(
            seq=self.seq,
            state=live.state,
            model=live.model,
            text=live.text,
            thinking=live.thinking,
            notice=live.notice,
            progress=None if progress is None else ProgressData.of(progress),
            footer=self._footer,
            error=self._error,
            again=self._again is not None,
        )

    def offer(self, again: Callable[[], None], *, unseen: Callable[[], None]) -> None:
        """Let a page ask again, by `again`, once it has what was missing.

        If no page shows the view, `unseen` is called soon. From any thread; both are
        called on the service loop.
        """
        self._soon(lambda: self._offer(again, unseen))

    def _offer(self, again: Callable[[], None], unseen: Callable[[], None]) -> None:
        self._again = again
        self.tell_all()

        def look() -> None:
            # If it was asked again meanwhile, the cell's output is to come.
            if self._shown <= 0 and self._again is again:
                self._again = None
                unseen()

        self._once_arrived(look)

    @request
    async def on_again(self) -> None:
        """Ask again what failed."""
        again, self._again = self._again, None
        if again is None:
            message = "This cannot be asked again here."
            raise UsageError(message, hint="Run the cell again.")
        self._live = LiveAnswer(self._live.model)
        self._footer, self._error = "", None
        self.tell_all()
        again()

    def hear(self, event: Event) -> None:
        """Show an event of the job. On the service loop."""
        match event:
            case AnswerDelta(kind=kind, text=text):
                self._live.append(kind, text)
                self.tell(Delta(kind=kind, text=text))
            case AnswerRecast():
                self._live.recast()
                self.tell_all()
            case ProgressChanged(progress=progress) if self._live.hear(event):
                self.tell(ProgressData.of(progress))
            case Notice(text=text) if self._live.hear(event):
                self.tell(NoticeData(text=text))
            case _:
                pass

    def partial(self) -> Answer | None:
        """Return the partial answer, or None without text. From any thread."""
        partial = self._live.partial()
        return partial if partial.text else None

    def _settle(self, result: object) -> None:
        if isinstance(result, Answer | BaseException):
            self._live.settle(result)
        else:
            self._live.state = "done"
        # The error of a job that gave no answer says all there is to say.
        self._footer = result.footer if isinstance(result, Answer) else ""
        error = result.error if isinstance(result, Answer) else result
        if isinstance(error, ParllamaError):
            self._error = failure(error, self._app.redact)
        self.tell(
            Settled(state=self._live.state, footer=self._footer, error=self._error)
        )
