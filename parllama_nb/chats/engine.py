"""One turn: a request, its stream of deltas, and the settled answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, Protocol, TypeVar

from ..errors import (
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
)
from ..events import AnswerDelta, AnswerDone, Events
from ..fuzzy import near
from ..jobs import Job
from ..providers.base import NoPrices, Prices, Provider
from ..providers.characters import Characters
from ..providers.messages import (
    ChatRequest,
    DeltaKind,
    Finish,
    FinishReason,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from ..providers.model_facts import ModelFacts
from ..providers.retry import RetryPolicy
from ..secret import where
from .answer import Answer, Timing
from .live_answer import LiveAnswer
from .question import Question
from .throttle import Throttle

__all__ = ["Engine", "Record", "shielded"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_JOINED = 0.04
"""Seconds for which deltas are joined before they are passed on."""


class Record(Protocol):
    """Where a turn is written while it streams."""

    def append(self, kind: DeltaKind, text: str) -> None:
        """Write a piece of the answer."""

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer; returns it with its session and turn, if any."""


class Engine:
    """Runs turns. Holds no state of any of them.

    `prices` gives their costs. A request that fails before its first token is sent
    again according to `retry`; one that fails later is not, because the provider bills
    what it has begun. Deltas are joined for `joined` seconds before they are passed on.
    """

    def __init__(
        self,
        events: Events,
        prices: Prices | None = None,
        retry: RetryPolicy | None = None,
        joined: float = _JOINED,
    ) -> None:
        self.events = events
        self.prices = prices or NoPrices()
        self.retry = retry or RetryPolicy()
        self.joined = joined

    async def turn(
        self,
        provider: Provider,
        request: ChatRequest,
        job: Job[Answer],
        record: Record,
        question: Question | None = None,
    ) -> Answer:
        """Send a request and return the settled answer, however it ends.

        `question` is what `request` was built from, if anything: its notes and its
        schema go with the answer.

        An error or a cancellation becomes part of the answer, beside the text that had
        come by then; the job's state is set accordingly.
        """
        live = LiveAnswer(f"{provider.spec.name}/{request.model}")
        started, first = time.time(), None
        characters: defaultdict[DeltaKind, Characters] = defaultdict(Characters)
        usage = Usage()
        reason: FinishReason = "error"
        error: ParllamaError | None = None

        def deliver(kind: DeltaKind, text: str) -> None:
            live.append(kind, text)
            record.append(kind, text)
            self.events.emit(AnswerDelta(job.id, kind, text))

        joined = _Joiner(deliver, self.joined)
        # The price is looked up while the model thinks.
        pricing = asyncio.ensure_future(self.prices.find(provider.spec, request.model))
        try:
            provider.check(request)
            async for event in self._attempts(provider, request, job):
                if isinstance(event, Finish):
                    usage, reason = event.usage, event.reason
                    continue
                if first is None:
                    first = live.seconds
                if text := characters[event.kind].whole(event.text):
                    joined.add(event.kind, text)
        except asyncio.CancelledError:
            reason, job.state = "cancelled", "cancelled"
        except ParllamaError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 - the answer so far is kept
            # The exception's text is not shown: it may hold anything, a key included.
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
            parts=live.parts,
            model=live.model,
            finish_reason=reason,
            usage=usage,
            timing=Timing(started, first, live.seconds),
            cost=await shielded(_cost(pricing, usage)),
            error=error,
            notes=question.notes if question else (),
            schema=question.schema if question else None,
        )
        answer = await shielded(record.settle(answer))
        self.events.emit(AnswerDone(job.id))
        return answer

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
                wait = self.retry.wait(error, attempt)
                if begun or wait is None:
                    raise
                reason = error.message
            job.notice(
                f"{reason} Trying again in {wait:.0f} s "
                f"({attempt} of {self.retry.retries})."
            )
            await asyncio.sleep(wait)


class _Joiner:
    """Joins deltas: the first goes on at once, later ones once per `interval` (s)."""

    def __init__(
        self, deliver: Callable[[DeltaKind, str], None], interval: float
    ) -> None:
        self._deliver = deliver
        self._throttle = Throttle(interval)
        self._kind: DeltaKind = "text"
        self._parts: list[str] = []

    def add(self, kind: DeltaKind, text: str) -> None:
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
    message = f"{provider.spec.title}: the stream ended before the answer was complete."
    return InvalidResponseError(message, hint="The text so far is kept.")


async def _cost(pricing: asyncio.Task[ModelFacts | None], usage: Usage) -> float | None:
    try:
        facts = await pricing
    except Exception as error:  # noqa: BLE001 - an answer is worth more than its price
        _log.error("the price of an answer could not be read: %s", where(error))
        return None
    return None if facts is None else facts.cost(usage)


async def shielded(settling: Coroutine[Any, Any, T]) -> T:
    """Return the result of `settling`, even if the caller is cancelled meanwhile.

    A second Stop must not lose what the first one saved.
    """
    task = asyncio.ensure_future(settling)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    return task.result()


async def _with_near_misses(
    error: ParllamaError, provider: Provider, model: str
) -> ParllamaError:
    """Return the error; for an unknown model, its hint lists the closest names."""
    if not isinstance(error, ModelNotFoundError) or error.hint:
        return error
    try:
        async with asyncio.timeout(5):
            names = [info.name for info in await provider.models()]
    except (Exception, asyncio.CancelledError):  # noqa: BLE001 - a guess at most
        return error
    offered = near(model, names) or names[:3]
    if offered:
        available = ", ".join(f"{provider.spec.name}/{name}" for name in offered)
        error.hint = f"Available: {available}."
    return error
