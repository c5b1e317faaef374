"""What quantizing a file comes to, before it is written: its head and its steps."""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError
from .ggml_types import GgmlType
from .recipes import TYPES, FileType, find_type
from .source import Source, Tensor, packed, packed_text, read_source
from .tensor_types import Traits, in_order, tensor_types

__all__ = ["Plan", "Step", "estimate", "estimates", "make_plan"]

_FORMAT = 3
_UINT32 = 4
_QUANTIZATION_VERSION = 2
"""`GGML_QNT_VERSION`: how the blocks are laid out."""

_FILE_TYPE = "general.file_type"
_VERSION_KEY = "general.quantization_version"
_REPLACED = {_FILE_TYPE, _VERSION_KEY}
_REPLACED |= {"split.no", "split.count", "split.tensors.count"}

_BASE = "Only F32, F16 and BF16 can be quantized: take the model in one of these."


@dataclass(frozen=True, slots=True)
class Step:
    """One tensor: where it is, and what becomes of it at `offset` of the new file."""

    tensor: Tensor
    type: GgmlType
    offset: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A file to be: `head` is all before its first tensor, `size` its bytes."""

    file_type: FileType
    source_size: int
    head: bytes
    steps: tuple[Step, ...]
    size: int

    @property
    def types(self) -> dict[str, str]:
        """The type of each tensor by its name."""
        return {each.tensor.name: each.type.name for each in self.steps}

    @property
    def total(self) -> int:
        """Bytes of tensors that are read."""
        return sum(each.tensor.nbytes for each in self.steps)


def estimate(source: Path, file_type: str) -> int:
    """Return how many bytes a file will have when it is quantized; exact.

    Blocks while it reads the header, so it needs a thread of its own.

    Raises:
        UsageError, DamagedModelError: it cannot be quantized, and why.

    """
    return make_plan(source, find_type(file_type)).size


def estimates(source: Path) -> dict[str, int]:
    """Return the bytes of a file for each type that it can be quantized to.

    As `estimate`, but the header is read once.
    """
    held = read_source(source)
    sizes, refusal = {}, None
    for file_type in TYPES.values():
        if file_type.needs_importance:
            continue
        try:
            sizes[file_type.name] = _planned(held, file_type).size
        except UsageError as error:
            refusal = error
    if refusal is not None and not sizes:
        raise refusal
    return sizes


def make_plan(source: Path, file_type: FileType) -> Plan:
    """Plan a file. Blocks while it reads the header.

    Its tensors come in llama.cpp's order, and so does its metadata: both programs make
    the same file, byte by byte.

    Raises:
        UsageError: there is no such file, or it cannot be a base.
        DamagedModelError: it is no GGUF file, or is cut short or damaged.

    """
    return _planned(read_source(source), file_type)


def _planned(source: Source, file_type: FileType) -> Plan:
    _refuse(source, file_type)
    types = tensor_types(source.tensors, Traits.of(source.header), file_type)
    if all(types[each.name] is each.type for each in source.tensors):
        if file_type.most.is_quantized:
            message = f"No tensor of {source.name} has rows that fit {file_type.name}."
        else:
            message = f"{source.name} is {file_type.name} already."
        raise UsageError(message, hint="Choose another type: nothing would change.")
    head, offsets, size = _laid_out(source, types, file_type)
    steps = tuple(
        Step(each, kind := types[each.name], offset, kind.nbytes(each.weights))
        for each, offset in zip(in_order(source.tensors), offsets, strict=True)
    )
    return Plan(file_type, source.header.size, head, steps, size)


def _refuse(source: Source, file_type: FileType) -> None:
    """Refuse a file that cannot be a base."""
    kind = source.header.text("general.type")
    if kind in {"adapter", "imatrix"} or not source.tensors:
        called = {"adapter": "an adapter", "imatrix": "an importance matrix"}
        what = called.get(kind, "a vocabulary without weights")
        message = f"{source.name} is {what}, not a model."
        raise UsageError(message, hint=_BASE)
    sizes: Counter[str] = Counter()
    for tensor in source.tensors:
        if tensor.type.is_quantized:
            sizes[tensor.type.name] += tensor.nbytes
    if sizes:
        message = (
            f"{source.name} is quantized already: it is {sizes.most_common(1)[0][0]}, "
            f"and cannot become {file_type.name}."
        )
        raise UsageError(message, hint=_BASE)


def _laid_out(
    source: Source, types: dict[str, GgmlType], file_type: FileType
) -> tuple[bytes, list[int], int]:
    """Return the new head, where each tensor begins, and the size of the file."""
    pairs = {k: raw for k, raw in source.pairs.items() if k not in _REPLACED}
    for key, number in (
        (_VERSION_KEY, _QUANTIZATION_VERSION),
        (_FILE_TYPE, file_type.number),
    ):
        pairs[key] = packed_text(key) + packed(_UINT32) + packed(number)
    tensors = in_order(source.tensors)
    parts = [
        b"GGUF",
        packed(_FORMAT),
        struct.pack("<QQ", len(tensors), len(pairs)),
        *pairs.values(),
    ]
    offsets, end = [], 0
    for tensor in tensors:
        kind, shape = types[tensor.name], _trimmed(tensor.shape)
        parts += (
            packed_text(tensor.name),
            packed(len(shape)),
            struct.pack(f"<{len(shape)}Q", *shape),
            packed(kind.number),
            struct.pack("<Q", end),
        )
        offsets.append(end)
        end += _padded(kind.nbytes(tensor.weights), source.alignment)
    head = b"".join(parts)
    head += bytes(_padded(len(head), source.alignment) - len(head))
    return head, [len(head) + offset for offset in offsets], len(head) + end


def _trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without the ones at its end, as ggml writes it."""
    length = max((n for n, each in enumerate(shape, 1) if each > 1), default=1)
    return shape[:length]


def _padded(length: int, alignment: int) -> int:
    return -(-length // alignment) * alignment
