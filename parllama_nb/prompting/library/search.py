"""Full text search in the prompts of the database, by SQLite's FTS5.

Texts are added when somebody searches, not when prompts are written, because that
takes longer than to write them. Encrypted ones never are. Names, tags and descriptions
are found by any part, texts by the beginnings of their words. An SQLite without FTS5
looks for all by any part.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from ...store.full_text import has_index
from .prompt import same_name

__all__ = ["LIVE", "find", "forget", "purge"]

_TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS prompt_text USING fts5(
    text, tokenize = 'unicode61 remove_diacritics 2', detail = none, columnsize = 0
)
"""
LIVE = "key IS NOT NULL"
"""The condition of all prompts that are not deleted. The index has no others."""

# A single letter begins words in nearly all texts.
_SHORTEST = 2
# FTS5 splits words at underscores, and knows no phrases without places.
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 20


def find(
    connection: sqlite3.Connection,
    query: str,
    where: str,
    values: Sequence[Any],
    end: int | None = None,
) -> tuple[list[int], int]:
    """Return the ids of the prompts that a query finds, the best first; and how many.

    First those whose name begins with it, then those whose name, tags or description
    have it, then those whose text has all of its words.

    Args:
        connection: the database's.
        query: what the user typed; not blank.
        where: an SQL condition on `prompt` that they also have to fulfil.
        values: of its parameters.
        end: how many ids are wanted; None for all.

    """
    part = same_name(query.strip())
    # Put in order by hand: SQLite would compare the texts again for each of them.
    begins: list[int] = []
    within: list[int] = []
    beside: list[int] = []
    for prompt, at in connection.execute(
        f"""
        SELECT id, instr(key, ?) FROM prompt
        WHERE {where} AND (instr(key, ?) OR instr(words, ?))
        ORDER BY favourite DESC, key
        """,  # noqa: S608 - a text of this package
        (part, *values, part, part),
    ):
        (begins if at == 1 else within if at else beside).append(prompt)
    ids = [*begins, *within, *beside]
    words = _WORD.findall(query)[:_MOST_WORDS]
    if max(map(len, words), default=0) < _SHORTEST:
        return ids, len(ids)
    texts = _in_texts(connection, words).difference(ids)
    if not texts:
        return ids, len(ids)
    if where != LIVE:
        allowed = f"SELECT id FROM prompt WHERE {where}"  # noqa: S608
        texts &= {row[0] for row in connection.execute(allowed, tuple(values))}
    total = len(ids) + len(texts)
    for (prompt,) in connection.execute(
        f"SELECT id FROM prompt WHERE {where} "  # noqa: S608
        "ORDER BY favourite DESC, key",
        tuple(values),
    ):
        if len(ids) >= (total if end is None else min(end, total)):
            break
        if prompt in texts:
            ids.append(prompt)
    return ids, total


def forget(connection: sqlite3.Connection, prompt: int) -> None:
    """Remove a prompt, given by its id, from the index."""
    row = connection.execute("SELECT indexed FROM prompt WHERE id = ?", (prompt,))
    if (row.fetchone() or (0,))[0] and _indexable(connection):
        connection.execute("DELETE FROM prompt_text WHERE rowid = ?", (prompt,))
    connection.execute("UPDATE prompt SET indexed = 0 WHERE id = ?", (prompt,))


def purge(connection: sqlite3.Connection) -> None:
    """Remove all traces of what was removed from the index.

    A deleted row of FTS5 stays in its older segments until they are merged.
    """
    if _indexable(connection):
        connection.execute("INSERT INTO prompt_text (prompt_text) VALUES ('optimize')")


def _in_texts(connection: sqlite3.Connection, words: Sequence[str]) -> set[int]:
    if not _indexable(connection):
        has_all = " AND ".join("content LIKE ? ESCAPE '\\'" for _ in words)
        rows = connection.execute(
            f"""
            SELECT prompt.id FROM prompt JOIN prompt_version
                ON prompt_id = prompt.id AND prompt_version.version = prompt.version
            WHERE {LIVE} AND NOT sealed AND {has_all}
            """,  # noqa: S608
            [f"%{_escaped(word)}%" for word in words],
        )
        return {row[0] for row in rows}
    _add_new(connection)
    match = " AND ".join(f'"{word}"*' for word in words if len(word) >= _SHORTEST)
    try:
        # As one text, which comes faster than ten thousand rows.
        (ids,) = connection.execute(
            "SELECT group_concat(rowid) FROM prompt_text WHERE prompt_text MATCH ?",
            (match,),
        ).fetchone()
        return set(map(int, ids.split(","))) if ids else set()
    except sqlite3.OperationalError as error:
        # A letter that SQLite's Unicode lacks splits a word into a phrase.
        if "phrase" not in str(error):
            raise
        return set()


def _add_new(connection: sqlite3.Connection) -> None:
    """Add the texts that changed since somebody searched."""
    changed = connection.execute(
        """
        SELECT prompt.id, prompt.version, indexed, content
        FROM prompt INDEXED BY prompt_unindexed JOIN prompt_version
            ON prompt_id = prompt.id AND prompt_version.version = prompt.version
        WHERE indexed <> prompt.version AND NOT sealed AND deleted IS NULL
        """
    ).fetchall()
    for prompt, version, indexed, content in changed:
        if indexed:
            connection.execute("DELETE FROM prompt_text WHERE rowid = ?", (prompt,))
        connection.execute(
            "INSERT INTO prompt_text (rowid, text) VALUES (?, ?)",
            (prompt, _searchable(content)),
        )
        connection.execute(
            "UPDATE prompt SET indexed = ? WHERE id = ?", (version, prompt)
        )


def _searchable(content: str) -> str:
    """Return the words of a version; the index keeps neither order nor places."""
    values = json.loads(content)
    texts = [text for _, text in values["messages"]]
    return "\n".join([values["description"], *values["tags"], *texts])


def _indexable(connection: sqlite3.Connection) -> bool:
    """Whether there is an index; makes it if need be."""
    return has_index(connection, _TABLE)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text.strip())
