"""One model's answer in a comparison."""

from __future__ import annotations

from collections.abc import Callable

from ..chats.answer import Answer
from ..chats.history.writing import TurnWriter
from ..chats.live_answer import LiveAnswer
from ..chats.request import Built
from ..errors import UsageError
from ..jobs import Job
from ..providers.messages import DeltaKind

__all__ = ["MOST_COLUMNS", "Column", "check_count"]

MOST_COLUMNS = 8
"""The largest number of columns; more cannot be read side by side."""


class Column:
    """One answer of a comparison. Used on the service loop only.

    It is a `Record` of the engine: `record` writes the answer to disk, like that of a
    question on its own, and `live` holds what the views have been sent of it.

    Attributes:
        id: its number in the comparison, counted from 1.
        model: `provider/model`, as it was named.
        live: the answer so far; "idle" until something is asked.
        job: the job that asks; None until something is asked.
        built: what was sent; None until then.
        picked: whether its answer is a turn of a conversation.
        grow: called with the column's id, the kind and the text of each piece.
        recasts: called with the column's id if all text so far was thinking.

    """

    def __init__(self, column: int, model: str) -> None:
        self.id = column
        self.model = model
        self.live = LiveAnswer(model, state="idle")
        self.job: Job[Answer] | None = None
        self.built: Built | None = None
        self.record: TurnWriter | None = None
        self.picked = False
        self.grow: Callable[[int, DeltaKind, str], None] = lambda *_: None
        self.recasts: Callable[[int], None] = lambda _: None

    @property
    def answer(self) -> Answer | None:
        """The settled answer; None until then."""
        return self.live.answer

    @property
    def running(self) -> bool:
        """Whether more of the answer may come."""
        return self.job is not None and self.answer is None

    def begin(self, job: Job[Answer]) -> None:
        """Begin, or begin again: the earlier answer is dropped."""
        self.job, self.built, self.record = job, None, None
        self.live = LiveAnswer(self.model)

    def append(self, kind: DeltaKind, text: str) -> None:
        """Write a piece of the answer, and pass it on."""
        if self.record is not None:
            self.record.append(kind, text)
        self.grow(self.id, kind, text)

    def recast(self, thinking: str) -> None:
        """Replace all pieces so far by this thinking, and pass it on."""
        if self.record is not None:
            self.record.recast(thinking)
        self.recasts(self.id)

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer."""
        return answer if self.record is None else await self.record.settle(answer)

    def end(self, result: Answer | BaseException, redact: Callable[[str], str]) -> None:
        """Settle with the answer that the job returned, or the error that it raised."""
        answer = self.live.settle(result)
        if answer.error is not None:
            # Redacted here, because from here on it is shown and put into tables.
            answer.error.redact(redact)
        self.model = answer.model

    def partial(self) -> Answer:
        """Return the settled answer, or what has come so far. From any thread."""
        return self.live.partial()


def check_count(columns: int) -> None:
    """Check the number of columns of a comparison.

    Raises:
        UsageError: there are too many columns.

    """
    if columns > MOST_COLUMNS:
        message = f"At most {MOST_COLUMNS} models can answer side by side."
        raise UsageError(message, hint="pl.compare takes any number of models.")
