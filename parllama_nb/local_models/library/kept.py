"""Keeps what was fetched of the library, a file for each list.

In the cache directory, for it is public and can be fetched again. A file that is
damaged, or that another version has written, is as one that is missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ...whole_files import replace_file
from .entries import Fetched

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["KeptLists"]

T = TypeVar("T")

_VERSION = 1
_LARGEST = 20 << 20
_MOST = 200
"""Files; the oldest go first."""


@dataclass(frozen=True, slots=True)
class _File(Generic[T]):
    version: int
    key: str
    fetched: float
    unread: tuple[str, ...]
    entries: tuple[T, ...]


class KeptLists(Generic[T]):
    """Lists of one kind of entries. Its methods block: call them in a thread.

    `folder()` returns the directory; it may raise if there is none.
    """

    def __init__(self, kind: type[T], folder: Callable[[], Path]) -> None:
        self._kind = kind
        self._folder = folder

    def read(self, key: str) -> Fetched[T] | None:
        """Return a list that was kept, None if there is none."""
        # Whatever is wrong with the cache, the library can still be asked.
        with contextlib.suppress(Exception):
            path = self._path(key)
            if path.stat().st_size <= _LARGEST:
                file = self._adapter().validate_json(path.read_bytes())
                if file.version == _VERSION and file.key == key:
                    return Fetched(file.entries, file.fetched, file.unread)
        return None

    def write(self, key: str, found: Fetched[T]) -> None:
        """Keep a list, if that is possible."""
        with contextlib.suppress(Exception):
            file = _File(_VERSION, key, found.fetched, found.unread, found.entries)
            path = self._path(key)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(path, self._adapter().dump_json(file))
            self._drop_oldest(path.parent)

    def _adapter(self) -> TypeAdapter[_File[T]]:
        from pydantic import TypeAdapter  # noqa: PLC0415 - not paid at import

        return TypeAdapter(_File[self._kind])  # type: ignore[name-defined]

    def _path(self, key: str) -> Path:
        name = sha256(f"{self._kind.__name__} {key}".encode()).hexdigest()
        return self._folder() / f"{name[:32]}.json"

    @staticmethod
    def _drop_oldest(folder: Path) -> None:
        paths = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in paths[:-_MOST]:
            path.unlink(missing_ok=True)
