"""Compares what a source offers with the database, and imports what is chosen."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

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
    return candidates(prompts, source, held, of_source)


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
    added, updated, beside = [], [], []
    for number, candidate in enumerate(chosen):
        if stopped.is_set():
            message = "Stopped."
            raise StoppedError(message)
        prompt = candidate.prompt
        key, imported = same_name(prompt.name), digest(content_of(prompt))
        row = None
        if candidate.current is not None:
            row = find_row(connection, candidate.current.name)
        if candidate.state == "changed" and row is not None and not row.encrypted:
            add_version(connection, row, prompt, None)
            _remember(connection, row.id, imported)
            updated.append(row.name)
        elif find_row(connection, prompt.name) is None and row is None:
            insert(connection, prompt, source_key=key, imported=imported)
            added.append(prompt.name)
        else:
            name = candidate.beside or prompt.name
            if find_row(connection, name) is not None:
                name = free_name(prompt.name, _Taken(connection), prompt.source)
            # Of two that come from one place, the first is compared the next time.
            is_second = candidate.state in {"edited", "changed"} and row is not None
            insert(
                connection,
                replace(prompt, name=name),
                source_key=None if is_second else key,
                imported=imported,
            )
            if is_second and row is not None:
                _remember(connection, row.id, imported)
            beside.append(name)
        report(number + 1)
    return Imported(tuple(added), tuple(updated), tuple(beside))


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
