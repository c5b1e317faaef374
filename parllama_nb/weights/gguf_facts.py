"""What is known of a GGUF file from its header: for a list, and before it travels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ..sizes import size_in_words
from .damage import FETCH_AGAIN, damaged
from .gguf_header import Header, read_header

__all__ = ["UNQUANTIZED", "GGUFFacts", "gguf_facts", "gguf_parts"]

Kind = Literal["model", "adapter", "projector"]

UNQUANTIZED: Final = frozenset({"F32", "F16", "BF16"})
"""The types of numbers that a model can be quantized from."""

_PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})(\.gguf)", re.DOTALL)
"""How llama.cpp names the parts of a split file."""

_NAMES_OF_KINDS: Final[Mapping[str, Kind]] = {
    "adapter": "adapter",
    "mmproj": "projector",
    "projector": "projector",
}


@dataclass(frozen=True, slots=True)
class GGUFFacts:
    """One GGUF file. Numbers are None, and texts "", where it does not say.

    `size` is in bytes, of this file alone; `parameters` counts the numbers in its
    tensors, `tensor_types` the tensors of each type. `quantization` is the file's own
    word, else the type of most of its numbers. `part` is the number of this part,
    from 1, and `parts` how many there are. A `projector` reads images or sound for a
    model that is in another file.
    """

    path: Path
    size: int
    kind: Kind
    architecture: str
    name: str
    parameters: int
    quantization: str
    context_length: int | None
    embedding_length: int | None
    layers: int | None
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


def gguf_facts(path: Path) -> GGUFFacts:
    """Read what a file is; blocking, for some tens of milliseconds.

    Raises:
        UsageError: the file is not there, or cannot be read.
        DamagedModelError: it is no GGUF file, or not a whole one.

    """
    header = read_header(path)
    types = _types_of(header)
    architecture = header.text("general.architecture")
    tokens = header.values.get("tokenizer.ggml.tokens")
    counted = Counter(types[tensor.kind] for tensor in header.tensors)
    return GGUFFacts(
        path=path,
        size=header.size,
        kind=_kind(header, architecture),
        architecture=architecture,
        name=header.text("general.name") or header.text("general.basename"),
        parameters=sum(tensor.elements for tensor in header.tensors),
        quantization=_quantization(header, types),
        context_length=header.number(f"{architecture}.context_length"),
        embedding_length=header.number(f"{architecture}.embedding_length"),
        layers=header.number(f"{architecture}.block_count"),
        tokenizer=header.text("tokenizer.ggml.model"),
        vocabulary=getattr(tokens, "length", None),
        chat_template=header.text("tokenizer.chat_template"),
        license=header.text("general.license"),
        tensors=len(header.tensors),
        tensor_types=dict(counted.most_common()),
        part=(header.number("split.no") or 0) + 1,
        parts=max(header.number("split.count") or 1, 1),
        version=header.version,
    )


def gguf_parts(path: Path) -> tuple[Path, ...]:
    """Return all parts of a split file, in order; the file alone if it is whole.

    Raises:
        DamagedModelError: a part is missing.

    """
    match = _PART.fullmatch(path.name)
    if not match:
        return (path,)
    stem, _, count, suffix = match.groups()
    if int(count) > 1000:  # noqa: PLR2004 - a name may claim anything
        damaged(path, f"claims to be one of {int(count):,} parts")
    numbers = range(1, int(count) + 1)
    parts = tuple(
        path.with_name(f"{stem}-{number:05}-of-{count}{suffix}") for number in numbers
    )
    missing = [part.name for part in parts if not part.is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        what = f"is one of {len(parts)} parts; {missing[0]}{more} is not there"
        damaged(path, what, "Fetch all parts into the same folder.")
    return parts


def _types_of(header: Header) -> dict[int, str]:
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
    if header.data + end > header.size:
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


def _quantization(header: Header, types: Mapping[int, str]) -> str:
    from gguf.constants import LlamaFileType  # noqa: PLC0415 - it brings NumPy

    number = header.number("general.file_type")
    if number is not None:
        try:
            name = LlamaFileType(number & ~LlamaFileType.GUESSED).name
        except ValueError:
            name = ""
        if name:
            return name.removeprefix("MOSTLY_").removeprefix("ALL_")
    most: Counter[str] = Counter()
    for tensor in header.tensors:
        most[types[tensor.kind]] += tensor.elements
    return most.most_common(1)[0][0] if most else ""
