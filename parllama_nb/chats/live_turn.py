"""A turn of a conversation while its answer streams."""

from __future__ import annotations

from typing import Any

from ..jobs import Job
from ..providers.messages import DeltaKind, Message
from .answer import Answer
from .history.reading import Turn
from .history.rows import NewTurn
from .history.writing import TurnWriter
from .live_answer import LiveAnswer
from .transcript import Transcript

__all__ = ["LiveTurn"]


class LiveTurn:
    """A turn under way; a `Record` of the engine.

    `record` writes it to disk, `answer` is what has come so far. It is in the
    transcript from `announce` on, which is called when it settles at the latest.

    `id` is 0 until it is known, and below 0 if the turn cannot be written to disk.
    `ends_at`, set if its question was rewritten, is the number of turns up to and with
    this one: the later ones are deleted with the first piece of the answer.
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
        self.library_prompt = turn.library_prompt
        self.cell_id = turn.cell_id
        self.replaces = turn.replaces
        self.deleted = False
        self.ends_at: int | None = None
        self.answer = LiveAnswer(turn.model)
        self._transcript = transcript

    async def announce_when_begun(self) -> None:
        """Put the turn into the transcript once it is on disk, or cannot be."""
        await self.record.begun()
        self.announce()

    def announce(self) -> None:
        """Put the turn into the transcript, unless it is there already."""
        if self.id:
            return
        self.id = self.record.id or self._transcript.new_unsaved_id()
        self._transcript.put(self.as_streaming())
        if self.answer.state == "streaming":
            self._drop_after()

    def _drop_after(self) -> None:
        """Remove the later turns of a rewritten question from the transcript."""
        if self.ends_at is None or self.id <= 0:
            return
        self._transcript.drop_after(self.id, self.ends_at)
        if self._transcript.get(self.id) is None:
            self._transcript.put(self.as_streaming())

    def append(self, kind: DeltaKind, text: str) -> None:
        """Add a piece of the answer."""
        self.record.append(kind, text)
        if self.answer.state != "streaming":
            # Before the piece is added: listeners get the turn first, then the piece.
            self._drop_after()
        self.answer.append(kind, text)

    def recast(self, thinking: str) -> None:
        """Replace all pieces so far by this thinking."""
        self.record.recast(thinking)
        self.answer.recast()

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer."""
        settled = await self.record.settle(answer)
        self.announce()
        return settled

    def as_streaming(self) -> Turn:
        """Return the turn with an empty answer, as it is while the answer streams."""
        return Turn(
            id=self.id,
            state="streaming",
            model=self.model,
            question=self.question,
            answer=Message("assistant", ()),
            finish_reason=None,
            cell_id=self.cell_id,
            created=self.record.created,
            library_prompt=self.library_prompt,
        )

    def as_settled(self, answer: Answer) -> Turn:
        """Return the turn with its settled answer."""
        return Turn(
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
            library_prompt=self.library_prompt,
        )
