"""A prompt's rows in the database: the statements that write and read them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...errors import FieldError, UsageError
from ...fuzzy import near
from ...quoting import quoted
from ...store.encryption import Decrypt, Encryptor
from . import search
from .deletion import is_restorable
from .merging import content_of, prompt_from
from .prompt import Prompt, key_of, same_name

__all__ = [
    "PromptRow",
    "add_version",
    "context",
    "decrypt_row",
    "encrypt_row",
    "find_row",
    "insert",
    "read_content",
    "read_row",
    "refuse_taken",
    "rows",
]

_COLUMNS = (
    "prompt.id, name, version, description, tags, source, favourite, uses, used, "
    "created, changed, sealed"
)


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A prompt as a list shows it, without its texts.

    `used`, `created` and `changed` are in seconds since the epoch; `used` is None until
    something is asked with it. Description and tags of an `encrypted` prompt are not
    shown, because they are encrypted too.
    """

    id: int
    name: str
    version: int
    description: str
    tags: tuple[str, ...]
    source: str
    favourite: bool
    uses: int
    used: float | None
    created: float
    changed: float
    encrypted: bool


def context(prompt: int, version: int) -> str:
    """Return what the encrypted content of a version is bound to."""
    return f"prompt {prompt} version {version}"


def rows(connection: sqlite3.Connection, ids: Sequence[int]) -> list[PromptRow]:
    """Return prompts by their ids, in the order of these."""
    found: dict[int, PromptRow] = {}
    for begin in range(0, len(ids), 500):
        some = ids[begin : begin + 500]
        marks = ", ".join("?" * len(some))
        selected = connection.execute(
            f"SELECT {_COLUMNS} FROM prompt WHERE id IN ({marks})",  # noqa: S608
            list(some),
        )
        found |= {row[0]: _row(row) for row in selected}
    return [found[each] for each in ids if each in found]


def find_row(connection: sqlite3.Connection, name: str) -> PromptRow | None:
    """Return the prompt of a name, None if there is none."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM prompt WHERE key = ?",  # noqa: S608
        (key_of(name),),
    ).fetchone()
    return None if row is None else _row(row)


def read_row(connection: sqlite3.Connection, name: str) -> PromptRow:
    """Return the prompt of a name.

    Raises:
        UsageError: there is none; the hint names the nearest, or what restores it.

    """
    row = find_row(connection, name)
    if row is not None:
        return row
    names = [
        each
        for (each,) in connection.execute(
            "SELECT name FROM prompt WHERE key IS NOT NULL ORDER BY key"
        )
    ]
    offered = near(name, names, 3)
    hint = "%parllama prompts lists them."
    if is_restorable(connection, name):
        hint = f"It was deleted. To undo that: %parllama prompts restore {quoted(name)}"
    elif not names:
        hint = "The library is empty: %parllama prompts import fabric"
    elif offered:
        hint = f"Did you mean {' or '.join(offered)}?"
    message = f"There is no prompt {name!r:.80}."
    raise UsageError(message, hint=hint)


def read_content(
    connection: sqlite3.Connection,
    row: PromptRow,
    decrypt: Decrypt,
    version: int | None = None,
) -> Prompt:
    """Return a prompt in one of its versions, the last one by default.

    Raises:
        UsageError: it has no such version.
        ParllamaError: `decrypt` raised it.

    """
    wanted = row.version if version is None else version
    stored = connection.execute(
        "SELECT content FROM prompt_version WHERE prompt_id = ? AND version = ?",
        (row.id, wanted),
    ).fetchone()
    if stored is None:
        message = f"{row.name} has no version {wanted}."
        raise UsageError(message, hint=f"It has 1 to {row.version}.")
    text = stored[0]
    if row.encrypted:
        text = decrypt(text, context(row.id, wanted))
    return prompt_from(row.name, row.source, wanted, text)


def refuse_taken(
    connection: sqlite3.Connection, name: str, but: int | None = None
) -> None:
    """Refuse a name that a prompt, other than the one of the id `but`, has.

    Raises:
        FieldError: it is taken.

    """
    row = find_row(connection, name)
    if row is not None and row.id != but:
        message = f"There is a prompt {row.name!r} already."
        raise FieldError(message, hint="Choose another name.", field="name")


def insert(
    connection: sqlite3.Connection,
    prompt: Prompt,
    *,
    source_key: str | None = None,
    imported: str = "",
) -> Prompt:
    """Write a new prompt; its name is free. Returns it with its version."""
    now = time.time()
    (row_id,) = connection.execute(
        """
        INSERT INTO prompt (key, name, version, description, tags, words, source,
            source_key, imported, created, changed)
        VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        (
            same_name(prompt.name),
            prompt.name,
            prompt.description,
            json.dumps(prompt.tags, ensure_ascii=False),
            _words(prompt),
            prompt.source,
            source_key,
            imported,
            now,
            now,
        ),
    ).fetchone()
    connection.execute(
        "INSERT INTO prompt_version VALUES (?, 1, ?, ?)",
        (row_id, content_of(prompt), now),
    )
    return replace(prompt, version=1)


