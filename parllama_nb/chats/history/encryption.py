"""Encrypted sessions: every text of a turn that says something is encrypted.

An encrypted text is bound to its session, its turn and its column, so that nobody can
put one in another's place.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from ...store.encryption import Decrypt, Encryptor
from .attachments import rewrite_attachments

__all__ = [
    "ENCRYPTED_COLUMNS",
    "chunk_context",
    "decrypt_session",
    "encrypt_session",
    "for_columns",
    "is_encrypted",
    "options_context",
    "turn_context",
]

ENCRYPTED_COLUMNS = (
    "options",
    "question",
    "answer",
    "error",
    "error_hint",
    "notes",
    "library_prompt",
)
"""The columns of a turn that are encrypted. Model, times and costs are not."""


def options_context(session: str) -> str:
    """Return what the options of a session, given by its id, are bound to."""
    return f"chat {session} options"


def turn_context(session: str, turn: int, column: str) -> str:
    """Return what a column of a turn is bound to."""
    return f"chat {session} turn {turn} {column}"


def chunk_context(session: str, turn: int, number: int, kind: str) -> str:
    """Return what a piece of an unsettled answer is bound to."""
    return f"chat {session} turn {turn} {kind} {number}"


def for_columns(
    change: Callable[[str, str], str], session: str, turn: int
) -> Callable[[str, str | None], str | None]:
    """Return `change(column, text)` for a turn; NULL stays NULL.

    The given `change` encrypts or decrypts a text under a context.
    """

    def changed(column: str, text: str | None) -> str | None:
        context = turn_context(session, turn, column)
        return None if text is None else change(text, context)

    return changed


def encrypt_session(
    connection: sqlite3.Connection, session: str, encryptor: Encryptor
) -> None:
    """Encrypt a session, given by its id. Does nothing if it is encrypted already."""
    if not is_encrypted(connection, session):
        _rewrite(connection, session, encryptor, encrypted=True)


def decrypt_session(
    connection: sqlite3.Connection, session: str, decrypt: Decrypt
) -> None:
    """Decrypt a session, given by its id. Does nothing if it is not encrypted."""
    if is_encrypted(connection, session):
        _rewrite(connection, session, decrypt, encrypted=False)


def is_encrypted(connection: sqlite3.Connection, session: str) -> bool:
    """Whether a session, given by its id, is encrypted now."""
    row = connection.execute("SELECT sealed FROM session WHERE id = ?", (session,))
    return bool((row.fetchone() or (0,))[0])


def _rewrite(
    connection: sqlite3.Connection,
    session: str,
    change: Callable[[str, str], str],
    *,
    encrypted: bool,
) -> None:
    (options,) = connection.execute(
        "SELECT options FROM session WHERE id = ?", (session,)
    ).fetchone()
    connection.execute(
        "UPDATE session SET sealed = ?, options = ? WHERE id = ?",
        (encrypted, change(options, options_context(session)), session),
    )
    rewrite_attachments(connection, session, change, encrypted=encrypted)
    turns = connection.execute(
        "SELECT id FROM turn WHERE session_id = ?", (session,)
    ).fetchall()
    for (turn,) in turns:
        _rewrite_turn(connection, session, turn, change)


def _rewrite_turn(
    connection: sqlite3.Connection,
    session: str,
    turn: int,
    change: Callable[[str, str], str],
) -> None:
    columns = ", ".join(ENCRYPTED_COLUMNS)
    marks = ", ".join("?" * len(ENCRYPTED_COLUMNS))
    texts: Sequence[str | None] = connection.execute(
        f"SELECT {columns} FROM turn WHERE id = ?",  # noqa: S608 - its own columns
        (turn,),
    ).fetchone()
    changed = for_columns(change, session, turn)
    connection.execute(
        f"UPDATE turn SET ({columns}) = ({marks}) WHERE id = ?",  # noqa: S608
        (*map(changed, ENCRYPTED_COLUMNS, texts), turn),
    )
    pieces = connection.execute(
        "SELECT n, kind, text FROM chunk WHERE turn_id = ?", (turn,)
    ).fetchall()
    connection.executemany(
        "UPDATE chunk SET text = ? WHERE turn_id = ? AND n = ?",
        [
            (change(text, chunk_context(session, turn, n, kind)), turn, n)
            for n, kind, text in pieces
        ],
    )
