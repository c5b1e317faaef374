"""Encrypted sessions: whatever says something of a session or a turn is encrypted.

An encrypted text is bound to its session, its turn and its column, so that nobody can
put one in another's place. Times, models, how answers ended, and how many turns there
are stay readable.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ...store.encryption import Decrypt, Encryption, Encryptor
from .about import About, read_about, write_about
from .attachments import rewrite_attachments
from .names import free_name
from .search import forget_session
from .spent import Spent, read_spent, write_spent

__all__ = [
    "ENCRYPTED_COLUMNS",
    "change_about",
    "chunk_context",
    "complete_encryption",
    "cost_text",
    "decrypt_session",
    "encrypt_session",
    "encrypted_columns",
    "for_columns",
    "is_encrypted",
    "options_context",
    "turn_context",
]

_TEXTS = (
    "options",
    "question",
    "answer",
    "error",
    "error_hint",
    "notes",
    "library_prompt",
)
_USED = ("usage", "timing", "cost")
ENCRYPTED_COLUMNS = (*_TEXTS, *_USED)
"""The columns of a turn that are encrypted."""

# Values of `sealed`. An earlier version left titles and usage readable; such a session
# is encrypted completely with the next turn or unlocking.
_TEXTS_ONLY, _COMPLETE = 1, 2

_PLAIN = "SELECT cost, input_tokens, output_tokens FROM session WHERE id = ?"


def encrypted_columns(sealed: int) -> tuple[str, ...]:
    """Return which columns of the turns are encrypted, by a session's `sealed`."""
    return {_TEXTS_ONLY: _TEXTS, _COMPLETE: ENCRYPTED_COLUMNS}.get(sealed, ())


def cost_text(cost: float | None) -> str | None:
    """Return a cost as the text that is encrypted."""
    return None if cost is None else json.dumps(cost)


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
    change: Callable[[str, str], str],
    session: str,
    turn: int,
    sealed: int = _COMPLETE,
) -> Callable[[str, Any], Any]:
    """Return `change(column, text)` for a turn; NULL stays NULL.

    The given `change` encrypts or decrypts a text under a context. By the session's
    `sealed`, columns that are not encrypted stay as they are.
    """
    columns = encrypted_columns(sealed)

    def changed(column: str, text: Any) -> Any:  # noqa: ANN401 - of any column
        if text is None or column not in columns:
            return text
        return change(text, turn_context(session, turn, column))

    return changed


def encrypt_session(
    connection: sqlite3.Connection, session: str, encryptor: Encryptor
) -> None:
    """Encrypt a session, given by its id. Does nothing if it is encrypted already."""
    if not is_encrypted(connection, session):
        forget_session(connection, session)
        _rewrite_options(connection, session, encryptor)
        rewrite_attachments(connection, session, encryptor, encrypted=True)
        _rewrite_turns(connection, session, _TEXTS, encryptor)
        _rewrite_pieces(connection, session, encryptor)
        connection.execute(
            "UPDATE session SET sealed = ? WHERE id = ?", (_TEXTS_ONLY, session)
        )
    complete_encryption(connection, session, encryptor)


def complete_encryption(
    connection: sqlite3.Connection, session: str, encryptor: Encryptor
) -> None:
    """Encrypt what an earlier version left readable of an encrypted session."""
    if _sealed(connection, session) != _TEXTS_ONLY:
        return
    _rewrite_turns(connection, session, _USED, encryptor)
    spent = Spent(*connection.execute(_PLAIN, (session,)).fetchone())
    write_spent(connection, session, spent, encryptor)
    about = read_about(connection, session, _not_needed)
    if about.title:
        write_about(connection, session, about, encryptor)
    connection.execute(
        "UPDATE session SET sealed = ? WHERE id = ?", (_COMPLETE, session)
    )


def decrypt_session(
    connection: sqlite3.Connection, session: str, decrypt: Decrypt
) -> None:
    """Decrypt a session, given by its id. Does nothing if it is not encrypted.

    It gets another name if its own is taken by now.
    """
    sealed = _sealed(connection, session)
    if not sealed:
        return
    _rewrite_options(connection, session, decrypt)
    rewrite_attachments(connection, session, decrypt, encrypted=False)
    _rewrite_turns(connection, session, encrypted_columns(sealed), decrypt)
    _rewrite_pieces(connection, session, decrypt)
    if sealed == _COMPLETE:
        spent = read_spent(connection, session, decrypt)
        write_spent(connection, session, spent, None)
        about = read_about(connection, session, decrypt)
        connection.execute(
            "UPDATE session SET name = NULL, title_hash = NULL WHERE id = ?", (session,)
        )
        about = replace(about, title=free_name(connection, about.title))
        write_about(connection, session, about, None)
    connection.execute("UPDATE session SET sealed = 0 WHERE id = ?", (session,))
    forget_session(connection, session)


def is_encrypted(connection: sqlite3.Connection, session: str) -> bool:
    """Whether a session, given by its id, is encrypted now."""
    return bool(_sealed(connection, session))


def change_about(
    connection: sqlite3.Connection,
    session: str,
    encryption: Encryption,
    change: Callable[[About], About],
) -> About:
    """Change the title, the folder or the tags of a session, given by its id.

    Raises:
        ParllamaError: it is encrypted, and the vault is locked.

    """
    encryptor = None
    if is_encrypted(connection, session):
        encryptor = encryption.encryptor()
    try:
        if encryptor is not None:
            complete_encryption(connection, session, encryptor)
        about = change(read_about(connection, session, encryption.decrypt))
        write_about(connection, session, about, encryptor)
    finally:
        if encryptor is not None:
            encryptor.wipe()
    return about


def _sealed(connection: sqlite3.Connection, session: str) -> int:
    row = connection.execute("SELECT sealed FROM session WHERE id = ?", (session,))
    return int((row.fetchone() or (0,))[0])


def _not_needed(encrypted: str, context: str) -> str:
    del context
    return encrypted


def _rewrite_options(
    connection: sqlite3.Connection, session: str, change: Callable[[str, str], str]
) -> None:
    (options,) = connection.execute(
        "SELECT options FROM session WHERE id = ?", (session,)
    ).fetchone()
    connection.execute(
        "UPDATE session SET options = ? WHERE id = ?",
        (change(options, options_context(session)), session),
    )


def _rewrite_turns(
    connection: sqlite3.Connection,
    session: str,
    columns: Sequence[str],
    change: Callable[[str, str], str],
) -> None:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    turns = connection.execute(
        f"SELECT id, {names} FROM turn WHERE session_id = ?",  # noqa: S608 - ours
        (session,),
    ).fetchall()
    for turn, *values in turns:
        changed = for_columns(change, session, turn)
        connection.execute(
            f"UPDATE turn SET ({names}) = ({marks}) WHERE id = ?",  # noqa: S608
            (*map(changed, columns, map(_text, values)), turn),
        )


def _text(value: Any) -> str | None:  # noqa: ANN401 - of any column
    return cost_text(value) if isinstance(value, float) else value


def _rewrite_pieces(
    connection: sqlite3.Connection, session: str, change: Callable[[str, str], str]
) -> None:
    pieces = connection.execute(
        """
        SELECT turn_id, n, kind, text FROM chunk JOIN turn ON turn.id = turn_id
        WHERE session_id = ?
        """,
        (session,),
    ).fetchall()
    connection.executemany(
        "UPDATE chunk SET text = ? WHERE turn_id = ? AND n = ?",
        [
            (change(text, chunk_context(session, turn, n, kind)), turn, n)
            for turn, n, kind, text in pieces
        ],
    )
