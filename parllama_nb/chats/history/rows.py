"""A turn's row in the database: the statements that begin, settle and restore it.

`encrypt(column, text)` returns the text to store: unchanged, or encrypted.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...prompting.library.rendering import PromptVersion
from ...providers.messages import ChatRequest, Message
from ..answer import Answer
from .encryption import ENCRYPTED_COLUMNS

__all__ = [
    "EncryptColumn",
    "NewTurn",
    "add_usage",
    "begin_row",
    "new_row",
    "place_of",
    "replaced_row",
    "restore_row",
    "session_id",
    "settle_row",
]

EncryptColumn = Callable[[str, str | None], str | None]

# All columns but those that identify the turn.
_FIELDS = (
    "model, options, state, question, answer, finish_reason, error, error_code, "
    "error_hint, usage, timing, cost, notes, library_prompt, created"
)
_NAMES = _FIELDS.split(", ")
_MARKS = ", ".join("?" * len(_NAMES))


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn to begin.

    Attributes:
        model: `provider/model`.
        request: what is sent.
        question: the messages of the request that this turn adds to the conversation.
        session: the conversation's name; None for a question on its own.
        cell_id: the cell that asks.
        replaces: the id of the turn to replace.
        rewrites: whether it replaces that turn by another question. The later turns are
            then deleted with the first piece of the answer.
        beside: a conversation whose turns were sent along, though this turn is not in
            it. If that conversation is encrypted, so is this turn.
        library_prompt: which prompt of the library asks.

    """

    model: str
    request: ChatRequest
    question: tuple[Message, ...]
    session: str | None = None
    cell_id: str | None = None
    replaces: int | None = None
    rewrites: bool = False
    beside: str | None = None
    library_prompt: PromptVersion | None = None


def session_id(connection: sqlite3.Connection, name: str | None) -> str:
    """Return the id of a session. Makes one if there is none, or if it has no name."""
    if name is not None:
        row = connection.execute(
            "SELECT id FROM session WHERE name = ?", (name,)
        ).fetchone()
        if row is not None:
            return str(row[0])
    new_id = uuid.uuid4().hex
    connection.execute(
        "INSERT INTO session (id, name, created) VALUES (?, ?, ?)",
        (new_id, name, time.time()),
    )
    return new_id


def replaced_row(
    connection: sqlite3.Connection, session: str, turn: NewTurn
) -> tuple[int, dict[str, Any]] | None:
    """Return the id and the columns of the turn that a new one replaces, if any.

    It is the turn that `turn.replaces` names, else the one of the same cell.
    """
    row = connection.execute(
        f"SELECT id, {_FIELDS} FROM turn WHERE session_id = ? AND "  # noqa: S608
        + ("cell_id = ?" if turn.replaces is None else "id = ?"),
        (session, turn.cell_id if turn.replaces is None else turn.replaces),
    ).fetchone()
    if row is None:
        return None
    turn_id, *values = row
    return turn_id, dict(zip(_NAMES, values, strict=True))


def new_row(connection: sqlite3.Connection, session: str, cell_id: str | None) -> int:
    """Insert an empty row; return its id, which encrypted texts are bound to."""
    (turn_id,) = connection.execute(
        """
        INSERT INTO turn
            (session_id, cell_id, model, options, question, state, created)
        VALUES (?, ?, '', '', '', 'streaming', 0) RETURNING id
        """,
        (session, cell_id),
    ).fetchone()
    return int(turn_id)


def begin_row(
    connection: sqlite3.Connection,
    row: int,
    turn: NewTurn,
    created: float,
    encrypt: EncryptColumn,
) -> None:
    """Write the question, and that there is no answer yet."""
    options = json.dumps(turn.request.options())
    question = json.dumps([message.to_dict() for message in turn.question])
    prompt = turn.library_prompt
    asked_by = None if prompt is None else json.dumps([prompt.name, prompt.version])
    connection.execute(
        """
        UPDATE turn SET model = ?, options = ?, question = ?, library_prompt = ?,
            created = ?, state = 'streaming', answer = NULL, finish_reason = NULL,
            error = NULL, error_code = NULL, error_hint = NULL, usage = NULL,
            timing = NULL, cost = NULL, notes = NULL
        WHERE id = ?
        """,
        (
            turn.model,
            encrypt("options", options),
            encrypt("question", question),
            encrypt("library_prompt", asked_by),
            created,
            row,
        ),
    )


def settle_row(
    connection: sqlite3.Connection, row: int, answer: Answer, encrypt: EncryptColumn
) -> None:
    """Write the settled answer and delete its pieces."""
    error = answer.error
    connection.execute(
        """
        UPDATE turn SET state = 'settled', answer = ?, finish_reason = ?,
            error = ?, error_code = ?, error_hint = ?, usage = ?, timing = ?,
            cost = ?, notes = ?
        WHERE id = ?
        """,
        (
            encrypt("answer", json.dumps(answer.message.to_dict())),
            answer.finish_reason,
            encrypt("error", error.message if error is not None else None),
            error and error.code,
            encrypt("error_hint", error.hint if error is not None else None),
            json.dumps(asdict(answer.usage)),
            json.dumps(asdict(answer.timing)),
            answer.cost,
            encrypt("notes", json.dumps(answer.notes)),
            row,
        ),
    )
    connection.execute("DELETE FROM chunk WHERE turn_id = ?", (row,))


def restore_row(
    connection: sqlite3.Connection,
    row: int,
    before: Mapping[str, Any],
    encrypt: EncryptColumn,
) -> None:
    """Write back the columns, given unencrypted, that a row had before a new try."""
    values = dict(before)
    for name in ENCRYPTED_COLUMNS:
        values[name] = encrypt(name, values[name])
    connection.execute(
        f"UPDATE turn SET ({_FIELDS}) = ({_MARKS}) WHERE id = ?",  # noqa: S608
        (*(values[name] for name in _NAMES), row),
    )


def add_usage(connection: sqlite3.Connection, session: str, answer: Answer) -> None:
    """Add the cost and the tokens of an answer to the sums of its session."""
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
            session,
        ),
    )


def place_of(connection: sqlite3.Connection, session: str, row: int) -> int:
    """Return the number of a turn in its session, counted from 1."""
    (place,) = connection.execute(
        "SELECT count(*) FROM turn WHERE session_id = ? AND id <= ?", (session, row)
    ).fetchone()
    return int(place)
