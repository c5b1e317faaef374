"""What a list shows of a session that its user wrote: its title, folder and tags."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from ...store.encryption import Decrypt, Encryptor
from .names import hash_of, new_handle

__all__ = [
    "COLUMNS",
    "About",
    "about_context",
    "about_of",
    "read_about",
    "tags_of",
    "write_about",
]

COLUMNS = "session.id, name, folder, tags, about"
"""The columns that `about_of` reads, in order."""


@dataclass(frozen=True, slots=True)
class About:
    """The title of a session, the folder that it is in ("" for none) and its tags."""

    title: str
    folder: str = ""
    tags: tuple[str, ...] = ()


def about_context(session: str) -> str:
    """Return what the title of a session, given by its id, is bound to."""
    return f"chat {session} about"


def about_of(row: Sequence[Any], decrypt: Decrypt) -> About:
    """Return it of the values of `COLUMNS`.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    session, name, folder, tags, encrypted = row
    if encrypted is None:
        return About(name or "", folder, tags_of(tags))
    values = json.loads(decrypt(encrypted, about_context(session)))
    return About(values["title"], values["folder"], tuple(values["tags"]))


@lru_cache(maxsize=1024)
def tags_of(stored: str) -> tuple[str, ...]:
    """Return the tags of the column `tags`."""
    return tuple(json.loads(stored))


def read_about(connection: sqlite3.Connection, session: str, decrypt: Decrypt) -> About:
    """Return it of a session, given by its id.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    row = connection.execute(
        f"SELECT {COLUMNS} FROM session WHERE id = ?",  # noqa: S608 - its own columns
        (session,),
    ).fetchone()
    return about_of(row, decrypt)


def write_about(
    connection: sqlite3.Connection,
    session: str,
    about: About,
    encryptor: Encryptor | None,
) -> str:
    """Write it of a session, encrypted if there is an `encryptor`; return its name."""
    if encryptor is None:
        connection.execute(
            """
            UPDATE session SET name = ?, folder = ?, tags = ?, about = NULL,
                title_hash = NULL
            WHERE id = ?
            """,
            (about.title, about.folder, _json(about.tags), session),
        )
        return about.title
    name, before = connection.execute(
        "SELECT name, about FROM session WHERE id = ?", (session,)
    ).fetchone()
    if before is None:
        name = new_handle(connection)
    connection.execute(
        """
        UPDATE session SET name = ?, folder = '', tags = '[]', about = ?,
            title_hash = ?
        WHERE id = ?
        """,
        (
            name,
            encryptor(_json(asdict(about)), about_context(session)),
            hash_of(connection, about.title),
            session,
        ),
    )
    return str(name)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
