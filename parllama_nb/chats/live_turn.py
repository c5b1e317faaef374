"""A turn of a conversation while its answer comes."""

from __future__ import annotations

from typing import Any

from ..jobs import Job
from ..providers.messages import DeltaKind, Message
from .answer import Answer
from .history.reading import StoredTurn
from .history.rows import NewTurn
from .history.writing import TurnWriter
from .live_answer import LiveAnswer
from .transcript import Transcript

__all__ = ["LiveTurn"]


class LiveTurn:
    """A turn under way; a `Record` of the engine.

    `record` writes it to disk, `answer` is what has come of it. From `announce` on,
    which is called at the latest when it has settled, it is in the transcript.

    `id` is 0 until it is known, and below 0 if the turn cannot be kept on disk.
    `ends_at` is how many turns the conversation has with this one, if its question was
    rewritten: the later ones are deleted with the first piece of the answer.
    """

    def __init__(
        self,
        job: Job[Any],
        record: TurnWriter,
        turn: NewTurn,
        transcript: Transcript,
    ) -> None:
        self.id = 0
        self.job = job
        self.record = record
        self.model = turn.model
        self.question = turn.question
        self.cell_id = turn.cell_id
        self.replaces = turn.replaces
        self.deleted = False
        self.ends_at: int | None = None
        self.answer = LiveAnswer(turn.model)
        self._transcript = transcript

    async def announce_in_time(self) -> None:
        """Put the turn into the transcript as soon as it is on disk, or cannot be."""
        await self.record.begun()
        self.announce()

    def announce(self) -> None:
        """Put the turn into the transcript, once."""
        if self.id:
            return
        self.id = self.record.id or self._transcript.id_of_not_kept()
        self._transcript.put(self.begins())
        if self.answer.state == "streaming":
            self._drop_after()

    def _drop_after(self) -> None:
        """Remove the later turns of a rewritten question from the transcript."""
        if self.ends_at is None or self.id <= 0:
            return
        self._transcript.drop_after(self.id, self.ends_at)
        if self._transcript.get(self.id) is None:
            self._transcript.put(self.begins())

    def append(self, kind: DeltaKind, text: str) -> None:
        """Add a piece of the answer."""
        self.record.append(kind, text)
        if self.answer.state != "streaming":
            # Before the piece is added: whoever hears of the turn now gets it next.
            self._drop_after()
        self.answer.append(kind, text)

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer."""
        settled = await self.record.settle(answer)
        self.announce()
        return settled

    def begins(self) -> StoredTurn:
        """The turn as it is while it streams."""
        return StoredTurn(
            id=self.id,
            state="streaming",
            model=self.model,
            question=self.question,
            answer=Message("assistant", ()),
            finish_reason=None,
            cell_id=self.cell_id,
            created=self.record.created,
        )

    def settled(self, answer: Answer) -> StoredTurn:
        """The turn with its settled answer."""
        return StoredTurn(
            id=self.id,
            state="settled",
            model=self.model,
            question=self.question,
            answer=answer.message,
            finish_reason=answer.finish_reason,
            cell_id=self.cell_id,
            usage=answer.usage,
            timing=answer.timing,
            cost=answer.cost,
            error=answer.error,
            notes=answer.notes,
            created=self.record.created,
        )
