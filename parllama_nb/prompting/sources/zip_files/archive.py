"""A zip archive whose entries are read into memory, within limits.

The limits hold for the bytes that come out, whatever a header says of them.
"""

from __future__ import annotations

import io
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ....errors import StoppedError, UsageError
from ....sizes import size_in_words
from .directory import Entry, entries_of
from .names import RefusedZipError

__all__ = ["Limits", "ZipArchive", "is_zip", "opened"]

_PIECE = 1 << 18
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may have, in bytes and numbers.

    `total` is of all entries. Sources compress to a third or a quarter, so that four
    times the largest archive leaves room for every honest one. `ratio` is how many
    bytes may come of one; whatever has at most `free` bytes is not measured by it, for
    a page of blanks compresses by more.
    """

    archive: int = 250_000_000
    entry: int = 50_000_000
    entries: int = 10_000
    total: int = 1_000_000_000
    ratio: int = 100
    free: int = 65_536


class ZipArchive:
    """The files of an open archive, which agrees with itself in all that it says.

    `stop` ends a reading from another thread.
    """

    def __init__(self, file: BinaryIO, limits: Limits, stop: threading.Event) -> None:
        self._file = file
        self._limits = limits
        self._stop = stop
        self._budget = limits.total
        if not is_zip(file.read(4)):
            reason = "it is no zip archive"
            raise RefusedZipError(reason)
        length = file.seek(0, io.SEEK_END)
        if length > limits.archive:
            reason = (
                f"it has {size_in_words(length)}, "
                f"more than {size_in_words(limits.archive)}"
            )
            raise RefusedZipError(reason)
        self.entries = entries_of(file, limits.entries)
        self._check_declared(length)

    def contents(
        self,
        wanted: Callable[[Entry], bool],
        *,
        verify: bool = False,
        count: Callable[[int], None] = lambda _done: None,
    ) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of the files that are wanted, in their order.

        Args:
            wanted: says it of an entry.
            verify: whether to decompress all others too, and so to find what is
                damaged or a bomb in them.
            count: gets how many entries are done.

        Raises:
            RefusedZipError: an entry is damaged or too large.
            StoppedError: `stop` was set.
            OSError: the archive cannot be read.

        """
        for done, entry in enumerate(self.entries):
            if self._stop.is_set():
                message = "Stopped."
                raise StoppedError(message)
            if wanted(entry):
                yield entry.path, b"".join(self._pieces(entry))
            elif verify:
                for _ in self._pieces(entry):
                    pass
            count(done + 1)

    def _check_declared(self, length: int) -> None:
        """Refuse what is too large by its own word, before anything is decompressed."""
        total = 0
        for entry in self.entries:
            total += entry.size
            self._check_size(entry, entry.size, entry.packed)
        limits = self._limits
        if total > limits.total:
            reason = f"its files have more than {size_in_words(limits.total)}"
            raise RefusedZipError(reason)
        if total > max(limits.free, limits.ratio * length):
            reason = f"it is a bomb: its files are {limits.ratio} times as large"
            raise RefusedZipError(reason)

    def _check_size(self, entry: Entry, size: int, packed: int) -> None:
        limits = self._limits
        if size > limits.entry:
            reason = (
                f"the entry {entry.path!r:.80} has more than "
                f"{size_in_words(limits.entry)}"
            )
            raise RefusedZipError(reason)
        if size > max(limits.free, limits.ratio * packed):
            reason = (
                f"the entry {entry.path!r:.80} is a bomb: "
                f"more than {limits.ratio} bytes come of one"
            )
            raise RefusedZipError(reason)

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        """Yield the content of an entry; its end is checked after the last piece."""
        crc = size = 0
        pieces = self._inflated(entry) if entry.deflated else self._stored(entry)
        for piece in pieces:
            size += len(piece)
            crc = zlib.crc32(piece, crc)
            self._budget -= len(piece)
            self._check_size(entry, size, entry.packed)
            if self._budget < 0:
                reason = f"its files have more than {size_in_words(self._limits.total)}"
                raise RefusedZipError(reason)
            if size > entry.size:
                break
            if self._stop.is_set():
                message = "Stopped."
                raise StoppedError(message)
            yield piece
        if size != entry.size or crc != entry.crc:
            what = "size" if size != entry.size else "checksum"
            reason = f"the entry {entry.path!r:.80} is damaged: its {what} is another"
            raise RefusedZipError(reason)

    def _stored(self, entry: Entry) -> Iterator[bytes]:
        left = entry.packed
        self._file.seek(entry.begin)
        while left:
            piece = self._file.read(min(_PIECE, left))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        """Yield what is decompressed, in pieces that a bomb does not make larger."""
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        failed = False
        for packed in self._stored(entry):
            data = packed
            while data and not stream.eof:
                try:
                    piece = stream.decompress(data, _PIECE)
                except zlib.error:
                    failed = True
                    break
                data = stream.unconsumed_tail
                if piece:
                    yield piece
            if failed or stream.eof:
                break
        # What follows the end of the stream would be of no entry.
        if failed or not stream.eof or stream.unused_data:
            reason = f"the entry {entry.path!r:.80} is damaged"
            raise RefusedZipError(reason)


def is_zip(begin: bytes) -> bool:
    """Whether a file begins as a zip archive does."""
    return begin.startswith((b"PK\3\4", b"PK\5\6"))


@contextmanager
def opened(
    path: Path,
    name: str,
    *,
    limits: Limits | None = None,
    stop: threading.Event | None = None,
    hint: str = "",
) -> Iterator[ZipArchive]:
    """Open an archive; what is refused within is one error of one line. Blocks.

    Args:
        path: where it lies.
        name: what errors call it.
        limits: what it may have.
        stop: ends the reading.
        hint: what to do about an archive that is refused.

    Raises:
        UsageError: it is no zip archive, is refused, or cannot be read.
        StoppedError: `stop` was set.

    """
    limits = limits or Limits()
    try:
        # Entries lie close together: with a large buffer, most are read at once.
        with path.open("rb", buffering=_BUFFER) as file:
            yield ZipArchive(file, limits, stop or threading.Event())
            return
    except RefusedZipError as error:
        message = f"{name} is not read: {error}."
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror or type(error).__name__}."
    # What was raised within the `with` is the context of this otherwise.
    raise UsageError(message, hint=hint or None) from None