def add_version(
    connection: sqlite3.Connection,
    row: PromptRow,
    prompt: Prompt,
    encryptor: Encryptor | None,
) -> Prompt:
    """Write another version of a prompt, encrypted if there is an `encryptor`."""
    now, version, text = time.time(), row.version + 1, content_of(prompt)
    shown = prompt
    if encryptor is not None:
        text = encryptor(text, context(row.id, version))
        shown = Prompt(prompt.name, ())
    connection.execute(
        "INSERT INTO prompt_version VALUES (?, ?, ?, ?)", (row.id, version, text, now)
    )
    connection.execute(
        "UPDATE prompt SET version = ?, changed = ? WHERE id = ?",
        (version, now, row.id),
    )
    _show(connection, row.id, shown)
    return replace(prompt, version=version)


def encrypt_row(
    connection: sqlite3.Connection, row: PromptRow, encryptor: Encryptor
) -> None:
    """Encrypt all versions of a prompt, and its description and tags with them."""
    _rewrite(connection, row, encryptor)
    search.forget(connection, row.id)
    # The digest would tell whoever guesses the text that the guess is right.
    connection.execute(
        "UPDATE prompt SET sealed = 1, imported = '' WHERE id = ?", (row.id,)
    )
    _show(connection, row.id, Prompt(row.name, ()))


def decrypt_row(
    connection: sqlite3.Connection, row: PromptRow, decrypt: Decrypt
) -> None:
    """Store all versions of a prompt in clear text again."""
    prompt = read_content(connection, row, decrypt)
    _rewrite(connection, row, decrypt)
    connection.execute("UPDATE prompt SET sealed = 0 WHERE id = ?", (row.id,))
    _show(connection, row.id, prompt)


def _show(connection: sqlite3.Connection, row: int, prompt: Prompt) -> None:
    """Write what a list shows of a prompt, and what it is looked for by."""
    tags = json.dumps(prompt.tags, ensure_ascii=False)
    connection.execute(
        "UPDATE prompt SET description = ?, tags = ?, words = ? WHERE id = ?",
        (prompt.description, tags, _words(prompt), row),
    )


def _words(prompt: Prompt) -> str:
    return same_name("\n".join([prompt.description, *prompt.tags]))


def _rewrite(
    connection: sqlite3.Connection, row: PromptRow, change: Decrypt | Encryptor
) -> None:
    versions = connection.execute(
        "SELECT version, content FROM prompt_version WHERE prompt_id = ?", (row.id,)
    ).fetchall()
    connection.executemany(
        "UPDATE prompt_version SET content = ? WHERE prompt_id = ? AND version = ?",
        [
            (change(content, context(row.id, version)), row.id, version)
            for version, content in versions
        ],
    )


def _row(values: Sequence[Any]) -> PromptRow:
    (number, name, version, description, tags, source, favourite, uses, *times) = values
    used, created, changed, sealed = times
    return PromptRow(
        id=number,
        name=name,
        version=version,
        description=description,
        tags=tuple(json.loads(tags)),
        source=source,
        favourite=bool(favourite),
        uses=uses,
        used=used,
        created=created,
        changed=changed,
        encrypted=bool(sealed),
    )
