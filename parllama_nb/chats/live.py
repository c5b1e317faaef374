"""What is asked in a session, and the answer to it while it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..events import Event, Notice, Progress, ProgressChanged
from ..jobs import Job
from ..providers.messages import ChatRequest, ImagePart, Message, TextPart
from .answer import Answer
from .engine import Kind
from .history.new_turn import NewTurn, message_of
from .history.reading import StoredTurn
from .history.writing import TurnWriter
from .transcript import Transcript

__all__ = ["LiveTurn", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and with what; None is what the session, or the app, is set to.

    `replaces` is the turn in whose place it is asked; without a `text` it is that
    turn's question again, with one the turns after it go once an answer comes.
    `cell_id` is the cell that asks, whose earlier turn is replaced too.
    """

    text: str | None
    model: str | None = None
    system: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    pictures: tuple[ImagePart, ...] = ()
    replaces: int | None = None
    cell_id: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def rewrites(self) -> bool:
        """Whether another question takes the place of an earlier one."""
        return self.replaces is not None and self.text is not None

    def replaced(self, turns: list[StoredTurn]) -> StoredTurn | None:
        """The turn in whose place this is asked.

        Raises:
            UsageError: it is gone.

        """
        if self.replaces is None and self.cell_id is None:
            return None
        for turn in turns:
            if self.replaces is None and turn.cell_id == self.cell_id:
                return turn
            if self.replaces is not None and turn.id == self.replaces:
                return turn
        if self.replaces is None:
            return None
        message = "That turn is no longer in the conversation."
        raise UsageError(message, hint="It was deleted elsewhere.")

    def messages(self, before: StoredTurn | None, system: str) -> list[Message]:
        """The system prompt, if any, and the question with what came along with it."""
        if self.text is None:
            asked = [] if before is None else list(before.question)
        else:
            kept = before.question if before is not None and self.rewrites else ()
            more = [
                part
                for message in kept
                if message.role == "user"
                for part in message.parts
                if not isinstance(part, TextPart)
            ]
            parts = (*self.pictures, TextPart(self.text), *more)
            asked = [Message("user", parts)]
            asked = [each for each in kept if each.role == "system"] + asked
        if self.system is not None:
            asked = [each for each in asked if each.role != "system"]
            asked.insert(0, Message.of("system", self.system))
        elif system and asked[0].role != "system":
            asked.insert(0, Message.of("system", system))
        return [each for each in asked if each.role != "system" or each.text]

    def request(
        self,
        model: str,
        asked: Sequence[Message],
        said: Sequence[Message],
        usual: Mapping[str, Any],
    ) -> ChatRequest:
        """What is sent: `asked` after all that was `said`, but its system prompt.

        `usual` are the options that hold where the question has none of its own.
        """
        options = {**usual, **self.options}
        options.pop("system", None)
        systems = [message for message in asked if message.role == "system"]
        rest = [message for message in asked if message.role != "system"]
        return ChatRequest(model=model, messages=(*systems, *said, *rest), **options)


class LiveTurn:
    """A turn under way: what has come of it, and what it waits for.

    `id` is 0 until it is known; below 0 where the turn cannot be kept on disk. It is
    a `Record` of the engine: `record` keeps it on disk, and from `announce` on, which
    is called at the latest when it has settled, it is in the transcript `said`.
    """

    def __init__(
        self,
        job: Job[Any],
        record: TurnWriter,
        turn: NewTurn,
        said: Transcript,
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
        """Of a rewritten question: how many turns are left with it."""
        self.begun = False
        self.notice = ""
        self.progress: Progress | None = None
        self._said = said
        self._parts: dict[str, list[str]] = {"text": [], "thinking": []}

    async def announce_in_time(self) -> None:
        """Put the turn into the transcript once it is on disk, or cannot be."""
        await self.record.begun()
        self.announce()

    def announce(self) -> None:
        """Put the turn into the transcript, once."""
        if self.id:
            return
        self.id = self.record.id or self._said.id_of_not_kept()
        self._said.put(self.begins())
        if self.begun:
            self._drop_after()

    def _drop_after(self) -> None:
        """Forget the turns after one whose question was rewritten, once it is known."""
        if self.ends_at is None or self.id <= 0:
            return
        self._said.drop_after(self.id, self.ends_at)
        if self._said.get(self.id) is None:
            self._said.put(self.begins())

    def append(self, kind: Kind, text: str) -> None:
        """Keep some more of the answer."""
        self.record.append(kind, text)
        if not self.begun:
            # Before the piece is kept: whoever is told of the turn now gets it next.
            self._drop_after()
            self.begun = True
        self._parts[kind].append(text)
        self.notice, self.progress = "", None

    async def settle(self, answer: Answer) -> Answer:
        """Keep the settled answer."""
        settled = await self.record.settle(answer)
        self.announce()
        return settled

    def hear(self, event: Event) -> None:
        """Keep what an event of the job tells while nothing comes."""
        match event:
            case ProgressChanged(progress=progress) if not self.begun:
                self.progress = progress
            case Notice(text=text):
                self.notice = text
            case _:
                pass

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

    @property
    def text(self) -> str:
        """The answer until now."""
        return self._joined("text")

    @property
    def thinking(self) -> str:
        """What the model has thought until now."""
        return self._joined("thinking")

    def _joined(self, kind: str) -> str:
        # Joined once and kept, so that many snapshots do not join it again.
        parts = self._parts[kind]
        parts[:] = ["".join(parts)]
        return parts[0]

    def settled(self, answer: Answer) -> StoredTurn:
        """The turn as it is kept."""
        return StoredTurn(
            id=self.id,
            state="settled",
            model=self.model,
            question=self.question,
            answer=message_of(answer),
            finish_reason=answer.finish_reason,
            cell_id=self.cell_id,
            usage=answer.usage,
            timing=answer.timing,
            cost=answer.cost,
            error=answer.error,
            notes=answer.notes,
            created=self.record.created,
        )
