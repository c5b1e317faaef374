"""Reads a whole conversation from the store: all branches, and all that is known."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any, cast

from ...store.encryption import Decrypt
from .attachments import filled
from .encryption import for_columns
from .names import find_session
from .reading import Turn, read_sessions, read_turns
from .saved import SavedConversation, SavedError, SavedTurn

__all__ = ["read_saved"]


def read_saved(
    connection: sqlite3.Connection, name: str, decrypt: Decrypt
) -> SavedConversation | None:
    """Return the conversation of this name; None if there is none.

    It has the bytes of its attachments.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    session = find_session(connection, name)
    if session is None:
        return None
    (info,) = read_sessions(connection, "session.id = ?", (session,), decrypt)
    sealed, tip = connection.execute(
        "SELECT sealed, tip FROM session WHERE id = ?", (session,)
    ).fetchone()
    which = "session.id = ? ORDER BY turn.id"
    turns = [
        replace(turn, question=filled(connection, turn.question, decrypt))
        for turn in read_turns(connection, which, (session,), decrypt)
    ]
    options = _options(connection, session, decrypt if sealed else None)
    numbers = {turn.id: number for number, turn in enumerate(turns, 1)}
    return SavedConversation(
        name=info.name,
        turns=tuple(_saved(turn, numbers, options[turn.id]) for turn in turns),
        tip=numbers.get(tip),
        model=info.model,
        options=dict(info.options),
        folder=info.folder,
        tags=info.tags,
        pinned=info.pinned,
        created=info.created,
        cost=info.cost,
        input_tokens=info.usage.input_tokens or 0,
        output_tokens=info.usage.output_tokens or 0,
    )


def _options(
    connection: sqlite3.Connection, session: str, decrypt: Decrypt | None
) -> dict[int, dict[str, Any]]:
    """Return the options of each request, by the ids of the turns."""
    rows = connection.execute(
        "SELECT id, options FROM turn WHERE session_id = ?", (session,)
    )
    options: dict[int, dict[str, Any]] = {}
    for turn, stored in rows.fetchall():
        text = stored
        if decrypt is not None:
            text = for_columns(decrypt, session, turn)("options", stored)
        options[turn] = json.loads(text or "{}")
    return options


def _saved(turn: Turn, numbers: dict[int, int], options: dict[str, Any]) -> SavedTurn:
    error = turn.error
    return SavedTurn(
        number=numbers[turn.id],
        question=turn.question,
        answer=turn.answer,
        parent=None if turn.parent is None else numbers.get(turn.parent),
        state=cast("Any", turn.state),
        model=turn.model,
        options=options,
        finish_reason=turn.finish_reason,
        usage=turn.usage,
        timing=turn.timing,
        cost=turn.cost,
        error=None
        if error is None
        else SavedError(error.message, error.code, error.hint),
        notes=turn.notes,
        library_prompt=turn.library_prompt,
        created=turn.created,
        edited=turn.edited,
    )
