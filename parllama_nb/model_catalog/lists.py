"""Which models each provider has: asked for seldom, at once, and never waited for long.

A list is kept in the database with its age, so that a new kernel has it at once and
without any client library. Who is asked anew is asked together with all others, each
with a limit of its own; a list that cannot be renewed stays, and says why it is old.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import ParllamaError, ProviderTimeoutError
from ..events import Events, ModelsListed
from ..providers.base import ModelInfo, Spec
from ..providers.registry import Registry
from ..secret import where
from ..store.database import Store
from .cache import ModelListCache, sound
from .listing import ModelList

__all__ = ["ModelLists"]

_log = logging.getLogger(__name__)

Describe = Callable[[Spec, Sequence[ModelInfo]], Awaitable[list[ModelInfo]]]

_AGAIN = 60.0
"""Seconds in which who has failed is not asked again without being told to."""

_OPENING = 60.0
"""Seconds in which a provider's library is imported; they are not the provider's."""

_SKEW = 60.0
"""Seconds by which clocks may differ; a list from later than that is not believed."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A question under way; `asked` is done when it has gone to the provider."""

    task: asyncio.Task[None]
    asked: asyncio.Future[None]


class ModelLists:
    """The lists of all providers. Used on the service loop only.

    `limit()` is how many seconds a provider may take. `describe` adds what is known of
    models beside their provider's word. `now()` gives seconds since the epoch.
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
        self._kept = ModelListCache(store)
        self._events = events
        self._limit = limit
        self._describe = describe
        self._now = now
        self._lists: dict[str, ModelList] = {}
        self._addresses: dict[str, str] = {}
        self._failed: dict[str, float] = {}
        self._asking: dict[str, _Question] = {}
        self._deaf: set[str] = set()

    async def known(self, names: Iterable[str] | None = None) -> list[ModelList]:
        """What is known of these providers, or of all that are on. Asks nobody."""
        chosen = self._chosen(names)
        await self._load(chosen)
        return [self._one(name) for name in chosen]

    def at_hand(self) -> list[ModelList]:
        """What this kernel has known so far. Waits for nothing; from any thread."""
        enabled = self._registry.enabled()
        return [self._lists[name] for name in enabled if name in self._lists]

    async def get(
        self, names: Iterable[str] | None = None, *, refresh: bool = False
    ) -> list[ModelList]:
        """The lists of these providers, or of all that are on.

        Local providers are asked, and others whose list is too old; with `refresh` all
        are. They are asked at the same time, and none is waited for beyond the limit.
        Who has no key, but wants one, is not asked.

        Raises:
            UnknownProviderError: there is no such provider.
            ProviderDisabledError: a provider that was named is switched off.

        """
        chosen = self._chosen(names)
        # Who is asked in any case is not kept waiting by the disk.
        first = [name for name in chosen if refresh or self._is_local(name)]
        questions = self._ask_all(first)
        await self._load(chosen)
        rest = [name for name in chosen if name not in first and self._is_due(name)]
        questions |= self._ask_all(rest)
        if questions:
            await self._wait(questions)
        return [self._one(name) for name in chosen]

    async def _wait(self, questions: Mapping[str, _Question]) -> None:
        # Not for longer, even where a plugin does not let itself be stopped.
        limit = self._limit()
        await asyncio.wait([q.asked for q in questions.values()], timeout=_OPENING)
        await asyncio.wait([q.task for q in questions.values()], timeout=1.05 * limit)
        for name, question in questions.items():
            if not question.task.done():
                self._deaf.add(name)
                self._fail(name, _silent(limit if question.asked.done() else _OPENING))

    def _chosen(self, names: Iterable[str] | None) -> list[str]:
        if names is None:
            enabled = self._registry.enabled()
            return [name for name in enabled if self._is_offered(name)]
        # Asked for by name: what is off, or is not there, says so.
        return list(dict.fromkeys(map(self._registry.require, names)))

    def _is_offered(self, name: str) -> bool:
        offered = self._registry.spec(name).offered
        return offered or self._registry.key_name(name) is not None

    def _one(self, name: str) -> ModelList:
        found = self._lists.get(name) or ModelList(name)
        missing, hint = self._registry.missing(name)
        return replace(found, missing=missing, hint=hint) if missing else found

    def _is_local(self, name: str) -> bool:
        return self._registry.spec(name).local

    def _is_due(self, name: str) -> bool:
        spec = self._registry.spec(name)
        now, failed = self._now(), self._failed.get(name)
        if failed is not None:
            return not 0 <= now - failed < _AGAIN
        found = self._lists.get(name)
        if found is None or found.fetched is None:
            return True
        chosen = self._registry.context.options(name).cache_hours
        hours = spec.cache_hours if chosen is None else chosen
        return not -_SKEW <= now - found.fetched < 3600 * hours

    def _ask_all(self, names: Iterable[str]) -> dict[str, _Question]:
        found = ((name, self._ask_once(name)) for name in names)
        return {
            name: question
            for name, question in found
            if question is not None and name not in self._deaf
        }

    def _ask_once(self, name: str) -> _Question | None:
        """The question to a provider that is under way, begun if there is none."""
        question = self._asking.get(name)
        if question is None:
            if self._registry.missing(name)[0]:
                return None
            asked = asyncio.get_running_loop().create_future()
            task = asyncio.ensure_future(self._ask(name, asked))
            question = self._asking[name] = _Question(task, asked)
            task.add_done_callback(lambda _: self._answered(name))
        return question

    def _answered(self, name: str) -> None:
        self._deaf.discard(name)
        question = self._asking.pop(name, None)
        if question is not None and not question.asked.done():
            question.asked.set_result(None)

    async def _ask(self, name: str, asked: asyncio.Future[None]) -> None:
        limit, redact = self._limit(), self._registry.context.redact
        models: list[ModelInfo] = []
        address = ""
        failure: ParllamaError | None = None
        try:
            address = self._address(name)
            provider = self._registry.get(name)
            await provider.load()
            asked.set_result(None)
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
            self._kept.keep(found, address)
        self._events.emit(ModelsListed(name))

    def _fail(self, name: str, error: ParllamaError) -> None:
        # Its words and not the error itself, which keeps what it came by in memory.
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
        except Exception as error:  # noqa: BLE001 - it is there without, too
            _log.warning("models of %s are not described: %s", name, where(error))
        return models

    def _address(self, name: str) -> str:
        """Where a provider is, to tell its list from another server's."""
        spec = self._registry.spec(name)
        chosen = self._registry.context.options(name).base_url
        if not spec.base_url and (not spec.url_env or spec.wire == "litellm"):
            # The library knows the addresses of all regions.
            return chosen
        return self._registry.address(name).shown

    async def _load(self, names: Sequence[str]) -> None:
        """Take over what is in the database: of a kernel before, or beside this one."""
        have = {name: self._fetched(name) for name in names}
        kept = await self._kept.newer(have)
        for name in names:
            self._drop_strangers(name)
        for name, address, fetched, models in kept:
            is_ours = address == self._addresses.get(name, address)
            if is_ours and fetched > self._fetched(name):
                self._take_over(name, address, fetched, models)

    def _take_over(
        self, name: str, address: str, fetched: float, models: tuple[ModelInfo, ...]
    ) -> None:
        before = self._lists.get(name) or ModelList(name)
        if fetched > self._failed.get(name, fetched):
            # Another kernel has got it since.
            del self._failed[name]
            before = ModelList(name)
        self._lists[name] = replace(before, models=models, fetched=fetched)
        self._addresses[name] = address

    def _fetched(self, name: str) -> float:
        found = self._lists.get(name)
        return found.fetched if found and found.fetched is not None else 0.0

    def _drop_strangers(self, name: str) -> None:
        """Forget a list, and a failure, of where the provider was before."""
        try:
            address = self._address(name)
        except ParllamaError:
            return  # told by whoever asks
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
