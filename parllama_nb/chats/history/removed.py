"""A turn that was deleted, kept for as long as that can be undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .attachments import KeptAttachment, bring_back, taken_along
from .branches import end_at, remove, tip_of
from .encryption import is_encrypted

__all__ = ["RemovedTurn", "put_back", "take_out"]


@dataclass(frozen=True, slots=True)
class RemovedTurn:
    """The rows of a deleted turn as they were stored, encrypted ones encrypted.

    `following` are the turns that followed it, by their ids. `tip` is the last turn
    that its session showed then, and `tip_after` the one that it showed without it.
    """

    session: str
    encrypted: bool
    row: Mapping[str, Any] = field(repr=False)
    pieces: Sequence[tuple[Any, ...]] = field(repr=False)
    attachments: Sequence[KeptAttachment] = field(repr=False)
    following: tuple[int, ...]
    tip: int | None
    tip_after: int | None


def take_out(
    connection: sqlite3.Connection, session: str, turn: int
) -> RemovedTurn | None:
    """Delete a turn, and return what puts it back; None if it is not there."""
    found = connection.execute(
        "SELECT * FROM turn WHERE id = ? AND session_id = ?", (turn, session)
    )
    names = [each[0] for each in found.description]
    row = found.fetchone()
    if row is None:
        return None
    pieces = connection.execute(
        "SELECT n, kind, text FROM chunk WHERE turn_id = ?", (turn,)
    ).fetchall()
    attachments = taken_along(connection, turn)
    following = connection.execute(
        "SELECT id FROM turn WHERE session_id = ? AND parent = ?", (session, turn)
    ).fetchall()
    tip = tip_of(connection, session)
    remove(connection, session, turn)
    return RemovedTurn(
        session=session,
        encrypted=is_encrypted(connection, session),
        row=dict(zip(names, row, strict=True)),
        pieces=pieces,
        attachments=attachments,
        following=tuple(each for (each,) in following),
        tip=tip,
        tip_after=tip_of(connection, session),
    )


def put_back(connection: sqlite3.Connection, removed: RemovedTurn) -> bool:
    """Undo the deletion of a turn. Returns whether that was possible.

    It is not if a newer turn has its id, or if the session was encrypted or decrypted
    meanwhile: the texts are stored as they were.
    """
    row, session = dict(removed.row), removed.session
    taken = connection.execute("SELECT 1 FROM turn WHERE id = ?", (row["id"],))
    there = connection.execute("SELECT 1 FROM session WHERE id = ?", (session,))
    if taken.fetchone() is not None or there.fetchone() is None:
        return False
    if is_encrypted(connection, session) != removed.encrypted:
        return False
    cells = connection.execute(
        "SELECT 1 FROM turn WHERE session_id = ? AND cell_id = ?",
        (session, row["cell_id"]),
    )
    if cells.fetchone() is not None:
        # The cell was run again.
        row["cell_id"] = None
    # What followed it may have been counted meanwhile, and search has forgotten it.
    row |= {"indexed": 0, "place": None}
    connection.execute("UPDATE turn SET place = NULL WHERE session_id = ?", (session,))
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO turn ({columns}) VALUES ({marks})",  # noqa: S608 - its own names
        (*row.values(),),
    )
    connection.executemany(
        "INSERT INTO chunk (turn_id, n, kind, text) VALUES (?, ?, ?, ?)",
        [(row["id"], *piece) for piece in removed.pieces],
    )
    bring_back(connection, session, row["id"], removed.attachments)
    connection.executemany(
        "UPDATE turn SET parent = ? WHERE session_id = ? AND id = ?",
        [(row["id"], session, each) for each in removed.following],
    )
    if tip_of(connection, session) == removed.tip_after:
        end_at(connection, session, removed.tip)
    return True
