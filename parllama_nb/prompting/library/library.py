"""The prompt library: finds, writes, versions and encrypts prompts."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ...errors import ParllamaError, UsageError
from ...events import PromptsChanged
from ...quoting import quoted
from ...store.database import Store, purged, written
from ...store.encryption import Encryption
from . import deletion, search
from .imports import compare, take
from .listing import Listing, Wanted, listing, source_counts, tag_counts
from .merging import Candidate, Imported, free_name
from .prompt import Prompt, checked, checked_name, same_name
from .rows import (
    PromptRow,
    add_version,
    decrypt_row,
    encrypt_row,
    find_row,
    insert,
    read_content,
    read_row,
    refuse_taken,
)

__all__ = ["Listing", "PromptLibrary", "VersionInfo"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version of a prompt; `created` is in seconds since the epoch."""

    version: int
    created: float


class PromptLibrary:
    """The prompts of the user. Names are compared without regard to case.

    Every change emits `PromptsChanged`. All methods raise StoreError if the database
    fails; those that read or write the texts of an encrypted prompt raise
    VaultLockedError while the vault is locked; those that take the name of a prompt
    raise UsageError if there is none.
    """

    def __init__(
        self, store: Store, encryption: Encryption, emit: Callable[..., object]
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._emit = emit

    # finding

    async def find(  # noqa: PLR0913 - what a search can be limited by
        self,
        query: str = "",
        *,
        tags: Sequence[str] = (),
        source: str | None = None,
        favourites: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> Listing:
        """Return the prompts that a query finds, the best first.

        Without a query, favourites come first, then all by name.

        Args:
            query: words of name, tags, description or texts.
            tags: which all of them have.
            source: where they were imported from; "" is written here.
            favourites: whether only these.
            offset: how many are left out at the beginning.
            limit: how many are returned at most.

        """
        wanted = Wanted(query, tuple(tags), source, favourites, offset, limit)
        return await self._call(lambda c: listing(c, wanted))

    async def tags(self) -> dict[str, int]:
        """Return how many prompts have each tag, the most frequent first."""
        return await self._call(tag_counts)

    async def sources(self) -> dict[str, int]:
        """Return how many prompts are of each source; "" is written here."""
        return await self._call(source_counts)

    async def get(self, name: str, version: int | None = None) -> Prompt:
        """Return a prompt, in its last or in another version."""
        decrypt = self._encryption.decrypt
        return await self._call(
            lambda c: read_content(c, read_row(c, name), decrypt, version)
        )

    async def row(self, name: str) -> PromptRow:
        """Return what a list shows of a prompt."""
        return await self._call(lambda c: read_row(c, name))

    async def holds(self, prompt: Prompt) -> bool:
        """Whether the prompt of this name is the same; False for an encrypted one."""

        def compare(connection: sqlite3.Connection) -> bool:
            row = find_row(connection, prompt.name)
            if row is None or row.encrypted:
                return False
            held = read_content(connection, row, self._encryption.decrypt)
            return replace(held, name=prompt.name, source=prompt.source) == prompt

        return await self._call(compare)

    async def versions(self, name: str) -> list[VersionInfo]:
        """Return the versions of a prompt, the newest first."""

        def read(connection: sqlite3.Connection) -> list[VersionInfo]:
            selected = connection.execute(
                """
                SELECT version, created FROM prompt_version
                WHERE prompt_id = ? ORDER BY version DESC
                """,
                (read_row(connection, name).id,),
            )
            return [VersionInfo(*row) for row in selected]

        return await self._call(read)

    async def free(self, name: str) -> str:
        """Return a name as it would be stored.

        Raises:
            FieldError: the name is invalid or taken.

        """
        whole = checked_name(name)
        await self._call(lambda c: refuse_taken(c, whole))
        return whole

    # writing

    async def add(self, prompt: Prompt) -> Prompt:
        """Add a prompt. Returns it as it is stored.

        Raises:
            FieldError: a field is invalid, or the name is taken.

        """
        whole = checked(prompt)

        def add(connection: sqlite3.Connection) -> Prompt:
            refuse_taken(connection, whole.name)
            return insert(connection, whole)

        return await self._change(add)

    async def save(self, name: str, prompt: Prompt) -> Prompt:
        """Write a new version of the prompt `name`, which may get another name.

        Nothing is written if it is as before.

        Raises:
            FieldError: a field is invalid, or the new name is taken.

        """
        whole = checked(prompt)

        def save(connection: sqlite3.Connection) -> Prompt:
            row = read_row(connection, name)
            before = read_content(connection, row, self._encryption.decrypt)
            now = replace(whole, source=row.source, version=row.version)
            if now.name != row.name:
                refuse_taken(connection, now.name, row.id)
                connection.execute(
                    "UPDATE prompt SET name = ?, key = ? WHERE id = ?",
                    (now.name, same_name(now.name), row.id),
                )
            if replace(before, name=now.name) == now:
                return now
            if not row.encrypted:
                return add_version(connection, row, now, None)
            encryptor = self._encryption.encryptor()
            try:
                return add_version(connection, row, now, encryptor)
            finally:
                encryptor.wipe()

        return await self._change(save)

    async def revert(self, name: str, version: int) -> Prompt:
        """Make an earlier version of a prompt the current one, as a new version."""
        return await self.save(name, await self.get(name, version))

    async def duplicate(self, name: str) -> Prompt:
        """Add a copy of a prompt under a name of its own. It is not encrypted.

        Raises:
            UsageError: the prompt is encrypted.

        """

        def duplicate(connection: sqlite3.Connection) -> Prompt:
            row = read_row(connection, name)
            if row.encrypted:
                message = f"{row.name} is encrypted, and a copy would not be."
                hint = f"First: %parllama prompts decrypt {quoted(row.name)}"
                raise UsageError(message, hint=hint)
            prompt = read_content(connection, row, self._encryption.decrypt)
            taken = deletion.keys(connection)
            copy = replace(prompt, name=free_name(row.name, taken, "copy"), source="")
            return insert(connection, copy)

        return await self._change(duplicate)

    async def delete(self, names: Sequence[str]) -> list[str]:
        """Delete prompts; `restore` brings them back for 7 days. Returns their names.

        None is deleted if one of them does not exist.
        """

        def delete(connection: sqlite3.Connection) -> list[str]:
            found = {row.id: row for row in (read_row(connection, n) for n in names)}
            deletion.delete(connection, found)
            return [row.name for row in found.values()]

        return await self._change(delete)

    async def restore(self, names: Iterable[str]) -> list[str]:
        """Bring deleted prompts back. Returns their names.

        One whose name is taken by now gets another.

        Raises:
            UsageError: no prompt of that name was deleted lately.

        """

        def restore(connection: sqlite3.Connection) -> list[str]:
            return [deletion.restore(connection, name) for name in names]

        return await self._change(restore)

    async def rename(self, name: str, new: str) -> str:
        """Give a prompt another name. Returns it as it is stored.

        Raises:
            FieldError: the name is invalid or taken.

        """
        whole = checked_name(new)

        def rename(connection: sqlite3.Connection) -> str:
            row = read_row(connection, name)
            refuse_taken(connection, whole, row.id)
            connection.execute(
                "UPDATE prompt SET name = ?, key = ? WHERE id = ?",
                (whole, same_name(whole), row.id),
            )
            return whole

        return await self._change(rename)

    async def set_favourite(self, name: str, *, favourite: bool) -> None:
        """Make a prompt one of the favourites, or no more."""
        await self._change(
            lambda c: c.execute(
                "UPDATE prompt SET favourite = ? WHERE id = ?",
                (favourite, read_row(c, name).id),
            )
        )

    async def count_use(self, name: str) -> None:
        """Count that something was asked with a prompt, if it is still there."""
        await self._change(
            lambda c: c.execute(
                "UPDATE prompt SET uses = uses + 1, used = ? WHERE key = ?",
                (time.time(), same_name(name)),
            )
        )

    async def encrypt(self, name: str) -> None:
        """Encrypt all versions of a prompt, past and future. Its name stays readable.

        The old texts are then purged from the store's files.

        Raises:
            StoreError: the store fails. If only the purge failed, the message says so,
                and calling this again purges again.

        """

        def encrypt(connection: sqlite3.Connection) -> None:
            row = read_row(connection, name)
            if not row.encrypted:
                encryptor = self._encryption.encryptor()
                try:
                    encrypt_row(connection, row, encryptor)
                finally:
                    encryptor.wipe()
            search.purge(connection)

        await self._change(encrypt)
        await purged(self._store, name)

    async def decrypt(self, name: str) -> None:
        """Store a prompt in clear text again."""

        def decrypt(connection: sqlite3.Connection) -> None:
            row = read_row(connection, name)
            if row.encrypted:
                decrypt_row(connection, row, self._encryption.decrypt)

        await self._change(decrypt)

    # from elsewhere

    async def compare(self, prompts: Sequence[Prompt], source: str) -> list[Candidate]:
        """Say of each prompt of a source what importing it would change."""
        decrypt = self._decrypt_or_none
        return await self._call(lambda c: compare(c, prompts, source, decrypt))

    async def take(
        self, chosen: Sequence[Candidate], report: Callable[[int], None]
    ) -> Imported:
        """Import prompts: all of them, or none if it is cancelled or fails.

        What a user wrote is never overwritten: see `Candidate.beside`. `report` gets
        how many are written, on the store's thread.
        """
        stopped = threading.Event()
        try:
            return await self._change(lambda c: take(c, chosen, report, stopped))
        finally:
            stopped.set()

    def _decrypt_or_none(self, encrypted: str, context: str) -> str | None:
        try:
            return self._encryption.decrypt(encrypted, context)
        except ParllamaError:
            return None

    async def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def change(connection: sqlite3.Connection) -> T:
            deletion.purge(connection)
            return work(connection)

        result = await self._call(change)
        self._emit(PromptsChanged())
        return result

    async def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await written(self._store.call(work))
        return result
