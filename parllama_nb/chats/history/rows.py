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

from ...errors import StoreError
from ...prompting.library.rendering import PromptVersion
from ...providers.messages import ChatRequest, Message, Part, TextPart
from ...store.encryption import Encryptor
from ..answer import Answer
from .branches import is_shown
from .encryption import ENCRYPTED_COLUMNS, cost_text, turn_context
from .names import RowId, find_session
from .reading import Turn

__all__ = [
    "EncryptColumn",
    "NewTurn",
    "amend_row",
    "begin_row",
    "find_session",
    "new_row",
    "replaced_row",
    "restore_row",
    "session_id",
    "settle_row",
]

EncryptColumn = Callable[[str, str | None], str | None]

# All columns but those that identify the turn.
_FIELDS = (
    "model, options, state, question, answer, finish_reason, error, error_code, "
    "error_hint, usage, timing, cost, notes, library_prompt, created, edited"
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
        begins_with: the answer so far, if one goes on where it ended.
        alternative_to: the id of a turn; the new one follows the same turn as that.
            None: it follows the turn that the session shows last.
        again: whether it asks what `alternative_to` asked. Then it goes away if it
            gets no answer.
        beside: a conversation whose turns were sent along, though this turn is not in
            it. If that conversation is encrypted, so is this turn.
        library_prompt: which prompt of the library asks.
        row: the id of the conversation's row, if that is known: another kernel may have
            renamed or deleted it.

    """

    model: str
    request: ChatRequest
    question: tuple[Message, ...]
    session: str | None = None
    cell_id: str | None = None
    replaces: int | None = None
    begins_with: tuple[Part, ...] = ()
    alternative_to: int | None = None
    again: bool = False
    beside: str | None = None
    library_prompt: PromptVersion | None = None
    row: str = ""


def session_id(connection: sqlite3.Connection, name: str | None) -> str:
    """Return the id of a session. Makes one if there is none, or if it has no name.

    Raises:
        StoreError: the session of a `RowId` was deleted.

    """
    known = None if name is None else find_session(connection, name)
    if known is not None:
        return known
    if isinstance(name, RowId):
        message = "The conversation was deleted meanwhile."
        hint = "%parllama sessions restore lists what can be brought back."
        raise StoreError(message, hint=hint)
    new_id = uuid.uuid4().hex
    connection.execute(
        "INSERT INTO session (id, name, created, used) VALUES (?, ?, ?, ?)",
        (new_id, name, now := time.time(), now),
    )
    return new_id


def replaced_row(
    connection: sqlite3.Connection, session: str, turn: NewTurn
) -> tuple[int, dict[str, Any]] | None:
    """Return the id and the columns of the turn that a new one replaces, if any.

    It is the turn that `turn.replaces` names, else the one of the same cell. A cell
    whose turn the session does not show now begins a new one.
    """
    row = connection.execute(
        f"SELECT id, {_FIELDS}, parent FROM turn WHERE session_id = ? AND "  # noqa: S608
        + ("cell_id = ?" if turn.replaces is None else "id = ?"),
        (session, turn.cell_id if turn.replaces is None else turn.replaces),
    ).fetchone()
    if row is None:
        return None
    turn_id, *values = row
    if turn.replaces is None and not is_shown(connection, session, turn_id):
        connection.execute("UPDATE turn SET cell_id = NULL WHERE id = ?", (turn_id,))
        return None
    columns = dict(zip((*_NAMES, "parent"), values, strict=True))
    if isinstance(columns["cost"], float):
        columns["cost"] = cost_text(columns["cost"])
    return turn_id, columns


def new_row(
    connection: sqlite3.Connection,
    session: str,
    cell_id: str | None,
    parent: int | None,
) -> int:
    """Insert an empty row; return its id, which encrypted texts are bound to."""
    (turn_id,) = connection.execute(
        """
        INSERT INTO turn
            (session_id, cell_id, parent, asked_after, model, options, question, state,
            created)
        VALUES (?1, ?2, ?3, ?3, '', '', '', 'streaming', 0) RETURNING id
        """,
        (session, cell_id, parent),
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
            timing = NULL, cost = NULL, notes = NULL, edited = NULL
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
            encrypt("usage", json.dumps(asdict(answer.usage))),
            encrypt("timing", json.dumps(asdict(answer.timing))),
            encrypt("cost", cost_text(answer.cost)),
            encrypt("notes", json.dumps(answer.notes)),
            row,
        ),
    )
    connection.execute("DELETE FROM chunk WHERE turn_id = ?", (row,))


def amend_row(  # noqa: PLR0913, PLR0917 - the texts of a turn, and where they go
    connection: sqlite3.Connection,
    session: str,
    turn: Turn,
    question: str | None,
    answer: str | None,
    encryptor: Encryptor | None,
) -> None:
    """Write another text of a question or an answer; None leaves it as it is."""
    asked = turn.question if question is None else _reworded(turn.question, question)
    parts = turn.answer.parts
    if answer is not None:
        others = (part for part in parts if not isinstance(part, TextPart))
        parts = (*others, TextPart(answer))
    texts = {
        "question": json.dumps([message.to_dict() for message in asked]),
        "answer": json.dumps(Message("assistant", parts).to_dict()),
    }
    if encryptor is not None:
        texts = {
            name: encryptor(text, turn_context(session, turn.id, name))
            for name, text in texts.items()
        }
    connection.execute(
        """
        UPDATE turn SET question = ?, answer = ?, edited = ?, state = 'settled',
            finish_reason = coalesce(finish_reason, 'cancelled')
        WHERE id = ?
        """,
        (texts["question"], texts["answer"], time.time(), turn.id),
    )
    connection.execute("DELETE FROM chunk WHERE turn_id = ?", (turn.id,))


def _reworded(question: tuple[Message, ...], text: str) -> tuple[Message, ...]:
    """Return a question with another text in its last message."""
    *others, last = question
    parts = [part for part in last.parts if not isinstance(part, TextPart)]
    return (*others, Message(last.role, (*parts, TextPart(text))))


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
