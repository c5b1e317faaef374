"""What a vault needs of a storage: a map of keys to values, changed in transactions.

A storage gets encrypted data only. `format/layout.py` says which keys there are. Every
storage passes the suite `parllama_nb.testing.StorageConformance`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

__all__ = ["Reader", "Storage", "Writer"]

T = TypeVar("T")


class Reader(Protocol):
    """One state of the storage, the same for as long as the transaction lasts."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, None without one."""

    def scan(
        self, prefix: bytes, *, after: bytes = b"", most: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Return the keys that begin with `prefix`, and their values, in order.

        Only those that come after the key `after`, and at most so many, if that is
        said: whoever reads page by page keeps one page in memory.
        """

    def last(self, prefix: bytes) -> tuple[bytes, bytes] | None:
        """Return the last item of `scan`, None without one."""


class Writer(Reader, Protocol):
    """A transaction that also changes the storage, and reads its own changes."""

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Add these keys, or replace their values."""

    def delete(self, keys: Iterable[bytes]) -> None:
        """Remove these keys; those that do not exist are ignored."""


class Storage(Protocol):
    """The place of one vault. May be used on any thread.

    Every method raises `VaultStorageError` if the place cannot be used, and
    `VaultDamagedError` if it holds something else than a vault.
    """

    @property
    def place(self) -> str:
        """The place, in words for people."""

    def exists(self) -> bool:
        """Whether anything was ever written; creates nothing."""

    def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` with a state that nobody changes meanwhile."""

    def write(self, work: Callable[[Writer], T], *, patient: bool = True) -> T:
        """Run `work` while nobody else writes; on disk when this returns.

        If `work` raises, none of its changes is stored. It waits for other writers for
        up to ten seconds, or for one if not `patient`.
        """

    def stamp(self) -> object | None:
        """Return a value that changes when others write, but not with own writes.

        Quick, and never waits: returns None while a writer is in the way.
        """

    def set_aside(self) -> str:
        """Move damaged data to another place, and begin anew. Returns that place."""

    def close(self) -> None:
        """Close it; the next call opens it again."""
