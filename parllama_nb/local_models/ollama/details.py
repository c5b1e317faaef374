"""All that an Ollama server says of one model: https://docs.ollama.com/api/show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import UsageError
from ...providers.ollama.client import OllamaClient
from ...providers.ollama.models import facts_of
from ...providers.ollama.names import is_cloud
from ..creation.modelfile import parse
from . import verbs

__all__ = ["ModelDetails", "details"]


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """A model as its server, or its file, describes it; empty where that says nothing.

    `size` is in bytes, `context_window` in tokens. `parameters` are the lines of a
    Modelfile without the word PARAMETER. `remote_host` is where a cloud model runs;
    `metadata` is what the file of the weights says of itself, tokens left out.
    """

    provider: str
    name: str
    digest: str = ""
    size: int | None = None
    modified: str = ""
    format: str = ""
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    capabilities: frozenset[str] | None = None
    context_window: int | None = None
    embedding_length: int | None = None
    parent: str = ""
    modelfile: str = ""
    template: str = ""
    system: str = ""
    parameters: str = ""
    license: str = ""
    messages: tuple[tuple[str, str], ...] = ()
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    remote_host: str = ""
    remote_model: str = ""
    path: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The name a user types: `provider/model`."""
        return f"{self.provider}/{self.name}"

    @property
    def is_cloud(self) -> bool:
        """Whether it runs on somebody else's machine."""
        return bool(self.remote_host) or (
            self.provider == "ollama" and is_cloud(self.name)
        )


async def details(
    client: OllamaClient, provider: str, entry: Mapping[str, Any]
) -> ModelDetails:
    """Return what a server says of the model of an entry of its list.

    Raises:
        ModelNotFoundError: it is not there any more.
        ProviderError: the server did not answer as expected.

    """
    name = str(entry["name"])
    # `name` is what servers before 0.1.39 call it.
    body = {"model": name, "name": name}
    shown = await verbs.call(client, "POST", "/api/show", body, model=name)
    about, info = _mapping(shown.get("details")), _mapping(shown.get("model_info"))
    listed = _mapping(entry.get("details"))
    facts = facts_of(shown)
    size, architecture = entry.get("size"), info.get("general.architecture")
    length = info.get(f"{architecture}.embedding_length")
    commands = _commands(_text(shown.get("modelfile")))
    return ModelDetails(
        provider=provider,
        name=name,
        digest=str(entry.get("digest") or ""),
        size=size if isinstance(size, int) and size > 0 else None,
        modified=_text(entry.get("modified_at") or shown.get("modified_at")),
        format=_text(about.get("format")),
        family=_text(about.get("family")),
        parameter_size=_text(about.get("parameter_size")),
        quantization=_text(about.get("quantization_level")),
        capabilities=facts.capabilities,
        context_window=facts.window or listed.get("context_length"),
        embedding_length=length if isinstance(length, int) else None,
        parent=_text(about.get("parent_model")),
        modelfile=_text(shown.get("modelfile")),
        template=_text(shown.get("template")),
        system=_text(shown.get("system")),
        parameters=_text(shown.get("parameters")),
        license=_text(shown.get("license")),
        messages=_messages(shown.get("messages")),
        renderer=_text(shown.get("renderer")) or commands.get("renderer", ""),
        parser=_text(shown.get("parser")) or commands.get("parser", ""),
        requires=_text(shown.get("requires")),
        remote_host=_text(shown.get("remote_host") or entry.get("remote_host")),
        remote_model=_text(shown.get("remote_model") or entry.get("remote_model")),
        metadata={k: v for k, v in info.items() if v is not None},
    )


def _commands(modelfile: str) -> dict[str, str]:
    """Return what only the Modelfile says, as renderer and parser up to 0.33."""
    try:
        read = parse(modelfile)
    except UsageError:
        return {}
    return {name: read.value(name) or "" for name in ("renderer", "parser")}


def _messages(value: object) -> tuple[tuple[str, str], ...]:
    given = value if isinstance(value, list) else []
    return tuple(
        (_text(each.get("role")), _text(each.get("content")))
        for each in given
        if isinstance(each, Mapping)
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n\n".join(map(_text, value))
    return "" if value is None else str(value)
