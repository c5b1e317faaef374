"""IPython's history: which lines hold a secret, and what was deleted from it."""

from __future__ import annotations

import bisect
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .finder import Finder, Match

__all__ = ["history_lines"]

# Rows that are searched at once, and the matches that are looked at in them.
_ROWS = 500
_MOST = 1_000

_TABLES = {
    "input": "SELECT session, line, source, source_raw FROM history",
    "output": "SELECT session, line, output, NULL FROM output_history",
}


def history_lines(path: Path, finder: Finder) -> Iterator[tuple[str, Match]]:
    """Yield where each secret stands in a `history.sqlite`: session, line, which part.

    Raises:
        sqlite3.Error: it is not IPython's history, or damaged.

    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        for part, query in _TABLES.items():
            rows = connection.execute(f"{query} ORDER BY session, line")
            while some := rows.fetchmany(_ROWS):
                yield from _matches(some, part, finder)
    finally:
        connection.close()


def _matches(
    rows: list[tuple[object, ...]], part: str, finder: Finder
) -> Iterator[tuple[str, Match]]:
    starts, texts, at = [], [], 0
    for _, _, *written in rows:
        content = b"\0".join(each for each in written if isinstance(each, bytes))
        starts.append(at)
        texts.append(content)
        at += len(content) + 1
    seen = set()
    for match in finder.first(b"\0".join(texts), _MOST):
        session, line, *_ = rows[bisect.bisect_right(starts, match.start) - 1]
        where = f"session {session}, line {line}, {part}"
        if (where, match.names, match.form) not in seen:
            seen.add((where, match.names, match.form))
            yield where, match
