"""Copies of a vault: each made from one state of it, and checked.

A copy is a new SQLite file with the same encrypted items, so that it holds no free
pages with older data, whatever kind of storage it comes from.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ..errors import VaultStorageError
from ..format.layout import AUDIT, HEADER, MANIFEST, RECORD, SLOT
from .protocol import Reader, Storage
from .sqlite import SQLiteStorage

__all__ = [
    "KEPT",
    "AutomaticCopy",
    "Source",
    "all_items",
    "automatic",
    "copy",
    "expanded",
    "open_copy",
    "rotate",
]

KEPT: Final = 5
"""How many automatic copies are kept."""

Source = Path | str

# The time in the name of an automatic copy, so that names sort by it.
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"

# What the keys of a vault's items begin with.
_ITEMS: Final = (HEADER, SLOT, MANIFEST, RECORD, AUDIT)
# In bytes. A larger file is not a vault.
_LARGEST = 1 << 30


def all_items(reader: Reader) -> list[tuple[bytes, bytes]]:
    """Return all items of a vault."""
    return [item for prefix in _ITEMS for item in reader.scan(prefix)]


def copy(storage: Storage, path: Path, check: Callable[[Reader], object]) -> None:
    """Copy a vault into a new file, and run `check` on the copy.

    Raises:
        VaultStorageError: the file exists already, or cannot be written.
        VaultError: whatever `check` raises.

    """
    if path.exists():
        message = f"{path} exists already."
        raise VaultStorageError(message, hint="Name a file that does not.")
    items = storage.read(all_items)
    try:
        handle, name = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
        os.close(handle)
    except OSError as error:
        failure = _cannot(path, error)
    else:
        fresh = Path(name)
        target = SQLiteStorage(lambda: fresh)
        try:
            target.write(lambda writer: writer.put(items))
            target.read(check)
            target.close()
            # A link fails if the file was made meanwhile; a rename would replace it.
            os.link(fresh, path)
            _sync(path.parent)
        except OSError as error:
            failure = _cannot(path, error)
        else:
            return
        finally:
            target.close()
            fresh.unlink(missing_ok=True)
    raise failure


def rotate(
    storage: Storage, directory: Path, why: str, check: Callable[[Reader], object]
) -> Path:
    """Copy a vault into a file with the time and `why` in its name; keep the last five.

    Raises:
        VaultStorageError: it cannot be written; then no older one is deleted.

    """
    failure = None
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        failure = _cannot(directory, error)
    if failure is not None:
        raise failure
    stamp = datetime.now(UTC).strftime(_STAMP)
    path = directory / f"vault-{stamp}-{why}.db"
    copy(storage, path, check)
    for old in sorted(directory.glob("vault-*.db"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


@dataclass(frozen=True, slots=True)
class AutomaticCopy:
    """A file that `rotate` has written: when, in seconds since the epoch; in bytes."""

    path: Path
    made: float
    size: int
    why: str


def automatic(directory: Path) -> list[AutomaticCopy]:
    """Return the copies in a directory that `rotate` has written, the newest first."""
    found = []
    for path in sorted(directory.glob("vault-*-*.db"), reverse=True):
        _, stamp, why = path.stem.split("-", 2)
        try:
            made = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp()
            found.append(AutomaticCopy(path, made, path.stat().st_size, why))
        except (ValueError, OSError):
            continue  # not one of ours, or deleted in this moment
    return found


def expanded(source: Source) -> Path:
    """Return a path that a user has named, with the home that it begins with.

    Raises:
        VaultStorageError: it cannot be the path of a file.

    """
    if "\0" not in str(source):
        # The home of a user who does not exist.
        with suppress(RuntimeError):
            return Path(source).expanduser()
    message = f"{str(source)!r} cannot be the path of a file."
    raise VaultStorageError(message)


@contextmanager
def open_copy(source: Source) -> Iterator[Storage]:
    """Open a temporary copy of a backup; the backup itself is not touched.

    Raises:
        VaultStorageError: it cannot be read.

    """
    path = expanded(source)
    failure = None
    with tempfile.TemporaryDirectory(prefix="parllama_nb-") as directory:
        copied = Path(directory) / "backup.db"
        try:
            if path.stat().st_size > _LARGEST or not path.is_file():
                failure = VaultStorageError(f"{path} is not a backup of a vault.")
            else:
                shutil.copyfile(path, copied)
                copied.chmod(0o600)
        except OSError as error:
            failure = _cannot(path, error)
        if failure is None:
            storage = SQLiteStorage(lambda: copied)
            try:
                yield storage
            finally:
                storage.close()
    if failure is not None:
        raise failure


def _cannot(path: Path, error: OSError) -> VaultStorageError:
    return VaultStorageError(f"{path}: {error.strerror or type(error).__name__}.")


def _sync(directory: Path) -> None:
    if os.name == "posix":
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
