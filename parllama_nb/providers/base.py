"""What a provider is: it lists models and streams answers."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import BadRequestError
from ..events import Progress
from ..paths import directory
from ..secret import Redactor, Secret
from ..surrogates import without_surrogates
from .accounted import accounted
from .accounting import Accounts, NoAccounts
from .messages import (
    ChatRequest,
    Completion,
    Finish,
    StreamEvent,
    TextDelta,
    TextWasThinking,
    ThinkingDelta,
)
from .model_facts import ModelFacts
from .spec import ModelInfo, ProviderOptions, Spec
from .token_estimate import TokenCount, estimated_tokens
from .wire_preview import WirePreview

__all__ = ["NoPrices", "Prices", "Provider", "ProviderContext", "collected"]


class Prices(Protocol):
    """What models cost and can do, from another source than their provider."""

    async def warm(self) -> None:
        """Load the table, which takes a while."""

    def facts(self, provider: str, model: str) -> ModelFacts | None:
        """Return what is known of a model, None if nothing is."""

    async def find(self, spec: Spec, model: str) -> ModelFacts | None:
        """As `facts`; loads the table first if it is needed."""

    def models(self, provider: str) -> list[ModelFacts]:
        """Return all models of a provider that are known."""


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
    """What a provider uses of the rest of the package, handed in as callables.

    `secret(name)` returns the secret of that environment name, or None. `peek(name)`
    does so too, but does not put off the vault's lock: for whoever only shows what is
    there; without it, `secret` is used. `source(name)` says where a secret comes from
    ("environment", "vault"). `redact` removes known secrets from a text. `environ`
    returns an environment variable that is not secret (a base URL). `cache_dir()` is
    where downloads are stored. `options(name)` returns the user's settings for a
    provider; it is called for every request, so that a change takes effect at once.
    `prices` knows what models cost and can do, where their providers do not say it.
    `data_dir()` is where the user's own files and lists are kept. `key_hint(name)` ends
    the sentence that says to set a key: ", or unlock the vault …" while the vault is
    locked, else how to keep a key of that name in it; "" for no name. `accounts` keeps
    the ledger, and refuses what the budget does not allow.
    """

    secret: Callable[[str], Secret | None]
    redact: Redactor
    environ: Callable[[str], str | None]
    cache_dir: Callable[[], str]
    options: Callable[[str], ProviderOptions] = lambda _name: ProviderOptions()
    prices: Prices = field(default_factory=NoPrices)
    key_hint: Callable[[str], str] = lambda _name: ""
    source: Callable[[str], str] = lambda _name: "environment"
    data_dir: Callable[[], str] = lambda: str(directory("data"))
    peek: Callable[[str], Secret | None] | None = None
    accounts: Accounts = field(default_factory=NoAccounts)


class Provider(ABC):
    """One provider. Used on the service loop only.

    All answers in progress share the provider, so the state of a stream must be local
    to `stream`. Every provider passes `parllama_nb.testing.ProviderConformance`.
    """

    def __init_subclass__(cls) -> None:
        """Have what a subclass sends noted, so that none needs to think of it."""
        super().__init_subclass__()
        for name in ("stream", "complete", "embed"):
            if name in cls.__dict__:
                setattr(cls, name, accounted(name, cls.__dict__[name]))

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        self.spec = spec
        self.context = context

    @property
    def options(self) -> ProviderOptions:
        """The user's current settings for this provider."""
        return self.context.options(self.spec.name)

    @abstractmethod
    async def models(self) -> list[ModelInfo]:
        """Return the models that the provider has now.

        Raises:
            ProviderError: the provider did not answer as expected.

        """

    @abstractmethod
    def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they arrive, then exactly one `Finish`.

        Closing the iterator early ends the request at the provider. `report` shows the
        user the progress of a slow step before the first token (a download, loading a
        model); it may be called from any thread.

        Raises:
            ParllamaError: a provider's or the engine's error, never a foreign one.

        """

    def sent_to(self, model: str) -> str:
        """Return where a question to this model goes on to from the provider's server.

        "" where it stays there, as with nearly all. One that goes on from a server on
        this machine leaves this machine.
        """
        del model
        return ""

    async def abilities(self, model: str, *, ask: bool = True) -> Mapping[str, bool]:
        """Return what is known of a model's abilities, by the words of `ModelInfo`.

        What is missing is not known: it is tried, and the provider says. Never raises,
        and asks no server that is not on this machine, without `ask` none at all.
        """
        del ask
        facts = await self.context.prices.find(self.spec, model)
        if facts is None:
            return {}
        return dict.fromkeys(facts.lacks, False) | dict.fromkeys(
            facts.capabilities, True
        )

    async def preview(self, request: ChatRequest) -> WirePreview:
        """Return what `stream` would send for a request.

        Nothing is sent to a server and no model is loaded: what `stream` asks a server
        about first is taken as far as it is known, and `WirePreview.doubt` says so.

        Raises:
            ParllamaError: the request cannot be sent like this, or there is no key.

        """
        body = json.dumps(request.to_dict(), ensure_ascii=False).encode()
        doubt = (
            f"{self.spec.title} does not say how it writes a request; this is what it "
            "is given."
        )
        return WirePreview("", "", (), body, doubt)

    async def count(self, request: ChatRequest) -> TokenCount:
        """Return how many tokens a request has, without asking another machine."""
        return TokenCount(estimated_tokens(request))

    async def window(self, request: ChatRequest, *, ask: bool) -> int | None:
        """Return how many tokens the model reads with a request, its answer included.

        None where its provider alone does not know: lists and price tables may. Without
        `ask` its server is not asked. Never raises.
        """
        del ask
        return request.context_window

    def check(self, request: ChatRequest) -> None:
        """Refuse options that this provider does not support, before anything is sent.

        Raises:
            BadRequestError: the request has such an option.

        """
        unknown = [name for name in request.options() if name not in self.spec.options]
        if unknown:
            message = f"{self.spec.title} does not support {' or '.join(unknown)}."
            known = ", ".join(sorted(self.spec.options))
            raise BadRequestError(message, hint=f"It supports {known}.")

    async def complete(self, request: ChatRequest) -> Completion:
        """Answer a request in one piece.

        A provider may have a faster way than to collect its stream.

        Raises:
            ParllamaError: as of `stream`.

        """
        return await collected(self.stream(request, lambda _: None))

    async def embed(
        self,
        model: str,
        texts: Sequence[str],
        report: Callable[[Progress], None] = lambda _: None,
        *,
        truncate: bool = False,
    ) -> list[list[float]]:
        """Return a vector for each text, all of one length, in the order of the texts.

        Args:
            model: the provider's own name of the model.
            texts: none of them may be blank.
            report: gets the progress: a download, loading the model, texts done. It may
                be called from any thread.
            truncate: whether a text that is longer than the model can read is cut;
                otherwise it is an error.

        Raises:
            UsageError: a text is blank, or is no text.
            ContextLengthError: a text is too long.
            BadRequestError: the provider, or the model, has no embeddings.
            ParllamaError: as of `stream`.

        """
        del model, texts, report, truncate
        message = f"{self.spec.title} makes no embeddings here."
        raise BadRequestError(message, hint="Models of ollama and embedded do.")

    async def load(self) -> None:  # noqa: B027 - nothing to import is common
        """Import what `models` needs. Never raises.

        Apart from `models`, so that the time of an import does not count as the
        provider's where that is limited.
        """

    async def warm(self) -> None:  # noqa: B027 - nothing to warm is common
        """Import and open what the first answer needs. Never raises."""

    async def prepare(self, model: str, report: Callable[[Progress], None]) -> None:
        """Get a model ready that the user chose; may download it.

        Raises:
            ParllamaError: the model cannot be used.

        """
        del model, report
        await self.warm()

    async def aclose(self) -> None:  # noqa: B027 - nothing to close is common
        """Close connections and end child processes."""


async def collected(stream: AsyncGenerator[StreamEvent, None]) -> Completion:
    """Collect a whole stream, and close it."""
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
            if isinstance(event, TextWasThinking):
                texts[ThinkingDelta].append("".join(texts[TextDelta]).rstrip())
                texts[TextDelta].clear()
                continue
            texts[type(event)].append(event.text)
    return Completion(
        text=without_surrogates("".join(texts[TextDelta])),
        thinking=without_surrogates("".join(texts[ThinkingDelta])),
        reason=finish.reason,
        usage=finish.usage,
        first_token_s=first,
    )
