"""The disk's part of the settings: a JSON file, locked, and replaced as a whole.

What is wrong with the file is never an error of whoever reads it: it is found empty,
and says why. A file that is damaged is moved aside by the next change and not before,
so that what was mistyped by hand can be mended by hand.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SettingsError

__all__ = ["MIGRATIONS", "VERSION", "Found", "Stamp", "changing", "find", "stamp_of"]

MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
"""What leads from each schema version to the next; never changed, only added."""

VERSION = "schema_version"
"""The file's own key for the schema it is written in, a whole number from 1."""

_LARGEST = 1_000_000
_LOCK_SECONDS = 5.0

Stamp = tuple[int, int, int] | str | None
"""What tells one state of the file from another; None where there is none."""


@dataclass(slots=True)
class Found:
    """What lies at the file's place, brought to the newest schema.

    `problem` says in one line what is wrong. A `damaged` file is moved aside by the
    next change; while it is `locked` it cannot be changed at all.
    """

    data: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    remedy: str = ""
    damaged: bool = False
    locked: bool = False


def stamp_of(path: Path) -> Stamp:
    """The state of the file, without reading it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"unreadable: {error.errno}"
    return found.st_mtime_ns, found.st_size, found.st_ino


def find(path: Path) -> Found:
    """What the file holds; never fails."""
    try:
        mode = path.stat().st_mode
        if path.is_dir():
            found = Found(problem=f"{path} is a directory.", remedy="Move it away.")
            found.locked = True
            return found
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return Found()
    except OSError as error:
        return Found(
            problem=f"{path} cannot be read: {error.strerror}.",
            remedy="Make it yours to read and write.",
            locked=True,
        )
    found = _parsed(path, raw)
    if not (found.locked or mode & 0o222):
        found.problem = found.problem or f"{path} is read-only."
        found.remedy = "Make it writable to change settings."
        found.locked = True
    return found


@contextlib.contextmanager
def changing(path: Path) -> Iterator[dict[str, Any]]:
    """The file's data to be changed, alone among kernels, and written at the end.

    Raises:
        SettingsError: it cannot be locked, read or written; it is as it was then.

    """
    failure = None
    # What links to a file elsewhere goes on doing so.
    path = path.resolve() if path.is_symlink() else path
    try:
        with _locked(path):
            found = find(path)
            if found.locked:
                raise SettingsError(found.problem, hint=found.remedy)
            yield found.data
            if found.damaged:
                _move_aside(path)
            data = {VERSION: 0, **found.data} | {VERSION: _newest()}
            _replace(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        failure = f"{path}: {error.strerror or type(error).__name__}."
    if failure is not None:
        raise SettingsError(failure, hint="Is the disk full or read-only?")


def _newest() -> int:
    return len(MIGRATIONS) + 1


def _parsed(path: Path, raw: bytes) -> Found:
    if len(raw) > _LARGEST:
        return _damaged(path, "is too large to hold settings")
    if not raw.strip(b"\0 \r\n\t"):
        return Found(problem=f"{path} is empty.", remedy="The next change fills it.")
    try:
        # A byte order mark: some editors put one there.
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        return _damaged(path, f"is no JSON{f' from line {line} on' if line else ''}")
    version = data.get(VERSION, 1) if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        return _damaged(path, "does not hold settings")
    if version > _newest():
        return Found(
            data,
            problem=f"{path} was written by a newer parllama_nb (schema {version}).",
            remedy="Upgrade: %pip install -U parllama_nb",
            locked=True,
        )
    for migrate in MIGRATIONS[version - 1 :]:
        data = migrate(data)
    return Found(data)


def _damaged(path: Path, what: str) -> Found:
    return Found(
        problem=f"{path} {what}.",
        remedy="Mend it, or change a setting: it is moved aside then.",
        damaged=True,
    )


def _move_aside(path: Path) -> None:
    stem = f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}"
    aside, number = path.with_name(stem), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    path.rename(aside)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone with the file among the kernels of this user."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - for changes alone

    held = path.with_name(f"{path.name}.lock")
    try:
        with FileLock(held, timeout=_LOCK_SECONDS, mode=0o600):
            yield
            return
    except Timeout:
        message = f"{path} is being changed by another kernel."
    raise SettingsError(message, hint="Try again.")


def _replace(path: Path, text: str) -> None:
    """Write a new file in the place of an old one: the one is there or the other."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = Path(name)  # readable by its owner alone
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    # The new name must outlive a loss of power too, where directories can be synced.
    with contextlib.suppress(OSError):
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
