"""The entries that a zip archive lists, each checked against the archive's bytes.

An archive says everything twice, in its central directory and before each entry's data.
Readers that believe one of the two are deceived by the other, so both have to agree,
and no two entries may share a byte (https://www.bamsoftware.com/hacks/zipbomb/).
"""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass
from typing import BinaryIO

from .end_records import directory_place, read_exactly
from .extra_fields import LONG, SHORT, check_unicode_path, extra_fields, widened
from .names import LONGEST_PATH, RefusedZipError, checked_path, same_path

__all__ = ["Entry", "entries_of"]

_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")

_LONGEST_RECORD = 4_096
"""Bytes of one entry in the directory, on average at most: it is read as a whole."""

_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_PATCHED = 0x0020
_DESCRIPTOR = 0x0008
_UTF_8 = 0x0800
_LEVEL = 0x0006
"""Bits of the flags; those of the level say nothing of the content."""

_STORED, _DEFLATED = 0, 8
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)
_REPARSE, _DEVICE = 0x0400, 0x0040
"""Bits of a file's attributes on Windows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive: its path, and where its data lie; sizes in bytes."""

    path: str
    deflated: bool
    crc: int
    packed: int
    size: int
    begin: int


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the central directory says of an entry."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int
    attributes: int
    path: str

    @property
    def is_folder(self) -> bool:
        return self.raw_name.endswith(b"/")


def entries_of(file: BinaryIO, most: int) -> list[Entry]:
    """Return the files of an archive, in the order of their data.

    Args:
        file: the archive, which can be sought in.
        most: how many entries it may have, folders counted.

    Raises:
        RefusedZipError: it contradicts itself, or has what is not read.
        OSError: it cannot be read.

    """
    count, begin, end = directory_place(file)
    if count > most:
        reason = f"it has {count:,} entries, more than {most:,}"
        raise RefusedZipError(reason)
    if end - begin > most * _LONGEST_RECORD:
        reason = "its directory is too long"
        raise RefusedZipError(reason)
    listed = _listed(read_exactly(file, begin, end - begin), count)
    _check_names(listed)
    entries, reached = [], 0
    for each in sorted(listed, key=lambda entry: entry.header):
        if each.header < reached:
            reason = f"the entry {each.path!r:.80} overlaps another one"
            raise RefusedZipError(reason)
        data, reached = _data_place(file, each, begin)
        if not each.is_folder:
            deflated = each.method == _DEFLATED
            entries.append(
                Entry(each.path, deflated, each.crc, each.packed, each.size, data)
            )
    return entries


def _listed(directory: bytes, count: int) -> list[_Listed]:
    listed, at = [], 0
    for _ in range(count):
        if at + _CENTRAL.size > len(directory):
            reason = f"its directory has fewer entries than {count:,}"
            raise RefusedZipError(reason)
        fields = _CENTRAL.unpack_from(directory, at)
        mark, _, _, flags, method, _, _, crc, packed, size = fields[:10]
        lengths, (disk, _, attributes, header) = fields[10:13], fields[13:]
        at += _CENTRAL.size
        end = at + sum(lengths)
        if mark != b"PK\1\2" or end > len(directory):
            reason = "its directory is damaged"
            raise RefusedZipError(reason)
        raw_name = directory[at : at + lengths[0]]
        extra = directory[at + lengths[0] : at + lengths[0] + lengths[1]]
        path = checked_path(_decoded(raw_name, flags))
        more = extra_fields(extra, path)
        size, packed, header, disk = widened(
            more, path, (size, LONG), (packed, LONG), (header, LONG), (disk, SHORT)
        )
        check_unicode_path(more, raw_name, path)
        each = _Listed(
            raw_name, flags, method, crc, packed, size, header, attributes, path
        )
        if disk:
            reason = "it is one of several parts"
            raise RefusedZipError(reason)
        _check_kind(each)
        listed.append(each)
        at = end
    if at != len(directory):
        reason = f"its directory has more than its {count:,} entries"
        raise RefusedZipError(reason)
    return listed


def _decoded(raw_name: bytes, flags: int) -> str:
    if len(raw_name) > 4 * LONGEST_PATH:
        reason = f"a name has {len(raw_name):,} bytes"
        raise RefusedZipError(reason)
    try:
        return raw_name.decode("utf-8" if flags & _UTF_8 else "cp437")
    except UnicodeDecodeError:
        pass
    reason = f"the name {raw_name!r:.60} is not UTF-8"
    raise RefusedZipError(reason)


