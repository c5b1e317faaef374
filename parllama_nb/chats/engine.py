"""One turn: a request, its stream of deltas, and the settled answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from ..errors import (
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
)
from ..events import AnswerDelta, AnswerDone, Events
from ..fuzzy import near
from ..jobs import Job
from ..model_catalog.prices import PriceTable
from ..providers.base import Provider
from ..providers.messages import (
    ChatRequest,
    Finish,
    FinishReason,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from ..providers.model_facts import ModelFacts
from ..secret import where
from .answer import Answer, Timing
from .throttle import Throttle

__all__ = ["Engine", "Policy", "Record", "unstopped"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

Kind = Literal["text", "thinking"]

_HALVES = re.compile("[\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a turn is. All times are in seconds.

    `retries` is how often a request is sent again that failed before its first token;
    after it nothing is ever sent again, for a provider bills what it has begun.
    `longest_wait` is the longest wait a provider may ask for between two tries.
    `joined` is how long deltas are joined before they are passed on.
    """

    retries: int = 3
    backoff: float = 1.0
    longest_wait: float = 60.0
    joined: float = 0.04


class Record(Protocol):
    """Where a turn is kept while it streams."""

    def append(self, kind: Kind, text: str) -> None:
        """Keep some more of the answer."""

    async def settle(self, answer: Answer) -> Answer:
        """Keep the answer; gives it back with what the record knows of it."""


class Engine:
    """Runs turns. Holds nothing of any of them. `prices` says what they cost."""

    def __init__(
        self,
        events: Events,
        policy: Policy | None = None,
        prices: PriceTable | None = None,
    ) -> None:
        self.events = events
        self.policy = policy or Policy()
        self.prices = prices

    async def turn(
        self,
        provider: Provider,
        request: ChatRequest,
        job: Job[Answer],
        record: Record,
        notes: tuple[str, ...] = (),
    ) -> Answer:
        """Ask a provider and settle what comes, however it ends.

        An error or a cancellation is part of the answer, which keeps what had come
        until then; the job's state tells the same.
        """
        started, begun = time.time(), time.monotonic()
        first: float | None = None
        texts: dict[Kind, list[str]] = {"text": [], "thinking": []}
        characters = {"text": _Characters(), "thinking": _Characters()}
        usage = Usage()
        reason: FinishReason = "error"
        error: ParllamaError | None = None

        def deliver(kind: Kind, text: str) -> None:
            record.append(kind, text)
            self.events.emit(AnswerDelta(job.id, kind, text))

        joined = _Joiner(deliver, self.policy.joined)
        # What the model costs is found out while it thinks.
        pricing = asyncio.ensure_future(self._facts(provider, request.model))
        try:
            provider.check(request)
            async for event in self._attempts(provider, request, job):
                if isinstance(event, Finish):
                    usage, reason = event.usage, event.reason
                    continue
                if first is None:
                    first = time.monotonic() - begun
                kind: Kind = "text" if isinstance(event, TextDelta) else "thinking"
                if text := characters[kind].whole(event.text):
                    texts[kind].append(text)
                    joined.add(kind, text)
        except asyncio.CancelledError:
            reason, job.state = "cancelled", "cancelled"
        except ParllamaError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 - the answer so far is kept
            # Nothing of the exception is shown: what it holds is not known.
            _log.error("a turn of %s failed: %s", provider.spec.name, where(failure))
            error = ProviderError(
                f"{provider.spec.title}: unexpected {type(failure).__name__}.",
                hint="This is a bug; the kernel's log has the details.",
            )
        joined.flush()
        if error is not None:
            job.state = "failed"
            error = await _with_near_misses(error, provider, request.model)
        answer = Answer(
            text="".join(texts["text"]),
            thinking="".join(texts["thinking"]),
            model=f"{provider.spec.name}/{request.model}",
            finish_reason=reason,
            usage=usage,
            timing=Timing(started, first, time.monotonic() - begun),
            cost=await unstopped(_cost(pricing, usage)),
            error=error,
            notes=notes,
        )
        answer = await unstopped(record.settle(answer))
        self.events.emit(AnswerDone(job.id))
        return answer

    async def _facts(self, provider: Provider, model: str) -> ModelFacts | None:
        if self.prices is None:
            return None
        return await self.prices.find(provider.spec, model)

    async def _attempts(
        self, provider: Provider, request: ChatRequest, job: Job[Answer]
    ) -> AsyncIterator[StreamEvent]:
        attempt = 0
        while True:
            begun = False
            try:
                async with aclosing(provider.stream(request, job.report)) as stream:
                    event: StreamEvent | None = None
                    async for event in stream:
                        begun = begun or isinstance(event, TextDelta | ThinkingDelta)
                        yield event
                if isinstance(event, Finish):
                    return
                raise _unfinished(provider)
            except ProviderError as error:
                attempt += 1
                wait = self._wait(error, attempt)
                if begun or wait is None:
                    raise
                told = error.message
            job.notice(
                f"{told} Trying again in {wait:.0f} s "
                f"({attempt} of {self.policy.retries})."
            )
            await asyncio.sleep(wait)

    def _wait(self, error: ProviderError, attempt: int) -> float | None:
        """Seconds to wait before the next try; None for no further try."""
        if not error.retriable or attempt > self.policy.retries:
            return None
        if error.retry_after is not None:
            asked = error.retry_after
            return asked if asked <= self.policy.longest_wait else None
        # Jitter, so that many that failed together do not come back together.
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        wait: float = self.policy.backoff * 2 ** (attempt - 1) * jitter
        return min(wait, self.policy.longest_wait)


