"""The models of the Ollama server that is set: each verb, with near names in errors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

from ...errors import ModelNotFoundError, ParllamaError, ProviderError
from ...jobs import Job
from ...providers.ollama.client import OllamaClient
from ...providers.ollama.names import canonical
from ...providers.ollama.near_names import near_names
from ...providers.ollama.provider import Ollama
from ...providers.registry import Registry
from .. import OLLAMA
from ..library.library import PublicLibrary
from . import verbs
from .details import ModelDetails, details
from .pulls import Pulls
from .running import RunningModel, running
from .transfer import Transfer
from .updates import Update, check_updates

__all__ = ["OllamaModels"]

T = TypeVar("T")

_LARGEST_CACHE = 500

_PATIENCE = 6.0
"""Seconds that an error may take to find near names."""


class OllamaModels:
    """Verbs by Ollama's own names of models. Used on the service loop only.

    Address and key of the server are looked up for each, so that a change takes effect
    at once. `parallel()` is how many pulls may run at once.
    """

    def __init__(
        self, registry: Registry, library: PublicLibrary, parallel: Callable[[], int]
    ) -> None:
        self.library = library
        self.pulls = Pulls(self.client, self._near_in_library, parallel)
        self._registry = registry
        self._details: dict[tuple[str, str], ModelDetails] = {}

    def client(self) -> OllamaClient:
        """Return the client of the server as it is set now.

        Raises:
            ProviderDisabledError: Ollama is switched off.
            ParllamaError: its address or its key cannot be used.

        """
        return cast("Ollama", self._registry.get(OLLAMA)).client()

    async def pull(self, name: str, job: Job[Transfer], *, insecure: bool) -> Transfer:
        """Pull a model; see `Pulls.run`."""
        return await self.pulls.run(name, job, insecure=insecure)

    async def push(self, name: str, job: Job[Transfer], *, insecure: bool) -> Transfer:
        """Push a model; see `verbs.push`."""
        pushing = verbs.push(self.client(), name, job.report, insecure=insecure)
        return await self._named(name, pushing)

    async def copy(self, source: str, destination: str) -> None:
        """Give a model one more name; see `verbs.copy`."""
        await self._named(source, verbs.copy(self.client(), source, destination))

    async def delete(self, name: str) -> None:
        """Delete a model; see `verbs.delete`."""
        # One that is loaded stays in memory, and nothing unloads it then.
        with contextlib.suppress(ProviderError):
            await verbs.unload_if_loaded(self.client(), name)
        await self._named(name, verbs.delete(self.client(), name))

    async def load(self, name: str, keep_alive: str | float | None) -> None:
        """Load a model into memory; see `verbs.load`."""
        await self._named(name, verbs.load(self.client(), name, keep_alive))

    async def unload(self, name: str) -> None:
        """Remove a model from memory; see `verbs.unload`."""
        await self._named(name, verbs.unload(self.client(), name))

    async def running(self) -> list[RunningModel]:
        """Return the models in memory, the one used last first.

        Raises:
            ParllamaError: the server did not say.

        """
        return await running(self.client(), OLLAMA)

    async def details(self, name: str) -> ModelDetails:
        """Return what the server says of a model; asked for once for each digest.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server did not answer as expected.

        """
        client = self.client()
        entry = await self._entry(name)
        # By its digest: a name may be given to another model, on another server too.
        key = (client.base_url, f"{entry.get('digest')} {entry['name']}")
        known = self._details.get(key) if entry.get("digest") else None
        if known is None:
            known = await details(client, OLLAMA, entry)
            while len(self._details) >= _LARGEST_CACHE:
                del self._details[next(iter(self._details))]
            self._details[key] = known
        return known

    async def updates(self, names: Sequence[str]) -> list[Update]:
        """Compare models with those of their registries; all of them for no name.

        Raises:
            ModelNotFoundError: there is no such model; the hint names near ones.
            ProviderError: the server did not list its models.

        """
        if names:
            entries = [await self._entry(name) for name in names]
        else:
            entries = await self.client().models()
        return await check_updates(self.library, entries, named=bool(names))

    async def _entry(self, name: str) -> dict[str, Any]:
        """Return what the server lists of a model."""
        entries = await self.client().models()
        for entry in entries:
            if canonical(str(entry["name"])) == canonical(name):
                return entry
        raise self._unknown(name, (str(entry["name"]) for entry in entries))

    async def _near_in_library(self, name: str) -> str | None:
        """Say which tags or models of the library somebody may have meant."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.library.manifest(name)
        except ModelNotFoundError as error:
            return error.hint
        except (ParllamaError, TimeoutError):
            pass
        return None

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
