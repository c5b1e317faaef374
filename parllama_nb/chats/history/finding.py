"""Finds conversations by what is in them: titles, folders, tags, questions, answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import ParllamaError
from ...store.encryption import Decrypt
from .about import COLUMNS, about_of
from .encryption import for_columns
from .matching import Wanted
from .search import is_indexable, matches, searched_text

__all__ = ["Found", "Hit", "in_index", "in_memory", "in_titles", "unindexed_sessions"]

# Turns that are judged: the newest that have the words.
_JUDGED = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A session that was found, and the turn that has the words; None for its title.

    `snippet` alternates between text and what was looked for, beginning with text.
    """

    session: str
    turn: int | None
    snippet: tuple[str, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the best first.

    `complete` is false if some conversations could not be searched in time.
    """

    hits: tuple[Hit, ...]
    complete: bool = True


def in_titles(
    connection: sqlite3.Connection, wanted: Wanted, decrypt: Decrypt
) -> list[Hit]:
    """Return the sessions whose title, folder or tags have all the words."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM session WHERE name IS NOT NULL ORDER BY used DESC"  # noqa: S608
    ).fetchall()
    hits = []
    for row in rows:
        try:
            about = about_of(row, decrypt)
        except ParllamaError:
            continue
        if wanted.part_of(" ".join((about.title, about.folder, *about.tags))):
            # A title that has it is worth more than any text.
            worth = 101.0 if wanted.part_of(about.title) else 100.0
            hits.append(Hit(about.title, None, (), worth))
    return hits


def in_index(connection: sqlite3.Connection, wanted: Wanted) -> list[Hit]:
    """Return the turns that full text search finds."""
    if not wanted.pieces or not is_indexable(connection):
        return []
    turns = matches(connection, wanted.for_index, _JUDGED)
    marks = ", ".join("?" * len(turns))
    rows = connection.execute(
        f"""
        SELECT name, turn.id, question, answer
        FROM turn JOIN session ON session.id = session_id
        WHERE turn.id IN ({marks}) AND name IS NOT NULL AND NOT sealed
        """,  # noqa: S608 - marks only
        turns,
    ).fetchall()
    return [
        _hit(wanted, name, turn, searched_text(question, answer))
        for name, turn, question, answer in rows
    ]


def unindexed_sessions(connection: sqlite3.Connection) -> list[str]:
    """Return the sessions that have to be searched in memory, by their ids."""
    which = "sealed" if is_indexable(connection) else "TRUE"
    rows = connection.execute(
        f"SELECT id FROM session WHERE name IS NOT NULL AND {which} ORDER BY used DESC"  # noqa: S608
    )
    return [row[0] for row in rows.fetchall()]


def in_memory(
    connection: sqlite3.Connection, session: str, wanted: Wanted, decrypt: Decrypt
) -> list[Hit]:
    """Return the turns of a session, given by its id, that have all the words.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    row = connection.execute(
        f"SELECT {COLUMNS}, sealed FROM session WHERE id = ?",  # noqa: S608
        (session,),
    ).fetchone()
    if row is None or not wanted.pieces:
        return []
    *columns, sealed = row
    title = about_of(columns, decrypt).title
    turns = connection.execute(
        "SELECT id, question, answer FROM turn "
        "WHERE session_id = ? AND state = 'settled' ORDER BY id DESC",
        (session,),
    ).fetchall()
    hits = []
    for turn, question, answer in turns:
        column = for_columns(decrypt, session, turn, sealed)
        texts = searched_text(column("question", question), column("answer", answer))
        if any(map(wanted.worth, texts)) or wanted.worth("\n".join(texts)):
            hits.append(_hit(wanted, title, turn, texts))
    return hits


def _hit(wanted: Wanted, session: str, turn: int, texts: Sequence[str]) -> Hit:
    """Return a hit, shown by the text of the turn that is best."""
    whole = "\n".join(texts)
    best = max((*texts, whole), key=wanted.worth)
    return Hit(session, turn, tuple(wanted.snippet(best)), wanted.worth(whole))
