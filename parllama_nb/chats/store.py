"""Conversations on disk: sessions of turns, each a question and its answer.

A turn is written while it streams. Its text is in `chunk` rows until it settles, so
whoever reads a turn that never did (its kernel was killed) still finds all that came.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import StoreError
from ..providers.messages import ChatRequest, Message, Part, TextPart, ThinkingPart
from ..store import Store
from .answer import Answer
from .engine import Kind

__all__ = ["ChatStore", "NewTurn", "StoredTurn", "TurnRecord"]


# All of a turn but what says which one it is.
_FIELDS = (
    "model, options, state, question, answer, finish_reason, error, usage, timing, "
    "created"
)
_MARKS = ", ".join("?" * len(_FIELDS.split(",")))


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as it was kept. `state` is "streaming" where it never settled."""

    id: int
    state: str
    model: str
    question: tuple[Message, ...]
    answer: Message
    finish_reason: str | None
    cell_id: str | None


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn that begins. `model` is `provider/model`.

    `question` is what this turn adds to what `request` sends.
    """

    model: str
    request: ChatRequest
    question: tuple[Message, ...]
    session: str | None = None
    cell_id: str | None = None


class ChatStore:
    """Sessions and turns in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def history(self, session: str, cell_id: str | None) -> list[Message]:
        """What was said in a session before the turn of a cell.

        A cell that has no turn yet comes after all others. A turn without an answer
        is left out, question and all.
        """
        turns = await self.turns(session)
        if cell_id is not None:
            own = [turn.id for turn in turns if turn.cell_id == cell_id]
            if own:
                turns = [turn for turn in turns if turn.id < own[0]]
        messages: list[Message] = []
        for turn in turns:
            if turn.answer.text.strip():
                said = [part for part in turn.question if part.role != "system"]
                messages += [*said, Message.of("assistant", turn.answer.text)]
        return messages

    async def turns(self, session: str) -> list[StoredTurn]:
        """The turns of a session in order; none where there is no such session."""
        found: list[StoredTurn] = await _later(
            self._store.call(
                lambda connection: _turns(
                    connection, "session.name = ? ORDER BY turn.id", session
                )
            )
        )
        return found

    async def newest(self, count: int) -> list[StoredTurn]:
        """The turns that began last, of all sessions, the newest first."""
        found: list[StoredTurn] = await _later(
            self._store.call(
                lambda connection: _turns(
                    connection, "TRUE ORDER BY turn.created DESC LIMIT ?", count
                )
            )
        )
        return found

    def begin(
        self, turn: NewTurn, on_failure: Callable[[StoreError], None]
    ) -> TurnRecord:
        """Begin a turn; in a session it takes the place of the cell's earlier one.

        A question on its own gets a session without a name. `on_failure` is called
        once, on the store's thread, where the turn cannot be kept; it goes on.
        """
        return TurnRecord(self._store, turn, on_failure)


