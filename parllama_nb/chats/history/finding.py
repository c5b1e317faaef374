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
from .reading import unsettled
from .search import is_indexable, matches, searched_text

__all__ = [
    "Candidate",
    "Found",
    "Hit",
    "in_index",
    "in_memory",
    "in_titles",
    "in_unsettled",
    "unindexed_sessions",
]

# Turns that are judged: the newest that have the words.
_JUDGED = 100
_NOT_ASCII = "*[^ -~]*"


@dataclass(frozen=True, slots=True)
class Hit:
    """A session that was found, and the turn that has the words; None for its title.

    `snippet` alternates between text and what was looked for, beginning with text.
    """

    session: str
    turn: int | None
    snippet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the best first.

    `complete` is false if some conversations could not be searched in time.
    """

    hits: tuple[Hit, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may become a hit, the texts that it may be shown by, and how good it is."""

    session: str
    turn: int | None
    texts: tuple[str, ...]
    worth: float

    def hit(self, wanted: Wanted) -> Hit:
        """Return it as a hit, with a snippet of its best text."""
        if self.turn is None:
            return Hit(self.session, None)
        best = max((*self.texts, "\n".join(self.texts)), key=wanted.worth)
        return Hit(self.session, self.turn, tuple(wanted.snippet(best)))


def in_titles(
    connection: sqlite3.Connection, wanted: Wanted, decrypt: Decrypt
) -> list[Candidate]:
    """Return the sessions whose title, folder or tags have all the words."""
    # SQLite compares what it can, which is a hundred times faster.
    has = " AND ".join("instr(lower(name || folder || tags), ?)" for _ in wanted.words)
    rows = connection.execute(
        f"""
        SELECT {COLUMNS} FROM session WHERE name IS NOT NULL AND (
            about IS NOT NULL OR name || folder || tags GLOB ? OR {has or "FALSE"}
        ) ORDER BY used DESC
        """,  # noqa: S608 - marks only
        (_NOT_ASCII, *wanted.words),
    ).fetchall()
    found = []
    for row in rows:
        try:
            about = about_of(row, decrypt)
        except ParllamaError:
            continue
        if wanted.part_of(" ".join((about.title, about.folder, *about.tags))):
            # A title that has it is worth more than any text.
            worth = 101.0 if wanted.part_of(about.title) else 100.0
            found.append(Candidate(about.title, None, (), worth))
    return found


def in_index(connection: sqlite3.Connection, wanted: Wanted) -> list[Candidate]:
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
        _candidate(wanted, name, turn, searched_text(question, answer))
        for name, turn, question, answer in rows
    ]


def in_unsettled(
    connection: sqlite3.Connection, wanted: Wanted, decrypt: Decrypt
) -> list[Candidate]:
    """Return the turns with all the words whose answers never settled.

    Full text search does not know them, because their texts may still grow.
    """
    if not wanted.pieces or not is_indexable(connection):
        return []
    rows = connection.execute(
        """
        SELECT name, turn.id, question FROM turn INDEXED BY turn_unsettled
        JOIN session ON session.id = session_id
        WHERE state = 'streaming' AND name IS NOT NULL AND NOT sealed
        """
    ).fetchall()
    found = []
    for name, turn, question in rows:
        answer = unsettled(connection, turn, None, decrypt).text
        texts = [*searched_text(question, None), answer]
        if wanted.matches("\n".join(texts)):
            found.append(_candidate(wanted, name, turn, texts))
    return found


def unindexed_sessions(connection: sqlite3.Connection) -> list[str]:
    """Return the sessions that have to be searched in memory, by their ids."""
    which = "sealed" if is_indexable(connection) else "TRUE"
    rows = connection.execute(
        f"SELECT id FROM session WHERE name IS NOT NULL AND {which} ORDER BY used DESC"  # noqa: S608
    )
    return [row[0] for row in rows.fetchall()]


def in_memory(
    connection: sqlite3.Connection, session: str, wanted: Wanted, decrypt: Decrypt
) -> list[Candidate]:
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
        "SELECT id, question, answer FROM turn WHERE session_id = ? ORDER BY id DESC",
        (session,),
    ).fetchall()
    found = []
    for turn, question, answer in turns:
        column = for_columns(decrypt, session, turn, sealed)
        texts = searched_text(column("question", question), column("answer", answer))
        if answer is None:
            key = session if sealed else None
            texts.append(unsettled(connection, turn, key, decrypt).text)
        if wanted.matches("\n".join(texts)):
            found.append(_candidate(wanted, title, turn, texts))
    return found


def _candidate(
    wanted: Wanted, session: str, turn: int, texts: Sequence[str]
) -> Candidate:
    return Candidate(session, turn, tuple(texts), wanted.worth("\n".join(texts)))
