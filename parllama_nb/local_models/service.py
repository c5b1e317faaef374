"""The life of local models: what takes a while is a job, and lists follow.

A model is named as a user types it: `llama3.2:1b` or `ollama/llama3.2:1b` is one of the
Ollama server, `embedded/NAME` one of the embedded engine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from ..errors import ParllamaError, UsageError
from ..events import Progress
from ..jobs import Job, JobRunner, Work
from ..providers.embedded.own_models import OwnModel
from ..providers.embedded.provider import EmbeddedProvider
from ..providers.ollama.client import OllamaClient
from ..providers.ollama.names import ModelName, canonical
from ..providers.registry import Registry
from . import EMBEDDED, OLLAMA
from .creation.creation import Creation, create
from .embedded.details import as_details, as_running
from .embedded.models import EmbeddedModels
from .library.library import PublicLibrary
from .ollama.details import ModelDetails
from .ollama.models import OllamaModels
from .ollama.running import RunningModel
from .ollama.transfer import Transfer
from .ollama.updates import Update
from .quantizing import Place, Result, quantize_to, target_name
from .shared_jobs import SharedJobs

__all__ = ["LocalModels"]

T = TypeVar("T")


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
        self.ollama = OllamaModels(registry, library, parallel)
        self.embedded = EmbeddedModels(
            lambda: cast("EmbeddedProvider", registry.get(EMBEDDED))
        )
        self._registry = registry
        self._loop = jobs.runtime.loop
        self._jobs = SharedJobs(jobs)
        self._refresh = refresh

    @property
    def library(self) -> PublicLibrary:
        """The public library of models."""
        return self.ollama.library

    def client(self) -> OllamaClient:
        """Return the client of the Ollama server; see `OllamaModels.client`."""
        return self.ollama.client()

    def review_pulls(self) -> None:
        """Let waiting pulls begin if the setting now allows it. From any thread."""
        self._loop.call_soon_threadsafe(self.ollama.pulls.review)

    def owns(self, job: Job[Any]) -> bool:
        """Whether a job is one of local models, running or ended."""
        return self._jobs.owns(job)

    # Jobs: each returns the one that is under way, if it is. From any thread.

    def pull(self, model: str, *, insecure: bool = False) -> Job[Transfer]:
        """Start to download a model.

        Raises:
            UsageError: it is no name of a model of Ollama.

        """
        name = ollama_name(model)

        async def work(job: Job[Transfer]) -> Transfer:
            return await self._listing(
                OLLAMA, self.ollama.pull(name, job, insecure=insecure)
            )

        return self._of_ollama("pull", name, work)

    def push(self, model: str, *, insecure: bool = False) -> Job[Transfer]:
        """Start to upload a model.

        Raises:
            UsageError: it is no name of a model of Ollama.

        """
        name = ollama_name(model)
        return self._of_ollama(
            "push", name, lambda job: self.ollama.push(name, job, insecure=insecure)
        )

    def load(self, model: str, keep_alive: str | float | None = None) -> Job[None]:
        """Start to load a model into memory; `keep_alive` is of Ollama's only.

        Raises:
            UsageError: it is no name of a model.

        """
        own = embedded_name(model)
        name = ollama_name(model) if own is None else own

        async def work(job: Job[None]) -> None:
            job.report(Progress(f"Loading {name} into memory"))
            if own is None:
                await self.ollama.load(name, keep_alive)
            else:
                await self._listing(EMBEDDED, self.embedded.load(name, job.report))

        if own is None:
            return self._of_ollama("load", name, work)
        return self._jobs.start(("load", EMBEDDED, name), f"load {model}", work)

    def create(self, creation: Creation) -> Job[None]:
        """Start to make a model on the Ollama server.

        From one of the embedded engine it is made of that one's file.

        Raises:
            UsageError: it would have no name, or not one of a model; or what it starts
                from is none.
            ModelNotFoundError: the embedded engine has no such model.

        """
        name = ollama_name(creation.name)
        wanted = replace(creation, name=name)
        own = embedded_name(creation.from_model)
        if own is not None:
            file = self.embedded.path_of(own)
            wanted = replace(wanted, from_model="", weights=(file,))
        elif creation.from_model:
            wanted = replace(wanted, from_model=ollama_name(creation.from_model))

        async def work(job: Job[None]) -> None:
            await self._listing(OLLAMA, create(self.client(), wanted, job.report))

        return self._of_ollama("create", name, work)

    def quantize(
        self, source: str, target: str, file_type: str, *, place: Place
    ) -> Job[Result]:
        """Start to make a smaller model of one, or of a GGUF file.

        Args:
            source: `NAME` of Ollama, `embedded/NAME`, or the path of a GGUF file.
            target: the new model's name, or the path of the new file; "" for one that
                is made of the source's.
            file_type: one of `quantization.TYPES`.
            place: where it goes.

        Raises:
            UsageError: source, target or type is none.

        """
        path = self._file_of(source)
        target = target or _target_of(source, path, file_type, place)
        if place == "ollama":
            target = ollama_name(target)

        async def work(job: Job[Result]) -> Result:
            made = quantize_to(
                self.ollama,
                ollama_name(source) if path is None else path,
                target,
                file_type,
                place,
                job.report,
                redact=self._registry.context.redact,
                add=lambda file, name: self.embedded.add(
                    str(file), name, job.report, copy=True
                ),
            )
            return await self._listing(place if place != "file" else "", made)

        title = f"quantize {source} to {file_type}"
        return self._jobs.start(("quantize", place, target), title, work)

    def add_embedded(
        self, source: str, name: str | None = None, *, copy: bool = False
    ) -> Job[OwnModel]:
        """Start to add a model to the embedded engine; see `EmbeddedModels.add`."""

        async def work(job: Job[OwnModel]) -> OwnModel:
            adding = self.embedded.add(source, name or None, job.report, copy=copy)
            return await self._listing(EMBEDDED, adding)

        # The source may be an address with a password.
        title = f"add {self._registry.context.redact(source.partition('?')[0])}"
        return self._jobs.start(("add", EMBEDDED, source), title, work)

    # What is done at once.

    async def copy(self, source: str, destination: str) -> None:
        """Give a model of Ollama one more name.

        Raises:
            ModelNotFoundError: there is no model `source`; the hint names near ones.
            ProviderError: the server refused.

        """
        name, other = ollama_name(source), ollama_name(destination)
        await self._listing(OLLAMA, self.ollama.copy(name, other))

    async def delete(self, models: Sequence[str]) -> dict[str, ParllamaError]:
        """Delete models; returns the errors of those that are still there, by name."""
        failed: dict[str, ParllamaError] = {}
        changed = set()
        for model in models:
            own = embedded_name(model)
            try:
                if own is None:
                    await self.ollama.delete(ollama_name(model))
                else:
                    await self.embedded.remove(own)
            except ParllamaError as error:
                failed[model] = error
            else:
                changed.add(OLLAMA if own is None else EMBEDDED)
        for provider in changed:
            await self._refresh(provider)
        return failed

    async def unload(self, model: str) -> None:
        """Remove a model from memory.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server refused.

        """
        own = embedded_name(model)
        if own is None:
            await self.ollama.unload(ollama_name(model))
        else:
            await self._listing(EMBEDDED, self.embedded.unload(own))

    # What is asked.

    async def running(self) -> list[RunningModel]:
        """Return the models in memory: the embedded engine's, then Ollama's.

        Raises:
            ParllamaError: Ollama did not say, and no other is in memory.

        """
        embedded = as_running(await self.embedded.list())
        try:
            return embedded + await self.ollama.running()
        except ParllamaError:
            if not embedded:
                raise
            return embedded

    async def details(self, model: str) -> ModelDetails:
        """Return what is known of a model.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server did not answer as expected.

        """
        own = embedded_name(model)
        if own is None:
            return await self.ollama.details(ollama_name(model))
        return as_details(await self.embedded.show(own))

    async def updates(self, models: Sequence[str] = ()) -> list[Update]:
        """Compare models with those of their registries; all of Ollama's for none.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server did not list its models.

        """
        return await self.ollama.updates([*map(ollama_name, models)])

    async def aclose(self) -> None:
        """End downloads, and the connections to the library."""
        await self.embedded.aclose()
        await self.library.aclose()

    def _of_ollama(self, verb: str, name: str, work: Work[T]) -> Job[T]:
        # Not by the client: that is made, and closed, on the service loop alone.
        server = self._registry.address(OLLAMA).shown
        return self._jobs.start((verb, server, canonical(name)), f"{verb} {name}", work)

    async def _listing(self, provider: str, work: Awaitable[T]) -> T:
        """Return the result of `work`, after which a provider's list is new."""
        result = await work
        if provider:
            await self._refresh(provider)
        return result

    def _file_of(self, source: str) -> Path | None:
        """Return the GGUF file that a source names; None for a model of Ollama."""
        own = embedded_name(source)
        if own is not None:
            return self.embedded.path_of(own)
        path = Path(source).expanduser()
        return path if path.suffix.lower() == ".gguf" or path.is_file() else None


