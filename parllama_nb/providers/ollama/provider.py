"""Ollama: a server that loads local models, in its own wire format."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from ...errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderDisabledError,
    ProviderError,
)
from ...events import Progress
from ..base import ProviderContext
from ..embeddings import checked_texts
from ..http.provider import WireProvider
from ..messages import ChatRequest, StreamEvent
from ..spec import ModelInfo, Spec
from ..token_estimate import estimated_tokens
from ..wire_preview import WirePreview
from .client import OllamaClient
from .context_window import SMALLEST, Loaded, enough, loaded_as, rounded, widened
from .embeddings import embedded
from .models import CLOUD, Facts, Library, facts_of, loaded
from .names import canonical, is_cloud
from .near_names import near_names
from .request import requested_window

__all__ = ["Ollama"]


@dataclass(frozen=True, slots=True)
class _Settings:
    """How a request is sent: the window to ask for, and whether thinking has levels."""

    window: int | None = None
    levels: bool = True

    def applied(self, request: ChatRequest) -> ChatRequest:
        """Return the request with these settings."""
        if self.window is not None:
            request = replace(request, context_window=self.window)
        if not self.levels and request.reasoning not in (None, "off"):
            request = replace(request, extra={"think": True, **request.extra})
        return request


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a server last said of a model: how it is loaded, and what it can read."""

    have: Loaded | None = None
    facts: Facts = field(default_factory=Facts)


