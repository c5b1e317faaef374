"""One model's answer among several that are given side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from ..chats.answer import Answer, Timing
from ..chats.engine import Kind
from ..chats.history.writing import TurnWriter
from ..errors import ParllamaError, StoppedError, UsageError
from ..events import Event, Notice, Progress, ProgressChanged
from ..jobs import Job
from ..providers.messages import ChatRequest

__all__ = ["MOST_COLUMNS", "Column", "ColumnState", "check_count"]

ColumnState = Literal["idle", "waiting", "streaming", "done", "stopped", "failed"]

MOST_COLUMNS = 8
"""How many columns a comparison has at most; more cannot be read side by side."""


class Column:
    """An answer that comes beside others. Used on the service loop only.

    `id` is its number there, counted from 1. `model` is `provider/model` as it was
    named. `answer` is there once it has settled; `text` and `thinking` are what was
    told of it until now. `first_token_s` is in seconds from the question on. It is idle
    where nothing was asked yet.

    It is a `Record` of the engine: `record` keeps it on disk, as a question of its own.
    """

    def __init__(self, column: int, model: str) -> None:
        self.id = column
        self.model = model
        self.state: ColumnState = "idle"
        self.job: Job[Answer] | None = None
        self.request: ChatRequest | None = None
        self.record: TurnWriter | None = None
        self.answer: Answer | None = None
        self.picked = False
        self.notice = ""
        self.progress: Progress | None = None
        self.first_token_s: float | None = None
        self.grow: Callable[[int, Kind, str], None] = lambda *_: None
        self._begun = time.monotonic()
        self._parts: dict[Kind, list[str]] = {"text": [], "thinking": []}

    @property
    def running(self) -> bool:
        """Whether more may come of it."""
        return self.job is not None and self.answer is None

    @property
    def seconds(self) -> float:
        """How long ago it was asked."""
        return time.monotonic() - self._begun

    @property
    def text(self) -> str:
        """The answer until now."""
        return self._joined("text")

    @property
    def thinking(self) -> str:
        """What the model has thought until now."""
        return self._joined("thinking")

    def begin(self, job: Job[Answer]) -> None:
        """Begin, or begin anew: what was there before is forgotten."""
        self.job, self.answer, self.state = job, None, "waiting"
        self.notice, self.progress, self.first_token_s = "", None, None
        self.request, self.record = None, None
        self._begun = time.monotonic()
        self._parts = {"text": [], "thinking": []}

    def append(self, kind: Kind, text: str) -> None:
        """Keep some more of the answer."""
        if self.record is not None:
            self.record.append(kind, text)
        if self.first_token_s is None:
            self.first_token_s = self.seconds
        self.grow(self.id, kind, text)

    async def settle(self, answer: Answer) -> Answer:
        """Keep the settled answer."""
        return answer if self.record is None else await self.record.settle(answer)

    def take(self, kind: Kind, text: str) -> None:
        """Add what is told now."""
        self.state, self.notice, self.progress = "streaming", "", None
        self._parts[kind].append(text)

    def end(self, result: Answer | BaseException, redact: Callable[[str], str]) -> None:
        """Settle with what its job gave, or with what the job failed with."""
        answer = result if isinstance(result, Answer) else self._without(result)
        if answer.error is not None:
            # It is shown, kept and put into a table from here on.
            error = answer.error
            error.message = redact(error.message)
            error.hint = redact(error.hint) if error.hint else None
            error.args = (error.message,)
        self.model, self.answer = answer.model, answer
        self.notice, self.progress = "", None
        if answer.error is not None:
            self.state = "failed"
        else:
            cancelled = answer.finish_reason == "cancelled"
            self.state = "stopped" if cancelled else "done"

    def hear(self, event: Event) -> bool:
        """Keep what an event of its job tells while nothing comes; says if it did."""
        match event:
            case ProgressChanged(progress=progress) if self.state == "waiting":
                self.progress = progress
            case Notice(text=text):
                self.notice = text
            case _:
                return False
        return True

    def partial(self) -> Answer:
        """The answer, or what had come of it. From any thread."""
        return self.answer or self._without(StoppedError("Stopped."))

    def _without(self, reason: BaseException) -> Answer:
        """The answer of a column whose job gave none."""
        stopped = isinstance(reason, StoppedError)
        error = (
            reason
            if isinstance(reason, ParllamaError)
            else ParllamaError.unexpected(reason)
        )
        parts: Any = self._parts
        return Answer(
            text="".join(tuple(parts["text"])),
            thinking="".join(tuple(parts["thinking"])),
            model=self.model,
            finish_reason="cancelled" if stopped else "error",
            timing=Timing(time.time() - self.seconds, self.first_token_s, self.seconds),
            error=None if stopped else error,
        )

    def _joined(self, kind: Kind) -> str:
        # Joined once and kept, so that many snapshots do not join it again.
        parts = self._parts[kind]
        parts[:] = ["".join(parts)]
        return parts[0]


def check_count(columns: int) -> None:
    """Hold a comparison to what can be read.

    Raises:
        UsageError: there are too many columns.

    """
    if columns > MOST_COLUMNS:
        message = f"At most {MOST_COLUMNS} models answer side by side."
        raise UsageError(message, hint="pl.compare takes any number of them.")
