"""The header of a GGUF file: its metadata as it is, and where its tensors are.

The format is described in ggml's `docs/gguf.md`. The package `gguf` reads it too, and
keeps arrays of NumPy for every text of a vocabulary: seconds for one of 256,000 tokens,
in which no other thread runs. Nothing that a file says is believed here before it is
compared with the file's size.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from ...errors import DamagedModelError, StoppedError, UsageError
from .ggml_types import BY_NUMBER, GgmlType

if TYPE_CHECKING:
    import threading

__all__ = ["Header", "Tensor", "packed", "packed_text", "read_header"]

UINT32, _TEXT, _ARRAY = 4, 8, 9
_FIXED = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?"}
_FIXED |= {10: "Q", 11: "q", 12: "d"}
_WIDTH = {kind: struct.calcsize(f"<{form}") for kind, form in _FIXED.items()}

_STEP = 1 << 20
_LARGEST = 1 << 29
"""Bytes of a header. The largest there are have 30 MB."""

_MOST = 100_000
"""Tensors, or pairs. The largest models have a few thousand."""

_MOST_DIMENSIONS = 4
_VERSIONS = (2, 3)
_ALIGNMENT = 32
_AGAIN = "Download or convert it again."
_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor. The first number of `shape` is the length of a row.

    `offset` is from the beginning of the file, and `nbytes` is its length there.
    """

    name: str
    shape: tuple[int, ...]
    type: GgmlType
    offset: int
    nbytes: int

    @property
    def weights(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself.

    `pairs` are its metadata: for each key the bytes of its type and its value.
    """

    name: str
    size: int
    pairs: dict[str, bytes]
    tensors: tuple[Tensor, ...]
    alignment: int

    def text(self, key: str) -> str:
        """Return a text of the metadata, "" if there is none."""
        raw = self.pairs.get(key, b"")
        if raw[:4] != packed(_TEXT):
            return ""
        return raw[12:].decode("utf-8", "replace")

    def number(self, key: str, default: int = 0) -> int:
        """Return a whole number of the metadata; of a list, the first one."""
        raw = self.pairs.get(key, b"")
        if len(raw) < struct.calcsize("<I"):
            return default
        kind, at = struct.unpack_from("<I", raw)[0], 4
        if kind == _ARRAY:
            kind, count = struct.unpack_from("<IQ", raw, 4)
            at = 16 if count else len(raw)
        if kind not in _FIXED or at == len(raw):
            return default
        value = struct.unpack_from(f"<{_FIXED[kind]}", raw, at)[0]
        return value if isinstance(value, int) else default


def packed(number: int) -> bytes:
    """Return 32 bits as a header holds them."""
    return struct.pack("<I", number)


def packed_text(text: str) -> bytes:
    """Return a text as a header holds it."""
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def read_header(path: Path, stop: threading.Event) -> Header:
    """Read the header of a file. Blocks, so it needs a thread of its own.

    Raises:
        UsageError: there is no such file, or it is one of several parts.
        DamagedModelError: it is no GGUF file, or is cut short or damaged.
        StoppedError: `stop` was set.

    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            message = f"{path.name} is not a file."
            raise UsageError(message, hint="Name a GGUF file.")
        with path.open("rb") as stream:
            return _Reader(path.name, size, stream, stop).header()
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError:
        reason = "its name holds a zero byte"
    message = f"{path} cannot be read: {reason}."
    raise UsageError(message, hint="Name a GGUF file that is on this machine.")


class _Reader:
    """Reads one header from its beginning to its end."""

    def __init__(
        self, name: str, size: int, stream: IO[bytes], stop: threading.Event
    ) -> None:
        self._name = name
        self._size = size
        self._stream = stream
        self._stop = stop
        self._bytes = bytearray()
        self._at = 0

    def header(self) -> Header:
        self._begin()
        tensor_count, pair_count = self._unpack("<QQ")
        # A tensor has 25 bytes at least, and a pair 13.
        self._claim(25 * tensor_count + 13 * pair_count)
        if max(tensor_count, pair_count) > _MOST:
            self._damaged(f"it claims {tensor_count:,} tensors, {pair_count:,} keys")
        pairs: dict[str, bytes] = {}
        for _ in range(pair_count):
            key = self._text()
            begun = self._at
            self._skip_value()
            if key in pairs:
                self._damaged(f"{key[:60]!r} is in it twice")
            pairs[key] = bytes(self._bytes[begun : self._at])
        bare = Header(self._name, self._size, pairs, (), _ALIGNMENT)
        self._refuse_parts(bare)
        alignment = bare.number("general.alignment", _ALIGNMENT)
        if not 0 < alignment <= _STEP or alignment & (alignment - 1):
            self._damaged(f"its alignment is {alignment}")
        found = [self._tensor() for _ in range(tensor_count)]
        data = -(-self._at // alignment) * alignment
        return Header(
            self._name,
            self._size,
            pairs,
            self._placed(found, data, alignment),
            alignment,
        )

    def _begin(self) -> None:
        if self._size == 0:
            message = f"{self._name} is empty: it has 0 bytes."
            raise DamagedModelError(message, hint=_AGAIN)
        if not self._fill(4) or self._bytes[:4] != b"GGUF":
            message = f"{self._name} is no GGUF file."
            hint = "Safetensors and PyTorch files have to be converted to GGUF first."
            raise DamagedModelError(message, hint=hint)
        self._at = 4
        (version,) = self._unpack("<I")
        if version not in _VERSIONS:
            if version & 0xFFFF == 0:
                message = f"{self._name} is written for big-endian machines."
            else:
                message = f"{self._name} has version {version} of the GGUF format."
            hint = "Versions 2 and 3 are read, little-endian: convert it again."
            raise DamagedModelError(message, hint=hint)

    def _refuse_parts(self, bare: Header) -> None:
        if bare.number("split.count") > 1 or _PART.search(self._name):
            message = f"{self._name} is one of several parts of a model."
            hint = "Join them first: `llama-gguf-split --merge FIRST_PART TARGET`."
            raise UsageError(message, hint=hint)

    def _tensor(self) -> tuple[str, tuple[int, ...], GgmlType, int]:
        name = self._text()
        (count,) = self._unpack("<I")
        if not 0 < count <= _MOST_DIMENSIONS:
            self._damaged(f"{name[:60]!r} has {count} dimensions")
        shape = self._unpack(f"<{count}Q")
        number, offset = self._unpack("<IQ")
        if not all(shape):
            self._damaged(f"{name[:60]!r} has no weights")
        if number not in BY_NUMBER:
            message = f"{self._name} holds a tensor of the unknown type {number}."
            raise DamagedModelError(message, hint="Update parllama_nb, or convert it.")
        return name, shape, BY_NUMBER[number], offset

    def _placed(
        self,
        found: list[tuple[str, tuple[int, ...], GgmlType, int]],
        data: int,
        alignment: int,
    ) -> tuple[Tensor, ...]:
        tensors: dict[str, Tensor] = {}
        for name, shape, kind, offset in found:
            nbytes = kind.nbytes(math.prod(shape))
            if name in tensors:
                self._damaged(f"{name[:60]!r} is in it twice")
            if shape[0] % kind.block or offset % alignment:
                self._damaged(f"{name[:60]!r} is out of place")
            end = data + offset + nbytes
            if end > self._size:
                self._cut_short(end)
            tensors[name] = Tensor(name, shape, kind, data + offset, nbytes)
        return tuple(tensors.values())

    def _skip_value(self) -> None:
        (kind,) = self._unpack("<I")
        if kind == _TEXT:
            self._skip_texts(1)
        elif kind == _ARRAY:
            kind, count = self._unpack("<IQ")
            if kind == _TEXT:
                self._claim(8 * count)
                self._skip_texts(count)
            else:
                self._skip(self._width(kind) * count)
        else:
            self._skip(self._width(kind))

    def _width(self, kind: int) -> int:
        if kind not in _WIDTH:
            self._damaged(f"it has a value of the unknown type {kind}")
        return _WIDTH[kind]

    def _skip_texts(self, count: int) -> None:
        """Pass over texts. This loop is what the time goes into."""
        length = struct.Struct("<Q").unpack_from
        at, known = self._at, len(self._bytes)
        for _ in range(count):
            if at + 8 > known:
                self._at = at
                self._need(8)
                known = len(self._bytes)
            at += 8 + length(self._bytes, at)[0]
        self._need(at - self._at)
        self._at = at

    def _text(self) -> str:
        (length,) = self._unpack("<Q")
        begun = self._at
        self._skip(length)
        raw = bytes(self._bytes[begun : self._at])
        text = raw.decode("utf-8", "replace")
        if text.encode() != raw:
            self._damaged("a name in it is no text")
        return text

    def _unpack(self, form: str) -> tuple[int, ...]:
        begun = self._at
        self._skip(struct.calcsize(form))
        return struct.unpack_from(form, self._bytes, begun)

    def _skip(self, count: int) -> None:
        self._need(count)
        self._at += count

    def _need(self, count: int) -> None:
        """Have so many more bytes of the file here."""
        self._claim(count)
        if not self._fill(count):
            self._cut_short(self._at + count)

    def _claim(self, count: int) -> None:
        """Refuse a count of bytes that the file does not have."""
        if self._at + count > self._size:
            self._cut_short(self._at + count)
        if self._at + count > _LARGEST:
            self._damaged("its header is larger than 512 MB")

    def _fill(self, count: int) -> bool:
        while len(self._bytes) < self._at + count:
            if self._stop.is_set():
                message = "Stopped."
                raise StoppedError(message)
            more = self._stream.read(_STEP)
            if not more:
                return False
            self._bytes += more
        return True

    def _cut_short(self, needed: int) -> NoReturn:
        if needed < 1 << 50:
            message = (
                f"{self._name} is cut short: it has {self._size:,} bytes, and should "
                f"have at least {needed:,}."
            )
        else:
            message = f"{self._name} is damaged: a length in its header is impossible."
        raise DamagedModelError(message, hint=_AGAIN)

    def _damaged(self, reason: str) -> NoReturn:
        message = f"{self._name} is damaged: {reason}."
        raise DamagedModelError(message, hint=_AGAIN)
