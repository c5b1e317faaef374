"""What a GGUF file says of itself, and whether all of it is there.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

Read by hand and not by `gguf.GGUFReader`, which takes two seconds for a vocabulary of
50,000 words, believes every count it reads, and does not notice a file that was cut.
The package brings the names and the block sizes of the types.
"""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from ...errors import DamagedModelError, ModelNotFoundError

__all__ = ["MAGIC", "Metadata", "is_part", "other_parts", "read_metadata"]

MAGIC = b"GGUF"

_VERSIONS = (2, 3)
_MOST_PAIRS, _MOST_TENSORS = 1 << 16, 1 << 20
_MOST_DIMENSIONS = 4
_LONGEST_KEY, _LONGEST_TEXT = 1 << 16, 1 << 24

_STRING, _ARRAY = 8, 9
_SCALARS = {
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
"""The type of a value and how `struct` reads it."""

_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)

_ENCODERS = ("gemma-embedding", "t5encoder")
"""Architectures without "bert" in their name that answer with vectors alone."""

_POOLINGS = ("none", "mean", "cls", "last", "rank")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a GGUF file, or all parts of a split one, says of its model.

    "" and None stand for what the file does not say. `parameters` are counted,
    `context_window` and `vocabulary` are in tokens, `size` is in bytes. `pooling` is
    how the vectors of a text's tokens become one: "mean", "cls", "last", or "rank" for
    a model that compares two texts.
    """

    name: str
    architecture: str
    quantization: str
    parameters: int
    size: int
    parts: int = 1
    context_window: int | None = None
    embedding_length: int | None = None
    layers: int | None = None
    vocabulary: int | None = None
    tokenizer: str = ""
    pooling: str = ""
    chat_template: str = ""
    license: str = ""

    @property
    def capabilities(self) -> frozenset[str]:
        """What the model is for: "completion", "embedding" or "rerank"."""
        if self.pooling == "rank":
            return frozenset({"rerank"})
        if self.is_encoder or self.pooling in ("mean", "cls", "last"):
            return frozenset({"embedding"})
        return frozenset({"completion"})

    @property
    def is_encoder(self) -> bool:
        """Whether the architecture reads a text as a whole, and writes none."""
        return "bert" in self.architecture or self.architecture in _ENCODERS

    @property
    def parameter_size(self) -> str:
        """The number of parameters as it is usually written: "135M", "1.2B"."""
        for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
            if self.parameters >= unit:
                count = self.parameters / unit
                digits = 1 if count < 10 and letter in "TB" else 0  # noqa: PLR2004
                return f"{count:.{digits}f}{letter}".replace(".0", "")
        return str(self.parameters)


def read_metadata(path: Path) -> Metadata:
    """Return what a GGUF file says of its model. Blocks for some milliseconds.

    Of a split model, `path` is the first part; the others are read too.

    Raises:
        ModelNotFoundError: the file, or one of its parts, cannot be read.
        DamagedModelError: it is no GGUF file, or a part of it is missing.

    """
    files = [path, *other_parts(path)]
    found = [_read(each) for each in files]
    first = found[0]
    types: Counter[str] = Counter()
    for each in found:
        types += each.types
    return replace(
        first.metadata(types),
        parameters=sum(each.parameters for each in found),
        size=sum(each.size for each in found),
        parts=len(files),
    )


def is_part(file_name: str) -> bool:
    """Whether a file is one part of a split model, by its name."""
    return _PART.search(file_name) is not None


def other_parts(path: Path) -> list[Path]:
    """Return the further parts of a split model, of whose files `path` is the first.

    Raises:
        DamagedModelError: `path` is another part.

    """
    match = _PART.search(path.name)
    if match is None:
        return []
    number, count = int(match[1]), int(match[2])
    stem = path.name[: match.start()]
    if number != 1:
        first = f"{stem}-00001-of-{match[2]}.gguf"
        message = f"{path.name} is part {number} of {count} of a model."
        raise DamagedModelError(message, hint=f"Name the first one, {first}.")
    ending = path.name[-5:]
    return [
        path.with_name(f"{stem}-{part:05}-of-{count:05}{ending}")
        for part in range(2, count + 1)
    ]


@dataclass(frozen=True, slots=True)
class _Header:
    """One file: its values by key, and its tensors."""

    values: Mapping[str, Any]
    lengths: Mapping[str, int]
    types: Counter[str]
    parameters: int
    size: int

    def metadata(self, types: Counter[str]) -> Metadata:
        arch = self._text("general.architecture")
        pooling = self.values.get(f"{arch}.pooling_type")
        if type(pooling) is not int or not 0 <= pooling < len(_POOLINGS):
            pooling = None
        return Metadata(
            name=self._text("general.name"),
            architecture=arch,
            quantization=self._quantization(types),
            parameters=self.parameters,
            size=self.size,
            context_window=self._count(f"{arch}.context_length"),
            embedding_length=self._count(f"{arch}.embedding_length"),
            layers=self._count(f"{arch}.block_count"),
            vocabulary=self.lengths.get("tokenizer.ggml.tokens"),
            tokenizer=self._text("tokenizer.ggml.model"),
            pooling="" if pooling is None else _POOLINGS[pooling],
            chat_template=self._text("tokenizer.chat_template"),
            license=self._text("general.license"),
        )

    def _quantization(self, types: Counter[str]) -> str:
        """Return the type that the file names, else the one of most bytes."""
        from gguf import LlamaFileType  # noqa: PLC0415 - it imports NumPy

        named = self.values.get("general.file_type")
        if isinstance(named, int):
            bare = named & ~LlamaFileType.GUESSED
            if bare in LlamaFileType.__members__.values():
                return LlamaFileType(bare).name.partition("_")[2]
        return types.most_common(1)[0][0] if types else ""

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def _count(self, key: str) -> int | None:
        value = self.values.get(key)
        return value if type(value) is int and value > 0 else None


class _DamagedError(Exception):
    """What is wrong with a file, in a few words."""


def _read(path: Path) -> _Header:
    reason, unreadable = "", ""
    try:
        with path.open("rb") as file:
            return _Reader(file, path.stat().st_size).header()
    except _DamagedError as error:
        reason = str(error)
    except OSError as error:
        unreadable = error.strerror or type(error).__name__
    if unreadable:
        message = f"{path.name} cannot be read: {unreadable}."
        raise ModelNotFoundError(message, hint=f"It should be at {path}.")
    message = f"{path.stem} is damaged: {reason}."
    hint = "Download it again, and compare its size with the original's."
    raise DamagedModelError(message, hint=hint)


class _Reader:
    """Reads a header; believes no count that the file is too short for."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._size = size

    def header(self) -> _Header:
        if self._file.read(len(MAGIC)) != MAGIC:
            text = "it is not a GGUF file" if self._size else "it is empty"
            raise _DamagedError(text)
        version = self._number("<I")
        if version not in _VERSIONS:
            text = f"its format is version {version}, and {_VERSIONS} can be read"
            if version & 0xFFFF == 0:
                text = "its numbers are written for processors of another byte order"
            raise _DamagedError(text)
        tensors = self._limited(self._number("<Q"), _MOST_TENSORS, "tensors")
        pairs = self._limited(self._number("<Q"), _MOST_PAIRS, "values")
        values: dict[str, Any] = {}
        lengths: dict[str, int] = {}
        for _ in range(pairs):
            key = self._text(_LONGEST_KEY)
            kind = self._number("<I")
            if kind == _ARRAY:
                lengths[key] = self._skip_array()
            else:
                values[key] = self._value(kind)
        types, parameters = self._tensors(tensors, _alignment(values))
        return _Header(values, lengths, types, parameters, self._size)

    def _tensors(self, count: int, alignment: int) -> tuple[Counter[str], int]:
        """Read what is said of the tensors; returns bytes by type, and parameters."""
        from gguf import (  # noqa: PLC0415 - it imports NumPy
            GGML_QUANT_SIZES,
            GGMLQuantizationType,
        )

        ends: list[tuple[str, int]] = []
        types: Counter[str] = Counter()
        parameters = 0
        for _ in range(count):
            name = self._text(_LONGEST_KEY)
            rank = self._limited(self._number("<I"), _MOST_DIMENSIONS, "dimensions")
            weights = math.prod(self._number("<Q") for _ in range(rank))
            kind, offset = self._number("<I"), self._number("<Q")
            parameters += weights
            try:
                known = GGMLQuantizationType(kind)
                block, length = GGML_QUANT_SIZES[known]
            except (ValueError, KeyError):
                # A type newer than the package: the engine may know it.
                types[f"type {kind}"] += weights
                continue
            size = weights // block * length
            types[known.name] += size
            ends.append((name, offset + size))
        start = self._file.tell()
        start += -start % alignment
        for name, end in ends:
            if start + end > self._size:
                text = f"the tensor {name[:80]!r} is not within the file"
                raise _DamagedError(text)
        return types, parameters

    def _value(self, kind: int) -> Any:  # noqa: ANN401 - what the file has
        if kind == _STRING:
            return self._text(_LONGEST_TEXT)
        if kind not in _SCALARS:
            text = f"it has a value of the unknown type {kind}"
            raise _DamagedError(text)
        return self._number(_SCALARS[kind])

    def _skip_array(self) -> int:
        """Skip an array; returns its length."""
        kind, count = self._number("<I"), self._number("<Q")
        if kind in _SCALARS:
            self._skip(count * struct.calcsize(_SCALARS[kind]))
        elif kind == _STRING:
            self._limited(count, self._size // 8, "words")
            for _ in range(count):
                self._bytes(self._number("<Q"))
        else:
            text = f"it has an array of the unknown type {kind}"
            raise _DamagedError(text)
        return int(count)

    def _number(self, form: str) -> Any:  # noqa: ANN401 - int, float or bool
        return struct.unpack(form, self._bytes(struct.calcsize(form)))[0]

    def _text(self, longest: int) -> str:
        length = self._limited(self._number("<Q"), longest, "characters")
        return self._bytes(length).decode("utf-8", "replace")

    def _bytes(self, length: int) -> bytes:
        if length > _LONGEST_TEXT:
            text = f"it has a text of {length:,} bytes"
            raise _DamagedError(text)
        data = self._file.read(length)
        if len(data) < length:
            text = "it ends within its header"
            raise _DamagedError(text)
        return data

    def _skip(self, length: int) -> None:
        if self._file.tell() + length > self._size:
            text = "it ends within its header"
            raise _DamagedError(text)
        self._file.seek(length, 1)

    def _limited(self, count: int, most: int, what: str) -> int:
        if count > most:
            text = f"it claims to have {count:,} {what}"
            raise _DamagedError(text)
        return count


def _alignment(values: Mapping[str, Any]) -> int:
    given = values.get("general.alignment", 32)
    if type(given) is not int or not 0 < given < 1 << 20 or given & (given - 1):
        text = "its alignment is not a power of two"
        raise _DamagedError(text)
    return given