def embedded_name(model: str) -> str | None:
    """Return the embedded engine's own name of a model; None if it is not one of it."""
    name = model.strip()
    prefix = f"{EMBEDDED}/"
    return name.removeprefix(prefix) if name.startswith(prefix) else None


def ollama_name(model: str) -> str:
    """Return Ollama's own name of a model that a user named.

    Raises:
        UsageError: it is none.

    """
    if embedded_name(model) is not None:
        message = f"{model.strip()} is not a model of Ollama."
        raise UsageError(message, hint="The embedded engine has no such verb.")
    name = model.strip().removeprefix(f"{OLLAMA}/")
    parsed = ModelName.parse(name)
    # The address of a model's page is not its name for the server.
    return parsed.shortest if name.lower().startswith("https://") else name


def _target_of(source: str, path: Path | None, file_type: str, place: Place) -> str:
    """Return the name, or the path, that a quantization gets by itself."""
    if path is None:
        name = ollama_name(source)
        made = target_name(name, file_type)
        plain = made.replace("/", "-").replace(":", "-")
        return {"ollama": made, "embedded": plain, "file": f"{plain}.gguf"}[place]
    stem = f"{path.stem}-{file_type.upper()}"
    if place == "file":
        return str(path.with_name(f"{stem}.gguf"))
    return stem.lower() if place == "ollama" else stem
