"""The header of a GGUF file, read by hand: fast, and safe with damaged files.

The reader of the package `gguf` maps the file and makes an array of every token, which
takes seconds, and trusts each number in the file. Here no number is believed before the
file is known to be long enough for it, and of long arrays only the length is kept.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import UsageError
from .damage import damaged, size_of, unreadable

__all__ = ["MAGIC", "Array", "Header", "Tensor", "Value", "read_header"]

MAGIC: Final = b"GGUF"
_OLDER: Final = (b"lmgg", b"fmgg", b"tjgg", b"algg")
"""The magic numbers of formats before GGUF, as they stand in a file."""

_VERSIONS: Final = (2, 3)
_STRING, _ARRAY = 8, 9
_SCALARS: Final = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
"""The number of each type of value, and how it is packed."""

_MOST = 1 << 17
"""Tensors, or values; the largest models have a few thousand."""

_MOST_DIMENSIONS = 4
_LONGEST_NAME = 65_535
_LONGEST_TEXT = 16 << 20
_KEPT = 256
"""Elements of an array that are kept; of a longer one there is only the length."""

_WINDOW = 1 << 20


@dataclass(frozen=True, slots=True)
class Array:
    """An array; `values` is empty if it is long, or one of arrays."""

    length: int
    values: tuple[Value, ...] = ()


Value = int | float | bool | str | Array


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: `kind` is the number of its ggml type, `offset` is in the data."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    """A header: all metadata, all tensors, where their data begin, the file's size.

    `places`: where in the file each key with its value begins and ends.
    """

    path: Path
    version: int
    values: Mapping[str, Value]
    tensors: tuple[Tensor, ...]
    data: int
    size: int
    places: Mapping[str, tuple[int, int]]

    def text(self, key: str) -> str:
        """Return a text of the metadata, "" if there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """Return a whole number of the metadata; of an array, its largest."""
        value = self.values.get(key)
        if isinstance(value, Array):
            numbers = [each for each in value.values if type(each) is int]
            return max(numbers, default=None)
        return value if type(value) is int else None


class _Cursor:
    """A place in the file; nothing is read beyond its end."""

    def __init__(self, file: BinaryIO, path: Path, size: int) -> None:
        self.path = path
        self.place = 0
        self.size = size
        self._file = file
        self._window = b""
        self._start = 0

    def need(self, count: int) -> None:
        """Check that so many bytes follow."""
        if count > self.size - self.place:
            damaged(self.path, "is truncated: it ends within its header")

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        self.need(count)
        begin = self.place - self._start
        if begin + count > len(self._window):
            self._file.seek(self.place)
            self._window = self._file.read(max(count, _WINDOW))
            self._start, begin = self.place, 0
            if len(self._window) < count:
                damaged(self.path, "became shorter while it was read")
        self.place += count
        return self._window[begin : begin + count]

    def skip(self, count: int) -> None:
        """Go on behind the next bytes."""
        self.need(count)
        self.place += count

    def number(self, code: str) -> int:
        """Return the next number."""
        (value,) = struct.unpack(code, self.take(struct.calcsize(code)))
        return int(value)

    def text(self, longest: int) -> str:
        """Return the next text, which is a length and UTF-8."""
        length = self.number("<Q")
        self.need(length)
        if length > longest:
            damaged(self.path, f"has a text of {length:,} bytes in its header")
        return self.take(length).decode("utf-8", "replace")

    def skip_texts(self, count: int) -> None:
        """Go on behind so many texts: a vocabulary has hundreds of thousands."""
        unpack = struct.Struct("<Q").unpack_from
        while count:
            self.need(8 * count)
            # Looked at in the window, for a call per token would take a second.
            self.take(8)
            self.place -= 8
            window, begin = self._window, self.place - self._start
            end = len(window) - 8
            while count and begin <= end:
                begin += 8 + unpack(window, begin)[0]
                count -= 1
            place = self._start + begin
            if place > self.size:
                damaged(self.path, "is truncated: it ends within its vocabulary")
            self.place = place


def read_header(path: Path) -> Header:
    """Read the header of a file; blocking, for some tens of milliseconds.

    Raises:
        UsageError: the file is not there, is none, or cannot be read.
        DamagedModelError: it is no GGUF file, or not a whole one.

    """
    size = size_of(path)
    if not path.is_file():
        message = f"{path.name} is not a file."
        raise UsageError(message, hint="Name the GGUF file in it.")
    if not size:
        damaged(path, "is empty (0 bytes)")
    failure = None
    try:
        with path.open("rb") as file:
            return _header(_Cursor(file, path, size))
    except OSError as error:
        failure = unreadable(path, error)
    raise failure


