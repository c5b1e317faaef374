"""Lists of models: fetched seldom, all at once, and never waited for long.

A list is cached in the database with its age, so that a new kernel has it at once and
without any client library. Providers whose lists are too old are asked at the same
time, each with a time limit; a list that cannot be renewed stays, and says why.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import ParllamaError, ProviderTimeoutError
from ..events import Events, ModelsListed
from ..providers.registry import Registry
from ..providers.spec import ModelInfo, Spec
from ..secret import where
from ..store.database import Store
from .cache import ModelListCache, sound
from .listing import ModelList

__all__ = ["ModelLists"]

_log = logging.getLogger(__name__)

Describe = Callable[[Spec, Sequence[ModelInfo]], Awaitable[list[ModelInfo]]]

_PAUSE = 60.0
"""Seconds after a failure in which a provider is only asked if the user says so."""

_OPENING = 60.0
"""Seconds for importing a provider's library, apart from the provider's own limit."""

_SKEW = 60.0
"""Seconds by which clocks may differ; a list from further ahead counts as old."""


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list being fetched; `sent` is done once the request goes to the provider."""

    task: asyncio.Task[None]
    sent: asyncio.Future[None]


class ModelLists:
    """The lists of all providers. Used on the service loop only.

    `limit()` is how many seconds a provider may take. `describe` adds what is known of
    models from other sources. `now()` returns seconds since the epoch.
    """

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        registry: Registry,
        store: Store,
        events: Events,
        *,
        limit: Callable[[], float],
        describe: Describe | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._registry = registry
        self._cache = ModelListCache(store)
        self._events = events
        self._limit = limit
        self._describe = describe
        self._now = now
        self._lists: dict[str, ModelList] = {}
        self._addresses: dict[str, str] = {}
        self._failed: dict[str, float] = {}
        self._running: dict[str, _Listing] = {}
        self._unresponsive: set[str] = set()

    async def known(self, names: Iterable[str] | None = None) -> list[ModelList]:
        """Return what is known of these providers, or of all that are on. Asks none."""
        chosen = self._chosen(names)
        await self._load(chosen)
        return [self._one(name) for name in chosen]

    def at_hand(self) -> list[ModelList]:
        """Return what this kernel has so far. Waits for nothing; from any thread."""
        enabled = self._registry.enabled()
        return [self._lists[name] for name in enabled if name in self._lists]

    def window(self, provider: str, model: str) -> int | None:
        """Return how many tokens a model reads by the list at hand; None if unknown."""
        listed = self._lists.get(provider)
        models = listed.models if listed is not None else ()
        found = (each.context_window for each in models if each.name == model)
        return next(found, None)

    async def get(
        self, names: Iterable[str] | None = None, *, refresh: bool = False
    ) -> list[ModelList]:
        """Return the lists of these providers, or of all that are on.

        Asks local providers, and others whose list is too old; all with `refresh`. They
        are asked at the same time, and none is waited for beyond the limit. A provider
        that requires a key and has none is not asked.

        Raises:
            UnknownProviderError: there is no such provider.
            ProviderDisabledError: a provider that was named is switched off.

        """
        chosen = self._chosen(names)
        # Those that are asked in any case need not wait for the disk.
        first = [name for name in chosen if refresh or self._is_local(name)]
        listings = self._list_all(first)
        await self._load(chosen)
        rest = [name for name in chosen if name not in first and self._is_due(name)]
        listings |= self._list_all(rest)
        if listings:
            await self._wait(listings)
        return [self._one(name) for name in chosen]

    async def _wait(self, listings: Mapping[str, _Listing]) -> None:
        # Not for longer, even if a plugin cannot be stopped.
        limit = self._limit()
        await asyncio.wait([each.sent for each in listings.values()], timeout=_OPENING)
        await asyncio.wait(
            [each.task for each in listings.values()], timeout=1.05 * limit
        )
        for name, listing in listings.items():
            if not listing.task.done():
                self._unresponsive.add(name)
                self._fail(name, _silent(limit if listing.sent.done() else _OPENING))

    def _chosen(self, names: Iterable[str] | None) -> list[str]:
        if names is None:
            enabled = self._registry.enabled()
            return [name for name in enabled if self._is_offered(name)]
        # Named by the user: one that is off, or unknown, is an error.
        return list(dict.fromkeys(map(self._registry.require, names)))

    def _is_offered(self, name: str) -> bool:
        offered = self._registry.spec(name).offered
        return offered or self._registry.key(name).secret is not None

    def _one(self, name: str) -> ModelList:
        found = self._lists.get(name) or ModelList(name)
        key = self._registry.key(name)
        if not (key.missing and key.required):
            return found
        return replace(found, missing=key.missing, hint=key.advice)

    def _is_local(self, name: str) -> bool:
        return self._registry.spec(name).local

    def _is_due(self, name: str) -> bool:
        spec = self._registry.spec(name)
        now, failed = self._now(), self._failed.get(name)
        if failed is not None:
            return not 0 <= now - failed < _PAUSE
        found = self._lists.get(name)
        if found is None or found.fetched is None:
            return True
        chosen = self._registry.context.options(name).cache_hours
        hours = spec.cache_hours if chosen is None else chosen
        return not -_SKEW <= now - found.fetched < 3600 * hours

    def _list_all(self, names: Iterable[str]) -> dict[str, _Listing]:
        found = ((name, self._list_once(name)) for name in names)
        return {
            name: listing
            for name, listing in found
            if listing is not None and name not in self._unresponsive
        }

    def _list_once(self, name: str) -> _Listing | None:
        """Return the running fetch of a list; starts it unless it runs."""
        listing = self._running.get(name)
        if listing is None:
            key = self._registry.key(name)
            if key.missing and key.required:
                return None
            sent = asyncio.get_running_loop().create_future()
            task = asyncio.ensure_future(self._list(name, sent))
            listing = self._running[name] = _Listing(task, sent)
            task.add_done_callback(lambda _: self._ended(name))
        return listing

    def _ended(self, name: str) -> None:
        self._unresponsive.discard(name)
        listing = self._running.pop(name, None)
        if listing is not None and not listing.sent.done():
            listing.sent.set_result(None)

    async def _list(self, name: str, sent: asyncio.Future[None]) -> None:
        limit, redact = self._limit(), self._registry.context.redact
        models: list[ModelInfo] = []
        address = ""
        failure: ParllamaError | None = None
        try:
            address = self._address(name)
            provider = self._registry.get(name)
            await provider.load()
            sent.set_result(None)
            async with asyncio.timeout(limit):
                listed = await provider.models()
            models = sound(name, listed, redact)
        except TimeoutError:
            failure = _silent(limit)
        except ParllamaError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            _log.warning("%s cannot list its models: %s", name, where(error))
            failure = ParllamaError.unexpected(error)
        if self._addresses.setdefault(name, address) != address:
            self._forget(name, address)
        if failure is not None:
            self._fail(name, failure)
        else:
            models = await self._described(name, models)
            self._failed.pop(name, None)
            found = ModelList(name, tuple(models), self._now())
            self._lists[name] = found
            self._cache.keep(found, address)
        self._events.emit(ModelsListed(name))

    def _fail(self, name: str, error: ParllamaError) -> None:
        # Its text and not the error itself, whose traceback would stay in memory.
        redact = self._registry.context.redact
        message, hint = (
            redact(" ".join(text.split())) for text in (error.message, error.hint or "")
        )
        self._failed[name] = self._now()
        before = self._lists.get(name) or ModelList(name)
        self._lists[name] = replace(before, failure=message, code=error.code, hint=hint)

    async def _described(self, name: str, models: list[ModelInfo]) -> list[ModelInfo]:
        try:
            if self._describe is not None:
                return await self._describe(self._registry.spec(name), models)
        except Exception as error:  # noqa: BLE001 - the list is useful without it
            _log.warning("models of %s are not described: %s", name, where(error))
        return models

    def _address(self, name: str) -> str:
        """Return the address of a provider, to tell its list from another server's."""
        spec = self._registry.spec(name)
        chosen = self._registry.context.options(name).base_url
        if not spec.base_url and (not spec.url_env or spec.wire == "litellm"):
            # The library knows the addresses of all regions.
            return chosen
        return self._registry.address(name).shown

    async def _load(self, names: Sequence[str]) -> None:
        """Load newer lists of the database: another kernel may have fetched them."""
        have = {name: self._fetched(name) for name in names}
        newer = await self._cache.newer(have)
        for name in names:
            self._drop_moved(name)
        for name, address, fetched, models in newer:
            is_ours = address == self._addresses.get(name, address)
            if is_ours and fetched > self._fetched(name):
                self._take_over(name, address, fetched, models)

    def _take_over(
        self, name: str, address: str, fetched: float, models: tuple[ModelInfo, ...]
    ) -> None:
        before = self._lists.get(name) or ModelList(name)
        if fetched > self._failed.get(name, fetched):
            # Another kernel has fetched it since.
            del self._failed[name]
            before = ModelList(name)
        self._lists[name] = replace(before, models=models, fetched=fetched)
        self._addresses[name] = address

    def _fetched(self, name: str) -> float:
        found = self._lists.get(name)
        return found.fetched if found and found.fetched is not None else 0.0

    def _drop_moved(self, name: str) -> None:
        """Forget the list, and the failure, of a provider's former address."""
        try:
            address = self._address(name)
        except ParllamaError:
            return  # the request itself will say why
        if self._addresses.setdefault(name, address) != address:
            self._forget(name, address)

    def _forget(self, name: str, address: str) -> None:
        self._addresses[name] = address
        self._lists.pop(name, None)
        self._failed.pop(name, None)


def _silent(limit: float) -> ProviderTimeoutError:
    return ProviderTimeoutError(
        f"silent for {limit:g} s", hint="%parllama settings timeouts.models SECONDS"
    )
