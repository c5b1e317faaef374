"""Sessions that are encrypted: of these, each text that says something is sealed.

A sealed text is bound to its session, its turn and its column, so that none can be put
in another's place. What seals and opens it is the vault's, handed in as `Sealing`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...errors import UsageError

__all__ = [
    "SEALED_COLUMNS",
    "Opener",
    "Sealer",
    "Sealing",
    "chunk_context",
    "decrypt_session",
    "encrypt_session",
    "in_turn",
    "is_sealed",
    "options_context",
    "turn_context",
]

SEALED_COLUMNS = ("options", "question", "answer", "error", "error_hint", "notes")
"""The columns of a turn that are sealed. Model, times and costs are not."""

Opener = Callable[[str, str], str]
"""Gives the text that was sealed under a context: `(sealed, context)`."""


class Sealer(Protocol):
    """Seals texts; what it needs it has, so that it outlasts a lock of the vault."""

    def __call__(self, text: str, context: str) -> str:
        """A text sealed under a context."""

    def wipe(self) -> None:
        """Forget the key."""


def _no_sealer() -> Sealer:
    message = "There is nothing here to encrypt conversations with."
    raise UsageError(message)


def _no_opener(sealed: str, context: str) -> str:
    del sealed, context
    message = "This conversation is encrypted."
    raise UsageError(message)


@dataclass(frozen=True, slots=True)
class Sealing:
    """How sessions are sealed and opened; either raises what a locked vault raises."""

    sealer: Callable[[], Sealer] = _no_sealer
    open: Opener = _no_opener


def options_context(session: str) -> str:
    """What the options of a session, by its id, are bound to."""
    return f"chat {session} options"


def turn_context(session: str, turn: int, column: str) -> str:
    """What a text of a turn is bound to."""
    return f"chat {session} turn {turn} {column}"


def chunk_context(session: str, turn: int, number: int, kind: str) -> str:
    """What a piece of an answer that has not settled is bound to."""
    return f"chat {session} turn {turn} {kind} {number}"


def in_turn(
    change: Callable[[str, str], str], session: str, turn: int
) -> Callable[[str, str | None], str | None]:
    """`change`, which seals or opens, for a column of a turn; NULL stays NULL."""

    def changed(column: str, text: str | None) -> str | None:
        context = turn_context(session, turn, column)
        return None if text is None else change(text, context)

    return changed


def encrypt_session(connection: sqlite3.Connection, session: str, seal: Sealer) -> None:
    """Seal all of a session, by its id. Harmless where it is sealed already."""
    if not is_sealed(connection, session):
        _rewrite(connection, session, seal, sealed=True)


def decrypt_session(
    connection: sqlite3.Connection, session: str, opens: Opener
) -> None:
    """Keep a session in the clear again. Harmless where it is."""
    if is_sealed(connection, session):
        _rewrite(connection, session, opens, sealed=False)


def is_sealed(connection: sqlite3.Connection, session: str) -> bool:
    """Whether a session, by its id, is sealed now."""
    row = connection.execute("SELECT sealed FROM session WHERE id = ?", (session,))
    return bool((row.fetchone() or (0,))[0])


def _rewrite(
    connection: sqlite3.Connection,
    session: str,
    change: Callable[[str, str], str],
    *,
    sealed: bool,
) -> None:
    (options,) = connection.execute(
        "SELECT options FROM session WHERE id = ?", (session,)
    ).fetchone()
    connection.execute(
        "UPDATE session SET sealed = ?, options = ? WHERE id = ?",
        (sealed, change(options, options_context(session)), session),
    )
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
    columns, marks = ", ".join(SEALED_COLUMNS), ", ".join("?" * len(SEALED_COLUMNS))
    texts: Sequence[str | None] = connection.execute(
        f"SELECT {columns} FROM turn WHERE id = ?",  # noqa: S608 - its own columns
        (turn,),
    ).fetchone()
    changed = in_turn(change, session, turn)
    connection.execute(
        f"UPDATE turn SET ({columns}) = ({marks}) WHERE id = ?",  # noqa: S608
        (*map(changed, SEALED_COLUMNS, texts), turn),
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