def _header(cursor: _Cursor) -> Header:
    path, size = cursor.path, cursor.size
    version = _version(cursor)
    tensors, values = cursor.number("<Q"), cursor.number("<Q")
    # The least that a tensor and a value take: 8+4+4+8 and 8+4+1 bytes.
    if tensors * 24 + values * 13 > size or max(tensors, values) > _MOST:
        what = f"claims {tensors:,} tensors and {values:,} values in {size:,} bytes"
        damaged(path, what)
    metadata, places = {}, {}
    for _ in range(values):
        begin = cursor.place
        key = cursor.text(_LONGEST_NAME)
        metadata[key] = _value(cursor, cursor.number("<I"))
        places[key] = (begin, cursor.place)
    found = tuple(_tensor(cursor) for _ in range(tensors))
    alignment = metadata.get("general.alignment", 32)
    # It has to be a power of two.
    if (
        type(alignment) is not int
        or not 0 < alignment <= _WINDOW
        or alignment & (alignment - 1)
    ):
        damaged(path, "has an impossible alignment")
    data = -(-cursor.place // alignment) * alignment
    return Header(path, version, metadata, found, data, size, places)


def _version(cursor: _Cursor) -> int:
    """Read the beginning; returns the version of the format."""
    path = cursor.path
    if cursor.size < len(MAGIC) + 4:
        damaged(path, "is too short for a GGUF file")
    magic = cursor.take(4)
    if magic in _OLDER:
        hint = "Convert it with llama.cpp, or fetch the model as GGUF."
        damaged(path, "has a format from before GGUF", hint)
    if magic != MAGIC:
        whole = magic + cursor.take(min(cursor.size - 4, 60))
        damaged(path, f"is not a GGUF file{_looks_like(whole)}")
    version = cursor.number("<I")
    if version & 0xFFFF == 0 and version:
        hint = "Fetch the model for little-endian machines."
        damaged(path, "is a GGUF file for big-endian machines", hint)
    if version not in _VERSIONS:
        known = " and ".join(map(str, _VERSIONS))
        hint = f"Versions {known} can be read; convert the model again."
        damaged(path, f"is a GGUF file of version {version}", hint)
    return version


def _looks_like(begin: bytes) -> str:
    """Return what a file seems to be instead, as the end of a sentence."""
    if begin.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return ", but a web page"
    if begin.startswith(b"version https://git-lfs"):
        return ", but a pointer of Git LFS to one"
    if begin.startswith(b"PK\x03\x04"):
        return ", but a ZIP archive"
    return "" if begin.strip(b"\0") else ", but zeros"


def _value(cursor: _Cursor, kind: int) -> Value:
    if kind == _STRING:
        return cursor.text(_LONGEST_TEXT)
    if kind == _ARRAY:
        return _array(cursor)
    code = _SCALARS.get(kind)
    if code is None:
        damaged(cursor.path, f"has a value of the unknown type {kind}")
    (value,) = struct.unpack(code, cursor.take(struct.calcsize(code)))
    found: Value = value
    return found


def _array(cursor: _Cursor, depth: int = 0) -> Array:
    kind, length = cursor.number("<I"), cursor.number("<Q")
    code = _SCALARS.get(kind)
    if kind == _ARRAY:
        if depth or length > _KEPT:
            damaged(cursor.path, "has arrays within arrays")
        for _ in range(length):
            _array(cursor, depth + 1)
        return Array(length)
    if kind == _STRING:
        if length > _KEPT:
            cursor.skip_texts(length)
            return Array(length)
        texts = tuple(cursor.text(_LONGEST_TEXT) for _ in range(length))
        return Array(length, texts)
    if code is None:
        damaged(cursor.path, f"has an array of the unknown type {kind}")
    width = struct.calcsize(code)
    if length > _KEPT:
        cursor.skip(width * length)
        return Array(length)
    data = cursor.take(width * length)
    return Array(length, tuple(value for (value,) in struct.iter_unpack(code, data)))


def _tensor(cursor: _Cursor) -> Tensor:
    name = cursor.text(_LONGEST_NAME)
    dimensions = cursor.number("<I")
    if dimensions > _MOST_DIMENSIONS:
        damaged(cursor.path, f"has a tensor of {dimensions:,} dimensions")
    shape = struct.unpack(f"<{dimensions}Q", cursor.take(8 * dimensions))
    return Tensor(name, shape, cursor.number("<I"), cursor.number("<Q"))
