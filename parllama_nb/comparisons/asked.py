"""What is asked of several models, and where the answer that is picked goes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..chats.answer import Answer
from ..chats.engine import unstopped
from ..chats.history.new_turn import NewTurn
from ..chats.history.reading import said_before
from ..chats.live import Question
from ..chats.sessions import Sessions
from ..errors import ParllamaError, StoreError, UsageError
from ..providers.base import Provider
from ..providers.messages import ChatRequest, ImagePart, Message
from .column import Column

__all__ = ["Asked", "keep"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every column.

    `session` is the conversation a picked answer goes to; with `follows` what was said
    there is sent along, up to the turn of the cell `cell_id`.
    """

    prompt: str
    session: str
    system: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    pictures: tuple[ImagePart, ...] = ()
    follows: bool = False
    cell_id: str | None = None
    notes: tuple[str, ...] = ()

    async def request(
        self, provider: Provider, model: str, sessions: Sessions
    ) -> tuple[ChatRequest, tuple[Message, ...]]:
        """What is sent to a model, by its provider's name of it, and what of it is new.

        What is not said is as the conversation has it, else as the settings do.

        Raises:
            StoreError: what was said before cannot be read.

        """
        question = Question(
            self.prompt,
            system=self.system,
            pictures=self.pictures,
            cell_id=self.cell_id,
        )
        options, said = {**sessions.defaults(provider)}, list[Message]()
        if self.follows:
            session = await sessions.open(self.session)
            turns = await sessions.chats.turns(self.session)
            before = question.replaced(turns)
            said = said_before(turns, before.id if before is not None else None)
            options |= session.options
        options |= self.options
        system = str(options.pop("system", None) or "")
        new = tuple(question.messages(None, system))
        systems = [message for message in new if message.role == "system"]
        rest = [message for message in new if message.role != "system"]
        messages = (*systems, *said, *rest)
        return ChatRequest(model=model, messages=messages, **options), new


async def keep(
    column: Column, sessions: Sessions, name: str, cell_id: str | None, turn: int | None
) -> tuple[Answer, int]:
    """Keep a column's answer as a turn of a conversation.

    Args:
        column: whose answer it is.
        sessions: where the conversation is opened.
        name: the conversation's.
        cell_id: the cell that asked, whose earlier turn is replaced.
        turn: the id of another turn that is replaced.

    Returns:
        The answer with its session and turn, and the turn's id.

    Raises:
        UsageError: it has no answer yet, or the conversation is answering.
        StoreError: it cannot be kept.

    """
    answer, request = column.answer, column.request
    if column.running:
        message = "This answer is not whole yet."
        raise UsageError(message, hint="Wait for the end of it, or stop it.")
    if answer is None or request is None or not answer.text.strip():
        message = f"There is no answer of {column.model} to keep."
        raise UsageError(message)
    session = await sessions.open(name)
    if session.answering:
        message = f"The conversation {name!r} is answering."
        raise UsageError(message, hint="Wait for the end of it, or stop it.")
    systems = [each for each in request.messages if each.role == "system"]
    new = NewTurn(
        column.model,
        request,
        (*systems, request.messages[-1]),
        session=name,
        cell_id=cell_id,
        replaces=turn,
    )
    failures: list[StoreError] = []
    record = sessions.chats.begin(new, failures.append)
    kept = await unstopped(record.settle(answer))
    if kept.turn is None:
        message = "The answer cannot be kept on disk."
        raise failures[0] if failures else StoreError(message)
    # Whoever shows the conversation sees the new turn.
    with contextlib.suppress(ParllamaError):
        await session.load()
    return kept, record.id
