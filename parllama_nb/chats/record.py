"""One turn on its way to the disk, written while it streams."""

from __future__ import annotations

import asyncio
import contextlib
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
from .stored import unsettled

__all__ = ["NewTurn", "TurnRecord", "later", "message_of", "session_id"]


# All of a turn but what says which one it is.
_FIELDS = (
    "model, options, state, question, answer, finish_reason, error, error_code, "
    "error_hint, usage, timing, cost, notes, created"
)
_MARKS = ", ".join("?" * len(_FIELDS.split(",")))
_ANSWER = _FIELDS.split(", ").index("answer")


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn that begins. `model` is `provider/model`.

    `question` is what this turn adds to what `request` sends. `replaces` is the turn
    whose place it takes, and `rewrites` says that it asks something else there: then
    the turns after it go with the first word of the answer.
    """

    model: str
    request: ChatRequest
    question: tuple[Message, ...]
    session: str | None = None
    cell_id: str | None = None
    replaces: int | None = None
    rewrites: bool = False


class TurnRecord:
    """One turn under way; a `Record` of the engine. Made by `ChatStore.begin`.

    A write takes all pieces that wait by then. Where one fails the pieces after it are
    dropped: a locked file makes each write wait, and a full disk stays full. The
    settled answer is tried all the same.
    """

    def __init__(
        self, store: Store, turn: NewTurn, on_failure: Callable[[StoreError], None]
    ) -> None:
        self.created = time.time()
        """When the turn began, in seconds since the epoch."""
        self.restored = False
        """Whether the turn was given back what it had before, for it got no answer."""
        self._store = store
        self._turn = turn
        self._on_failure = on_failure
        self._id = 0
        self._session_id = ""
        self._before: tuple[Any, ...] | None = None
        self._count = 0
        self._pieces: deque[tuple[Kind, str]] = deque()
        self._failure: StoreError | None = None
        self._beginning = self._store.call(self._begin)
        self._beginning.add_done_callback(self._check)

    @property
    def id(self) -> int:
        """The turn's id; 0 while it is not on disk."""
        return self._id

    async def begun(self) -> None:
        """Wait until the turn is on disk, or cannot be."""
        with contextlib.suppress(StoreError):
            await later(self._beginning)

    def append(self, kind: Kind, text: str) -> None:
        """Keep some more of the answer."""
        self._pieces.append((kind, text))
        writing = self._store.call(self._add, unless=self._nothing_to_add)
        writing.add_done_callback(self._check)

    async def settle(self, answer: Answer) -> Answer:
        """Keep the settled answer; gives it back with its session and turn."""
        try:
            turn = await later(self._store.call(lambda c: self._settle(c, answer)))
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
            "SELECT 1 FROM turn WHERE id = ? AND created = ?", (self._id, self.created)
        )
        return found.fetchone() is not None

    def _add(self, connection: sqlite3.Connection) -> None:
        first = self._count == 0
        rows = []
        while self._pieces:
            kind, text = self._pieces.popleft()
            rows.append((self._id, self._count, kind, text))
            self._count += 1
        if not self._is_ours(connection):
            return
        if first and self._turn.rewrites:
            connection.execute(
                "DELETE FROM turn WHERE session_id = ? AND id > ?",
                (self._session_id, self._id),
            )
        connection.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?)", rows)

    def _begin(self, connection: sqlite3.Connection) -> None:
        turn = self._turn
        self._session_id = session_id(connection, turn.session)
        values = (
            turn.model,
            json.dumps(turn.request.options()),
            json.dumps([message.to_dict() for message in turn.question]),
            self.created,
        )
        found = connection.execute(
            f"SELECT id, {_FIELDS} FROM turn WHERE session_id = ? AND "  # noqa: S608
            + ("cell_id = ?" if turn.replaces is None else "id = ?"),
            (
                self._session_id,
                turn.cell_id if turn.replaces is None else turn.replaces,
            ),
        ).fetchone()
        if found is not None:
            self._id, *before = found
            if before[_ANSWER] is None:
                # Its kernel was killed: what had come is still in pieces.
                partial = unsettled(connection, self._id).to_dict()
                before[_ANSWER] = json.dumps(partial)
            self._before = None if turn.rewrites else tuple(before)
            connection.execute(
                """
                UPDATE turn SET model = ?, options = ?, question = ?, created = ?,
                    state = 'streaming', answer = NULL, finish_reason = NULL,
                    error = NULL, error_code = NULL, error_hint = NULL, usage = NULL,
                    timing = NULL, cost = NULL, notes = NULL
                WHERE id = ?
                """,
                (*values, self._id),
            )
            connection.execute("DELETE FROM chunk WHERE turn_id = ?", (self._id,))
            return
        cell_id = turn.cell_id if turn.session is not None else None
        (self._id,) = connection.execute(
            """
            INSERT INTO turn
                (model, options, question, created, session_id, cell_id, state)
            VALUES (?, ?, ?, ?, ?, ?, 'streaming') RETURNING id
            """,
            (*values, self._session_id, cell_id),
        ).fetchone()

    def _settle(self, connection: sqlite3.Connection, answer: Answer) -> int:
        if not self._id:
            self._begin(connection)
        connection.execute(
            """
            UPDATE session SET
                cost = CASE WHEN ? IS NULL THEN cost ELSE coalesce(cost, 0) + ? END,
                input_tokens = input_tokens + ?, output_tokens = output_tokens + ?
            WHERE id = ?
            """,
            (
                answer.cost,
                answer.cost,
                answer.usage.input_tokens or 0,
                answer.usage.output_tokens or 0,
                self._session_id,
            ),
        )
        gave_nothing = answer.error is not None and not answer.text
        if not self._is_ours(connection):
            pass  # the cell was run again meanwhile: the newer run has the row
        elif gave_nothing and self._before is not None:
            # A try that gave nothing does not cost the turn's earlier answer.
            self.restored = True
            connection.execute(
                f"UPDATE turn SET ({_FIELDS}) = ({_MARKS}) WHERE id = ?",  # noqa: S608
                (*self._before, self._id),
            )
        else:
            self._write(connection, answer)
        (place,) = connection.execute(
            "SELECT count(*) FROM turn WHERE session_id = ? AND id <= ?",
            (self._session_id, self._id),
        ).fetchone()
        return int(place)

    def _write(self, connection: sqlite3.Connection, answer: Answer) -> None:
        error = answer.error
        connection.execute(
            """
            UPDATE turn SET state = 'settled', answer = ?, finish_reason = ?,
                error = ?, error_code = ?, error_hint = ?, usage = ?, timing = ?,
                cost = ?, notes = ?
            WHERE id = ?
            """,
            (
                json.dumps(message_of(answer).to_dict()),
                answer.finish_reason,
                error and error.message,
                error and error.code,
                error and error.hint,
                json.dumps(asdict(answer.usage)),
                json.dumps(asdict(answer.timing)),
                answer.cost,
                json.dumps(answer.notes),
                self._id,
            ),
        )
        connection.execute("DELETE FROM chunk WHERE turn_id = ?", (self._id,))


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
