"""Full text search in all conversations, by SQLite's FTS5.

Turns are added when somebody searches, some at a time, not when they are written,
because that takes longer than to write them. Encrypted ones never are: while the vault
is unlocked they are decrypted and searched in memory, and so are all where SQLite has
no FTS5. A text is found by the beginnings of its words, without regard to case and
accents.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from ...store.full_text import has_index

__all__ = [
    "add_new",
    "forget",
    "forget_session",
    "is_indexable",
    "matches",
    "purge",
    "searched_text",
]

_TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS turn_text USING fts5(
    text, tokenize = 'unicode61 remove_diacritics 2'
)
"""
# Values of `turn.indexed`: one that is not to be indexed is not looked at again.
_NEW, _INDEXED, _LEFT_OUT = 0, 1, 2

_SEARCHED = "name IS NOT NULL AND NOT sealed"


def searched_text(question: str, answer: str | None) -> list[str]:
    """Return the texts of a turn, given by its columns, that a search looks in."""
    # Not by way of messages, which takes three times as long.
    messages = [each for each in json.loads(question) if each["role"] != "system"]
    if answer is not None:
        messages.append(json.loads(answer))
    texts = (
        "".join(part["text"] for part in message["parts"] if part["type"] == "text")
        for message in messages
    )
    return [text for text in texts if text]


def matches(connection: sqlite3.Connection, query: str, count: int) -> list[int]:
    """Return the newest turns that a query in FTS5's syntax finds, by their ids."""
    rows = connection.execute(
        "SELECT rowid FROM turn_text WHERE turn_text MATCH ? "
        "ORDER BY rowid DESC LIMIT ?",
        (query, count),
    )
    return [row[0] for row in rows]


def add_new(connection: sqlite3.Connection, count: int) -> bool:
    """Add some turns that changed since somebody searched; whether there may be more.

    Those that need not be added count less.
    """
    rows = connection.execute(
        f"""
        SELECT turn.id, CASE WHEN {_SEARCHED} THEN question END, answer
        FROM turn INDEXED BY turn_unindexed JOIN session ON session.id = session_id
        WHERE indexed = 0 AND state = 'settled' ORDER BY turn.id DESC LIMIT ?
        """,  # noqa: S608 - a text of ours
        (count,),
    ).fetchall()
    for turn, question, answer in rows:
        if question is not None:
            connection.execute(
                "INSERT INTO turn_text (rowid, text) VALUES (?, ?)",
                (turn, "\n".join(searched_text(question, answer))),
            )
    connection.executemany(
        "UPDATE turn SET indexed = ? WHERE id = ?",
        [(_LEFT_OUT if row[1] is None else _INDEXED, row[0]) for row in rows],
    )
    return len(rows) == count


def forget(connection: sqlite3.Connection, turns: Iterable[int]) -> None:
    """Remove turns, given by their ids, from the index; they may be added again."""
    for turn in turns:
        row = connection.execute("SELECT indexed FROM turn WHERE id = ?", (turn,))
        indexed = (row.fetchone() or (_NEW,))[0]
        if indexed == _NEW:
            continue
        connection.execute("UPDATE turn SET indexed = 0 WHERE id = ?", (turn,))
        if indexed == _INDEXED and is_indexable(connection):
            connection.execute("DELETE FROM turn_text WHERE rowid = ?", (turn,))


def forget_session(connection: sqlite3.Connection, session: str) -> None:
    """Remove the turns of a session, given by its id; they may be added again."""
    rows = connection.execute(
        "SELECT id FROM turn WHERE session_id = ? AND indexed > 0", (session,)
    )
    forget(connection, [row[0] for row in rows.fetchall()])


def purge(connection: sqlite3.Connection) -> None:
    """Remove all traces of what was removed from the index.

    A deleted row of FTS5 stays in its older segments until they are merged.
    """
    row = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'turn_text'")
    if row.fetchone() is not None and is_indexable(connection):
        connection.execute("INSERT INTO turn_text (turn_text) VALUES ('optimize')")


def is_indexable(connection: sqlite3.Connection) -> bool:
    """Whether there is an index; makes it if need be."""
    return has_index(connection, _TABLE)
