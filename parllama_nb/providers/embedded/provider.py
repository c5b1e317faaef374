"""The embedded engine as a provider: weights, a child process, and questions to it."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from threading import Thread

from ...errors import (
    BadRequestError,
    ConnectionFailedError,
    EngineError,
    InvalidResponseError,
    ParllamaError,
    StreamInterruptedError,
)
from ...events import Progress
from ..base import Provider, ProviderContext
from ..messages import ChatRequest, ImagePart, StreamEvent
from ..openai.provider import OpenAIClient
from ..single_flight import Report, Shared, in_thread
from ..spec import ModelInfo, Spec, Timeouts
from .engine import Engine, require_engine
from .fetch import fetch
from .weights import (
    MODELS,
    Load,
    Weights,
    cached_path,
    distrust,
    is_sound,
    local_model,
)

__all__ = ["EmbeddedProvider"]

# The errors of a connection whose process has ended.
_BROKEN = (StreamInterruptedError, InvalidResponseError, ConnectionFailedError)

# Seconds to wait for news of its death: before asking again, and before giving up.
_SHORT = 0.1
_LONG = 1.0


class _Running:
    """A child process and the clients that ask it."""

    def __init__(self, engine: Engine, context: ProviderContext) -> None:
        self.engine = engine
        self._context = context
        self._clients: list[OpenAIClient] = []

    def client(self, timeouts: Timeouts) -> OpenAIClient:
        """Return a client with these time limits; answers in progress keep theirs."""
        if not self._clients or self._clients[-1].timeouts != timeouts:
            client = OpenAIClient(
                f"{self.engine.url}/v1",
                self.engine.key,
                timeouts,
                self._context.redact,
                "The embedded engine",
                keep_alive=False,
            )
            client.speak("embedded")
            self._clients.append(client)
        return self._clients[-1]

    async def aclose(self) -> None:
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()
        await self.engine.aclose()


class EmbeddedProvider(Provider):
    """Answers from models that run here.

    Each model has one child process, from its first question to `aclose`; many
    questions at once start it once.
    """

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._running: dict[str, _Running] = {}
        self._starts: Shared[_Running] = Shared()

    async def models(self) -> list[ModelInfo]:
        """Return the models known by name, downloaded or not."""
        return [
            ModelInfo(
                provider=self.spec.name,
                name=weights.name,
                context_window=weights.context_window,
                size=weights.size,
                extra={"title": weights.title, "downloaded": self._is_there(weights)},
            )
            for weights in MODELS.values()
        ]

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request; downloads and starts what is missing, and reports it.

        Raises:
            EngineError: the engine or its model is not available, or died.
            ProviderError: the engine refused the request.

        """
        if any(
            isinstance(part, ImagePart)
            for message in request.messages
            for part in message.parts
        ):
            text = "The embedded engine reads text only, no images."
            raise BadRequestError(text, hint="Ask a model that can see.")
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
            # Asking again is free here, and often enough: the engine's server closes
            # connections that it promised to keep, and a death while idle may only be
            # noticed now. One restart, for the question itself may kill the engine.
            if final or (died and restarted):
                raise running.engine.death() if died else failure
            restarted = died

    async def prepare(self, model: str, report: Callable[[Progress], None]) -> None:
        """Download a model if it is missing, and start it."""
        await self._ready(model, report)

    async def warm(self) -> None:
        """Start the engine if the demo model is downloaded; downloads nothing."""
        for weights in MODELS.values():
            if self._is_there(weights):
                with contextlib.suppress(ParllamaError):
                    await self._ready(weights.name, lambda _: None)

    async def aclose(self) -> None:
        """End downloads, starts and child processes."""
        await self._starts.aclose()
        running, self._running = self._running, {}
        for one in running.values():
            await one.aclose()

    def _is_there(self, weights: Weights) -> bool:
        return is_sound(cached_path(weights, self.context.cache_dir()), weights)

    async def _ready(self, name: str, report: Report) -> _Running:
        """Return the running engine of a model; starts it unless it runs."""
        running = self._running.get(name)
        if running is not None and running.engine.alive:
            return running
        return await self._starts.run(
            name, lambda tell: self._start(name, tell), report
        )

    async def _start(self, name: str, report: Report) -> _Running:
        dead = self._running.pop(name, None)
        if dead is not None:
            await dead.aclose()
        engine = await self._engine(name, report)
        running = self._running[name] = _Running(engine, self.context)
        return running

    async def _engine(self, name: str, report: Report) -> Engine:
        weights = MODELS.get(name)
        own = local_model(name) if weights is None else None
        require_engine()  # before 90 MB are downloaded for nothing
        # The client library takes as long to import as the model to load.
        Thread(target=_preload, name="parllama-preload", daemon=True).start()
        if weights is None:
            assert own is not None  # noqa: S101 - one of the two is
            return await self._load(own, report)
        try:
            return await self._load(await self._fetch(weights, report), report)
        except EngineError:
            path = cached_path(weights, self.context.cache_dir())
            if await in_thread(lambda stop: not distrust(path, weights, stop)):
                raise
        # The file was intact and is not now: download it again, once.
        return await self._load(await self._fetch(weights, report), report)

    async def _load(self, load: Load, report: Report) -> Engine:
        report(Progress("Starting the embedded engine"))
        return await Engine.start(load, self.context.redact)

    async def _fetch(self, weights: Weights, report: Report) -> Load:
        cache, environ = self.context.cache_dir(), self.context.environ
        path = cached_path(weights, cache)
        if not is_sound(path, weights):
            await in_thread(lambda stop: fetch(weights, cache, report, stop, environ))
        return Load(weights.name, str(path), weights.context_window, weights.slots)


def _preload() -> None:
    with contextlib.suppress(ImportError):  # an error where it is needed
        importlib.import_module("openai")
