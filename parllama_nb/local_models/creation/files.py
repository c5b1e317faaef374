"""The files a model is made of, looked at before any of them travels; blocking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import UsageError
from ...weights.architectures import ADAPTERS, DRAFTS, Version
from ...weights.gguf_facts import GGUFFacts, gguf_facts
from ...weights.safetensors_facts import SafetensorsFacts, safetensors_facts
from ...weights.split_files import parts_there
from ..ollama.versions import SINCE

__all__ = ["ModelFiles", "adapter_files", "draft_files", "weights_files"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Files by the names that the server is to know them by.

    `quantization` is the type of the numbers, `architecture` that of a GGUF file; both
    are "" where they are not known. `needs` says since when a server takes what.
    """

    files: Mapping[str, Path]
    quantization: str = ""
    architecture: str = ""
    needs: Mapping[str, Version] = field(default_factory=dict)


def weights_files(paths: Sequence[Path]) -> ModelFiles:
    """Return the files of a model: GGUF files, or the folder of one.

    One file has the model; others may hold what reads images or sound for it.

    Raises:
        UsageError: they are no model that a server takes.
        DamagedModelError: one of them is not a whole file.

    """
    if len(paths) == 1 and paths[0].is_dir():
        folder = paths[0]
        found = sorted(folder.glob("*.gguf"))
        if not found or any(folder.glob("*.safetensors")):
            return _of_safetensors(safetensors_facts(folder))
        paths = found
    facts = _all_facts(paths)
    models = [each for each in facts if each.kind == "model"]
    wrong = [each for each in facts if each.kind == "adapter"]
    if wrong or not models:
        first = (wrong or facts)[0]
        message = f"{first.path.name} is no model, but holds {_HOLDS[first.kind]}."
        raise UsageError(message, hint=_HINTS[first.kind])
    first = models[0]
    others = {each.path for each in models} - {*parts_there(first.path)}
    if others:
        other = min(others).name
        message = f"{first.path.name} and {other} are two models; only one can be made."
        raise UsageError(message, hint="Name the one file.")
    if not first.tensors:
        message = f"{first.path.name} holds no weights, but a vocabulary alone."
        raise UsageError(message, hint="Name the file with the weights.")
    needs = {"a GGUF in several parts": SINCE["a GGUF in several parts"]}
    return ModelFiles(
        _named(each.path for each in facts),
        first.quantization,
        first.architecture,
        needs if len(models) > 1 else {},
    )


def adapter_files(path: Path, base: str) -> ModelFiles:
    """Return the files of an adapter, a GGUF file or a folder with safetensors.

    `base` is the architecture of the model it is for, "" if it is not known.

    Raises:
        UsageError: it is no adapter, or none for this model.
        DamagedModelError: one of its files is not a whole one.

    """
    if path.is_dir():
        facts = safetensors_facts(path)
        if facts.kind != "adapter":
            message = f"The folder {path.name} holds a model and no adapter."
            raise UsageError(message, hint="Name it as the model to start from.")
        if base and base not in ADAPTERS:
            known = " and ".join(sorted(ADAPTERS))
            message = f"A server converts no adapters for models of the kind {base}."
            hint = f"It does for {known}; others need the adapter as GGUF."
            raise UsageError(message, hint=hint)
        return _of_safetensors(facts)
    (found, *_) = _all_facts([path])
    if found.kind != "adapter":
        message = f"{path.name} is no adapter, but holds {_HOLDS[found.kind]}."
        raise UsageError(message, hint="Name it as the model to start from.")
    if base and found.architecture and base != found.architecture:
        message = (
            f"{path.name} is for models of the kind {found.architecture}, not {base}."
        )
        raise UsageError(message, hint="Start from the model that it was made for.")
    return ModelFiles(_named([path]), architecture=found.architecture)


def draft_files(path: Path, weights: Sequence[Path], base: str) -> ModelFiles:
    """Return the files of a draft model, which guesses what the larger one will say.

    `weights` are the files of the larger one, and `base` is its architecture, "" if it
    is not known.

    Raises:
        UsageError: it is no model, the same one, or none for this model.
        DamagedModelError: one of its files is not a whole one.

    """
    if any(path.resolve() == each.resolve() for each in weights):
        message = "The draft model is the model itself."
        raise UsageError(message, hint="Name a smaller model of the same family.")
    found = weights_files([path])
    converted = any(name.endswith(".safetensors") for name in found.files)
    if converted and base and base not in DRAFTS:
        message = f"A server converts no draft for models of the kind {base}."
        hint = f"It does for {' and '.join(sorted(DRAFTS))}; others need it as GGUF."
        raise UsageError(message, hint=hint)
    needs = {**found.needs, "DRAFT": SINCE["DRAFT"]}
    return ModelFiles(found.files, found.quantization, found.architecture, needs)


_HOLDS = {
    "model": "a model",
    "adapter": "an adapter for one",
    "projector": "what reads images or sound for one",
}
_HINTS = {
    "model": "",
    "adapter": "Name the model to start from, and this file as its adapter.",
    "projector": "Name the file of the model beside it.",
}


def _all_facts(paths: Iterable[Path]) -> list[GGUFFacts]:
    """Read what all files are, with all parts of those that are split."""
    parts = dict.fromkeys(part for path in paths for part in parts_there(path))
    return [gguf_facts(part) for part in parts]


def _of_safetensors(facts: SafetensorsFacts) -> ModelFiles:
    what = f"converting {facts.architecture or 'adapters'}"
    # What a server makes of them is F16, or BF16.
    return ModelFiles(facts.files, "F16", "", {what: facts.since})


def _named(paths: Iterable[Path]) -> dict[str, Path]:
    """Return files by names that differ and say to the server that they are GGUF."""
    named: dict[str, Path] = {}
    for path in paths:
        # A name that is no Unicode cannot be in JSON.
        name = path.name.encode("utf-8", "replace").decode()
        name = name if name.endswith(".gguf") else f"{name}.gguf"
        while name in named:
            name = f"other-{name}"
        named[name] = path
    return named
