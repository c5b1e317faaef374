"""Where a vault's bytes are kept: a map of keys to values, changed in transactions.

A storage knows nothing of secrets: all it gets is sealed. Which keys there are is in
`format.py`. `parllama_nb.testing.StorageConformance` is the suite each one passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

__all__ = ["Reader", "Storage", "Writer"]

T = TypeVar("T")


class Reader(Protocol):
    """One state of the storage, the same for as long as the transaction lasts."""

    def get(self, key: bytes) -> bytes | None:
        """The value of a key; None where there is none."""

    def scan(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        """All keys that begin with `prefix` and their values, in order of the keys."""

    def last(self, prefix: bytes) -> tuple[bytes, bytes] | None:
        """The last of `scan`, without the others."""


class Writer(Reader, Protocol):
    """A transaction that also changes; it sees its own changes."""

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Add these keys, or replace their values."""

    def delete(self, keys: Iterable[bytes]) -> None:
        """Remove these keys; one that is not there is no error."""


class Storage(Protocol):
    """One vault's place. May be called on any thread.

    Every method raises `VaultStorageError` where the place cannot be used, and
    `VaultDamagedError` where what is there is no storage of ours.
    """

    @property
    def place(self) -> str:
        """Where it is, for people."""

    def exists(self) -> bool:
        """Whether anything was ever written. Makes nothing."""

    def read(self, work: Callable[[Reader], T]) -> T:
        """`work` with a state that nobody changes meanwhile."""

    def write(self, work: Callable[[Writer], T], *, patient: bool = True) -> T:
        """`work` alone with the storage; kept on disk when this returns.

        If `work` raises, nothing of it is kept. Somebody else's write is waited for
        up to ten seconds, or one where it is not that important.
        """

    def stamp(self) -> object | None:
        """Changes when somebody else has written, and not with one's own writes.

        Quick, and never waits: None where it cannot be told right now.
        """

    def set_aside(self) -> str:
        """Keep what is there, damaged, in another place and begin anew; says where."""

    def close(self) -> None:
        """Let go of it; the next call takes it up again."""
