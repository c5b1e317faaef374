"""Where an archive's central directory lies, by the records at the archive's end."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from .names import RefusedZipError

__all__ = ["directory_place", "read_exactly"]

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")

_LONGEST_COMMENT = 0xFFFF

_Said = tuple[int, int, int, int, int, int]
"""Of an end: its disk, the directory's first, entries here and in all, size, begin."""

_UNSET = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
"""What a field holds whose value is in the zip64 record."""


def read_exactly(file: BinaryIO, begin: int, count: int) -> bytes:
    """Return so many bytes.

    Raises:
        RefusedZipError: the file ends before.

    """
    file.seek(begin)
    data = file.read(count)
    if len(data) < count:
        reason = "it is cut off"
        raise RefusedZipError(reason)
    return data


def directory_place(file: BinaryIO) -> tuple[int, int, int]:
    """Return how many entries the central directory has, its begin and its end.

    Raises:
        RefusedZipError: the records contradict each other or the file.

    """
    length = file.seek(0, io.SEEK_END)
    place, narrow = _end(file, length)
    wide = _wide_end(file, place)
    end, said = wide or (place, narrow)
    for each, value, unset in zip(narrow, said, _UNSET, strict=True):
        if each not in (unset, value):
            reason = "its two ends disagree"
            raise RefusedZipError(reason)
    disk, first, here, count, size, begin = said
    if disk or first or here != count:
        reason = "it is one of several parts"
        raise RefusedZipError(reason)
    if begin + size != end:
        reason = "its directory is not where its end says"
        raise RefusedZipError(reason)
    return count, begin, end


def _end(file: BinaryIO, length: int) -> tuple[int, _Said]:
    """Return where the end of an archive lies, and what it says."""
    tail_length = min(length, _LONGEST_COMMENT + _END.size)
    tail = read_exactly(file, length - tail_length, tail_length)
    ends = []
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if at + _END.size <= len(tail):
            _, *said, comment = _END.unpack_from(tail, at)
            if at + _END.size + comment == len(tail):
                ends.append((length - tail_length + at, said))
        at = tail.rfind(b"PK\5\6", 0, at)
    if not ends:
        reason = "its end is missing: it is cut off, or no zip archive"
        raise RefusedZipError(reason)
    if len(ends) > 1:
        reason = "it has two ends"
        raise RefusedZipError(reason)
    place, (disk, first, here, count, size, begin) = ends[0]
    return place, (disk, first, here, count, size, begin)


def _wide_end(file: BinaryIO, place: int) -> tuple[int, _Said] | None:
    """Return where the end for large archives lies and what it says, None for none."""
    if place < _LOCATOR_64.size:
        return None
    locator = read_exactly(file, place - _LOCATOR_64.size, _LOCATOR_64.size)
    mark, disk, at, disks = _LOCATOR_64.unpack(locator)
    if mark != b"PK\6\7":
        return None
    if disk or disks > 1 or at + _END_64.size + _LOCATOR_64.size > place:
        reason = "its zip64 end is not where it should be"
        raise RefusedZipError(reason)
    mark, size, _, _, *said = _END_64.unpack(read_exactly(file, at, _END_64.size))
    if mark != b"PK\6\6" or at + 12 + size != place - _LOCATOR_64.size:
        reason = "its zip64 end is not where it should be"
        raise RefusedZipError(reason)
    this, first, here, count, size, begin = said
    return at, (this, first, here, count, size, begin)
