"""Deleted sessions: kept for some days, and brought back.

A deleted session is a row without a name, so that its name is free at once. Its turns
are in no list and no search.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import dataclass, replace

from ...errors import ParllamaError, UsageError
from ...store.encryption import Decrypt, Encryption
from .about import read_about, write_about
from .names import free_name, title_hash_of
from .search import forget_session

__all__ = [
    "KEPT_DAYS",
    "DeletedSession",
    "delete",
    "deleted_sessions",
    "expire",
    "restore",
    "was_deleted",
]

KEPT_DAYS = 7
"""Days for which a deleted session can be restored."""


@dataclass(frozen=True, slots=True)
class DeletedSession:
    """A session that can be restored. `deleted` is in seconds since the epoch.

    It is restored by its `name`, and by its `handle` if it is encrypted. One that is
    `locked` could not be decrypted: its name is its handle.
    """

    name: str
    deleted: float
    handle: str = ""
    locked: bool = False


def delete(connection: sqlite3.Connection, session: str, *, now: bool) -> None:
    """Delete a session, given by its id: for good, or so that `restore` undoes it."""
    forget_session(connection, session)
    if now:
        connection.execute("DELETE FROM session WHERE id = ?", (session,))
        return
    connection.execute(
        "UPDATE session SET was = name, name = NULL, deleted = ? WHERE id = ?",
        (time.time(), session),
    )


def expire(connection: sqlite3.Connection) -> bool:
    """Remove what was deleted longer ago than it is kept; whether there was any."""
    row = connection.execute(
        "DELETE FROM session WHERE deleted < ? RETURNING 1", (_oldest(),)
    ).fetchall()
    return bool(row)


def deleted_sessions(
    connection: sqlite3.Connection, decrypt: Decrypt
) -> list[DeletedSession]:
    """Return the sessions that can be restored, the one deleted last first.

    Of those that had one name, it is the one that `restore` would bring back.
    """
    rows = connection.execute(
        """
        SELECT id, was, max(deleted) AS latest, about IS NOT NULL FROM session
        WHERE deleted >= ? GROUP BY was ORDER BY latest DESC
        """,
        (_oldest(),),
    )
    found = []
    for session, was, deleted, encrypted in rows.fetchall():
        if not encrypted:
            found.append(DeletedSession(was, deleted))
            continue
        try:
            title = read_about(connection, session, decrypt).title
        except ParllamaError:
            found.append(DeletedSession(was, deleted, handle=was, locked=True))
        else:
            found.append(DeletedSession(title, deleted, handle=was))
    return found


def was_deleted(connection: sqlite3.Connection, name: str) -> str | None:
    """Return the id of the session of a name that was deleted last, if it is kept.

    An encrypted one is found by its handle and by its title.
    """
    row = connection.execute(
        """
        SELECT id FROM session WHERE deleted >= ? AND (was = ? OR title_hash = ?)
        ORDER BY deleted DESC LIMIT 1
        """,
        (_oldest(), name, title_hash_of(connection, name)),
    ).fetchone()
    return None if row is None else str(row[0])


def restore(connection: sqlite3.Connection, name: str, encryption: Encryption) -> str:
    """Bring back the session of a name that was deleted last. Returns its name.

    It gets another name if that is taken by now. Of an encrypted one that is seen only
    while the vault is unlocked.

    Raises:
        UsageError: no session of that name was deleted lately.

    """
    session = was_deleted(connection, name)
    if session is None:
        message = f"No conversation {name!r:.80} was deleted lately."
        raise UsageError(message, hint=f"Deleted ones are kept for {KEPT_DAYS} days.")
    was, encrypted = connection.execute(
        "SELECT was, about FROM session WHERE id = ?", (session,)
    ).fetchone()
    title = was
    if encrypted is not None:
        with contextlib.suppress(ParllamaError):
            _retitle(connection, session, encryption)
    else:
        title = free_name(connection, was, "restored")
    connection.execute(
        "UPDATE session SET name = ?, was = NULL, deleted = NULL WHERE id = ?",
        (title, session),
    )
    connection.execute("UPDATE turn SET indexed = 0 WHERE session_id = ?", (session,))
    return str(title)


def _retitle(
    connection: sqlite3.Connection, session: str, encryption: Encryption
) -> None:
    """Give an encrypted session that is deleted another title, if its own is taken."""
    about = read_about(connection, session, encryption.decrypt)
    free = free_name(connection, about.title, "restored")
    if free == about.title:
        return
    encryptor = encryption.encryptor()
    try:
        write_about(connection, session, replace(about, title=free), encryptor)
    finally:
        encryptor.wipe()


def _oldest() -> float:
    return time.time() - KEPT_DAYS * 86_400
