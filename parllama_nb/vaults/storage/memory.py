"""A storage in memory: for tests, and as an example of the protocol."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from .protocol import Reader, Writer

__all__ = ["MemoryDisk", "MemoryStorage"]

T = TypeVar("T")


class MemoryDisk:
    """The data that several `MemoryStorage` share, as processes share a file."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.items: dict[bytes, bytes] = {}
        self.writes = 0
        self.aside: list[dict[bytes, bytes]] = []


class MemoryStorage:
    """A `Storage` on a `MemoryDisk`."""

    place = "memory"

    def __init__(self, disk: MemoryDisk | None = None) -> None:
        self.disk = disk or MemoryDisk()
        self._own = 0

    def exists(self) -> bool:
        """Whether anything was ever written."""
        return bool(self.disk.items)

    def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` with a state that nobody changes meanwhile."""
        with self.disk.lock:
            return work(_Items(self.disk.items))

    def write(self, work: Callable[[Writer], T], *, patient: bool = True) -> T:
        """Run `work` while nobody else writes; if it raises, nothing is stored."""
        del patient
        with self.disk.lock:
            items = _Items(dict(self.disk.items))
            result = work(items)
            self.disk.items = items.items
            self.disk.writes += 1
            self._own += 1
            return result

    def stamp(self) -> object | None:
        """Return the number of writes that others have made."""
        return self.disk.writes - self._own

    def set_aside(self) -> str:
        """Move the data to the disk's `aside`, and begin anew."""
        with self.disk.lock:
            self.disk.aside.append(self.disk.items)
            self.disk.items = {}
            self.disk.writes += 1
            return f"{self.place}, aside {len(self.disk.aside)}"

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class _Items:
    """A transaction over a dict."""

    def __init__(self, items: dict[bytes, bytes]) -> None:
        self.items = items

    def get(self, key: bytes) -> bytes | None:
        return self.items.get(key)

    def scan(
        self, prefix: bytes, *, after: bytes = b"", most: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        keys = sorted(self.items)
        start = max(bisect.bisect_left(keys, prefix), bisect.bisect_right(keys, after))
        matches: list[tuple[bytes, bytes]] = []
        for key in keys[start:]:
            if not key.startswith(prefix) or len(matches) == most:
                break
            matches.append((key, self.items[key]))
        return matches

    def last(self, prefix: bytes) -> tuple[bytes, bytes] | None:
        matches = self.scan(prefix)
        return matches[-1] if matches else None

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        self.items.update(items)

    def delete(self, keys: Iterable[bytes]) -> None:
        for key in keys:
            self.items.pop(key, None)
