"""One model's answer among several that are given side by side."""

from __future__ import annotations

from collections.abc import Callable

from ..chats.answer import Answer
from ..chats.history.writing import TurnWriter
from ..chats.live_answer import LiveAnswer
from ..errors import UsageError
from ..jobs import Job
from ..providers.messages import ChatRequest, DeltaKind

__all__ = ["MOST_COLUMNS", "Column", "check_count"]

MOST_COLUMNS = 8
"""How many columns a comparison has at most; more cannot be read side by side."""


class Column:
    """An answer that comes beside others. Used on the service loop only.

    It is a `Record` of the engine: `record` keeps the answer on disk, as that of a
    question on its own, and `live` is what views have been told of it.

    Attributes:
        id: its number in the comparison, from 1 on.
        model: `provider/model`, as it was named.
        live: the answer until now; "idle" until something is asked.
        job: the job that asks; None until something is asked.
        request: what was sent; None before that.
        picked: whether its answer is kept as a turn of a conversation.
        grow: called with the column's id, the kind and the text of each piece.

    """

    def __init__(self, column: int, model: str) -> None:
        self.id = column
        self.model = model
        self.live = LiveAnswer(model, state="idle")
        self.job: Job[Answer] | None = None
        self.request: ChatRequest | None = None
        self.record: TurnWriter | None = None
        self.picked = False
        self.grow: Callable[[int, DeltaKind, str], None] = lambda *_: None

    @property
    def answer(self) -> Answer | None:
        """The settled answer; None until then."""
        return self.live.answer

    @property
    def running(self) -> bool:
        """Whether more may come of it."""
        return self.job is not None and self.answer is None

    def begin(self, job: Job[Answer]) -> None:
        """Begin, or begin anew: the earlier answer is dropped."""
        self.job, self.request, self.record = job, None, None
        self.live = LiveAnswer(self.model)

    def append(self, kind: DeltaKind, text: str) -> None:
        """Write a piece of the answer, and pass it on."""
        if self.record is not None:
            self.record.append(kind, text)
        self.grow(self.id, kind, text)

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer."""
        return answer if self.record is None else await self.record.settle(answer)

    def end(self, result: Answer | BaseException, redact: Callable[[str], str]) -> None:
        """Settle with what the job returned, or with the error that it ended with."""
        answer = self.live.settle(result)
        if answer.error is not None:
            # From here on it is shown, kept and put into a table.
            answer.error.redact(redact)
        self.model = answer.model

    def partial(self) -> Answer:
        """The answer, or what has come of it. From any thread."""
        return self.live.partial()


def check_count(columns: int) -> None:
    """Hold a comparison to what can be read.

    Raises:
        UsageError: there are too many columns.

    """
    if columns > MOST_COLUMNS:
        message = f"At most {MOST_COLUMNS} models answer side by side."
        raise UsageError(message, hint="pl.compare takes any number of them.")
