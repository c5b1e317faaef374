"""Compares what a source offers with the database, and imports what is chosen."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from ...errors import StoppedError
from .merging import (
    Candidate,
    Held,
    Imported,
    candidates,
    content_of,
    digest,
    free_name,
)
from .prompt import Prompt, same_name
from .rows import add_version, context, find_row, insert

__all__ = ["compare", "take"]

_Way = Literal["added", "updated", "beside"]


def compare(
    connection: sqlite3.Connection,
    prompts: Sequence[Prompt],
    source: str,
    decrypt: Callable[[str, str], str | None],
) -> list[Candidate]:
    """Say of each prompt what importing it would change.

    `decrypt` returns None for what cannot be decrypted now.
    """
    held: dict[str, Held] = {}
    of_source: dict[str, str] = {}
    selected = connection.execute(
        """
        SELECT prompt.id, key, name, prompt.version, source, source_key, imported,
            sealed, content
        FROM prompt JOIN prompt_version
            ON prompt_id = prompt.id AND prompt_version.version = prompt.version
        WHERE key IS NOT NULL
        """
    )
    for (
        number,
        key,
        name,
        version,
        its,
        source_key,
        imported,
        sealed,
        stored,
    ) in selected:
        text = decrypt(stored, context(number, version)) if sealed else stored
        whence = its if source_key else ""
        held[key] = Held(name, version, text or "", whence, imported)
        if its == source and source_key:
            of_source[source_key] = key
    deleted = connection.execute(
        "SELECT source_key FROM prompt WHERE key IS NULL AND source = ?", (source,)
    )
    gone = frozenset(row[0] for row in deleted)
    return candidates(prompts, source, held, of_source, gone)


def take(
    connection: sqlite3.Connection,
    chosen: Sequence[Candidate],
    report: Callable[[int], None],
    stopped: threading.Event,
) -> Imported:
    """Import prompts within the transaction of the caller.

    Raises:
        StoppedError: `stopped` was set; the caller rolls back.
    """
    done: dict[_Way, list[str]] = {"added": [], "updated": [], "beside": []}
    for number, candidate in enumerate(chosen):
        if stopped.is_set():
            message = "Stopped."
            raise StoppedError(message)
        if candidate.state != "same":
            way, name = _take_one(connection, candidate)
            if way is not None:
                done[way].append(name)
        report(number + 1)
    return Imported(*(tuple(done[way]) for way in ("added", "updated", "beside")))


def _take_one(
    connection: sqlite3.Connection, candidate: Candidate
) -> tuple[_Way | None, str]:
    """Import one prompt. Returns how that was done, None if not, and its name."""
    prompt, current = candidate.prompt, candidate.current
    key, imported = same_name(prompt.name), digest(content_of(prompt))
    row = None if current is None else find_row(connection, current.name)
    if (
        candidate.state == "changed"
        and current is not None
        and row is not None
        and not row.encrypted
        # Somebody may have edited it since it was compared.
        and (row.source, row.version) == (current.source, current.version)
    ):
        add_version(connection, row, prompt, None)
        _remember(connection, row.id, imported)
        return "updated", row.name
    # Of two that come from one place, the first is compared the next time.
    first = connection.execute(
        """
        SELECT id, imported FROM prompt
        WHERE source = ? AND source_key = ? AND key IS NOT NULL
        """,
        (prompt.source, key),
    ).fetchone()
    if first is not None:
        number, before = first
        if before == imported:
            # Another kernel has imported it since it was compared.
            return None, prompt.name
        _remember(connection, number, imported)
    name = candidate.beside or prompt.name
    if find_row(connection, name) is not None:
        name = free_name(prompt.name, _Taken(connection), prompt.source)
    insert(
        connection,
        replace(prompt, name=name),
        source_key=key if first is None else None,
        imported=imported,
    )
    return "added" if name == prompt.name and row is None else "beside", name


def _remember(connection: sqlite3.Connection, prompt: int, imported: str) -> None:
    connection.execute(
        "UPDATE prompt SET imported = ? WHERE id = ? AND NOT sealed",
        (imported, prompt),
    )


class _Taken:
    """The names that are taken, as `free_name` asks for them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __contains__(self, key: object) -> bool:
        row = self._connection.execute("SELECT 1 FROM prompt WHERE key = ?", (key,))
        return row.fetchone() is not None
