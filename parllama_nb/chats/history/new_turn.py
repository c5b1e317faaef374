"""What a turn begins with, and how it is written."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ...providers.messages import ChatRequest, Message, Part, TextPart, ThinkingPart
from ..answer import Answer

__all__ = ["NewTurn", "later", "message_of", "session_id"]


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn that begins. `model` is `provider/model`.

    `question` is what this turn adds to what `request` sends. `replaces` is the turn
    whose place it takes, and `rewrites` says that it asks something else there: then
    the turns after it go with the first word of the answer. `beside` is a session that
    it is not a turn of, but was asked with: where that is encrypted, so is this.
    """

    model: str
    request: ChatRequest
    question: tuple[Message, ...]
    session: str | None = None
    cell_id: str | None = None
    replaces: int | None = None
    rewrites: bool = False
    beside: str | None = None


def message_of(answer: Answer) -> Message:
    """An answer as what the assistant said."""
    parts: list[Part] = [TextPart(answer.text)]
    if answer.thinking:
        parts.insert(0, ThinkingPart(answer.thinking))
    return Message("assistant", tuple(parts))


def session_id(connection: sqlite3.Connection, name: str | None) -> str:
    """The id of a session, made if need be; one without a name is always made."""
    if name is not None:
        row = connection.execute(
            "SELECT id FROM session WHERE name = ?", (name,)
        ).fetchone()
        if row is not None:
            return str(row[0])
    made = uuid.uuid4().hex
    connection.execute(
        "INSERT INTO session (id, name, created) VALUES (?, ?, ?)",
        (made, name, time.time()),
    )
    return made


async def later(future: Future[Any]) -> Any:  # noqa: ANN401 - as the future's
    """What a write gives. A cancelled turn still has to learn what was written."""
    return await asyncio.shield(asyncio.wrap_future(future))