def _check_kind(entry: _Listed) -> None:
    """Refuse what is neither a file nor a folder, and what cannot be read."""
    fault = _kind_fault(entry) or _content_fault(entry)
    if fault:
        reason = f"the entry {entry.path!r:.80} {fault}"
        raise RefusedZipError(reason)


def _kind_fault(entry: _Listed) -> str:
    mode, attributes = entry.attributes >> 16, entry.attributes
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK or attributes & _REPARSE:
        return "is a symbolic link"
    if kind not in _KINDS or attributes & _DEVICE:
        return "is a device or a pipe"
    other = stat.S_IFREG if entry.is_folder else stat.S_IFDIR
    if kind == other or (entry.is_folder and entry.size):
        return "is a file and a folder"
    return ""


def _content_fault(entry: _Listed) -> str:
    if entry.flags & _ENCRYPTED:
        return "is encrypted"
    if entry.flags & _PATCHED:
        return "is a patch"
    if entry.method not in (_STORED, _DEFLATED):
        return f"is compressed by the method {entry.method}, which is not read"
    if entry.method == _STORED and entry.packed != entry.size:
        return "is stored with two sizes"
    return ""


def _check_names(listed: list[_Listed]) -> None:
    """Refuse two entries of one name, and a file that others lie in."""
    keys: dict[str, _Listed] = {}
    for entry in listed:
        key = same_path(entry.path)
        if key in keys:
            reason = f"it has two entries named {entry.path!r:.80}"
            raise RefusedZipError(reason)
        keys[key] = entry
    for key, entry in keys.items():
        at = key.rfind("/")
        while at > 0:
            above = keys.get(key[:at])
            if above is not None:
                if not above.is_folder:
                    reason = f"the entry {entry.path!r:.80} lies in a file"
                    raise RefusedZipError(reason)
                break
            at = key.rfind("/", 0, at)


def _data_place(file: BinaryIO, entry: _Listed, end: int) -> tuple[int, int]:
    """Return where an entry's data begin, and where all that is its own ends."""
    header = entry.header
    if header + _LOCAL.size > end:
        reason = f"the entry {entry.path!r:.80} is not where the directory says"
        raise RefusedZipError(reason)
    # One read takes the names and extra fields of almost all.
    block = read_exactly(file, header, min(512, end - header))
    mark, _, flags, method, _, _, crc, packed, size, name_length, extra_length = (
        _LOCAL.unpack_from(block)
    )
    data = header + _LOCAL.size + name_length + extra_length
    if mark != b"PK\3\4" or data + entry.packed > end:
        reason = f"the entry {entry.path!r:.80} is not where the directory says"
        raise RefusedZipError(reason)
    if data - header > len(block):
        block = read_exactly(file, header, data - header)
    name_end = _LOCAL.size + name_length
    raw_name = block[_LOCAL.size : name_end]
    extra = block[name_end : data - header]
    more = extra_fields(extra, entry.path)
    size, packed = widened(more, entry.path, (size, LONG), (packed, LONG))
    said, listed = (crc, packed, size), (entry.crc, entry.packed, entry.size)
    later = bool(flags & _DESCRIPTOR)
    if (
        raw_name != entry.raw_name
        or (flags ^ entry.flags) & ~_LEVEL
        or method != entry.method
        or not (said == listed or (later and _agree_or_are_unset(said, listed)))
    ):
        reason = f"the entry {entry.path!r:.80} disagrees with the directory"
        raise RefusedZipError(reason)
    check_unicode_path(more, raw_name, entry.path)
    reached = data + entry.packed
    return data, reached + (_descriptor_length(file, entry, reached) if later else 0)


def _agree_or_are_unset(said: tuple[int, ...], listed: tuple[int, ...]) -> bool:
    return all(each in (0, other) for each, other in zip(said, listed, strict=True))


def _descriptor_length(file: BinaryIO, entry: _Listed, begin: int) -> int:
    """Return the bytes of what follows the data of an entry of unknown size."""
    file.seek(begin)
    block = file.read(24)
    for mark in (b"PK\7\x08", b""):
        for form in ("<3L", "<L2Q"):
            try:
                said = mark + struct.pack(form, entry.crc, entry.packed, entry.size)
            except struct.error:
                continue
            if block.startswith(said):
                return len(said)
    reason = f"the entry {entry.path!r:.80} disagrees with the directory"
    raise RefusedZipError(reason)