class TurnRecord:
    """One turn under way; a `Record` of the engine. Made by `ChatStore.begin`.

    A write takes all pieces that wait by then. Where one fails the pieces after it are
    dropped: a locked file makes each write wait, and a full disk stays full. The
    settled answer is tried all the same.
    """

    def __init__(
        self, store: Store, turn: NewTurn, on_failure: Callable[[StoreError], None]
    ) -> None:
        self._store = store
        self._turn = turn
        self._on_failure = on_failure
        self._id = 0
        self._created = time.time()
        self._session_id = ""
        self._before: tuple[Any, ...] | None = None
        self._count = 0
        self._pieces: deque[tuple[Kind, str]] = deque()
        self._failure: StoreError | None = None
        self._store.call(self._begin).add_done_callback(self._check)

    def append(self, kind: Kind, text: str) -> None:
        """Keep some more of the answer."""
        self._pieces.append((kind, text))
        writing = self._store.call(self._add, unless=self._nothing_to_add)
        writing.add_done_callback(self._check)

    async def settle(self, answer: Answer) -> Answer:
        """Keep the settled answer; gives it back with its session and turn."""
        try:
            turn = await _later(self._store.call(lambda c: self._settle(c, answer)))
        except StoreError as error:
            note = f"not kept on disk: {error.message}"
            return replace(answer, notes=(*answer.notes, note))
        if self._turn.session is None:
            return answer
        return replace(answer, session=self._turn.session, turn=turn)

    def _check(self, future: Future[Any]) -> None:
        error = future.exception()
        if isinstance(error, StoreError) and self._failure is None:
            self._failure = error
            self._on_failure(error)

    def _nothing_to_add(self) -> bool:
        return self._failure is not None or not self._pieces

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether the turn is still this one: its cell may have been run again."""
        found = connection.execute(
            "SELECT 1 FROM turn WHERE id = ? AND created = ?", (self._id, self._created)
        )
        return found.fetchone() is not None

    def _add(self, connection: sqlite3.Connection) -> None:
        rows = []
        while self._pieces:
            kind, text = self._pieces.popleft()
            rows.append((self._id, self._count, kind, text))
            self._count += 1
        if self._is_ours(connection):
            connection.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?)", rows)

    def _begin(self, connection: sqlite3.Connection) -> None:
        turn, request = self._turn, self._turn.request
        self._session_id = _session_id(connection, turn.session)
        self._before = connection.execute(
            f"SELECT {_FIELDS} FROM turn WHERE session_id = ? AND cell_id = ?",  # noqa: S608
            (self._session_id, turn.cell_id),
        ).fetchone()
        (self._id,) = connection.execute(
            """
            INSERT INTO turn
                (session_id, cell_id, state, model, options, question, created)
            VALUES (?, ?, 'streaming', ?, ?, ?, ?)
            ON CONFLICT (session_id, cell_id) DO UPDATE SET
                state = 'streaming', model = excluded.model,
                options = excluded.options, question = excluded.question,
                created = excluded.created, answer = NULL, finish_reason = NULL,
                error = NULL, usage = NULL, timing = NULL
            RETURNING id
            """,
            (
                self._session_id,
                turn.cell_id if turn.session is not None else None,
                turn.model,
                json.dumps(request.options()),
                json.dumps([message.to_dict() for message in turn.question]),
                self._created,
            ),
        ).fetchone()
        connection.execute("DELETE FROM chunk WHERE turn_id = ?", (self._id,))

    def _settle(self, connection: sqlite3.Connection, answer: Answer) -> int:
        if not self._id:
            self._begin(connection)
        parts: list[Part] = [TextPart(answer.text)]
        if answer.thinking:
            parts.insert(0, ThinkingPart(answer.thinking))
        message = Message("assistant", tuple(parts))
        gave_nothing = answer.error is not None and not answer.text
        if not self._is_ours(connection):
            pass  # the cell was run again meanwhile: the newer run has the row
        elif gave_nothing and self._before is not None:
            # A try that gave nothing does not cost the cell's earlier answer.
            connection.execute(
                f"UPDATE turn SET ({_FIELDS}) = ({_MARKS}) WHERE id = ?",  # noqa: S608
                (*self._before, self._id),
            )
        else:
            connection.execute(
                """
                UPDATE turn SET state = 'settled', answer = ?, finish_reason = ?,
                    error = ?, usage = ?, timing = ? WHERE id = ?
                """,
                (
                    json.dumps(message.to_dict()),
                    answer.finish_reason,
                    None if answer.error is None else answer.error.message,
                    json.dumps(asdict(answer.usage)),
                    json.dumps(asdict(answer.timing)),
                    self._id,
                ),
            )
            connection.execute("DELETE FROM chunk WHERE turn_id = ?", (self._id,))
        (place,) = connection.execute(
            "SELECT count(*) FROM turn WHERE session_id = ? AND id <= ?",
            (self._session_id, self._id),
        ).fetchone()
        return int(place)


def _session_id(connection: sqlite3.Connection, name: str | None) -> str:
    """The id of a session, made if need be; one without a name is always made."""
    if name is not None:
        row = connection.execute(
            "SELECT id FROM session WHERE name = ?", (name,)
        ).fetchone()
        if row is not None:
            return str(row[0])
    session_id = uuid.uuid4().hex
    connection.execute(
        "INSERT INTO session VALUES (?, ?, ?)", (session_id, name, time.time())
    )
    return session_id


def _turns(
    connection: sqlite3.Connection, which: str, value: str | int
) -> list[StoredTurn]:
    rows = connection.execute(
        f"""
        SELECT turn.id, state, model, question, answer, finish_reason, cell_id
        FROM turn JOIN session ON session.id = turn.session_id
        WHERE {which}
        """,  # noqa: S608 - one of two texts of this module
        (value,),
    ).fetchall()
    return [
        StoredTurn(
            id=turn_id,
            state=state,
            model=model,
            question=tuple(map(Message.from_dict, json.loads(question))),
            answer=(
                _unsettled(connection, turn_id)
                if answer is None
                else Message.from_dict(json.loads(answer))
            ),
            finish_reason=reason,
            cell_id=cell_id,
        )
        for turn_id, state, model, question, answer, reason, cell_id in rows
    ]


def _unsettled(connection: sqlite3.Connection, turn_id: int) -> Message:
    rows = connection.execute(
        "SELECT kind, text FROM chunk WHERE turn_id = ? ORDER BY n", (turn_id,)
    ).fetchall()
    return Message(
        "assistant",
        tuple(
            ThinkingPart(text) if kind == "thinking" else TextPart(text)
            for kind, text in rows
        ),
    )


async def _later(future: Future[Any]) -> Any:  # noqa: ANN401 - as the future's
    # Shielded: a cancelled turn still has to learn what was written of it.
    return await asyncio.shield(asyncio.wrap_future(future))
