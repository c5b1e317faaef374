"""What a provider is: a place that lists models and streams answers."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ..errors import BadRequestError
from ..events import Progress
from ..secret import Redactor, Secret
from .messages import (
    ChatRequest,
    Completion,
    Finish,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
)
from .model_facts import ModelFacts

__all__ = [
    "COMMON_OPTIONS",
    "ModelInfo",
    "NoPrices",
    "Prices",
    "Provider",
    "ProviderContext",
    "ProviderOptions",
    "Spec",
    "Timeouts",
    "collected",
]

COMMON_OPTIONS = frozenset({"temperature", "max_tokens", "seed", "top_p", "stop"})
"""What every wire format has a place for."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A provider as data; see `specs.SPECS`.

    `wire` names the wire format that speaks to it. `url_env` and `key_env` are the
    environment names honoured, the first that is set wins. `key` says whether the
    provider wants one at all. `options` names the options of a request that can be
    passed to it; the others are refused with a word and not dropped in silence.
    `cache_hours` is how long its list of models is taken to be right; of a `local` one
    it is not kept.
    Models of one that is not `offered` are listed where it is named, or has a key: a
    list of thousands is no help, nor is one that a process has to be started for.
    llama.cpp's server promises to keep a connection and then closes it, so that every
    twentieth question would fail: no `keep_alive` there.
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


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for a connection, the first token, and each token after it."""

    connect: float = 10.0
    first_token: float = 300.0
    stall: float = 60.0


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """What the user has chosen for a provider.

    A provider that is not `enabled` is never contacted. `base_url` is as it was typed
    and empty where the environment or the usual address holds; `address.base_url`
    makes it whole. `cache_hours` is None where the `Spec` decides.
    """

    enabled: bool = True
    base_url: str = ""
    cache_hours: float | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)


class Prices(Protocol):
    """What models cost and can do, as far as somebody else than the provider knows."""

    async def warm(self) -> None:
        """Load what takes a while to load."""

    def facts(self, provider: str, model: str) -> ModelFacts | None:
        """What is known of a model; None if nothing is."""

    async def find(self, spec: Spec, model: str) -> ModelFacts | None:
        """As `facts`, loading what has to be loaded first."""

    def models(self, provider: str) -> list[ModelFacts]:
        """All that is known of a provider's models."""


class NoPrices:
    """Knows nothing of any model."""

    async def warm(self) -> None:
        """Do nothing."""

    def facts(self, provider: str, model: str) -> ModelFacts | None:
        """Return None."""
        del provider, model
        return None

    async def find(self, spec: Spec, model: str) -> ModelFacts | None:
        """Return None."""
        del spec, model
        return None

    def models(self, provider: str) -> list[ModelFacts]:
        """Return an empty list."""
        del provider
        return []


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """What a provider may ask of the rest of the house, handed in as callables.

    `secret(name)` is the secret of that environment name, or None. `redact` takes
    known secrets out of a text. `environ` gives an environment variable that is no
    secret (a base URL). `cache_dir()` is where downloads are kept. `options(name)` is
    what the user has chosen for a provider, asked for at each call, so that a change
    takes effect at once. `prices` knows what models cost and can do, where their
    providers do not say it. `elsewhere()` says where a key that was not found may yet
    be: the end of a sentence, or "".
    """

    secret: Callable[[str], Secret | None]
    redact: Redactor
    environ: Callable[[str], str | None]
    cache_dir: Callable[[], str]
    options: Callable[[str], ProviderOptions] = lambda _name: ProviderOptions()
    prices: Prices = field(default_factory=NoPrices)
    elsewhere: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its provider lists it; None is what the provider does not say.

    `context_window` is in tokens, `size` in bytes, `modified` in ISO 8601, prices are
    in US dollars for a million tokens.
    `capabilities` are words like `vision`, `thinking`, `tools`, `embedding`; None where
    nothing is known of them, which is not the same as none.
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


class Provider(ABC):
    """One provider. Used on the service loop only.

    A provider is shared by every answer that is under way, so nothing of one stream
    may live on it: all state of a stream is local to `stream`.
    `parllama_nb.testing.ProviderConformance` is the suite each one passes.
    """

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        self.spec = spec
        self.context = context

    @property
    def options(self) -> ProviderOptions:
        """What the user has chosen for it, now."""
        return self.context.options(self.spec.name)

    @abstractmethod
    async def models(self) -> list[ModelInfo]:
        """The models there are now.

        Raises:
            ProviderError: whatever kept the provider from answering.

        """

    @abstractmethod
    def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they come, then exactly one `Finish`.

        Closing the iterator early ends the request at the provider. `report` tells
        the user what a slow step before the first token is doing (a download, the
        load of a model); it may be called from any thread.

        Raises:
            ParllamaError: a provider's or the engine's error, never a foreign one.

        """

    def check(self, request: ChatRequest) -> None:
        """Refuse what this provider has no place for, before anything is sent.

        Raises:
            BadRequestError: an option it does not take.

        """
        unknown = [name for name in request.options() if name not in self.spec.options]
        if unknown:
            message = f"{self.spec.title} takes no {' and no '.join(unknown)}."
            known = ", ".join(sorted(self.spec.options))
            raise BadRequestError(message, hint=f"It takes {known}.")

    async def complete(self, request: ChatRequest) -> Completion:
        """Answer a request in one piece, for those who do not watch it come.

        A provider may do this faster than by collecting its stream.

        Raises:
            ParllamaError: as of `stream`.

        """
        return await collected(self.stream(request, lambda _: None))

    async def load(self) -> None:  # noqa: B027 - nothing to import is common
        """Import what `models` needs. Never raises.

        This machine takes that time and not the provider, so it does not count where
        there is a limit to the provider's.
        """

    async def warm(self) -> None:  # noqa: B027 - nothing to warm is common
        """Import and open what the first answer will need. Never raises."""

    async def prepare(self, model: str, report: Callable[[Progress], None]) -> None:
        """Get a model ready that was chosen for answers to come; may download it.

        Raises:
            ParllamaError: it cannot be had.

        """
        del model, report
        await self.warm()

    async def aclose(self) -> None:  # noqa: B027 - nothing to close is common
        """End connections and child processes."""


async def collected(stream: AsyncGenerator[StreamEvent, None]) -> Completion:
    """All of a stream, which is closed in the end."""
    begun = time.monotonic()
    first: float | None = None
    texts: dict[type, list[str]] = {TextDelta: [], ThinkingDelta: []}
    finish = Finish("stop")
    async with aclosing(stream) as events:
        async for event in events:
            if isinstance(event, Finish):
                finish = event
                continue
            if first is None:
                first = time.monotonic() - begun
            texts[type(event)].append(event.text)
    return Completion(
        text="".join(texts[TextDelta]),
        thinking="".join(texts[ThinkingDelta]),
        reason=finish.reason,
        usage=finish.usage,
        first_token_s=first,
    )
