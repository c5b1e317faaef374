"""Values that describe a provider, what the user has set for it, and its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["COMMON_OPTIONS", "ModelInfo", "ProviderOptions", "Spec", "Timeouts"]

COMMON_OPTIONS = frozenset({"temperature", "max_tokens", "seed", "top_p", "stop"})
"""Options that every wire format has."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A provider as data; `specs.SPECS` has those that are built in.

    `wire` names the wire format the provider speaks. `url_env` and `key_env` are the
    environment variables for its address and key; the first one that is set is used.
    `key` says whether the provider requires one. `options` names the options of a
    request that the provider accepts; a request with another one is refused.
    `cache_hours` is how long a list of models stays valid; the list of a `local`
    provider is never cached.
    `documents` is how many bytes of PDF files a request may have as they are, for
    models that read them; 0 for a provider that gets their text.
    `offered=False`: its models are listed only if the user names the provider or has
    its key, because the list is huge or needs a child process.
    `keep_alive=False`: each request opens a connection of its own. llama.cpp's server
    promises to keep connections and then closes them, so that every twentieth request
    would fail.
    `continues`: a message of the assistant that comes last is gone on with. Others
    take it for a complete one.
    """

    name: str
    title: str
    wire: str
    base_url: str = ""
    url_env: tuple[str, ...] = ()
    key_env: tuple[str, ...] = ()
    key: Literal["required", "optional", "none"] = "required"
    local: bool = False
    keys_url: str = ""
    keep_alive: bool = True
    options: frozenset[str] = COMMON_OPTIONS
    cache_hours: float = 168.0
    offered: bool = True
    continues: bool = False
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for a connection, the first token, and each token after it.

    A server that sends signs of life meanwhile has up to ten times as long for a token
    (see `http.limits`).
    """

    connect: float = 10.0
    first_token: float = 300.0
    stall: float = 60.0


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """The user's settings for a provider.

    A provider that is not `enabled` is never contacted. `base_url` is as the user typed
    it (`address.base_url` completes it); "" means the environment's or the default
    address. Without `cloud`, no question may go on from its server to another's.
    `cache_hours` is None where that of the `Spec` applies.
    """

    enabled: bool = True
    base_url: str = ""
    cloud: bool = True
    cache_hours: float | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its provider lists it; None where the provider does not say.

    `context_window` is in tokens, `size` in bytes, `modified` in ISO 8601, prices are
    in US dollars for a million tokens. `capabilities` are words like `vision`,
    `thinking`, `tools`, `embedding`; None means unknown, an empty set means none.
    """

    provider: str
    name: str
    context_window: int | None = None
    size: int | None = None
    modified: str | None = None
    capabilities: frozenset[str] | None = None
    input_price: float | None = None
    output_price: float | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name a user types: `provider/model`."""
        return f"{self.provider}/{self.name}"
