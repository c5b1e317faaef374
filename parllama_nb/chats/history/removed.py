"""A turn that was deleted, kept for as long as that can be undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .attachments import KeptAttachment, bring_back, taken_along
from .branches import end_at, path_to, remove, tip_of, turns_below
from .encryption import is_encrypted

__all__ = ["RemovedTurn", "put_back", "take_out"]


@dataclass(frozen=True, slots=True)
class RemovedTurn:
    """The rows of a deleted turn as they were stored, encrypted ones encrypted.

    `before` are the turns that led to it, and `following` all that followed it and one
    another, by their ids. `tip` is the last turn that its session showed then, and
    `tip_after` the one that it showed without it.
    """

    session: str
    encrypted: bool
    row: Mapping[str, Any] = field(repr=False)
    pieces: Sequence[tuple[Any, ...]] = field(repr=False)
    attachments: Sequence[KeptAttachment] = field(repr=False)
    before: tuple[int, ...]
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
    following = turns_below(connection, session, turn)
    before = path_to(connection, turn) - {turn}
    tip = tip_of(connection, session)
    remove(connection, session, turn)
    return RemovedTurn(
        session=session,
        encrypted=is_encrypted(connection, session),
        row=dict(zip(names, row, strict=True)),
        pieces=pieces,
        attachments=attachments,
        before=tuple(before),
        following=tuple(following),
        tip=tip,
        tip_after=tip_of(connection, session),
    )


def put_back(connection: sqlite3.Connection, removed: RemovedTurn) -> bool:
    """Undo the deletion of a turn. Returns whether that was possible.

    It is not if it was put back already, or if the session was encrypted or decrypted
    meanwhile: the texts are stored as they were. Other turns may have been deleted and
    put back since, in any order.
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
    parents = dict(
        connection.execute(
            "SELECT id, parent FROM turn WHERE session_id = ?", (session,)
        ).fetchall()
    )
    parent, moved = _place(removed, parents)
    # What followed it may have been counted meanwhile, and search has forgotten it.
    row |= {"indexed": 0, "place": None, "parent": parent}
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
        "UPDATE turn SET parent = ? WHERE id = ?", [(row["id"], each) for each in moved]
    )
    connection.execute(
        "UPDATE turn SET parent = ?1 WHERE session_id = ?2 AND asked_after = ?1",
        (row["id"], session),
    )
    tip = removed.tip
    if tip is None or tip not in parents:
        tip = int(row["id"])
    shown = tip_of(connection, session)
    if shown in {None, removed.tip_after, *path_to(connection, tip)}:
        end_at(connection, session, tip)
    return True


def _place(
    removed: RemovedTurn, parents: Mapping[int, int | None]
) -> tuple[int | None, set[int]]:
    """Return the turn that one put back follows, and the turns that follow it.

    Others may have come back meanwhile. A turn has a greater id than those that lead to
    it, so it belongs between the ids on the way to each one that followed it.
    """
    own = int(removed.row["id"])
    before = {removed.row["asked_after"], *removed.before} & parents.keys()
    moved = set()
    for each in removed.following:
        turn: int | None = each if each in parents else None
        while turn is not None and turn > own:
            child, turn = turn, parents.get(turn)
            if turn is None or turn < own:
                moved.add(child)
        if turn is not None:
            before.add(turn)
    return max(before, default=None), moved
