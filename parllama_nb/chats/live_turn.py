"""A turn of a conversation while its answer streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..jobs import Job
from ..providers.messages import DeltaKind, Message
from .answer import Answer
from .history.reading import Turn
from .history.rows import NewTurn
from .history.store import ChatStore
from .history.writing import TurnWriter
from .live_answer import LiveAnswer
from .question import Question
from .request import Built
from .transcript import Transcript

__all__ = ["LiveTurn", "begin"]


class LiveTurn:
    """A turn under way; a `Record` of the engine.

    `record` writes it to disk, `answer` is what has come so far. It is in the
    transcript from `announce` on, which is called when it settles at the latest.

    `id` is 0 until it is known, and below 0 if the turn cannot be written to disk.
    `before` is the turn in whose place it is asked, if any. If it is an alternative of
    that, `follows` is how many turns come before the two; it is None otherwise.
    """

    def __init__(  # noqa: PLR0913 - what a turn is made of
        self,
        job: Job[Any],
        record: TurnWriter,
        turn: NewTurn,
        transcript: Transcript,
        *,
        before: Turn | None = None,
        follows: int | None = None,
    ) -> None:
        self.id = 0
        self.job = job
        self.record = record
        self.model = turn.model
        self.library_prompt = turn.library_prompt
        self.cell_id = turn.cell_id
        self.before = before
        self.follows = follows
        if before is not None and follows is None:
            self.cell_id = before.cell_id
        self.deleted = False
        self.answer = LiveAnswer(turn.model, begins_with=turn.begins_with)
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
        if self.before is not None and self.follows is not None and self.id > 0:
            self._transcript.drop_from(self.before.id, self.follows)
        self._transcript.put(self.as_streaming())

    def append(self, kind: DeltaKind, text: str) -> None:
        """Add a piece of the answer."""
        self.record.append(kind, text)
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
            question=self.record.question,
            answer=Message("assistant", ()),
            finish_reason=None,
            cell_id=self.cell_id,
            created=self.record.created,
            library_prompt=self.library_prompt,
            parent=self.record.parent,
            alternatives=self._alternatives(),
        )

    def as_settled(self, answer: Answer) -> Turn:
        """Return the turn with its settled answer."""
        return replace(
            self.as_streaming(),
            state="settled",
            answer=answer.message,
            finish_reason=answer.finish_reason,
            usage=answer.usage,
            timing=answer.timing,
            cost=answer.cost,
            error=answer.error,
            notes=answer.notes,
        )

    def _alternatives(self) -> tuple[int, ...]:
        before = self.before
        if before is None or self.follows is None or self.id <= 0:
            return () if before is None else before.alternatives
        return (*(before.alternatives or (before.id,)), self.id)


def begin(  # noqa: PLR0913 - a turn, and its place
    store: ChatStore,
    job: Job[Any],
    built: Built,
    question: Question,
    *,
    model: str,
    session: str,
    row: str,
    transcript: Transcript,
    turns: Sequence[Turn],
    before: Turn | None,
) -> LiveTurn:
    """Begin to write a turn of a conversation, and return it.

    Args:
        store: where it is written.
        job: the job that asks.
        built: its request.
        question: what `built` was made of.
        model: `provider/model`.
        session: the name of the conversation.
        row: the id of its row; "" if it is not known.
        transcript: the conversation's last turns.
        turns: the turns that it shows.
        before: the one of them in whose place it is asked, if any.

    """
    place = before.id if before is not None and before.id > 0 else None
    branches = place is not None and _branches(question, before, turns)
    so_far = before.answer.parts if before is not None and question.continues else ()
    new = NewTurn(
        model,
        built.request,
        built.new,
        session=session,
        row=row,
        cell_id=question.cell_id,
        replaces=None if branches else place,
        begins_with=so_far,
        alternative_to=place if branches else None,
        again=question.text is None,
        library_prompt=built.library_prompt,
    )
    follows = sum(0 < turn.id < (place or 0) for turn in turns)
    return LiveTurn(
        job,
        store.begin(new),
        new,
        transcript,
        before=before,
        follows=follows if branches else None,
    )


def _branches(question: Question, before: Turn | None, turns: Sequence[Turn]) -> bool:
    """Whether the answer becomes an alternative of the turn before, or replaces it.

    A cell has one turn, and a turn without an answer is worth nothing. One that goes
    on replaces the last turn only: what follows an earlier one was said after it.
    """
    if before is None or question.replaces is None:
        return False
    if question.continues and turns[-1].id == before.id:
        return False
    return bool(before.answer.text.strip())
