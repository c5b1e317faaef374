"""What is known of a folder with safetensors, and whether Ollama converts it.

All is read from JSON and headers, so that 8 GB do not travel for a refusal.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from ..errors import UsageError
from .architectures import CONVERTED, FP8_SINCE, Version
from .damage import damaged, size_of, unreadable
from .safetensors_header import numbers_in

__all__ = ["SafetensorsFacts", "safetensors_facts"]

_WEIGHTS: Final = ("model*.safetensors", "consolidated*.safetensors")
_EXTRA: Final = ("*.json", "*/*.json", "chat_template.jinja", "tokenizer.model")
_ADAPTER: Final = ("adapter*.safetensors", "*.safetensors")
_TOKENIZERS: Final = ("tokenizer.model", "tokenizer.json")
_SHARD = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.safetensors", re.DOTALL)
_FP8: Final = "F8_E4M3"
_LONGEST_JSON = 64 << 20
_NATIVE: Final = frozenset({"", "fp8", "mxfp4", "compressed-tensors"})
"""How weights may be quantized that the server converts."""

_TO_GGUF = (
    "Convert the folder to GGUF with llama.cpp's convert_hf_to_gguf.py, or take a GGUF "
    "of the model from the hub: hf.co/USER/REPO."
)


@dataclass(frozen=True, slots=True)
class SafetensorsFacts:
    """A folder with a model, or with an adapter for one.

    `files` are all that the server needs, by their names in the folder; `size` is
    their sum in bytes. `numbers` says how many there are of each type. `since` is the
    version of Ollama that converts it. `base` is the model an adapter is for.
    """

    path: Path
    kind: Literal["model", "adapter"]
    architecture: str
    base: str
    parameters: int
    numbers: Mapping[str, int]
    files: Mapping[str, Path]
    size: int
    since: Version

    @property
    def is_fp8(self) -> bool:
        """Whether it holds numbers of eight bits; a server makes Q8_0 of them."""
        return _FP8 in self.numbers


def safetensors_facts(folder: Path) -> SafetensorsFacts:
    """Read what a folder holds, and check that a server converts it; blocking.

    Raises:
        UsageError: the folder is not there, lacks a file, or holds what no server
            converts.
        DamagedModelError: one of its files is not a whole one.

    """
    if not folder.is_dir():
        message = f"There is no folder {str(folder)!r}."
        raise UsageError(message, hint="The path is one of the kernel's machine.")
    if (folder / "adapter_config.json").is_file():
        return _adapter(folder)
    weights = _weights(folder, _WEIGHTS)
    if not weights:
        message = f"The folder {folder.name} holds no model*.safetensors."
        raise UsageError(message, hint="Name the folder with the weights, or a GGUF.")
    config = _json_of(folder, "config.json")
    architecture = _architecture(folder, config)
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        _lacks(folder, " or ".join(_TOKENIZERS))
    weights += _shards(folder, weights)
    _check_quantization(folder, config)
    numbers = _read(weights)
    if "F8_E5M2" in numbers or (_FP8 in numbers and not _has_block_size(config)):
        message = f"The folder {folder.name} holds FP8 numbers that no server converts."
        hint = "They need a block size in config.json. Take the model in BF16, or GGUF."
        raise UsageError(message, hint=hint)
    files = {**_named(folder, weights), **_others(folder)}
    since = CONVERTED[architecture]
    return SafetensorsFacts(
        path=folder,
        kind="model",
        architecture=architecture,
        base="",
        parameters=sum(numbers.values()),
        numbers=numbers,
        files=files,
        size=sum(map(size_of, files.values())),
        since=max(since, FP8_SINCE) if _FP8 in numbers else since,
    )


def _adapter(folder: Path) -> SafetensorsFacts:
    config = _json_of(folder, "adapter_config.json")
    kind = str(config.get("peft_type") or "LORA")
    if kind.upper() != "LORA":
        message = f"The adapter in {folder.name} is of the kind {kind}."
        raise UsageError(message, hint="Ollama takes adapters of the kind LoRA.")
    weights = _weights(folder, _ADAPTER)
    if not weights:
        _lacks(folder, "adapter_model.safetensors")
    numbers = _read(weights)
    files = {**_named(folder, weights), **_others(folder)}
    return SafetensorsFacts(
        path=folder,
        kind="adapter",
        architecture="",
        base=str(config.get("base_model_name_or_path") or ""),
        parameters=sum(numbers.values()),
        numbers=numbers,
        files=files,
        size=sum(map(size_of, files.values())),
        since=(0, 3, 7),
    )


def _weights(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    """Return the files of the first pattern that has any, and those one level below."""
    for pattern in patterns:
        if found := sorted(folder.glob(pattern)):
            return found + sorted(folder.glob(f"*/{pattern}"))
    return []


def _others(folder: Path) -> dict[str, Path]:
    found: Iterator[Path] = (
        path for pattern in _EXTRA for path in sorted(folder.glob(pattern))
    )
    return _named(folder, [path for path in found if path.is_file()])


def _named(folder: Path, paths: list[Path]) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _read(weights: list[Path]) -> dict[str, int]:
    """Return how many numbers of each type the files hold."""
    numbers: Counter[str] = Counter()
    for path in weights:
        numbers.update(numbers_in(path))
    return dict(numbers.most_common())


def _json_of(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    if not path.is_file():
        _lacks(folder, name)
    if size_of(path) > _LONGEST_JSON:
        damaged(path, "is too large to be read")
    failure: UsageError | None = None
    content: Any = None
    try:
        # The standard's reader takes NaN and Infinity, as the server does.
        content = json.loads(path.read_bytes())
    except OSError as error:
        failure = unreadable(path, error)
    except (ValueError, RecursionError):
        content = None
    if failure is not None:
        raise failure
    if not isinstance(content, dict):
        damaged(path, "is not a JSON object")
    return content


def _architecture(folder: Path, config: Mapping[str, Any]) -> str:
    named = config.get("architectures")
    first = named[0] if isinstance(named, list) and named else None
    if not isinstance(first, str):
        message = f"config.json in {folder.name} names no architecture."
        raise UsageError(
            message, hint="`architectures` has to be in it, with one name."
        )
    if first not in CONVERTED:
        message = f"No version of Ollama that is known converts {first}."
        raise UsageError(message, hint=_TO_GGUF)
    return first


def _shards(folder: Path, weights: list[Path]) -> list[Path]:
    """Return what the index names besides; checks that a split model is whole."""
    there = {path.name for path in weights}
    wanted: set[str] = set()
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        places = _json_of(folder, index.name).get("weight_map")
        if isinstance(places, dict):
            # A name alone: the index is as foreign as the rest.
            wanted.update(Path(str(name)).name for name in places.values())
    for name in there:
        match = _SHARD.fullmatch(name)
        if match and int(match[3]) <= 1000:  # noqa: PLR2004 - a name may claim anything
            numbers = range(1, int(match[3]) + 1)
            wanted.update(
                f"{match[1]}-{each:05}-of-{match[3]}.safetensors" for each in numbers
            )
    more = [folder / name for name in sorted(wanted - there)]
    missing = [path.name for path in more if not path.is_file()]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        _lacks(folder, f"{missing[0]}{others}")
    return more


def _quantizations(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a config.json says on the quantization of the weights."""
    for place in (config, config.get("text_config")):
        if isinstance(place, dict):
            for name in ("quantization", "quantization_config", "compression_config"):
                if isinstance(place.get(name), dict):
                    yield place[name]


def _check_quantization(folder: Path, config: Mapping[str, Any]) -> None:
    for told in _quantizations(config):
        method = str(told.get("quant_method") or "")
        if method.lower() not in _NATIVE:
            message = f"The model in {folder.name} is quantized already ({method})."
            hint = "Ollama converts F32, F16, BF16 and FP8. Take one of those, or GGUF."
            raise UsageError(message, hint=hint)


def _has_block_size(config: Mapping[str, Any]) -> bool:
    for told in _quantizations(config):
        sizes = [told.get("weight_block_size")]
        groups = told.get("config_groups")
        for group in groups.values() if isinstance(groups, dict) else ():
            weights = group.get("weights") if isinstance(group, dict) else None
            if isinstance(weights, dict):
                sizes.append(weights.get("block_structure"))
        if any(isinstance(size, list) and len(size) == 2 for size in sizes):  # noqa: PLR2004
            return True
    return False


def _lacks(folder: Path, what: str) -> NoReturn:
    message = f"The folder {folder.name} lacks {what}."
    hint = "Fetch the whole repository of the model; the server needs that file."
    raise UsageError(message, hint=hint)
