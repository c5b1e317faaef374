"""A file to be quantized: its tensors, all of them there, and its metadata as bytes."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError
from ...sizes import size_in_words
from ...weights.damage import damaged, unreadable
from ...weights.gguf_header import Header, read_header
from ...weights.gguf_header import Tensor as HeaderTensor
from .ggml_types import BY_NUMBER, GgmlType

__all__ = ["Source", "Tensor", "packed", "packed_text", "read_source"]

_LARGEST = 1 << 29
"""Bytes of a header. The largest there are have 30 MB."""


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
class Source:
    """A file. `pairs` are its metadata, each as the bytes of its key and its value."""

    name: str
    header: Header
    pairs: dict[str, bytes]
    tensors: tuple[Tensor, ...]
    alignment: int


def packed(number: int) -> bytes:
    """Return 32 bits as a header holds them."""
    return struct.pack("<I", number)


def packed_text(text: str) -> bytes:
    """Return a text as a header holds it."""
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def read_source(path: Path) -> Source:
    """Read what a file holds; blocking, for some hundred milliseconds.

    Raises:
        UsageError: there is no such file, or it is one of several parts.
        DamagedModelError: it is no GGUF file, or is cut short or damaged.

    """
    header = read_header(path)
    if (header.number("split.count") or 1) > 1:
        message = f"{path.name} is one of several parts of a model."
        hint = "Join them first: `llama-gguf-split --merge FIRST_PART TARGET`."
        raise UsageError(message, hint=hint)
    alignment = header.number("general.alignment") or 32
    tensors: dict[str, Tensor] = {}
    for each in header.tensors:
        if each.name in tensors:
            damaged(path, f"holds {each.name[:60]!r} twice")
        tensors[each.name] = _placed(header, each, alignment)
    pairs = _pairs(header)
    return Source(path.name, header, pairs, tuple(tensors.values()), alignment)


def _placed(header: Header, tensor: HeaderTensor, alignment: int) -> Tensor:
    """Return a tensor, checked to be in the file."""
    path, called = header.path, f"{tensor.name[:60]!r}"
    if "\N{REPLACEMENT CHARACTER}" in tensor.name:
        damaged(path, "has a tensor whose name is no text")
    if tensor.kind not in BY_NUMBER:
        hint = "Update parllama_nb, or convert the model again."
        damaged(path, f"holds a tensor of the unknown type {tensor.kind}", hint)
    if not tensor.elements or not tensor.shape:
        damaged(path, f"has no weights in {called}")
    kind = BY_NUMBER[tensor.kind]
    if tensor.shape[0] % kind.block or tensor.offset % alignment:
        damaged(path, f"is damaged: {called} is out of place")
    offset, nbytes = header.data + tensor.offset, kind.nbytes(tensor.elements)
    if offset + nbytes > header.size:
        there, whole = size_in_words(header.size), size_in_words(offset + nbytes)
        damaged(path, f"is truncated: {there} of {whole} are there")
    return Tensor(tensor.name, tensor.shape, kind, offset, nbytes)


def _pairs(header: Header) -> dict[str, bytes]:
    """Read the metadata again, as it is."""
    path = header.path
    length = max((end for _, end in header.places.values()), default=0)
    if length > _LARGEST:
        damaged(path, f"has a header of {size_in_words(length)}")
    try:
        with path.open("rb") as stream:
            raw = stream.read(length)
    except OSError as error:
        failure = unreadable(path, error)
    else:
        return {key: raw[begin:end] for key, (begin, end) in header.places.items()}
    raise failure
