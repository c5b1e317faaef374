"""Small files that several kernels change: under a lock, and as a whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import ParllamaError

__all__ = ["locked", "move_aside", "replace_file"]

_LOCK_SECONDS = 5.0


@contextlib.contextmanager
def locked(path: Path, failure: type[ParllamaError]) -> Iterator[None]:
    """Lock a file against the other kernels of this user, by one beside it.

    Raises:
        ParllamaError: another kernel holds the lock for seconds; it is a `failure`.
        OSError: the lock cannot be made.

    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - for changes alone

    lock = path.with_name(f"{path.name}.lock")
    try:
        with FileLock(lock, timeout=_LOCK_SECONDS, mode=0o600):
            yield
            return
    except Timeout:
        message = f"{path} is being changed by another kernel."
    raise failure(message, hint="Try again.")


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file atomically: at any time the old one is there or the new one.

    Raises:
        OSError: it cannot be written; the old one is there then.

    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = Path(name)  # only its owner can read it
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a handle
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    # Makes the new name survive a loss of power, on systems that sync directories.
    with contextlib.suppress(OSError):
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def move_aside(path: Path) -> None:
    """Rename a damaged file to `NAME.damaged-TIME`, which no file has yet.

    Raises:
        OSError: it cannot be renamed.

    """
    stem = f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}"
    aside, number = path.with_name(stem), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    path.rename(aside)
