"""The head of a GGUF file: what the server reads of one before it makes a model.

Format: GGUF version 3, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

__all__ = ["FILE_TYPES", "BadGgufError", "Head", "human", "read_head"]

FILE_TYPES = {
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    32: "BF16",
}
"""Names of `general.file_type`. The server takes 0, which is F32, for none at all."""

_SCALARS = dict(
    enumerate(
        ("<B", "<b", "<H", "<h", "<I", "<i", "<f", "<?", "", "", "<Q", "<q", "<d")
    )
)
_STRING, _ARRAY = 8, 9

_NOT_GGUF = "supplied file was not in GGUF format"
_CUT = "unexpected EOF"


class BadGgufError(Exception):
    """The file is not one, or it is cut; the message is the server's."""


@dataclass(frozen=True)
class Head:
    """What the file says of the model. `parameters` counts its weights."""

    values: dict[str, Any]
    tensors: tuple[dict[str, Any], ...]
    parameters: int

    @property
    def family(self) -> str:
        return str(self.values.get("general.architecture", "unknown"))

    @property
    def quantization(self) -> str:
        return FILE_TYPES.get(self.values.get("general.file_type", 0), "unknown")

    @property
    def window(self) -> int:
        return int(self.values.get(f"{self.family}.context_length", 0))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if len(piece) < size:
            raise BadGgufError(_CUT)
        self.at += size
        return piece

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def string(self) -> str:
        return self.take(self.number("<Q")).decode(errors="replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            each, count = self.number("<I"), self.number("<Q")
            return [self.value(each) for _ in range(count)]
        if not _SCALARS.get(kind):
            message = f"invalid type: {kind}"
            raise BadGgufError(message)
        return self.number(_SCALARS[kind])


def read_head(data: bytes, size: int) -> Head:
    """The head of a file of `size` bytes which begins with `data`.

    BadGgufError if it is no GGUF file, or if it ends before its last tensor does.
    """
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if data[:4] != b"GGUF":
        raise BadGgufError(_NOT_GGUF)
    reader = _Reader(data)
    reader.take(8)
    count, pairs = reader.number("<Q"), reader.number("<Q")
    values = {}
    for _ in range(pairs):
        key = reader.string()
        values[key] = reader.value(reader.number("<I"))
    listed = []
    for _ in range(count):
        name = reader.string()
        shape = [reader.number("<Q") for _ in range(reader.number("<I"))]
        listed.append((name, shape, reader.number("<I"), reader.number("<Q")))
    alignment = values.get("general.alignment", 32)
    start = -(-reader.at // alignment) * alignment
    tensors = []
    for name, shape, kind, offset in listed:
        block, width = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
        end = start + offset + math.prod(shape) // block * width
        if end > size:
            cut = f"offset+size ({end}) exceeds file size ({size})"
            message = f'tensor "{name}" {cut}'
            raise BadGgufError(message)
        named = GGMLQuantizationType(kind).name
        tensors.append({"name": name, "type": named, "shape": shape})
    weights = sum(math.prod(shape) for _, shape, _, _ in listed)
    values["general.parameter_count"] = weights
    return Head(values, tuple(tensors), weights)


def human(count: int) -> str:
    """A count of weights as the server says it: `134.52M`."""
    for unit, letter, digits in ((10**9, "B", 1), (10**6, "M", 2)):
        if count >= unit:
            return f"{count / unit:.{0 if count % unit == 0 else digits}f}{letter}"
    return f"{count / 1000:.0f}K" if count >= 1000 else str(count)
