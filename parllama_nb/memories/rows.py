"""The memory's rows in the database: the statements that read and change it.

A change adds a version; `memory.current` names the one that holds, 0 for no text. The
version that a change began with is its `before`, which is what an undo goes back to.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

__all__ = ["KEPT", "MemoryText", "read", "redo", "undo", "write"]

KEPT = 20
"""Versions that are kept."""


@dataclass(frozen=True, slots=True)
class MemoryText:
    """The memory as it is now.

    `revision` counts the changes, undone ones too, of all kernels. `changed` is when
    the text was written, in seconds since the epoch; None if there is none.
    """

    text: str = ""
    revision: int = 0
    changed: float | None = None
    can_undo: bool = False
    can_redo: bool = False


def read(connection: sqlite3.Connection) -> MemoryText:
    """Return the memory."""
    revision, current = _state(connection)
    row = connection.execute(
        "SELECT text, created, before FROM memory_version WHERE version = ?",
        (current,),
    ).fetchone()
    text, created, before = row or ("", None, None)
    return MemoryText(
        text=text,
        revision=revision,
        changed=created,
        can_undo=before is not None and _is_there(connection, before),
        can_redo=_next(connection, current) is not None,
    )


def write(connection: sqlite3.Connection, text: str) -> None:
    """Make a text the memory, as a new version; the oldest versions are deleted."""
    _, current = _state(connection)
    (version,) = connection.execute(
        "INSERT INTO memory_version (before, text, created) VALUES (?, ?, ?) "
        "RETURNING version",
        (current, text, time.time()),
    ).fetchone()
    _set(connection, version)
    connection.execute(
        """
        DELETE FROM memory_version WHERE version NOT IN
            (SELECT version FROM memory_version ORDER BY version DESC LIMIT ?)
        """,
        (KEPT,),
    )


def undo(connection: sqlite3.Connection) -> bool:
    """Go back to the text before the last change. Returns False if there is none."""
    _, current = _state(connection)
    row = connection.execute(
        "SELECT before FROM memory_version WHERE version = ?", (current,)
    ).fetchone()
    if row is None or not _is_there(connection, row[0]):
        return False
    _set(connection, row[0])
    return True


def redo(connection: sqlite3.Connection) -> bool:
    """Take the last undo back. Returns False if nothing was undone."""
    _, current = _state(connection)
    version = _next(connection, current)
    if version is None:
        return False
    _set(connection, version)
    return True


def _state(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the number of the last change, and the version that holds."""
    row = connection.execute("SELECT revision, current FROM memory").fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def _set(connection: sqlite3.Connection, version: int) -> None:
    connection.execute(
        """
        INSERT INTO memory (id, revision, current) VALUES (1, 1, ?1)
        ON CONFLICT (id) DO UPDATE SET revision = revision + 1, current = ?1
        """,
        (version,),
    )


def _is_there(connection: sqlite3.Connection, version: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM memory_version WHERE version = ?", (version,)
    ).fetchone()
    return version == 0 or row is not None


def _next(connection: sqlite3.Connection, version: int) -> int | None:
    """Return the last version that was written on top of another one."""
    (found,) = connection.execute(
        "SELECT max(version) FROM memory_version WHERE before = ?", (version,)
    ).fetchone()
    return None if found is None else int(found)
