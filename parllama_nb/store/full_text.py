"""Full text search by SQLite's FTS5, which some builds of SQLite lack."""

from __future__ import annotations

import sqlite3

__all__ = ["has_index"]


def has_index(connection: sqlite3.Connection, table: str) -> bool:
    """Whether there is an index; makes it if need be.

    `table` is the statement that makes it, with `IF NOT EXISTS`.
    """
    try:
        connection.execute(table)
    except sqlite3.OperationalError as error:
        if "no such module" in str(error):
            return False
        raise
    return True
