"""The life of local models: what takes a while is a job, and lists follow.

A model is named as a user types it: `llama3.2:1b` or `ollama/llama3.2:1b` is one of the
Ollama server, `embedded/NAME` one of the embedded engine. Address and key of the server
are looked up for every verb, so that a change takes effect at once.
"""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from ..errors import (
    ModelNotFoundError,
    ParllamaError,
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
from .creation import Creation, create
from .details import ModelDetails, details
from .library.library import PublicLibrary
from .pulls import Pulls
from .running import RunningModel, running
from .transfer import Transfer
from .updates import Update, check_updates

__all__ = ["EMBEDDED", "OLLAMA", "LocalModels"]

T = TypeVar("T")

OLLAMA = "ollama"
EMBEDDED = "embedded"

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
        library: PublicLibrary,
        refresh: Callable[[str], Awaitable[object]],
        parallel: Callable[[], int],
    ) -> None:
        self.library = library
        self._registry = registry
        self._jobs = jobs
        self._refresh = refresh
        self._pulls = Pulls(self.client, library, parallel)
        self._running_jobs: dict[tuple[str, str, str], Job[Any]] = {}
        self._own_jobs: weakref.WeakSet[Job[Any]] = weakref.WeakSet()
        self._details: dict[tuple[str, str], ModelDetails] = {}

    def review_pulls(self) -> None:
        """Let waiting pulls begin if the setting now allows it. From any thread."""
        self._jobs.runtime.loop.call_soon_threadsafe(self._pulls.review)

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

    def create(self, creation: Creation) -> Job[None]:
        """Start to make a model; returns the job that already does, if one does.

        Raises:
            UsageError: it would have no name, or not one of a model.

        """
        name = ollama_name(creation.name)
        creation = replace(creation, name=name)

        async def work(job: Job[None]) -> None:
            await create(self.client(), creation, job.report)
            await self._refresh(OLLAMA)

        return self._once("create", name, f"create {name}", work)

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
        client = self.client()
        entry = await self._entry(model)
        # By its digest: a name may be given to another model, on another server too.
        key = (client.base_url, f"{entry.get('digest')} {entry['name']}")
        known = self._details.get(key) if entry.get("digest") else None
        if known is None:
            known = await details(client, OLLAMA, entry)
            while len(self._details) >= _LARGEST_CACHE:
                del self._details[next(iter(self._details))]
            self._details[key] = known
        return known

    def owns(self, job: Job[Any]) -> bool:
        """Whether a job is one of local models, running or ended."""
        return job in self._own_jobs

    async def updates(self, models: Sequence[str] = ()) -> list[Update]:
        """Compare models with those of their registries; all of Ollama's for none.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server did not list its models.

        """
        if models:
            entries = [await self._entry(model) for model in models]
        else:
            entries = await self.client().models()
        return await check_updates(self.library, entries)

    async def aclose(self) -> None:
        """End the connections to the library."""
        await self.library.aclose()

    # how

    async def _entry(self, model: str) -> dict[str, Any]:
        """Return what the server lists of a model."""
        name = ollama_name(model)
        entries = await self.client().models()
        for entry in entries:
            if canonical(str(entry["name"])) == canonical(name):
                return entry
        raise self._unknown(name, (str(entry["name"]) for entry in entries))

    def _once(self, verb: str, name: str, title: str, work: Work[T]) -> Job[T]:
        """Start a job unless the same one runs; that one is returned then."""
        # Not the client's: that is made, and closed, on the service loop alone.
        key = (verb, self._registry.address(OLLAMA).shown, canonical(name))
        job = self._running_jobs.get(key)
        if job is None or job.future.done():
            job = self._running_jobs[key] = self._jobs.start(title, work)
            started = job
            self._own_jobs.add(job)
            job.future.add_done_callback(lambda _: self._forget(key, started))
        return job

    def _forget(self, key: tuple[str, str, str], job: Job[Any]) -> None:
        if self._running_jobs.get(key) is job:
            del self._running_jobs[key]

    async def _pull(self, name: str, insecure: bool, job: Job[Transfer]) -> Transfer:  # noqa: FBT001
        transfer = await self._pulls.run(name, job, insecure=insecure)
        await self._refresh(OLLAMA)
        return transfer

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
