"""A smaller model of a model: by Ollama where it can, else by ourselves.

Ollama quantizes what it has to a few types. For all others the file of the weights is
quantized here and becomes a model again, with template, parameters and license of the
one that it was made of.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..errors import UsageError
from ..events import Progress
from ..providers.ollama.names import ModelName
from ..providers.single_flight import Report
from ..secret import Redactor
from . import NATIVE_TYPES
from .creation.creation import Creation, create
from .creation.from_modelfile import creation_of
from .creation.modelfile import Command, Modelfile, parse
from .ollama.details import ModelDetails
from .ollama.models import OllamaModels
from .quantization import Quantized, find_type, quantize

__all__ = ["Place", "Result", "quantize_to", "target_name"]

Place = Literal["ollama", "embedded", "file"]
"""Where the result goes."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was made: its name or its path; `size` in bytes, None if it is not known."""

    target: str
    place: Place
    size: int | None = None


def target_name(source: str, file_type: str) -> str:
    """Return the name that a quantization of a model gets by itself."""
    name = ModelName.parse(source)
    tag = "" if name.tag == "latest" else f"{name.tag}-"
    for plain in ("fp16-", "f16-", "bf16-", "f32-"):
        if tag.lower().endswith(plain):
            tag = tag[: -len(plain)]
    return name.with_tag(f"{tag}{find_type(file_type).name}").shortest


async def quantize_to(  # noqa: PLR0913, PLR0917 - what of, and where to
    models: OllamaModels,
    source: str | Path,
    target: str,
    file_type: str,
    place: Place,
    report: Report,
    *,
    redact: Redactor,
    add: Callable[[Path, str], Awaitable[object]],
) -> Result:
    """Quantize a model of Ollama, or a GGUF file, and put the result in its place.

    Args:
        models: those of the Ollama server.
        source: Ollama's name of a model, or the path of a file.
        target: the new model's name; for a file its path.
        file_type: one of `quantization.TYPES`, in any letter case.
        place: where the result goes.
        report: gets the progress.
        redact: removes secrets from what is reported.
        add: adds a file to the embedded engine's models, under a name.

    Raises:
        UsageError: it cannot be quantized to this type, and why.
        ParllamaError: it failed; nothing is left behind.

    """
    wanted = find_type(file_type).name
    base: ModelDetails | None = None
    if isinstance(source, str):
        base = await models.details(source)
        if place == "ollama" and wanted in NATIVE_TYPES:
            made = Creation(target, from_model=base.name, quantize=wanted)
            await create(models.client(), made, report)
            return Result(target, place)
        path = await asyncio.to_thread(_weights_of, base)
        report = _naming(path.name, base.name, report)
    else:
        path = source
    if place == "file":
        done = await quantize(path, Path(target), wanted, report, redact=redact)
        return Result(str(done.path), place, done.size)
    if place == "embedded":
        return await _into_engine(path, target, wanted, report, redact, add)
    with tempfile.TemporaryDirectory(prefix="parllama_nb-") as folder:
        made_at = Path(folder, f"{target.replace('/', '-').replace(':', '-')}.gguf")
        done = await quantize(path, made_at, wanted, report, redact=redact)
        await create(models.client(), _creation(target, base, done), report)
    return Result(target, place, done.size)


async def _into_engine(  # noqa: PLR0913, PLR0917 - as of `quantize_to`
    path: Path,
    target: str,
    wanted: str,
    report: Report,
    redact: Redactor,
    add: Callable[[Path, str], Awaitable[object]],
) -> Result:
    """Quantize into a folder from which the engine's list takes a copy."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="parllama_nb-")
    try:
        made_at = Path(folder, f"{target.replace('/', '-')[:80]}.gguf")
        done = await quantize(path, made_at, wanted, report, redact=redact)
        await add(done.path, target)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return Result(target, "embedded", done.size)


def _naming(file_name: str, model: str, report: Report) -> Report:
    """Return a `report` that names a model, and not the server's file of it."""

    def named(progress: Progress) -> None:
        phase = progress.phase.replace(file_name, model)
        report(replace(progress, phase=phase))

    return named


def _creation(target: str, base: ModelDetails | None, done: Quantized) -> Creation:
    """Return the model to make of a file: what its base has, but other weights."""
    if base is None:
        return Creation(target, weights=(done.path,))
    modelfile = parse(base.modelfile).without("from").without("adapter")
    modelfile = modelfile.having(Command("from", str(done.path)))
    return creation_of(target, modelfile, done.path.parent)


def _weights_of(base: ModelDetails) -> Path:
    """Return the file of a model's weights, which a server on this machine has.

    Raises:
        UsageError: the server runs elsewhere, or keeps its files to itself.

    """
    named = Modelfile() if base.is_cloud else parse(base.modelfile)
    files = [Path(value) for value in named.values("from") if Path(value).is_absolute()]
    readable = [path for path in files if _is_readable(path)]
    if len(files) == 1 and readable:
        return readable[0]
    message = f"The file of {base.name} cannot be read here."
    hint = (
        f"Ollama itself quantizes to {', '.join(NATIVE_TYPES)}; for other types, name "
        "a GGUF file of F16, BF16 or F32."
    )
    raise UsageError(message, hint=hint)


def _is_readable(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False
