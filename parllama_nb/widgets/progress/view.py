"""The progress view: a job that takes a while, with Stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...commands import Report
from ...errors import ParllamaError, StoppedError
from ...events import Event, Notice, ProgressChanged
from ...markdown.sanitize import escape
from .._base import failure
from .._job_view import JobView
from .._protocol import NoticeData, ProgressData
from .protocol import ProgressEnd, ProgressEvent, ProgressSnapshot, ProgressState

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["ProgressView"]

# How many phases and notices are kept; older ones are dropped.
_KEPT = 6


class ProgressView(JobView[ProgressSnapshot, ProgressEvent]):
    """Shows a job's phase, amounts, rate, time left and notices."""

    bundle_name = "progress"
    without_widgets = (
        "This was still running when it was saved; %parllama jobs lists running jobs."
    )

    def __init__(self, app: Parllama, title: str) -> None:
        self._title = app.redact(title)
        self._begun = time.monotonic()
        self._phases: list[str] = []
        self._progress: ProgressData | None = None
        self._notices: list[str] = []
        self._ended: ProgressEnd | None = None
        super().__init__(app)

    def snapshot(self) -> ProgressSnapshot:
        """Return all that is known of the job."""
        ended = self._ended
        return ProgressSnapshot(
            seq=self.seq,
            state=ended.state if ended else "running",
            title=self._title,
            seconds=ended.seconds if ended else self._seconds(),
            phases=self._phases,
            progress=self._progress,
            notices=self._notices,
            text=ended.text if ended else "",
            error=ended.error if ended else None,
        )

    def hear(self, event: Event) -> None:
        """Show an event of the job. On the service loop."""
        match event:
            case ProgressChanged(progress=progress):
                data = ProgressData.of(progress, self._app.redact)
                before = self._progress.phase if self._progress else ""
                if before and before != data.phase and before not in self._phases:
                    self._phases = [*self._phases, before][-_KEPT:]
                self._progress = data
                self.tell(data)
            case Notice(text=text):
                text = self._app.redact(text)
                self._notices = [*self._notices, text][-_KEPT:]
                self.tell(NoticeData(text=text))

    def _settle(self, result: object) -> None:
        error = result if isinstance(result, ParllamaError) else None
        state: ProgressState = "done" if error is None else "failed"
        if isinstance(error, StoppedError):
            state = "stopped"
        self._ended = ProgressEnd(
            state=state,
            seconds=self._seconds(),
            text="" if error or result is None else self._app.redact(_markdown(result)),
            error=failure(error, self._app.redact) if error else None,
        )
        self.tell(self._ended)

    def _seconds(self) -> float:
        return round(time.monotonic() - self._begun, 1)


def _markdown(result: object) -> str:
    return result.markdown if isinstance(result, Report) else escape(str(result))
