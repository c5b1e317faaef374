"""Deleted prompts: kept for some days, brought back, and remembered by imports.

A deleted prompt is a row without a key. One that was imported leaves its place in the
source behind, so that the next import does not bring back what a user threw away.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

from ...errors import UsageError
from . import search
from .merging import free_name
from .prompt import key_of, same_name

__all__ = ["KEPT_DAYS", "delete", "is_restorable", "keys", "purge", "restore"]

KEPT_DAYS = 7
"""Days for which a deleted prompt can be restored."""


def delete(connection: sqlite3.Connection, prompts: Iterable[int]) -> None:
    """Delete prompts, given by their ids, in a way that `restore` undoes."""
    for each in prompts:
        search.forget(connection, each)
        connection.execute(
            "UPDATE prompt SET key = NULL, deleted = ? WHERE id = ?",
            (time.time(), each),
        )


def purge(connection: sqlite3.Connection) -> None:
    """Remove what was deleted longer ago than it is kept."""
    old = _oldest()
    connection.execute(
        "DELETE FROM prompt WHERE deleted < ? AND source_key IS NULL", (old,)
    )
    emptied = connection.execute(
        """
        UPDATE prompt SET name = '', description = '', tags = '[]', words = ''
        WHERE deleted < ? AND name <> '' RETURNING id
        """,
        (old,),
    ).fetchall()
    connection.executemany("DELETE FROM prompt_version WHERE prompt_id = ?", emptied)


def restore(connection: sqlite3.Connection, name: str) -> str:
    """Bring back the prompt of a name that was deleted last. Returns its name.

    It gets another name if that is taken by now.

    Raises:
        UsageError: no prompt of that name was deleted lately.

    """
    number, old = _found(connection, name) or (0, "")
    if not number:
        message = f"No prompt {name!r:.80} was deleted lately."
        raise UsageError(message, hint=f"Deleted ones are kept for {KEPT_DAYS} days.")
    taken = keys(connection)
    new = free_name(old, taken, "restored") if same_name(old) in taken else old
    connection.execute(
        "UPDATE prompt SET key = ?, name = ?, deleted = NULL WHERE id = ?",
        (same_name(new), new, number),
    )
    # What was imported again meanwhile has the place in the source.
    connection.execute(
        """
        UPDATE prompt SET source_key = NULL WHERE id = ? AND EXISTS (
            SELECT 1 FROM prompt AS other WHERE other.key IS NOT NULL
            AND other.id <> prompt.id AND other.source = prompt.source
            AND other.source_key = prompt.source_key
        )
        """,
        (number,),
    )
    return new


def is_restorable(connection: sqlite3.Connection, name: str) -> bool:
    """Whether `restore` would bring back a prompt of this name."""
    return _found(connection, name) is not None


def keys(connection: sqlite3.Connection) -> dict[str, None]:
    """Return what the names of all prompts are compared by."""
    selected = connection.execute("SELECT key FROM prompt WHERE key IS NOT NULL")
    return dict.fromkeys(row[0] for row in selected)


def _found(connection: sqlite3.Connection, name: str) -> tuple[int, str] | None:
    wanted = key_of(name)
    deleted = connection.execute(
        """
        SELECT id, name FROM prompt WHERE key IS NULL AND deleted >= ?
        ORDER BY deleted DESC
        """,
        (_oldest(),),
    )
    return next((row for row in deleted if same_name(row[1]) == wanted), None)


def _oldest() -> float:
    return time.time() - KEPT_DAYS * 86_400