class _Characters:
    """Puts characters together that a server has cut in two.

    Servers that count in UTF-16 send an emoji in halves, which no file can hold.
    """

    def __init__(self) -> None:
        self._half = ""

    def whole(self, text: str) -> str:
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        text = text[: len(text) - len(self._half)]
        return _HALVES.sub(_joined_halves, text) if _HALVES.search(text) else text


def _joined_halves(found: re.Match[str]) -> str:
    return found[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Joiner:
    """Joins deltas: the first goes on at once, later ones at most every `interval`."""

    def __init__(self, deliver: Callable[[Kind, str], None], interval: float) -> None:
        self._deliver = deliver
        self._throttle = Throttle(interval)
        self._kind: Kind = "text"
        self._parts: list[str] = []

    def add(self, kind: Kind, text: str) -> None:
        if kind != self._kind:
            self.flush()
            self._kind = kind
        self._parts.append(text)
        self._throttle.soon(self._join)

    def flush(self) -> None:
        self._throttle.now(self._join)

    def _join(self) -> None:
        text = "".join(self._parts)
        self._parts.clear()
        self._deliver(self._kind, text)


def _unfinished(provider: Provider) -> InvalidResponseError:
    message = f"{provider.spec.title}: the answer ended without an end."
    return InvalidResponseError(message, hint="What had come is kept.")


async def _cost(pricing: asyncio.Task[ModelFacts | None], usage: Usage) -> float | None:
    try:
        facts = await pricing
    except Exception as error:  # noqa: BLE001 - an answer is worth more than its price
        _log.error("a price cannot be told: %s", where(error))
        return None
    return None if facts is None else facts.cost(usage)


async def unstopped(settling: Coroutine[Any, Any, T]) -> T:
    """The result of settling: a second Stop must not lose what the first one kept."""
    task = asyncio.ensure_future(settling)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    return task.result()


async def _with_near_misses(
    error: ParllamaError, provider: Provider, model: str
) -> ParllamaError:
    """The error; for an unknown model with the names that come near to it."""
    if not isinstance(error, ModelNotFoundError) or error.hint:
        return error
    try:
        async with asyncio.timeout(5):
            names = [info.name for info in await provider.models()]
    except (Exception, asyncio.CancelledError):  # noqa: BLE001 - a guess at most
        return error
    offered = near(model, names) or names[:3]
    if offered:
        shown = ", ".join(f"{provider.spec.name}/{name}" for name in offered)
        error.hint = f"There is {shown}."
    return error
