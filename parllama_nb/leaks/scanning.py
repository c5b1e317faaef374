"""Searches files for secrets."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .files import File
from .finder import Finder, Match
from .git_index import is_tracked
from .histories import history_lines
from .hits import Found, Hit, Kind
from .notebook_places import places

__all__ = ["scan"]

# Bytes that are read at once.
_PIECE = 8 << 20

# A notebook with more bytes is not parsed: its hits are in lines.
_LARGEST_NOTEBOOK = 64 << 20

# Hits of a secret in one file, and matches in one piece of it: 000000 as a secret has
# millions, and must not hide the others.
_MOST_HITS = 50
_MOST_MATCHES = 1_000

Place = tuple[Kind, str, Match]


def scan(
    files: Iterable[File],
    finder: Finder,
    found: Found,
    *,
    done: Callable[[int], object] = lambda _size: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Hit]:
    """Yield the hits in some files, and count into `found` what was searched.

    Args:
        files: what is searched, each once.
        finder: what is searched for.
        found: gets the counts, what could not be read, and the hits.
        done: is called with the bytes of each piece that is searched.
        is_stopped: whether to end early.

    """
    for file in files:
        if is_stopped():
            return
        hits = _hits(file, _Reading(finder, done, is_stopped), found)
        counts: Counter[tuple[str, ...]] = Counter()
        for hit in hits:
            counts[hit.names] += 1
            if counts[hit.names] > _MOST_HITS:
                found.more += 1
                continue
            found.hits.append(hit)
            yield hit


class _Reading(NamedTuple):
    """How files are read: see `scan`."""

    finder: Finder
    done: Callable[[int], object]
    is_stopped: Callable[[], bool]


def _hits(file: File, reading: _Reading, found: Found) -> Iterator[Hit]:
    path, tracked = file.path, None
    for match in reading.finder.first(os.fsencode(path.name), 1)[:1]:
        yield Hit(path, "name", match.names, match.form, "its name")
    try:
        for kind, where, match in _places(file, reading, found):
            if tracked is None:
                tracked = is_tracked(path.absolute())
            yield Hit(path, kind, match.names, match.form, where, tracked)
    except OSError as error:
        found.unreadable.append((path, error.strerror or type(error).__name__))
        return
    found.files += 1
    found.size += file.size


def _places(file: File, reading: _Reading, found: Found) -> Iterator[Place]:
    """Yield where in a file secrets are, in the words of its kind."""
    located: list[Place] = []
    finder, kind = reading.finder, file.kind
    if kind == "history":
        kind = "deleted"
        if file.path.name == "history.sqlite":
            try:
                for where, match in history_lines(file.path, finder):
                    located.append(("history", where, match))
            except sqlite3.Error as error:
                found.unreadable.append((file.path, f"{error}, as a database"))
                kind = "history"
    with _opened(file.path) as opened:
        matches = list(_in_lines(opened, reading))
        is_notebook = kind == "notebook" or (
            kind == "checkpoint" and file.path.suffix == ".ipynb"
        )
        if matches and is_notebook and file.size < _LARGEST_NOTEBOOK:
            opened.seek(0)
            located = places(opened.read(), finder)
    for part, where, match in located:
        yield ("checkpoint" if kind == "checkpoint" else part), where, match
    # What has no place in a cell or row is still in the file.
    known = {match.names for _, _, match in located}
    for where, match in matches:
        if match.names not in known:
            yield kind, where, match


def _in_lines(opened: BinaryIO, reading: _Reading) -> Iterator[tuple[str, Match]]:
    """Yield the matches in a file, with their lines, or bytes if it is not a text.

    It is read in pieces that overlap, so that no match is cut in two.
    """
    finder = reading.finder
    overlap = max(0, finder.longest - 1)
    data, begin, line = b"", 0, 1
    is_text: bool | None = None
    seen: set[tuple[str, tuple[str, ...], str]] = set()
    while not reading.is_stopped():
        piece = opened.read(_PIECE)
        if not piece:
            return
        kept = data[-overlap:] if overlap else b""
        line += data.count(b"\n", 0, len(data) - len(kept))
        begin += len(data) - len(kept)
        data = kept + piece
        if is_text is None:
            is_text = b"\0" not in data[:4096]
        lines = at = 0
        for match in finder.first(data, _MOST_MATCHES):
            if match.end <= len(kept):
                continue  # it was in the piece before, too
            where = f"byte {begin + match.start:,}"
            if is_text:
                lines += data.count(b"\n", at, match.start)
                at = match.start
                where = f"line {line + lines:,}"
            if (where, match.names, match.form) not in seen:
                seen.add((where, match.names, match.form))
                yield where, match
        reading.done(len(piece))


def _opened(path: Path) -> BinaryIO:
    """Open a file that cannot be a link, nor a pipe that nobody writes to.

    Raises:
        OSError: it cannot be opened, or is no file.

    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "not a file")
    return os.fdopen(handle, "rb")
