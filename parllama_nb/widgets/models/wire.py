"""Local models as the wire types of their view."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from ...local_models.ollama.details import ModelDetails
from ...local_models.ollama.running import RunningModel
from ...model_catalog.listing import ModelList
from ...providers.spec import ModelInfo
from ...sizes import size_in_words
from .._protocol import Failure
from .protocol import (
    DetailsData,
    FactData,
    ListState,
    MessageData,
    ModelRow,
    RunningData,
)

__all__ = ["details_data", "list_state", "model_row", "running_data"]

CLOUD = "ollama.com"
"""Where Ollama's cloud models run, if the server does not say."""

_FETCHED = ("hf.co/", "http://", "https://")
"""How the source of a model begins whose file was downloaded."""

_LONGEST_VALUE = 2000
"""Characters of one value of the metadata."""


def model_row(info: ModelInfo) -> ModelRow:
    """Return a model of a list as a row of the table."""
    extra = info.extra

    def text(name: str) -> str:
        value = extra.get(name)
        return value if isinstance(value, str) else ""

    remote = text("remote_host") or CLOUD if extra.get("remote") else ""
    return ModelRow(
        id=info.id,
        provider=info.provider,
        name=info.name,
        # A cloud model's few bytes are not its weights.
        size=None if remote else info.size,
        quantization=text("quantization_level"),
        family=text("family"),
        parameters=text("parameter_size"),
        context_window=info.context_window,
        capabilities=sorted(info.capabilities or ()),
        modified=_seconds(info.modified),
        loaded=bool(extra.get("loaded")),
        remote=_host(remote),
        downloaded=extra.get("downloaded") is not False,
        state=text("state"),
        file_stays=bool(extra.get("own")) and not text("source").startswith(_FETCHED),
        digest=text("digest"),
    )


def list_state(
    title: str, listed: ModelList, redact: Callable[[str], str], *, listing: bool
) -> ListState:
    """Return how a provider's list stands."""
    failed: Failure | None = None
    message = listed.missing or listed.failure
    if message:
        hint = redact(listed.hint) or None
        failed = Failure(code=listed.code, message=redact(message), hint=hint)
    return ListState(
        provider=listed.provider,
        title=title,
        listing=listing,
        listed=listed.fetched,
        failure=failed,
    )


def running_data(model: RunningModel) -> RunningData:
    """Return a model in memory."""
    return RunningData(
        id=model.id,
        name=model.name,
        provider=model.provider,
        size=model.size,
        gpu=model.gpu_share,
        processor=model.processor,
        context_window=model.context_window,
        until=model.until.timestamp() if model.until else None,
    )


def details_data(details: ModelDetails, redact: Callable[[str], str]) -> DetailsData:
    """Return all that is known of a model."""
    facts = {
        "Runs at": _host(details.remote_host),
        "Runs there as": details.remote_model,
        "Format": details.format,
        "Family": details.family,
        "Parameters": details.parameter_size,
        "Quantization": details.quantization,
        "Context window": _amount(details.context_window, "tokens"),
        "Embedding length": _amount(details.embedding_length),
        "Made from": details.parent,
        "Size": "" if details.is_cloud else _size(details.size),
        "Modified": _day(details.modified),
        "Renderer": details.renderer,
        "Parser": details.parser,
        "Requires Ollama": details.requires,
        "File": details.path,
        "Digest": details.digest,
    }
    return DetailsData(
        model=details.id,
        facts=[FactData(name=k, value=redact(v)) for k, v in facts.items() if v],
        capabilities=sorted(details.capabilities or ()),
        license=details.license,
        template=details.template,
        system=details.system,
        parameters=_parameters(details.parameters),
        modelfile=redact(details.modelfile),
        messages=[MessageData(role=r, content=c) for r, c in details.messages],
        metadata=[
            FactData(name=name, value=_value(value))
            for name, value in sorted(details.metadata.items())
        ],
        remote=_host(details.remote_host) or (CLOUD if details.is_cloud else ""),
    )


def _parameters(lines: str) -> list[FactData]:
    """Return the lines of a Modelfile's parameters: a name, then its value."""
    found = []
    for line in lines.splitlines():
        name, _, value = line.strip().partition(" ")
        if not name:
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]  # the server quotes texts
        found.append(FactData(name=name, value=value))
    return found


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)  # noqa: PLR2004
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _amount(value: int | None, unit: str = "") -> str:
    return f"{value:,} {unit}".rstrip() if value else ""


def _size(size: int | None) -> str:
    return f"{size_in_words(size)} ({size:,} bytes)" if size else ""


def _host(address: str) -> str:
    """Return the host of an address, its usual port left out."""
    host = address.rpartition("://")[2].rpartition("@")[2].partition("/")[0]
    return host.removesuffix(":443")


def _seconds(text: str | None) -> float | None:
    """Return a time in ISO 8601, perhaps with nanoseconds, in seconds since 1970."""
    if not text:
        return None
    whole, dot, rest = text.partition(".")
    zone = rest.lstrip("0123456789")
    fraction = rest[: len(rest) - len(zone)][:6]
    try:
        found = datetime.fromisoformat(f"{whole}.{fraction}{zone}" if dot else whole)
        seconds = found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < time.time() + 1e9 else None


def _day(text: str) -> str:
    seconds = _seconds(text)
    if seconds is None:
        return text
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
