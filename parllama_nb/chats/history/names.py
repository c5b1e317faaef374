"""Which session a name means: the one place where a name becomes an id.

The name of a session is its title, unless it is encrypted: then its title is too, and
its name is a handle that says nothing, such as `locked-3f9a2b`. A title finds its
session all the same, also while the vault is locked: otherwise a cell would begin a
readable conversation under the name of one that is encrypted.

For that the database holds a hash of the title, by scrypt with one random salt. It
reveals this: whoever has the file can test a guess of a title, each guess at the cost
of a scrypt. Nobody can read a title from it that cannot be guessed.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from functools import lru_cache

__all__ = [
    "RowId",
    "find_session",
    "free_name",
    "hash_of",
    "new_handle",
    "title_hash_of",
]

_HANDLE = "locked-"
# 16 MB and some 50 ms for a guess.
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "maxmem": 2**26, "dklen": 16}


class RowId(str):
    """The id of a session's row, where a name would do: it stays when that changes."""

    __slots__ = ()


def find_session(connection: sqlite3.Connection, name: str) -> str | None:
    """Return the id of the session of this name; None if there is none.

    An encrypted one is found by its handle and by its title.
    """
    column = "id" if isinstance(name, RowId) else "name"
    row = connection.execute(
        f"SELECT id FROM session WHERE {column} = ? AND name IS NOT NULL",  # noqa: S608
        (name,),
    ).fetchone()
    if row is None and not isinstance(name, RowId):
        row = connection.execute(
            "SELECT id FROM session WHERE title_hash = ? AND name IS NOT NULL",
            (title_hash_of(connection, name),),
        ).fetchone()
    return None if row is None else str(row[0])


def free_name(connection: sqlite3.Connection, wanted: str, word: str = "") -> str:
    """Return `wanted` if no session has that name, else with `word` or a number."""
    name, number = wanted, 1
    while find_session(connection, name) is not None:
        number += 1
        if not word:
            name = f"{wanted} {number}"
        else:
            tries = number - 1
            name = f"{wanted} ({word}{f' {tries}' if tries > 1 else ''})"
    return name


def new_handle(connection: sqlite3.Connection) -> str:
    """Return a name for a session that is being encrypted."""
    while True:
        handle = f"{_HANDLE}{secrets.token_hex(3)}"
        row = connection.execute(
            "SELECT 1 FROM session WHERE ? IN (name, was)", (handle,)
        )
        if row.fetchone() is None:
            return handle


def hash_of(connection: sqlite3.Connection, title: str) -> bytes:
    """Return what the title of an encrypted session is found by."""
    row = connection.execute("SELECT salt FROM title_salt").fetchone()
    if row is None:
        row = (secrets.token_bytes(16),)
        connection.execute("INSERT INTO title_salt VALUES (?)", row)
    return _hash(title, row[0])


def title_hash_of(connection: sqlite3.Connection, name: str) -> bytes | None:
    """Return the hash of a name if there are encrypted sessions; it takes a while."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM session WHERE title_hash IS NOT NULL)"
    ).fetchone()
    return hash_of(connection, name) if row[0] else None


@lru_cache(maxsize=4096)
def _hash(title: str, salt: bytes) -> bytes:
    data = title.encode(errors="surrogatepass")
    return hashlib.scrypt(data, salt=salt, **_SCRYPT)
