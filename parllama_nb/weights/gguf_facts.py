"""What is known of a GGUF file from its header: for a list, and before it travels."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ..sizes import size_in_words
from .damage import FETCH_AGAIN, damaged
from .gguf_header import Header, read_header
from .split_files import part_paths

__all__ = ["UNQUANTIZED", "GGUFFacts", "gguf_facts", "model_facts"]

Kind = Literal["model", "adapter", "projector"]

UNQUANTIZED: Final = frozenset({"F32", "F16", "BF16"})
"""The types of numbers that a model can be quantized from."""

_ENCODERS: Final = frozenset({"gemma-embedding", "t5encoder"})
"""Architectures without "bert" in their name that answer with vectors alone."""

_POOLINGS: Final = ("none", "mean", "cls", "last", "rank")
"""By the number that stands for each."""

_NAMES_OF_KINDS: Final[Mapping[str, Kind]] = {
    "adapter": "adapter",
    "mmproj": "projector",
    "projector": "projector",
}


@dataclass(frozen=True, slots=True)
class GGUFFacts:
    """A GGUF file, or all parts of a split one.

    Numbers are None, and texts "", where it does not say. `size` is in bytes,
    `context_window` and `vocabulary` are in tokens. `parameters` counts the numbers in
    the tensors, `tensor_types` the tensors of each type. `quantization` is the file's
    own word, else the type of most of its numbers. `pooling` is how the vectors of a
    text's tokens become one: "mean", "cls", "last", or "rank" for a model that compares
    two texts. `part` is the number of the first part that was read, from 1, and `parts`
    how many there are. A `projector` reads images or sound for a model that is in
    another file.
    """

    path: Path
    size: int
    kind: Kind
    architecture: str
    name: str
    parameters: int
    quantization: str
    context_window: int | None
    embedding_length: int | None
    layers: int | None
    pooling: str
    tokenizer: str
    vocabulary: int | None
    chat_template: str
    license: str
    tensors: int
    tensor_types: Mapping[str, int]
    part: int
    parts: int
    version: int

    @property
    def is_quantized(self) -> bool:
        """Whether a quantization of it would be one of a quantization."""
        return self.quantization not in UNQUANTIZED

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


def gguf_facts(path: Path) -> GGUFFacts:
    """Read what one file is; blocking, for some tens of milliseconds.

    Raises:
        UsageError: the file is not there, or cannot be read.
        DamagedModelError: it is no GGUF file, or not a whole one.

    """
    return _facts([read_header(path)])


def model_facts(path: Path) -> GGUFFacts:
    """Read what a model is, of all parts together if it is split; blocking.

    Raises:
        UsageError: the file, or a part of it, is not there, or cannot be read.
        DamagedModelError: it is no GGUF file, not a whole one, or not the first part.

    """
    paths = part_paths(path)
    if path != paths[0]:
        what = f"is part {paths.index(path) + 1} of {len(paths)} of a model"
        damaged(path, what, f"Name the first one, {paths[0].name}.")
    return _facts([read_header(each) for each in paths])


def _facts(headers: Sequence[Header]) -> GGUFFacts:
    """Return what files say together; the first one says what the model is."""
    first = headers[0]
    names: dict[int, str] = {}
    counted: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for header in headers:
        names |= _names_of_types(header)
        for tensor in header.tensors:
            counted[names[tensor.kind]] += 1
            numbers[names[tensor.kind]] += tensor.elements
    architecture = first.text("general.architecture")
    tokens = first.values.get("tokenizer.ggml.tokens")
    return GGUFFacts(
        path=first.path,
        size=sum(header.size for header in headers),
        kind=_kind(first, architecture),
        architecture=architecture,
        name=first.text("general.name") or first.text("general.basename"),
        parameters=numbers.total(),
        quantization=_quantization(first, numbers),
        context_window=_count(first, f"{architecture}.context_length"),
        embedding_length=_count(first, f"{architecture}.embedding_length"),
        layers=_count(first, f"{architecture}.block_count"),
        pooling=_pooling(first, architecture),
        tokenizer=first.text("tokenizer.ggml.model"),
        vocabulary=getattr(tokens, "length", None),
        chat_template=first.text("tokenizer.chat_template"),
        license=first.text("general.license"),
        tensors=counted.total(),
        tensor_types=dict(counted.most_common()),
        part=(first.number("split.no") or 0) + 1,
        parts=max(first.number("split.count") or 1, len(headers)),
        version=first.version,
    )


def _names_of_types(header: Header) -> dict[int, str]:
    """Return the names of the types that occur; checks that the tensors are there."""
    from gguf.constants import (  # noqa: PLC0415 - it brings NumPy
        GGML_QUANT_SIZES,
        GGMLQuantizationType,
    )

    names, end = {}, 0
    for tensor in header.tensors:
        kind = tensor.kind
        try:
            known = GGMLQuantizationType(kind)
        except ValueError:
            names[kind] = f"type {kind}"
            continue
        names[kind] = known.name
        block, width = GGML_QUANT_SIZES[known]
        end = max(end, tensor.offset + tensor.elements // block * width)
    if end and header.data + end > header.size:
        whole = size_in_words(header.data + end)
        what = f"is truncated: {size_in_words(header.size)} of {whole} are there"
        damaged(header.path, what, FETCH_AGAIN)
    return names


def _kind(header: Header, architecture: str) -> Kind:
    """Return what the file is for, as Ollama's `server/create.go` tells them apart."""
    told = _NAMES_OF_KINDS.get(header.text("general.type"))
    if told:
        return told
    layers = header.number(f"{architecture}.block_count")
    if not layers and header.number(f"{architecture}.vision.block_count"):
        return "projector"
    reads = ("clip.has_vision_encoder", "clip.has_audio_encoder")
    if architecture == "clip" and any(header.values.get(key) for key in reads):
        return "projector"
    return "model"


def _quantization(header: Header, numbers: Counter[str]) -> str:
    """Return the type that a file names, else the one of most of the numbers."""
    from gguf.constants import LlamaFileType  # noqa: PLC0415 - it brings NumPy

    named = header.number("general.file_type")
    if named is not None:
        with contextlib.suppress(ValueError):
            # As in MOSTLY_Q4_K_M and ALL_F32.
            return LlamaFileType(named & ~LlamaFileType.GUESSED).name.partition("_")[2]
    return numbers.most_common(1)[0][0] if numbers else ""


def _pooling(header: Header, architecture: str) -> str:
    number = header.number(f"{architecture}.pooling_type")
    return dict(enumerate(_POOLINGS)).get(number, "") if number is not None else ""


def _count(header: Header, key: str) -> int | None:
    number = header.number(key)
    return number if number and number > 0 else None
