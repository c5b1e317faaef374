"""Branches of a session: which turns it shows, and what follows what.

A turn follows its parent. Turns with the same parent are alternatives: the same
question asked again, or another one in its place. A session shows the turns that lead
to its tip, so that what an edit or a retry leaves behind is kept, and is shown again by
`show`. A turn always has a greater id than its parent.

The queries end even if a damaged file has turns that lead to one another: UNION drops
the rows that are there already.
"""

from __future__ import annotations

import sqlite3

from .attachments import drop_unused
from .search import forget

__all__ = [
    "PATH",
    "end_at",
    "is_shown",
    "parent_of",
    "path_to",
    "place_of",
    "remove",
    "show",
    "tip_of",
    "turns_below",
]

PATH = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT turn.id, turn.parent FROM turn
            JOIN session ON session.tip = turn.id WHERE session.id = ?
        UNION
        SELECT turn.id, turn.parent FROM turn JOIN path ON turn.id = path.parent
    )
    SELECT id FROM path
"""
"""A query of the turns that a session, given by its id, shows."""

_BELOW = """
    WITH RECURSIVE below (id) AS (
        VALUES (?1)
        UNION
        SELECT turn.id FROM turn JOIN below ON turn.parent = below.id
            WHERE turn.session_id = ?2
    )
    SELECT id FROM below
"""


def tip_of(connection: sqlite3.Connection, session: str) -> int | None:
    """Return the last turn that a session, given by its id, shows."""
    row = connection.execute(
        "SELECT tip FROM session WHERE id = ?", (session,)
    ).fetchone()
    return None if row is None else row[0]


def is_shown(connection: sqlite3.Connection, session: str, turn: int) -> bool:
    """Whether a session, given by its id, shows a turn."""
    row = connection.execute(f"SELECT ? IN ({PATH})", (turn, session)).fetchone()
    return bool(row[0])


def parent_of(
    connection: sqlite3.Connection, session: str, alternative_to: int | None
) -> int | None:
    """Return the turn that a new one follows: the tip, or that of an alternative."""
    row = connection.execute(
        "SELECT parent FROM turn WHERE id = ? AND session_id = ?",
        (alternative_to, session),
    ).fetchone()
    return tip_of(connection, session) if row is None else row[0]


def end_at(connection: sqlite3.Connection, session: str, turn: int | None) -> None:
    """Show the turns that lead to this one."""
    connection.execute("UPDATE session SET tip = ? WHERE id = ?", (turn, session))


def show(connection: sqlite3.Connection, session: str, turn: int) -> bool:
    """Show a turn, and of those that follow it the newest. Returns if it is there."""
    row = connection.execute(
        "SELECT 1 FROM turn WHERE id = ? AND session_id = ?", (turn, session)
    )
    if row.fetchone() is None:
        return False
    end_at(connection, session, max((turn, *turns_below(connection, session, turn))))
    return True


def remove(connection: sqlite3.Connection, session: str, turn: int) -> None:
    """Delete a turn. What followed it follows its parent; see `show` for the rest."""
    forget(connection, [turn])
    row = connection.execute(
        "DELETE FROM turn WHERE id = ? AND session_id = ? RETURNING parent",
        (turn, session),
    ).fetchone()
    if row is None:
        return
    drop_unused(connection, session)
    (parent,) = row
    connection.execute(
        "UPDATE turn SET parent = ? WHERE session_id = ? AND parent = ?",
        (parent, session, turn),
    )
    connection.execute("UPDATE turn SET place = NULL WHERE session_id = ?", (session,))
    if tip_of(connection, session) != turn:
        return
    (other,) = connection.execute(
        "SELECT max(id) FROM turn WHERE session_id = ? AND parent IS ?",
        (session, parent),
    ).fetchone()
    if other is None:
        end_at(connection, session, parent)
    else:
        show(connection, session, other)


def turns_below(connection: sqlite3.Connection, session: str, turn: int) -> list[int]:
    """Return the turns that follow one, those that follow these, and so on."""
    rows = connection.execute(_BELOW, (turn, session))
    return [each for (each,) in rows if each != turn]


def path_to(connection: sqlite3.Connection, turn: int) -> set[int]:
    """Return the turns that lead to one, itself among them."""
    rows = connection.execute(
        """
        WITH RECURSIVE path (id, parent) AS (
            SELECT id, parent FROM turn WHERE id = ?
            UNION
            SELECT turn.id, turn.parent FROM turn JOIN path ON turn.id = path.parent
        )
        SELECT id FROM path
        """,
        (turn,),
    )
    return {row[0] for row in rows}


def place_of(connection: sqlite3.Connection, turn: int) -> int:
    """Return the number of a turn among those that lead to it, counted from 1.

    It is kept, so that the next turn need not count again. It is 0 if another kernel
    has deleted the turn.
    """
    counted = connection.execute(
        """
        WITH RECURSIVE path (id, parent, place, after) AS (
            SELECT id, parent, place, 0 FROM turn WHERE id = ?
            UNION
            SELECT turn.id, turn.parent, turn.place, after + 1
            FROM turn JOIN path ON turn.id = path.parent WHERE path.place IS NULL
                AND turn.id < path.id
        )
        SELECT after, place FROM path ORDER BY after DESC LIMIT 1
        """,
        (turn,),
    ).fetchone()
    if counted is None:
        return 0
    after, kept = counted
    place = int(after) + (kept or 1)
    connection.execute("UPDATE turn SET place = ? WHERE id = ?", (place, turn))
    return place
