"""Copies of a vault: made from one state of it, checked, and never in between.

A copy is a new SQLite file with the same sealed items, so that it holds no free pages
of an older life, whatever kind of storage it comes from.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ..errors import VaultStorageError
from ..format.layout import AUDIT, HEADER, MANIFEST, RECORD, SLOT
from .protocol import Reader, Storage
from .sqlite import SQLiteStorage

__all__ = ["ITEMS", "KEPT", "Source", "all_items", "copy", "opened", "rotated"]

KEPT: Final = 5
"""How many of the copies that are made by themselves are kept."""

ITEMS: Final = (HEADER, SLOT, MANIFEST, RECORD, AUDIT)
"""What the keys of a vault's items begin with."""

Source = Path | str

# Bytes. What is larger is no vault of ours.
_LARGEST = 1 << 30


def all_items(reader: Reader) -> list[tuple[bytes, bytes]]:
    """Everything there is."""
    return [item for prefix in ITEMS for item in reader.scan(prefix)]


def copy(storage: Storage, path: Path, check: Callable[[Reader], object]) -> None:
    """Copy a vault into a new file, and have `check` look at the copy.

    Raises:
        VaultStorageError: there is a file already, or it cannot be written.
        VaultError: what `check` says.

    """
    if path.exists():
        message = f"{path} is there already."
        raise VaultStorageError(message, hint="Name a file that is not.")
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
            # A link fails where a file came to be meanwhile; a rename would replace it.
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


def rotated(
    storage: Storage, directory: Path, why: str, check: Callable[[Reader], object]
) -> Path:
    """A copy with a name of its own; the oldest beyond five go.

    Raises:
        VaultStorageError: it cannot be written; the older ones all stay then.

    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = directory / f"vault-{stamp}-{why}.db"
    copy(storage, path, check)
    for old in sorted(directory.glob("vault-*.db"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


@contextmanager
def opened(source: Source) -> Iterator[Storage]:
    """A copy of a backup to read from; the backup itself is not touched.

    Raises:
        VaultStorageError: it cannot be read.

    """
    path = Path(source).expanduser()
    failure = None
    with tempfile.TemporaryDirectory(prefix="parllama_nb-") as directory:
        taken = Path(directory) / "backup.db"
        try:
            if path.stat().st_size > _LARGEST or not path.is_file():
                failure = VaultStorageError(f"{path} is no backup of a vault.")
            else:
                shutil.copyfile(path, taken)
                taken.chmod(0o600)
        except OSError as error:
            failure = _cannot(path, error)
        if failure is None:
            storage = SQLiteStorage(lambda: taken)
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
