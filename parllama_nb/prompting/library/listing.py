"""Lists the prompts of the database, and counts them by tag and by source."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass

from . import search
from .prompt import same_name
from .rows import PromptRow, rows

__all__ = ["Listing", "Wanted", "listing", "source_counts", "tag_counts"]


@dataclass(frozen=True, slots=True)
class Listing:
    """Some of the prompts that were looked for, and how many there are in all."""

    rows: tuple[PromptRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which prompts are looked for: see `PromptLibrary.find`."""

    query: str
    tags: tuple[str, ...]
    source: str | None
    favourites: bool
    offset: int
    limit: int | None

    @property
    def condition(self) -> tuple[str, list[str]]:
        """The SQL condition that they fulfil, the query apart, and its values."""
        where, values = [search.LIVE], []
        for tag in self.tags:
            where.append(
                "EXISTS (SELECT 1 FROM json_each(tags) WHERE same_name(value) = ?)"
            )
            values.append(same_name(tag))
        if self.source is not None:
            where.append("source = ?")
            values.append(self.source)
        if self.favourites:
            where.append("favourite")
        return " AND ".join(where), values


def listing(connection: sqlite3.Connection, wanted: Wanted) -> Listing:
    """Return the prompts that are looked for, the best first."""
    # SQLite's own lower() knows ASCII only.
    connection.create_function("same_name", 1, same_name, deterministic=True)
    condition, values = wanted.condition
    begin, limit = wanted.offset, wanted.limit
    end = None if limit is None else begin + limit
    if wanted.query.strip():
        ids, total = search.find(connection, wanted.query, condition, values, end)
        return Listing(tuple(rows(connection, ids[begin:end])), total)
    selected = connection.execute(
        f"SELECT id FROM prompt WHERE {condition} "  # noqa: S608 - a text of ours
        "ORDER BY favourite DESC, key LIMIT ? OFFSET ?",
        (*values, -1 if limit is None else limit, begin),
    )
    ids = [row[0] for row in selected]
    (total,) = connection.execute(
        f"SELECT count(*) FROM prompt WHERE {condition}",  # noqa: S608 - as above
        values,
    ).fetchone()
    return Listing(tuple(rows(connection, ids)), total)


def tag_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many prompts have each tag, the most frequent first."""
    counts: Counter[str] = Counter()
    for tags, number in connection.execute(
        f"SELECT tags, count(*) FROM prompt WHERE {search.LIVE} GROUP BY tags"  # noqa: S608
    ):
        counts.update(dict.fromkeys(json.loads(tags), number))
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def source_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many prompts are of each source; "" is written here."""
    selected = connection.execute(
        f"""
        SELECT source, count(*) FROM prompt WHERE {search.LIVE}
        GROUP BY source ORDER BY count(*) DESC, source
        """  # noqa: S608
    )
    return dict(selected.fetchall())
