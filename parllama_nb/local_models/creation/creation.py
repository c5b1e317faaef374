"""Making a model on an Ollama server: from a model, from files, from a Modelfile.

All that can be known is checked first, for a mistake is told by the server only after
gigabytes have travelled, or not at all: it takes parameters that do not exist.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import ProviderError, StreamInterruptedError, UsageError
from ...events import Progress
from ...providers.ollama.client import OllamaClient
from ...providers.ollama.names import ModelName, is_cloud
from ...providers.single_flight import Report
from ...weights.architectures import Version
from ..ollama.full_disk import explain_full_disk
from ..ollama.versions import SINCE, require, server_version
from .base_model import check_base, check_type, refuse_type
from .blobs import upload_blobs
from .files import ModelFiles, adapter_files, draft_files, weights_files
from .modelfile import ROLES
from .parameters import OUTDATED, Parameter, checked

__all__ = ["Creation", "create"]

_VERSION = re.compile(
    r"v?(0|[1-9]\d*)(\.(0|[1-9]\d*)){0,2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"
)
"""Of `golang.org/x/mod/semver`, which asks for no more."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A model to be made, of this name.

    It starts from a model (`from_model`: one on the server, or `hf.co/USER/REPO:TYPE`),
    or from `weights`: GGUF files, or one folder with GGUF or safetensors. The rest is
    what it has of its own; what is empty is that of the model it starts from. `license`
    holds texts, `messages` pairs of role and text. `parameters` are as Ollama names
    them; values may be texts, as in a Modelfile. `quantize` is the type to quantize to.
    """

    name: str
    from_model: str = ""
    weights: tuple[Path, ...] = ()
    system: str = ""
    template: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    license: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()
    adapter: Path | None = None
    draft: Path | None = None
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    quantize: str = ""


async def create(client: OllamaClient, creation: Creation, report: Report) -> None:
    """Make a model; one of the same name is replaced.

    Raises:
        UsageError: it cannot be made; nothing has travelled.
        DamagedModelError: a file is not a whole one; nothing has travelled.
        ProviderError: the server did not make it.

    """
    quantize, parameters = _check(creation)
    report(Progress(f"Checking {creation.name}"))
    found = await asyncio.to_thread(_weights, creation)
    base = found.architecture if found else ""
    if found and quantize:
        refuse_type(creation.weights[0].name, found.quantization)
    version = await server_version(client)
    _check_version(creation, version)
    if not found:
        base = await check_base(client, creation.from_model, quantize=bool(quantize))
    adapter, draft = await asyncio.to_thread(_companions, creation, base)
    for files in filter(None, (found, adapter, draft)):
        for what, since in files.needs.items():
            require(what, since, version)
    body: dict[str, Any] = {
        "model": creation.name,
        "from": creation.from_model,
        "system": creation.system,
        "template": creation.template,
        "parameters": parameters,
        "license": list(creation.license),
        "messages": [{"role": r, "content": text} for r, text in creation.messages],
        "renderer": creation.renderer,
        "parser": creation.parser,
        "requires": creation.requires.removeprefix("v"),
        "quantize": quantize,
    }
    for name in sorted(OUTDATED & {*creation.parameters}):
        report(Progress(f"Leaving out {name}, which Ollama no longer reads"))
    parts = (("files", found), ("adapters", adapter), ("draft_files", draft))
    for part, of_part in parts:
        if of_part is not None:
            body[part] = await upload_blobs(client, of_part.files, report)
    await _make(client, {k: v for k, v in body.items() if v}, report)


def _check(creation: Creation) -> tuple[str, dict[str, Parameter]]:
    """Check what needs no other; returns the type to quantize to, and parameters."""
    ModelName.parse(creation.name)
    if bool(creation.from_model) == bool(creation.weights):
        both = "a model and files" if creation.weights else "neither a model nor files"
        message = f"{creation.name} would be made from {both}."
        raise UsageError(message, hint="Name one of them to start from.")
    if is_cloud(creation.from_model):
        for what in ("quantize", "adapter", "draft"):
            if getattr(creation, what):
                message = f"{creation.from_model} runs at ollama.com: no {what} for it."
                raise UsageError(message, hint="Start from a model on the server.")
    for role, _ in creation.messages:
        if role not in ROLES:
            message = f"A message has the role {role!r}."
            raise UsageError(message, hint=f"A role is one of {', '.join(ROLES)}.")
    if creation.requires and not _VERSION.fullmatch(creation.requires):
        message = f"{creation.requires!r} is not a version that a model can require."
        raise UsageError(message, hint="Write it as in 0.14.0.")
    return check_type(creation.quantize), checked(creation.parameters)


def _weights(creation: Creation) -> ModelFiles | None:
    return weights_files(creation.weights) if creation.weights else None


def _companions(
    creation: Creation, base: str
) -> tuple[ModelFiles | None, ModelFiles | None]:
    adapter, draft = creation.adapter, creation.draft
    return (
        adapter_files(adapter, base) if adapter else None,
        draft_files(draft, creation.weights, base) if draft else None,
    )


def _check_version(creation: Creation, version: Version | None) -> None:
    """Check that a server of this version does all that is asked of it."""
    require("creating models", SINCE["creating models"], version)
    for what in ("RENDERER", "PARSER", "REQUIRES", "DRAFT"):
        if getattr(creation, what.lower()):
            require(what, SINCE[what], version)


async def _make(client: OllamaClient, body: dict[str, Any], report: Report) -> None:
    """Ask the server to make it, and report what it says meanwhile."""
    name = body["model"]
    report(Progress(f"Creating {name}"))
    last = ""
    failure: StreamInterruptedError | None = None
    steps = client.objects("/api/create", body, model=body.get("from") or name)
    try:
        async with aclosing(steps):
            async for step in steps:
                last = str(step.get("status") or last)
                report(_progress(step, last))
    except StreamInterruptedError as error:
        failure = error
    except ProviderError as error:
        explain_full_disk(error)
        raise
    if failure is None and last == "success":
        return
    text = f"the server ended before {name} was made."
    hint = "Create it again; files that have arrived are not sent again."
    raise StreamInterruptedError(client.endpoint.line(text), hint=hint)


def _progress(step: Mapping[str, Any], phase: str) -> Progress:
    done, total = step.get("completed"), step.get("total")
    # A digest says nothing beyond its beginning.
    phase = re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}", r"\1", phase)
    if not isinstance(total, int | float):
        return Progress(phase)
    return Progress(phase, done if isinstance(done, int | float) else 0, total, "bytes")
