"""Reads and writes the settings' JSON file, under a lock and as a whole.

Reading never fails: a file that is wrong reads as empty, together with the problem. A
damaged file is moved aside by the next change and not before, so that a typing error
made by hand can be corrected by hand.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SettingsError
from ..whole_files import locked, move_aside, replace_file

__all__ = [
    "MIGRATIONS",
    "VERSION",
    "FileContent",
    "Stamp",
    "changing",
    "load",
    "stamp_of",
]

MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
"""One function from each schema version to the next. Only ever append to them."""

VERSION = "schema_version"
"""The file's key for the version of its schema, a whole number from 1."""

_LARGEST = 1_000_000

Stamp = tuple[int, int, int] | str | None
"""Differs between two states of the file; None if there is no file."""


@dataclass(slots=True)
class FileContent:
    """The file's data, migrated to the newest schema.

    `problem` says in one line what is wrong, `remedy` what to do. A `damaged` file is
    moved aside by the next change; a `locked` one cannot be changed at all.
    """

    data: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    remedy: str = ""
    damaged: bool = False
    locked: bool = False


def stamp_of(path: Path) -> Stamp:
    """Returns the stamp of the file without reading it."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"unreadable: {error.errno}"
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def load(path: Path) -> FileContent:
    """Read the file; never fails."""
    try:
        mode = path.stat().st_mode
        if path.is_dir():
            return FileContent(
                problem=f"{path} is a directory.", remedy="Move it away.", locked=True
            )
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return FileContent()
    except OSError as error:
        return FileContent(
            problem=f"{path} cannot be read: {error.strerror}.",
            remedy="Give yourself the permission to read and write it.",
            locked=True,
        )
    content = _parsed(path, raw)
    if not (content.locked or mode & 0o222):
        content.problem = content.problem or f"{path} is read-only."
        content.remedy = "Make it writable to change settings."
        content.locked = True
    return content


@contextlib.contextmanager
def changing(path: Path) -> Iterator[dict[str, Any]]:
    """Lend the file's data for a change, under a lock, and write it at the end.

    Raises:
        SettingsError: the file cannot be locked, read or written; it is unchanged then.

    """
    failure = None
    # A symbolic link stays one: the file that it points to is replaced.
    path = path.resolve() if path.is_symlink() else path
    try:
        with locked(path, SettingsError):
            content = load(path)
            if content.locked:
                raise SettingsError(content.problem, hint=content.remedy)
            yield content.data
            if content.damaged:
                move_aside(path)
            data = {VERSION: 0, **content.data} | {VERSION: _newest()}
            text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
            replace_file(path, text.encode())
    except OSError as error:
        failure = f"{path}: {error.strerror or type(error).__name__}."
    if failure is not None:
        raise SettingsError(failure, hint="Is the disk full or read-only?")


def _newest() -> int:
    return len(MIGRATIONS) + 1


def _parsed(path: Path, raw: bytes) -> FileContent:
    if len(raw) > _LARGEST:
        return _damaged(path, "is too large to hold settings")
    if not raw.strip(b"\0 \r\n\t"):
        return FileContent(
            problem=f"{path} is empty.", remedy="The next change fills it."
        )
    try:
        # Without a byte order mark, which some editors write.
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        return _damaged(path, f"is not valid JSON{f' (line {line})' if line else ''}")
    version = data.get(VERSION, 1) if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        return _damaged(path, "does not hold settings")
    if version > _newest():
        return FileContent(
            data,
            problem=f"{path} was written by a newer parllama_nb (schema {version}).",
            remedy="Upgrade: %pip install -U parllama_nb",
            locked=True,
        )
    for migrate in MIGRATIONS[version - 1 :]:
        data = migrate(data)
    return FileContent(data)


def _damaged(path: Path, what: str) -> FileContent:
    return FileContent(
        problem=f"{path} {what}.",
        remedy="Correct it, or change a setting: the file is moved aside then.",
        damaged=True,
    )
