"""show: all that is known of a local model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from ...application import Parllama
from ...local_models import OLLAMA
from ...markdown.sanitize import escape
from ...providers.http.endpoint import is_loopback
from ...sizes import size_in_words
from ..report import Report, table
from ..table import Argument, Call, Command, Option, Params
from .names import GROUP, local

if TYPE_CHECKING:
    from ...local_models.ollama.details import ModelDetails

__all__ = ["COMMAND", "ShowParams", "facts"]

_TEXTS = ("modelfile", "template", "system", "parameters", "license")
_LICENSE = 1
"""Lines of a license that are shown with the rest."""


class ShowParams(Params):
    """A model, and which of its texts to show alone."""

    model: Annotated[str, Argument("MODEL", "The model.", values=local)]
    modelfile: Annotated[
        bool, Option(("--modelfile",), "Show its Modelfile alone.")
    ] = False
    template: Annotated[bool, Option(("--template",), "Its template alone.")] = False
    system: Annotated[bool, Option(("--system",), "Its system prompt alone.")] = False
    parameters: Annotated[bool, Option(("--parameters",), "Its parameters alone.")] = (
        False
    )
    license: Annotated[bool, Option(("--license",), "Its license alone.")] = False
    metadata: Annotated[
        bool, Option(("--metadata",), "What the file of its weights says of itself.")
    ] = False


async def show(params: ShowParams, call: Call) -> Report:
    """Show what is known of a model, or one of its texts."""
    details = await call.app.local_models.details(params.model)
    chosen = [name for name in _TEXTS if getattr(params, name)]
    if chosen:
        return _texts({name: str(getattr(details, name)) for name in chosen})
    if params.metadata:
        rows = [(escape(k), escape(str(v))) for k, v in details.metadata.items()]
        return Report(table(("", ""), rows) if rows else "It has no metadata.")
    rows = [*facts(details), *await asyncio.to_thread(_fits, call.app, details)]
    blocks = [f"**{escape(details.id)}**", table(("", ""), rows)]
    blocks += [
        f"{title}:\n\n{_fenced(text)}"
        for title, text in (
            ("System prompt", details.system),
            ("Parameters", details.parameters),
            ("Template", details.template),
        )
        if text.strip()
    ]
    return Report("\n\n".join(blocks))


def _fits(app: Parllama, details: ModelDetails) -> list[tuple[str, str]]:
    """Return whether a model fits into the memory of this machine, if it runs here."""
    from ...local_models.fit import (  # noqa: PLC0415 - for this alone
        Memory,
        cache_per_token,
        will_it_fit,
    )

    here = details.provider != OLLAMA or is_loopback(
        urlsplit(app.providers.address(OLLAMA).shown).hostname or ""
    )
    if details.is_cloud or not here or not details.size:
        return []
    fit = will_it_fit(
        details.size, Memory.here(), per_token=cache_per_token(details.metadata)
    )
    needed = size_in_words(fit.needed)
    return [("fits in memory", f"{fit.verdict}: {fit.reason}; about {needed}, roughly")]


def facts(details: ModelDetails) -> list[tuple[str, str]]:
    """Return what is known of a model in rows of a word and a value, escaped."""
    window, length = details.context_window, details.embedding_length
    capabilities = details.capabilities
    rows = [
        ("runs", f"at {details.remote_host or 'ollama.com'}: a cloud model")
        if details.is_cloud
        else ("", ""),
        ("model there", details.remote_model),
        ("family", details.family),
        ("parameters", details.parameter_size),
        ("quantization", details.quantization),
        ("size", size_in_words(details.size) if details.size else ""),
        ("context window", f"{window:,} tokens" if window else ""),
        ("embedding length", f"{length:,}" if length else ""),
        ("capabilities", ", ".join(sorted(capabilities or ()))),
        ("format", details.format),
        ("made from", details.parent),
        ("renderer", details.renderer),
        ("parser", details.parser),
        ("requires", details.requires and f"Ollama {details.requires}"),
        ("license", _beginning(details.license)),
        ("modified", details.modified[:10]),
        ("digest", details.digest.removeprefix("sha256:")[:12]),
        ("file", details.path),
    ]
    return [(word, escape(value)) for word, value in rows if value]


def _beginning(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else ""


def _texts(texts: Mapping[str, str]) -> Report:
    """Return one text bare, so that it can be copied; several under their names."""
    shown = [
        f"{name.capitalize()}:\n\n{_fenced(text)}" if text else f"It has no {name}."
        for name, text in texts.items()
    ]
    if len(texts) > 1:
        return Report("\n\n".join(shown))
    [text] = texts.values()
    return Report(_fenced(text), plain=text) if text else Report(shown[0])


def _fenced(text: str) -> str:
    """Return a text as a block of code, whatever fences it holds."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _runs(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]


COMMAND = Command(
    name="show",
    group=GROUP,
    summary="Show what is known of a model.",
    params=ShowParams,
    run=show,
    examples=("%parllama show llama3.2:1b", "%parllama show llama3.2:1b --modelfile"),
)