class Ollama(WireProvider[OllamaClient]):
    """The models of one Ollama server."""

    kind = OllamaClient

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._library = Library()
        self._widened: dict[str, int] = {}
        """The windows that models were loaded with for us: less would reload them."""
        self._no_levels: set[str] = set()
        """Models of servers that support thinking, but no levels of it."""
        self._able: dict[str, frozenset[str] | None] = {}
        """What models can do, as a server said since it last listed them."""
        self._seen: dict[str, _Seen] = {}
        """What servers said of models when they were last asked, for previews."""

    async def models(self) -> list[ModelInfo]:
        """Return the models that the server has: loaded ones first, then the newest."""
        client = self.client()
        found = await self._library.models(client, self.spec.name)
        self._able = {
            self._key(client, each.name): each.capabilities
            for each in found
            if each.capabilities is not None
        }
        return found

    def sent_to(self, model: str) -> str:
        """Return the host of a cloud model, as far as its name or a list says it."""
        listed = self._library.remote_hosts.get(canonical(model), "")
        return listed or (CLOUD if is_cloud(model) else "")

    async def abilities(self, model: str, *, ask: bool = True) -> Mapping[str, bool]:
        """Return whether a model sees images, as far as the server says it."""
        known: frozenset[str] | None = None
        with contextlib.suppress(ProviderError):
            client = self.client()
            key = self._key(client, model)
            if ask and key not in self._able:
                self._able[key] = (await self._facts(client, model)).capabilities
            seen = self._seen.get(key, _Seen())
            known = self._able.get(key, seen.facts.capabilities)
        return {} if known is None else {"vision": "vision" in known, "pdf": False}

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they arrive, then exactly one `Finish`."""
        client = self.client()
        await self._check_cloud(client, request.model)
        settings: _Settings | None = None
        while True:
            refused: ProviderError | None = None
            begun = False
            try:
                settings = settings or await self._settings(client, request, report)
                stream = client.stream(settings.applied(request))
                async with aclosing(stream) as events:
                    async for event in events:
                        begun = True
                        yield event
            except (ContextLengthError, BadRequestError, ModelNotFoundError) as error:
                refused = error
            if refused is None:
                return
            if isinstance(refused, ModelNotFoundError):
                raise await self._with_names(refused, client, request.model)
            relaxed = None
            if settings is not None and not begun:
                # Refused before any work was done, so asking again costs nothing.
                relaxed = await self._relaxed(
                    refused, client, request, settings, report
                )
            if relaxed is None:
                raise refused
            settings = relaxed

    async def _check_cloud(self, client: OllamaClient, model: str) -> None:
        """Refuse a cloud model if they are switched off.

        Raises:
            ProviderDisabledError: it is one.
            ProviderError: the server did not say whether it is one.

        """
        if self.options.cloud:
            return
        host = self.sent_to(model)
        if not host:
            # Any name may stand for one, and the server alone knows. One that has no
            # such route is too old for cloud models; of one that is silent nothing is
            # known, so that its error ends the question.
            try:
                body = {"model": model}
                shown = await client.call("POST", "/api/show", body, model=model)
            except (InvalidResponseError, ModelNotFoundError):
                return
            if not facts_of(shown).remote:
                return
        raise _no_cloud(model, host)

    async def preview(self, request: ChatRequest) -> WirePreview:
        """Return what `stream` would send, as far as the server is known.

        It is not asked how the model is loaded: the context window to ask for is what
        it said with the last question leads to.

        Raises:
            ProviderDisabledError: it is a cloud model, and they are switched off.
            ProviderError: the request cannot be sent like this.

        """
        client, model = self.client(), request.model
        host = self.sent_to(model)
        if host and not self.options.cloud:
            raise _no_cloud(model, host)
        window, certain = self._foreseen(client, request)
        settings = _Settings(window, self._key(client, model) not in self._no_levels)
        wire = await client.preview(settings.applied(request))
        if certain:
            return wire
        doubt = (
            "The server is asked first how the model is loaded: the context window, "
            "num_ctx among the options, may be another one."
        )
        return replace(wire, doubt=doubt)

    async def window(self, request: ChatRequest, *, ask: bool) -> int | None:
        """Return the window that is asked for, else all that the model can read.

        A model that is loaded with less is loaded again when a question needs more.
        """
        requested = requested_window(request)
        if requested is not None or is_cloud(request.model):
            return requested
        client = self.client()
        key = self._key(client, request.model)
        seen = self._seen.get(key, _Seen())
        if ask and seen.facts.window is None:
            with contextlib.suppress(ParllamaError):
                facts = await self._facts(client, request.model)
                seen = self._seen[key] = replace(seen, facts=facts)
        return seen.facts.window

    async def prepare(self, model: str, report: Callable[[Progress], None]) -> None:
        """Ask the server whether it has the model, if it runs.

        Raises:
            AuthenticationError: the key cannot be sent.
            ModelNotFoundError: the server has no such model.

        """
        del report
        client = self.client()
        await client.open()
        await self._check_cloud(client, model)
        missing: ModelNotFoundError | None = None
        try:
            await self._facts(client, model)
        except ModelNotFoundError as error:
            missing = error
        except ProviderError:
            # The server may be started later; the answer will say what is wrong then.
            return
        if missing is not None and not is_cloud(model):
            raise await self._with_names(missing, client, model)

    async def embed(
        self,
        model: str,
        texts: Sequence[str],
        report: Callable[[Progress], None] = lambda _: None,
        *,
        truncate: bool = False,
    ) -> list[list[float]]:
        """Return a vector for each text, of length 1; the server loads the model.

        Raises:
            UsageError: a text is blank, or is no text.
            ContextLengthError: a text is too long, and is not to be cut.
            BadRequestError: the model has no embeddings.
            InvalidResponseError: the server is older than 0.3.4, or is no Ollama.
            ModelNotFoundError: the server has no such model.
            ProviderError: the server did not answer as expected.

        """
        checked = checked_texts(texts)
        if not checked:
            return []
        client = self.client()
        await self._check_cloud(client, model)
        missing: ModelNotFoundError | None = None
        try:
            return await embedded(client, model, checked, report, truncate=truncate)
        except ModelNotFoundError as error:
            missing = error
        raise await self._with_names(missing, client, model)

    async def _settings(
        self,
        client: OllamaClient,
        request: ChatRequest,
        report: Callable[[Progress], None],
    ) -> _Settings:
        window = await self._window(client, request, report)
        return _Settings(
            window, self._key(client, request.model) not in self._no_levels
        )

    async def _window(
        self,
        client: OllamaClient,
        request: ChatRequest,
        report: Callable[[Progress], None],
    ) -> int | None:
        """Return the context window to ask for, if any; reports a load of the model."""
        model, requested = request.model, requested_window(request)
        if is_cloud(model):
            return None
        try:
            have = loaded_as(model, await loaded(client.consult))
        except (ConnectionFailedError, AuthenticationError):
            raise
        except ProviderError:
            # Not every server that answers can list what is loaded.
            return None
        needed = enough(estimated_tokens(request), request.max_tokens)
        widened_to = self._widened.get(self._key(client, model))
        facts = Facts()
        window: int | None = None
        if have and have.window == widened_to and needed <= (widened_to or 0):
            window = widened_to
        elif have is None or needed > (have.window or SMALLEST):
            facts = await self._facts(client, model)
            window = widened(needed, have, facts)
            self._seen[self._key(client, model)] = _Seen(have, facts)
        if requested is not None:
            window = None
        self._note(client, model, window)
        wanted = requested or window
        loads = have is None or (wanted and have.window and wanted != have.window)
        if loads and not facts.remote:
            report(_loading(model, wanted))
        return window

    def _foreseen(
        self, client: OllamaClient, request: ChatRequest
    ) -> tuple[int | None, bool]:
        """Return what `_window` would now, and whether that is certain."""
        if requested_window(request) is not None or is_cloud(request.model):
            return None, True
        key = self._key(client, request.model)
        needed = enough(estimated_tokens(request), request.max_tokens)
        widened_to, seen = self._widened.get(key), self._seen.get(key, _Seen())
        if widened_to is not None and needed <= widened_to:
            return widened_to, False
        if seen.have is None or needed > (seen.have.window or SMALLEST):
            return widened(needed, seen.have, seen.facts), needed <= SMALLEST
        return None, needed <= SMALLEST

    async def _relaxed(
        self,
        refused: ProviderError,
        client: OllamaClient,
        request: ChatRequest,
        settings: _Settings,
        report: Callable[[Progress], None],
    ) -> _Settings | None:
        """Return how to ask again; None if there is no way."""
        model = request.model
        if isinstance(refused, BadRequestError):
            # Before 0.17.7 all models but gpt-oss could be told to think, or not to.
            if settings.levels and "think value" in refused.message:
                self._no_levels.add(self._key(client, model))
                return replace(settings, levels=False)
            return None
        if not isinstance(refused, ContextLengthError):
            return None
        facts = await self._facts(client, model)
        tokens = refused.tokens or estimated_tokens(request)
        requested = requested_window(request)
        if requested is None and tokens < (facts.window or tokens + 1):
            needed = enough(tokens, request.max_tokens)
            # Refused twice is refused for good: each time the window has to be wider.
            window = rounded(needed, facts.window, above=settings.window or 0)
            if window is not None and window > tokens:
                self._note(client, model, window)
                report(_loading(model, window))
                return replace(settings, window=window)
        if refused.tokens:
            text = f"the prompt has {tokens:,} tokens"
            if requested:
                text += f", the context window asked for {requested:,}"
                refused.hint = "Ask for a larger context window, or for none."
            if facts.window:
                text += f"; {model} can read {facts.window:,}"
            refused.message = client.endpoint.line(f"{text}.")
            refused.args = (refused.message,)
        return None

    async def _facts(self, client: OllamaClient, model: str) -> Facts:
        """Return what the server knows of a model; nothing if it cannot say.

        Raises:
            ModelNotFoundError: the server has no such model.
            ConnectionFailedError: the server cannot be reached.

        """
        body = {"model": model}
        try:
            shown = await client.consult("POST", "/api/show", body, model=model)
        except (ModelNotFoundError, ConnectionFailedError):
            raise
        except ProviderError:
            return Facts()
        return facts_of(shown)

    async def _with_names(
        self, error: ModelNotFoundError, client: OllamaClient, model: str
    ) -> ModelNotFoundError:
        """Return the error with similar names, and how to get the model."""
        names: list[str] = []
        with contextlib.suppress(ParllamaError, TimeoutError):
            async with asyncio.timeout(5):
                names = [str(entry["name"]) for entry in await client.models()]
        near = near_names(model, names)
        shown = ", ".join(f"{self.spec.name}/{name}" for name in near)
        there = f"Available: {shown}. " if shown else ""
        error.hint = f"{there}`%parllama pull {model}` downloads it."
        return error

    def _note(self, client: OllamaClient, model: str, window: int | None) -> None:
        key = self._key(client, model)
        if window is None:
            self._widened.pop(key, None)
        else:
            self._widened[key] = window

    @staticmethod
    def _key(client: OllamaClient, model: str) -> str:
        return f"{client.base_url} {canonical(model)}"


def _no_cloud(model: str, host: str) -> ProviderDisabledError:
    message = f"{model} runs at {host or CLOUD}, and cloud models are switched off."
    hint = "`%parllama settings local_models.cloud_models true` allows them."
    return ProviderDisabledError(message, hint=hint)


def _loading(model: str, window: int | None) -> Progress:
    wide = f" with a context window of {window:,} tokens" if window else ""
    return Progress(f"Loading {model} into memory{wide}")
