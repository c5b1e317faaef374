"""Ollama: a server that loads local models, in its own wire format."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from ...errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
)
from ...events import Progress
from ..address import base_url, hints
from ..base import ModelInfo, Provider, ProviderContext, Spec
from ..messages import ChatRequest, StreamEvent
from .client import OllamaClient
from .context_window import SMALLEST, enough, loaded_as, rounded, widened
from .models import Facts, Library, facts_of, listed, loaded
from .request import (
    body_of,
    canonical,
    estimated_tokens,
    is_cloud,
    window_asked,
)

__all__ = ["Ollama"]


@dataclass(frozen=True, slots=True)
class _Terms:
    """How a request is put: the window to ask for, and whether levels are known."""

    window: int | None = None
    levels: bool = True


class Ollama(Provider):
    """The models of one Ollama server.

    Address and key are looked up for every request, so that a change takes effect at
    once; answers under way keep the client they began with.
    """

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._clients: list[OllamaClient] = []
        self._library = Library()
        self._widened: dict[str, int] = {}
        """The windows models were loaded with for us: less would load them anew."""
        self._levelless: set[str] = set()
        """Models of servers that know of thinking, but not of how much."""

    def client(self) -> OllamaClient:
        """The connection to where the server is now.

        Raises:
            UsageError: OLLAMA_HOST holds no address.

        """
        options = self.options
        url = base_url(self.spec, self.context.environ, options.base_url)
        secrets = map(self.context.secret, self.spec.key_env)
        key = next((secret for secret in secrets if secret), None)
        if not self._clients or not self._clients[-1].serves(url, key):
            client = OllamaClient(
                url,
                key,
                options.timeouts,
                self.context.redact,
                self.spec.title,
                hints=hints(self.spec),
            )
            self._clients.append(client)
        self._clients[-1].timeouts = options.timeouts
        return self._clients[-1]

    async def models(self) -> list[ModelInfo]:
        """The models there are now: the loaded ones first, then the newest."""
        return await self._library.models(self.client(), self.spec.name)

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they come, then exactly one `Finish`."""
        client = self.client()
        missing: ModelNotFoundError | None = None
        try:
            async with aclosing(self._answer(client, request, report)) as events:
                async for event in events:
                    yield event
        except ModelNotFoundError as error:
            missing = error
        if missing is not None:
            raise await self._with_names(missing, client, request.model)

    async def prepare(self, model: str, report: Callable[[Progress], None]) -> None:
        """Ask whether the server has the model, if it can be asked.

        Raises:
            AuthenticationError: the key cannot be sent.
            ModelNotFoundError: it has no such model.

        """
        del report
        client = self.client()
        await client.open()
        missing: ModelNotFoundError | None = None
        try:
            await self._facts(client, model)
        except ModelNotFoundError as error:
            missing = error
        except ProviderError:
            # It may be started later; what is wrong then, the answer tells.
            return
        if missing is not None and not is_cloud(model):
            raise await self._with_names(missing, client, model)

    async def load(self) -> None:
        """Import the library and make a client."""
        with contextlib.suppress(Exception):
            await self.client().open()

    async def warm(self) -> None:
        """As `load`: an answer needs no more."""
        await self.load()

    async def aclose(self) -> None:
        """End all connections."""
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()

    async def _answer(
        self,
        client: OllamaClient,
        request: ChatRequest,
        report: Callable[[Progress], None],
    ) -> AsyncGenerator[StreamEvent, None]:
        levels = self._key(client, request.model) not in self._levelless
        window = await self._window(client, request, report)
        terms = _Terms(window, levels)
        while True:
            body = body_of(request, context=terms.window, levels=terms.levels)
            begun = False
            refused: ProviderError | None = None
            try:
                async with aclosing(client.chat(body)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except (ContextLengthError, BadRequestError) as error:
                refused = error
            if refused is None:
                return
            changed = None
            if not begun:
                # Refused before any work was done, so asking again costs nothing.
                changed = await self._conceded(refused, client, request, terms, report)
            if changed is None:
                raise refused
            terms = changed

    async def _window(
        self,
        client: OllamaClient,
        request: ChatRequest,
        report: Callable[[Progress], None],
    ) -> int | None:
        """The context window to ask for, if any; reports a load of the model."""
        model, asked = request.model, window_asked(request)
        if is_cloud(model):
            return None
        try:
            have = loaded_as(model, await loaded(client))
        except (ConnectionFailedError, AuthenticationError):
            raise
        except ProviderError:
            # Not every address that answers questions tells what is loaded.
            return None
        needed = enough(estimated_tokens(request), request.max_tokens)
        kept = self._widened.get(self._key(client, model))
        facts = Facts()
        window: int | None = None
        if have and have.window == kept and needed <= (kept or 0):
            window = kept
        elif have is None or needed > (have.window or SMALLEST):
            facts = await self._facts(client, model)
            window = widened(needed, have, facts)
        if asked is not None:
            window = None
        self._note(client, model, window)
        wanted = asked or window
        loads = have is None or (wanted and have.window and wanted != have.window)
        if loads and not facts.remote:
            report(_loading(model, wanted))
        return window

    async def _conceded(
        self,
        refused: ProviderError,
        client: OllamaClient,
        request: ChatRequest,
        terms: _Terms,
        report: Callable[[Progress], None],
    ) -> _Terms | None:
        """How to ask again; None if there is no way."""
        model = request.model
        if isinstance(refused, BadRequestError):
            # Before 0.17.7, of all but gpt-oss: they were told to think, or not to.
            if terms.levels and "think value" in refused.message:
                self._levelless.add(self._key(client, model))
                return replace(terms, levels=False)
            return None
        if not isinstance(refused, ContextLengthError):
            return None
        facts = await self._facts(client, model)
        tokens = refused.tokens or estimated_tokens(request)
        if window_asked(request) is None and tokens < (facts.window or tokens + 1):
            needed = enough(tokens, request.max_tokens)
            # Twice refused is refused for good: each time it has to be wider.
            window = rounded(needed, facts.window, above=terms.window or 0)
            if window is not None and window > tokens:
                self._note(client, model, window)
                report(_loading(model, window))
                return replace(terms, window=window)
        if refused.tokens:
            told = f"the prompt has {tokens:,} tokens"
            asked = window_asked(request)
            if asked:
                told += f", the context window asked for {asked:,}"
                refused.hint = "Ask for a larger context window, or for none."
            if facts.window:
                told += f"; {model} can read {facts.window:,}"
            refused.message = client.peer.line(f"{told}.")
            refused.args = (refused.message,)
        return None

    async def _facts(self, client: OllamaClient, model: str) -> Facts:
        """What the server knows of a model; nothing if it cannot say.

        Raises:
            ModelNotFoundError: it has no such model.
            ConnectionFailedError: it is gone.

        """
        body = {"model": model}
        try:
            return facts_of(await client.call("POST", "/api/show", body, model=model))
        except (ModelNotFoundError, ConnectionFailedError):
            raise
        except ProviderError:
            return Facts()

    async def _with_names(
        self, error: ModelNotFoundError, client: OllamaClient, model: str
    ) -> ModelNotFoundError:
        """The error, with the names that come near and how to get the model."""
        names: list[str] = []
        with contextlib.suppress(ParllamaError, TimeoutError):
            async with asyncio.timeout(5):
                names = [str(entry["name"]) for entry in await listed(client)]
        families = list(dict.fromkeys(map(_family, names)))
        close = difflib.get_close_matches(_family(model), families, n=3, cutoff=0.6)
        near = [name for family in close for name in names if _family(name) == family]
        shown = ", ".join(f"{self.spec.name}/{name}" for name in near[:3])
        there = f"There is {shown}. " if shown else ""
        error.hint = f"{there}`ollama pull {model}` fetches it."
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


def _family(name: str) -> str:
    """A model's name without its tag."""
    return canonical(name).rpartition(":")[0]


def _loading(model: str, window: int | None) -> Progress:
    wide = f" with a context window of {window:,} tokens" if window else ""
    return Progress(f"Loading {model} into memory{wide}")
