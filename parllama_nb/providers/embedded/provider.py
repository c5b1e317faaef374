"""The embedded engine as a provider: weights, a child process, and questions to it."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from threading import Thread

from ...errors import (
    BadRequestError,
    ConnectionFailedError,
    EngineError,
    InvalidResponseError,
    ParllamaError,
    ProviderError,
    StreamInterruptedError,
)
from ...events import Progress
from ...secret import Redactor, Secret
from ..base import Provider, ProviderContext
from ..embeddings import checked_texts
from ..messages import ChatRequest, ImagePart, StreamEvent
from ..openai.provider import OpenAIClient
from ..single_flight import Report, Shared, in_thread
from ..spec import ModelInfo, Spec, Timeouts
from ..token_estimate import TokenCount
from ..wire_preview import WirePreview
from .embeddings import Embedder
from .engine import Engine, require_engine
from .engine_server import LABEL, EngineServer, tokens_of
from .fetch import fetch
from .known_models import MODELS, Load, Weights, cached_path, distrust, is_sound
from .listing import demo_info, own_info
from .loads import ANSWER_WINDOW, demo_load, file_of, loaded_name, own_load
from .own_models import OwnModels

__all__ = ["EmbeddedProvider"]

# The errors of a connection whose process has ended.
_BROKEN = (StreamInterruptedError, InvalidResponseError, ConnectionFailedError)

# Seconds to wait for news of its death: before asking again, and before giving up.
_SHORT = 0.1
_LONG = 1.0

_NO_PORT = "http://127.0.0.1"
_NO_KEY = Secret("embedded engine", "the key of an engine that is not started")
"""What stands in a preview for the port and the key of an engine to be started."""

_COUNTING = 2.0
"""Seconds that counting the tokens of a request may take."""


class _Running:
    """A child process and the clients that ask it."""

    def __init__(self, engine: Engine, context: ProviderContext) -> None:
        self.engine = engine
        self._context = context
        self._clients: list[OpenAIClient] = []

    def client(self, timeouts: Timeouts) -> OpenAIClient:
        """Return a client with these time limits; answers in progress keep theirs."""
        if not self._clients or self._clients[-1].timeouts != timeouts:
            url, key = self.engine.url, self.engine.key
            self._clients.append(_client(url, key, timeouts, self._context.redact))
        return self._clients[-1]

    async def aclose(self) -> None:
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()
        await self.engine.aclose()


class EmbeddedProvider(Provider):
    """Answers from models that run here, and embeddings.

    Each model has one child process, from its first question to `aclose`; many
    questions at once start it once. For embeddings it has another one: its buffers
    have to hold a whole text, and an answer is not to wait for a thousand of them.
    """

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self.own = OwnModels(context.data_dir)
        self._running: dict[str, _Running] = {}
        self._starts: Shared[_Running] = Shared()

    async def models(self) -> list[ModelInfo]:
        """Return the models known by name, downloaded or not, and the user's own."""
        provider = self.spec.name
        return [
            *(
                demo_info(
                    provider,
                    weights,
                    is_there=self.is_there(weights),
                    memory=self.memory(weights.name),
                )
                for weights in MODELS.values()
            ),
            *(
                own_info(provider, model, memory=self.memory(model.name))
                for model in self.own.all()
            ),
        ]

    async def abilities(self, model: str, *, ask: bool = True) -> Mapping[str, bool]:
        """Return that its models read text only."""
        del model, ask
        return {"vision": False, "pdf": False}

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request; downloads and starts what is missing, and reports it.

        Raises:
            EngineError: the engine or its model is not available, or died.
            ProviderError: the engine refused the request.

        """
        _check_images(request)
        restarted = False
        for last in (False, False, True):
            running = await self._ready(request.model, report)
            sent = replace(request, model=running.engine.load.name)
            begun = False
            try:
                client = running.client(self.options.timeouts)
                async with aclosing(client.stream(sent)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except _BROKEN as error:
                failure: ParllamaError = error
            else:
                return
            final = last or begun or not isinstance(failure, ConnectionFailedError)
            died = await running.engine.died(_LONG if final else _SHORT)
            if running.engine.ending:
                raise running.engine.death()
            # Asking again is free here, and often enough: the engine's server closes
            # connections that it promised to keep, and a death while idle may only be
            # noticed now. One restart, for the question itself may kill the engine.
            if final or (died and restarted):
                raise running.engine.death() if died else failure
            restarted = died

    async def preview(self, request: ChatRequest) -> WirePreview:
        """Return what `stream` would send to the child process of a model.

        Without one, it is sent to no port yet, and with a key that is not made yet.

        Raises:
            BadRequestError: the request has an image.
            ModelNotFoundError: there is no such model.

        """
        _check_images(request)
        name = self._name(request.model)
        running = self._running.get(_key(name, embeddings=False))
        if running is not None and self._serves(running.engine, name):
            client = running.client(self.options.timeouts)
            name = running.engine.load.name
            return await client.preview(replace(request, model=name))
        if name not in MODELS:
            name = loaded_name(file_of(name, self.own))
        timeouts, redact = self.options.timeouts, self.context.redact
        client = _client(_NO_PORT, _NO_KEY, timeouts, redact)
        return await client.preview(replace(request, model=name))

    async def count(self, request: ChatRequest) -> TokenCount:
        """Return how many tokens a request has; exact if its model is loaded.

        The engine itself renders the model's template and counts, on this machine.
        """
        name = self._name(request.model)
        running = self._running.get(_key(name, embeddings=False))
        if running is not None and self._serves(running.engine, name):
            server = EngineServer(running.engine, self.context.redact, _COUNTING)
            counted = None
            with contextlib.suppress(ProviderError):
                counted = await tokens_of(server, request)
            if counted is not None:
                return TokenCount(counted, exact=True)
        return await super().count(request)

    async def window(self, request: ChatRequest, *, ask: bool) -> int | None:
        """Return how many tokens the model is, or will be, loaded with."""
        del ask  # the engine is this machine
        name = self._name(request.model)
        running = self._running.get(_key(name, embeddings=False))
        if running is not None and self._serves(running.engine, name):
            return running.engine.load.context
        if name in MODELS:
            return MODELS[name].context_window
        own = self.own.find(name)
        window = None if own is None else own.context_window
        return min(window, ANSWER_WINDOW) if window else None

    async def embed(
        self,
        model: str,
        texts: Sequence[str],
        report: Callable[[Progress], None] = lambda _: None,
        *,
        truncate: bool = False,
    ) -> list[list[float]]:
        """Return a vector for each text, of length 1; starts what is missing.

        A model made for chat embeds too, by the mean over a text's tokens; it finds
        less than a model made for it, and the progress says so.

        Raises:
            UsageError: a text is blank, or is no text.
            ContextLengthError: a text is too long, and is not to be cut.
            EngineError: the engine or its model is not available, or died.
            ProviderError: the engine refused the request.

        """
        checked = checked_texts(texts)
        if not checked:
            return []
        # Asking again is free; once, for a text itself may kill the engine.
        for last in (False, True):
            running = await self._ready(model, report, embeddings=True)
            engine = running.engine
            patience = self.options.timeouts.first_token
            embedder = Embedder(engine, self.context.redact, patience)
            try:
                return await embedder.embed(checked, report, truncate=truncate)
            except _BROKEN as error:
                failure: ParllamaError = error
            died = await engine.died(_LONG)
            if last or engine.ending:
                raise engine.death() if died else failure
        raise AssertionError  # pragma: no cover

    async def prepare(self, model: str, report: Callable[[Progress], None]) -> None:
        """Download a model if it is missing, and start it."""
        await self._ready(model, report)

    async def prepare_embeddings(self, model: str, report: Report) -> None:
        """As `prepare`, for the embeddings of a model.

        Raises:
            EngineError: the engine or its model is not available.
            ProviderError: the model has none, or is not there.

        """
        await self._ready(model, report, embeddings=True)

    async def unload(self, model: str) -> int:
        """End the child processes of a model; returns the bytes of memory they used.

        An answer under way breaks off, and says why. A start under way is waited for.
        """
        freed = 0
        for embeddings in (False, True):
            key = _key(self._name(model), embeddings=embeddings)
            await self._starts.ended(key)
            running = self._running.pop(key, None)
            if running is not None:
                freed += running.engine.memory
                await running.aclose()
        return freed

    def memory(self, model: str) -> int:
        """Return the bytes of memory that a model uses now; 0 if it is not loaded."""
        name = self._name(model)
        keys = (_key(name, embeddings=embeddings) for embeddings in (False, True))
        found = (self._running.get(key) for key in keys)
        return sum(one.engine.memory for one in found if one is not None)

    def is_there(self, weights: Weights) -> bool:
        """Whether a model that the engine knows by name is downloaded."""
        return is_sound(cached_path(weights, self.context.cache_dir()), weights)

    async def warm(self) -> None:
        """Start the engine if the demo model is downloaded; downloads nothing."""
        for weights in MODELS.values():
            if self.is_there(weights):
                with contextlib.suppress(ParllamaError):
                    await self._ready(weights.name, lambda _: None)

    async def aclose(self) -> None:
        """End downloads, starts and child processes."""
        await self._starts.aclose()
        running, self._running = self._running, {}
        for one in running.values():
            await one.aclose()

    def _name(self, model: str) -> str:
        """Return a name as it is in the list, whatever the case of its letters."""
        own = None if model in MODELS else self.own.find(model)
        return own.name if own is not None else model

    def _serves(self, engine: Engine, name: str) -> bool:
        """Whether an engine runs, and the name still stands for what it has loaded.

        Another notebook may have removed the model, or given its name to another.
        """
        if not engine.alive or name in MODELS:
            return engine.alive
        own = self.own.find(name)
        path = Path(own.path) if own is not None else Path(name).expanduser()
        return engine.load.path == str(path.resolve())

    async def _ready(
        self, model: str, report: Report, *, embeddings: bool = False
    ) -> _Running:
        """Return the running engine of a model; starts it unless it runs."""
        name = self._name(model)
        key = _key(name, embeddings=embeddings)
        running = self._running.get(key)
        if running is not None and self._serves(running.engine, name):
            return running
        return await self._starts.run(
            key,
            lambda tell: self._start(name, key, tell, embeddings=embeddings),
            report,
        )

    async def _start(
        self, name: str, key: str, report: Report, *, embeddings: bool
    ) -> _Running:
        dead = self._running.pop(key, None)
        if dead is not None:
            await dead.aclose()
        engine = await self._engine(name, report, embeddings=embeddings)
        running = self._running[key] = _Running(engine, self.context)
        return running

    async def _engine(self, name: str, report: Report, *, embeddings: bool) -> Engine:
        weights = MODELS.get(name)
        own = file_of(name, self.own) if weights is None else None
        require_engine()  # before 90 MB are downloaded for nothing
        # The client library takes as long to import as the model to load.
        Thread(target=_preload, name="parllama-preload", daemon=True).start()
        if weights is None:
            assert own is not None  # noqa: S101 - one of the two is
            load = await in_thread(lambda _: own_load(own, embeddings=embeddings))
            return await self._load(load, report)
        path = await self._fetched(weights, report)
        try:
            return await self._load(
                demo_load(weights, path, embeddings=embeddings), report
            )
        except EngineError:
            if await in_thread(lambda stop: not distrust(path, weights, stop)):
                raise
        # The file was intact and is not now: download it again, once.
        path = await self._fetched(weights, report)
        return await self._load(demo_load(weights, path, embeddings=embeddings), report)

    async def _load(self, load: Load, report: Report) -> Engine:
        note = f"; {load.note}" if load.note else ""
        report(Progress(f"Starting the embedded engine{note}"))
        return await Engine.start(load, self.context.redact)

    async def _fetched(self, weights: Weights, report: Report) -> Path:
        cache, environ = self.context.cache_dir(), self.context.environ
        path = cached_path(weights, cache)
        if not is_sound(path, weights):
            await in_thread(lambda stop: fetch(weights, cache, report, stop, environ))
        return path


def _client(
    url: str, key: Secret, timeouts: Timeouts, redact: Redactor
) -> OpenAIClient:
    """Return a client of an engine at this address."""
    made = OpenAIClient(f"{url}/v1", key, timeouts, redact, LABEL, keep_alive=False)
    made.speak("embedded")
    return made


def _check_images(request: ChatRequest) -> None:
    """Refuse images.

    Raises:
        BadRequestError: the request has one.

    """
    if any(
        isinstance(part, ImagePart)
        for message in request.messages
        for part in message.parts
    ):
        text = "The embedded engine reads text only, no images."
        raise BadRequestError(text, hint="Ask a model that can see.")


def _key(name: str, *, embeddings: bool) -> str:
    """Return what a child process is known by."""
    return f"{name}\0embeddings" if embeddings else name


def _preload() -> None:
    with contextlib.suppress(ImportError):  # an error where it is needed
        importlib.import_module("openai")
