"""An answer while it streams, for whoever shows or writes it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Literal

from ..errors import ParllamaError, StoppedError
from ..events import Event, Notice, Progress, ProgressChanged
from ..providers.messages import DeltaKind, Part, TextPart, ThinkingPart, part_of
from .answer import Answer, Timing

__all__ = ["AnswerState", "LiveAnswer", "Outcome", "outcome"]

Outcome = Literal["done", "stopped", "failed"]
"""How an answer ended: complete; stopped by the user; broken off by an error."""

AnswerState = Literal["idle", "waiting", "streaming", "done", "stopped", "failed"]
"""Where an answer is: not asked yet; asked, but nothing has come; streaming; or its
`Outcome`."""


def outcome(answer: Answer) -> Outcome:
    """Return how an answer ended."""
    if answer.error is not None or answer.finish_reason == "error":
        return "failed"
    return "stopped" if answer.finish_reason == "cancelled" else "done"


class LiveAnswer:
    """What has come of one answer. Used on one thread, but for `parts` and `partial`.

    Attributes:
        model: `provider/model`.
        state: see `AnswerState`.
        notice: what the user should know while nothing comes: a retry, and why.
        progress: of what happens before the first token, such as loading the model.
        answer: the settled answer; None until then.
        first_token_s: seconds from the question to the first piece; None until then.

    An answer that is gone on with `begins_with` what it had.

    """

    def __init__(
        self,
        model: str = "",
        *,
        state: AnswerState = "waiting",
        begins_with: Iterable[Part] = (),
    ) -> None:
        self.model = model
        self.state = state
        self.notice = ""
        self.progress: Progress | None = None
        self.answer: Answer | None = None
        self.first_token_s: float | None = None
        self._began, self._clock = time.time(), time.monotonic()
        # One entry for each run of pieces of one kind, so that their order stays.
        self._parts: list[tuple[DeltaKind, list[str]]] = [
            (part.type, [part.text])
            for part in begins_with
            if isinstance(part, TextPart | ThinkingPart)
        ]
        # What it began with is never recast, so nothing is added to those parts.
        self._kept = len(self._parts)

    @property
    def seconds(self) -> float:
        """Seconds since the question was asked."""
        return time.monotonic() - self._clock

    @property
    def text(self) -> str:
        """The text so far."""
        return self._joined("text")

    @property
    def thinking(self) -> str:
        """The model's thinking so far."""
        return self._joined("thinking")

    @property
    def parts(self) -> tuple[Part, ...]:
        """What has come so far, in order."""
        joined: list[tuple[DeltaKind, str]] = []
        for kind, pieces in [*self._parts]:
            text = "".join([*pieces])
            if joined and joined[-1][0] == kind:
                text = joined.pop()[1] + text
            joined.append((kind, text))
        return tuple(part_of(kind, text) for kind, text in joined)

    def append(self, kind: DeltaKind, text: str) -> None:
        """Add a piece."""
        if self.first_token_s is None:
            self.first_token_s = self.seconds
        self.state, self.notice, self.progress = "streaming", "", None
        if len(self._parts) == self._kept or self._parts[-1][0] != kind:
            self._parts.append((kind, []))
        self._parts[-1][1].append(text)

    def recast(self) -> str:
        """Make all that has come thinking, and return it: see `TextWasThinking`."""
        new = self._parts[self._kept :]
        texts = "".join(text for _, pieces in new for text in pieces)
        # The empty lines before the answer belong to neither.
        thinking = texts.rstrip()
        self._parts[self._kept :] = [("thinking", [thinking])] if thinking else []
        return thinking

    def hear(self, event: Event) -> bool:
        """Update notice and progress from an event of the job.

        Returns:
            Whether anything changed.

        """
        match event:
            case ProgressChanged(progress=progress) if self.state == "waiting":
                self.progress = progress
            case Notice(text=text):
                self.notice = text
            case _:
                return False
        return True

    def settle(self, result: Answer | BaseException) -> Answer:
        """Set the settled answer, or make one of the error of a job without one."""
        answer = result if isinstance(result, Answer) else self._without(result)
        self.answer, self.model, self.state = answer, answer.model, outcome(answer)
        self.notice, self.progress = "", None
        return answer

    def partial(self) -> Answer:
        """Return the settled answer, or what has come so far as a stopped one."""
        return self.answer or self._without(StoppedError("Stopped."))

    def _without(self, reason: BaseException) -> Answer:
        """Return what has come so far as the answer of a job that raised `reason`."""
        stopped = isinstance(reason, StoppedError)
        return Answer(
            parts=self.parts,
            model=self.model,
            finish_reason="cancelled" if stopped else "error",
            timing=Timing(self._began, self.first_token_s, self.seconds),
            error=None if stopped else ParllamaError.of(reason),
        )

    def _joined(self, kind: DeltaKind) -> str:
        texts = []
        for own, pieces in self._parts:
            if own == kind:
                # Stored joined, so that many snapshots do not join the pieces again.
                pieces[:] = ["".join(pieces)]
                texts += pieces
        return "".join(texts)
