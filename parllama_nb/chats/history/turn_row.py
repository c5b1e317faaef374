"""A turn's row in the database: the statements that begin, settle and restore it.

`close` makes of a column's name and its text what is kept: the text, or it sealed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ..answer import Answer
from .encryption import SEALED_COLUMNS
from .new_turn import NewTurn, message_of

__all__ = [
    "Close",
    "begin_row",
    "found_row",
    "new_row",
    "place_of",
    "restore_row",
    "settle_row",
    "spend",
]

Close = Callable[[str, str | None], str | None]

# All of a turn but what says which one it is.
_FIELDS = (
    "model, options, state, question, answer, finish_reason, error, error_code, "
    "error_hint, usage, timing, cost, notes, created"
)
_NAMES = _FIELDS.split(", ")
_MARKS = ", ".join("?" * len(_NAMES))


def found_row(
    connection: sqlite3.Connection, session: str, turn: NewTurn
) -> tuple[int, dict[str, Any]] | None:
    """The turn whose place a new one takes, as it was kept; None where there is none.

    It is the one that is to be replaced, or the one of the same cell.
    """
    found = connection.execute(
        f"SELECT id, {_FIELDS} FROM turn WHERE session_id = ? AND "  # noqa: S608
        + ("cell_id = ?" if turn.replaces is None else "id = ?"),
        (session, turn.cell_id if turn.replaces is None else turn.replaces),
    ).fetchone()
    if found is None:
        return None
    own, *values = found
    return own, dict(zip(_NAMES, values, strict=True))


def new_row(connection: sqlite3.Connection, session: str, cell_id: str | None) -> int:
    """The id of a new row. What is sealed is bound to it, so it comes first, empty."""
    (own,) = connection.execute(
        """
        INSERT INTO turn
            (session_id, cell_id, model, options, question, state, created)
        VALUES (?, ?, '', '', '', 'streaming', 0) RETURNING id
        """,
        (session, cell_id),
    ).fetchone()
    return int(own)


def begin_row(
    connection: sqlite3.Connection,
    row: int,
    turn: NewTurn,
    created: float,
    close: Close,
) -> None:
    """Write what is asked, and that there is no answer yet."""
    options = json.dumps(turn.request.options())
    question = json.dumps([message.to_dict() for message in turn.question])
    connection.execute(
        """
        UPDATE turn SET model = ?, options = ?, question = ?, created = ?,
            state = 'streaming', answer = NULL, finish_reason = NULL,
            error = NULL, error_code = NULL, error_hint = NULL, usage = NULL,
            timing = NULL, cost = NULL, notes = NULL
        WHERE id = ?
        """,
        (
            turn.model,
            close("options", options),
            close("question", question),
            created,
            row,
        ),
    )


def settle_row(
    connection: sqlite3.Connection, row: int, answer: Answer, close: Close
) -> None:
    """Write a settled answer, in the place of its pieces."""
    error = answer.error
    connection.execute(
        """
        UPDATE turn SET state = 'settled', answer = ?, finish_reason = ?,
            error = ?, error_code = ?, error_hint = ?, usage = ?, timing = ?,
            cost = ?, notes = ?
        WHERE id = ?
        """,
        (
            close("answer", json.dumps(message_of(answer).to_dict())),
            answer.finish_reason,
            close("error", error.message if error is not None else None),
            error and error.code,
            close("error_hint", error.hint if error is not None else None),
            json.dumps(asdict(answer.usage)),
            json.dumps(asdict(answer.timing)),
            answer.cost,
            close("notes", json.dumps(answer.notes)),
            row,
        ),
    )
    connection.execute("DELETE FROM chunk WHERE turn_id = ?", (row,))


def restore_row(
    connection: sqlite3.Connection, row: int, before: Mapping[str, Any], close: Close
) -> None:
    """Give a row back what it had, in the clear, before another try."""
    values = dict(before)
    for name in SEALED_COLUMNS:
        values[name] = close(name, values[name])
    connection.execute(
        f"UPDATE turn SET ({_FIELDS}) = ({_MARKS}) WHERE id = ?",  # noqa: S608
        (*(values[name] for name in _NAMES), row),
    )


def spend(connection: sqlite3.Connection, session: str, answer: Answer) -> None:
    """Count what an answer used in its session."""
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
    """Which turn of its session a row is; the first is 1."""
    (place,) = connection.execute(
        "SELECT count(*) FROM turn WHERE session_id = ? AND id <= ?", (session, row)
    ).fetchone()
    return int(place)
