"""The files of a path that may hold conversations: one, a folder's, an archive's."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import StoppedError, UsageError
from ...prompting.sources.decoding import decoded
from ...prompting.sources.files import reason_of
from ...prompting.sources.zip_files.archive import Limits, is_zip, opened
from .formats import format_of

__all__ = ["INDEX_MARK", "Source", "open_source", "text_of"]

INDEX_MARK = "<!-- parllama_nb index -->"
"""How the index of an export begins, which is no conversation."""

_LARGEST = 300_000_000  # bytes of a file
_LIMITS = Limits(
    archive=1_000_000_000, entry=_LARGEST, entries=100_000, total=3_000_000_000
)
_SKIPPED = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a path: how many there are, and each with its name and bytes.

    Bytes are a text if the file cannot be read: then it says why.
    """

    count: int
    files: Iterator[tuple[str, bytes | str]]
    single: bool = False


@contextlib.contextmanager
def open_source(path: Path, stop: threading.Event) -> Iterator[Source]:
    """Open a file, a folder or a zip archive. Blocks.

    Raises:
        UsageError: there is no such path, or it cannot be read.
        StoppedError: `stop` was set.

    """
    failure = ""
    try:
        if path.is_dir():
            paths = _below(path)
            yield Source(len(paths), _files(path, paths, stop))
            return
        if not path.is_file():
            failure = "It is not a file." if path.exists() else "There is no such file."
        else:
            with path.open("rb") as file:
                begin = file.read(4)
            if not is_zip(begin):
                yield Source(1, iter([(path.name, _bytes(path))]), single=True)
                return
    except OSError as error:
        failure = reason_of(error)
    except ValueError:
        failure = "There cannot be such a file."
    if failure:
        message = f"{str(path)!r:.300} cannot be read. {failure}"
        raise UsageError(message, hint="Name a file, a folder or a zip archive.")
    hint = "Unpack it, and name the folder."
    with opened(path, path.name, limits=_LIMITS, stop=stop, hint=hint) as archive:
        wanted = [each for each in archive.entries if _is_wanted(each.path)]
        paths_wanted = {each.path for each in wanted}
        contents = archive.contents(lambda entry: entry.path in paths_wanted)
        yield Source(len(wanted), iter(contents))


def text_of(data: bytes | str) -> str:
    """Return the text of a file.

    Raises:
        UsageError: it could not be read, or is no text.

    """
    if isinstance(data, bytes):
        return decoded(data)
    raise UsageError(data)


def _is_wanted(path: str) -> bool:
    known = format_of(path)
    return known is not None and known.read is not None


def _below(folder: Path) -> list[Path]:
    """Return the files below a folder that may hold conversations, in order."""
    paths: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and name not in _SKIPPED
        )
        paths += [
            Path(place, name)
            for name in sorted(names)
            if name[0] != "." and _is_wanted(name)
        ]
        if len(paths) > _LIMITS.entries:
            message = f"{folder} has more than {_LIMITS.entries:,} such files."
            raise UsageError(message, hint="Name a folder below it.")
    return paths


def _files(
    folder: Path, paths: list[Path], stop: threading.Event
) -> Iterator[tuple[str, bytes | str]]:
    for path in paths:
        if stop.is_set():
            message = "Stopped."
            raise StoppedError(message)
        yield str(path.relative_to(folder)), _bytes(path)


def _bytes(path: Path) -> bytes | str:
    """Return the bytes of a file; why it cannot be read as a text."""
    try:
        # Opening a pipe or a device could wait for ever.
        if not path.is_file():
            return "It is not a file."
        if path.stat().st_size > _LARGEST:
            return f"It is larger than {_LARGEST // 1_000_000:,} MB."
        return path.read_bytes()
    except OSError as error:
        return reason_of(error)
