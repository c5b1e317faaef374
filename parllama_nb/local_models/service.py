"""The life of local models: what takes a while is a job, and lists follow.

A model is named as a user types it: `llama3.2:1b` or `ollama/llama3.2:1b` is one of the
Ollama server, `embedded/NAME` one of the embedded engine. Address and key of the server
are looked up for every verb, so that a change takes effect at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

from ..errors import (
    ConnectionFailedError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
    StreamInterruptedError,
    UsageError,
)
from ..events import Progress
from ..jobs import Job, JobRunner, Work
from ..providers.ollama.client import OllamaClient
from ..providers.ollama.names import ModelName, canonical
from ..providers.ollama.near_names import near_names
from ..providers.ollama.provider import Ollama
from ..providers.registry import Registry
from . import verbs
from .details import ModelDetails, details
from .running import RunningModel, running
from .slots import Slots
from .transfer import Transfer

__all__ = ["EMBEDDED", "OLLAMA", "LocalModels"]

T = TypeVar("T")

OLLAMA = "ollama"
EMBEDDED = "embedded"

_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each further try of a pull whose connection broke."""

_LARGEST_CACHE = 500


class LocalModels:
    """What is done with local models. Its coroutines run on the service loop.

    `refresh` fetches the list of a provider again. `parallel()` is how many pulls may
    run at once.
    """

    def __init__(
        self,
        registry: Registry,
        jobs: JobRunner,
        refresh: Callable[[str], Awaitable[object]],
        parallel: Callable[[], int],
    ) -> None:
        self._registry = registry
        self._jobs = jobs
        self._refresh = refresh
        self._slots = Slots(parallel)
        self._running_jobs: dict[tuple[str, str, str], Job[Any]] = {}
        self._details: dict[tuple[str, str], ModelDetails] = {}

    def review_pulls(self) -> None:
        """Let waiting pulls begin if the setting now allows it. From any thread."""
        self._jobs.runtime.loop.call_soon_threadsafe(self._slots.review)

    def client(self) -> OllamaClient:
        """Return the client of the Ollama server as it is set now.

        Raises:
            ProviderDisabledError: Ollama is switched off.
            ParllamaError: its address or its key cannot be used.

        """
        return cast("Ollama", self._registry.get(OLLAMA)).client()

    # jobs

    def pull(self, model: str, *, insecure: bool = False) -> Job[Transfer]:
        """Start to download a model; returns the job that already does, if one does.

        Raises:
            UsageError: it is no name of a model of Ollama.

        """
        name = ollama_name(model)
        return self._once(
            "pull", name, f"pull {name}", lambda job: self._pull(name, insecure, job)
        )

    def push(self, model: str, *, insecure: bool = False) -> Job[Transfer]:
        """Start to upload a model; returns the job that already does, if one does.

        Raises:
            UsageError: it is no name of a model of Ollama.

        """
        name = ollama_name(model)
        return self._once(
            "push",
            name,
            f"push {name}",
            lambda job: verbs.push(self.client(), name, job.report, insecure=insecure),
        )

    def load(self, model: str, keep_alive: str | float | None = None) -> Job[None]:
        """Start to load a model into memory.

        Raises:
            UsageError: it is no name of a model of Ollama.

        """
        name = ollama_name(model)

        async def work(job: Job[None]) -> None:
            job.report(Progress(f"Loading {name} into memory"))
            await verbs.load(self.client(), name, keep_alive)

        return self._once("load", name, f"load {name}", work)

    # what is done at once

    async def copy(self, source: str, destination: str) -> None:
        """Give a model one more name.

        Raises:
            ModelNotFoundError: there is no model `source`; the hint names near ones.
            ProviderError: the server refused.

        """
        name, other = ollama_name(source), ollama_name(destination)
        await self._named(name, verbs.copy(self.client(), name, other))
        await self._refresh(OLLAMA)

    async def delete(self, models: Sequence[str]) -> dict[str, ParllamaError]:
        """Delete models; returns the errors of those that are still there, by name."""
        failed: dict[str, ParllamaError] = {}
        for model in models:
            try:
                name = ollama_name(model)
                await self._named(name, verbs.delete(self.client(), name))
            except ParllamaError as error:
                failed[model] = error
        if len(failed) < len(models):
            await self._refresh(OLLAMA)
        return failed

    async def unload(self, model: str) -> None:
        """Remove a model from memory.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server refused.

        """
        name = ollama_name(model)
        await self._named(name, verbs.unload(self.client(), name))

    # what is asked

    async def running(self) -> list[RunningModel]:
        """Return the models in memory, the one used last first.

        Raises:
            ParllamaError: the server did not say.

        """
        return await running(self.client(), OLLAMA)

    async def details(self, model: str) -> ModelDetails:
        """Return what is known of a model; asked for once for each digest.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server did not answer as expected.

        """
        name, client = ollama_name(model), self.client()
        entries = await client.models()
        for entry in entries:
            if canonical(str(entry["name"])) == canonical(name):
                break
        else:
            raise self._unknown(name, (str(entry["name"]) for entry in entries))
        # By its digest: a name may be given to another model, on another server too.
        key = (client.base_url, f"{entry.get('digest')} {entry['name']}")
        known = self._details.get(key) if entry.get("digest") else None
        if known is None:
            known = await details(client, OLLAMA, entry)
            while len(self._details) >= _LARGEST_CACHE:
                del self._details[next(iter(self._details))]
            self._details[key] = known
        return known

    # how

    def _once(self, verb: str, name: str, title: str, work: Work[T]) -> Job[T]:
        """Start a job unless the same one runs; that one is returned then."""
        # Not the client's: that is made, and closed, on the service loop alone.
        key = (verb, self._registry.address(OLLAMA).shown, canonical(name))
        job = self._running_jobs.get(key)
        if job is None or job.future.done():
            job = self._running_jobs[key] = self._jobs.start(title, work)
            started = job
            job.future.add_done_callback(lambda _: self._forget(key, started))
        return job

    def _forget(self, key: tuple[str, str, str], job: Job[Any]) -> None:
        if self._running_jobs.get(key) is job:
            del self._running_jobs[key]

    async def _pull(self, name: str, insecure: bool, job: Job[Transfer]) -> Transfer:  # noqa: FBT001
        waiting = Progress("Waiting for another download to end")
        async with self._slots.take(lambda: job.report(waiting)):
            transfer = await self._pull_on(name, insecure, job)
        await self._refresh(OLLAMA)
        return transfer

    async def _pull_on(self, name: str, insecure: bool, job: Job[Transfer]) -> Transfer:  # noqa: FBT001
        """Pull a model; goes on after a broken connection, as the server can."""
        farthest, tries = 0.0, 0

        def report(progress: Progress) -> None:
            nonlocal farthest, tries
            if progress.done > farthest:
                farthest, tries = progress.done, 0
            job.report(progress)

        while True:
            try:
                return await verbs.pull(self.client(), name, report, insecure=insecure)
            except (StreamInterruptedError, ConnectionFailedError) as error:
                broken: ProviderError = error
            # One that has not begun has no server, or an odd one: that is said at once.
            if not farthest or tries >= len(_WAITS):
                raise broken
            wait = _WAITS[tries]
            tries += 1
            job.notice(f"{broken.message} Going on with {name} in {wait:.0f} s.")
            await asyncio.sleep(wait)

    async def _named(self, name: str, work: Awaitable[T]) -> T:
        """Return the result of `work`; a model that is not found gets near names."""
        try:
            return await work
        except ModelNotFoundError:
            pass
        entries = await self.client().models()
        raise self._unknown(name, (str(entry["name"]) for entry in entries))

    def _unknown(self, name: str, names: Iterable[str]) -> ModelNotFoundError:
        message = self.client().endpoint.line(f"it has no model {name}.")
        offered = near_names(name, names)
        hint = f"Did you mean {' or '.join(offered)}?" if offered else None
        return ModelNotFoundError(message, hint=hint)


def ollama_name(model: str) -> str:
    """Return Ollama's own name of a model that a user named.

    Raises:
        UsageError: it is none.

    """
    name = model.strip().removeprefix(f"{OLLAMA}/")
    if name.startswith(f"{EMBEDDED}/"):
        message = f"{name} is not a model of Ollama."
        raise UsageError(message, hint="The embedded engine has no such verb.")
    parsed = ModelName.parse(name)
    # The address of a model's page is not its name for the server.
    return parsed.shortest if name.lower().startswith("https://") else name
