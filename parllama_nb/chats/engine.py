"""One turn: a request, its stream of deltas, and the settled answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import aclosing
from typing import Any, Protocol, TypeVar

from ..errors import (
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
)
from ..events import AnswerDelta, AnswerDone, AnswerRecast, Event, Events
from ..fuzzy import near
from ..jobs import Job
from ..prompting.library.rendering import PromptVersion
from ..providers.accounting import attended
from ..providers.base import NoPrices, Prices, Provider
from ..providers.messages import (
    ChatRequest,
    DeltaKind,
    Finish,
    FinishReason,
    Part,
    StreamEvent,
    TextDelta,
    TextWasThinking,
    ThinkingDelta,
    Usage,
)
from ..providers.model_facts import ModelFacts
from ..providers.retry import RetryPolicy
from ..providers.token_counts import total
from ..secret import where
from ..surrogates import Characters
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

    def recast(self, thinking: str) -> None:
        """Replace all pieces so far by this thinking: see `TextWasThinking`."""

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer; returns it with its session and turn, if any."""


class Engine:
    """Runs turns. Holds no state of any of them.

    `prices` gives their costs. A request that fails before its first token is sent
    again according to `retry`; one that fails later is not, because the provider bills
    what it has begun. Deltas are joined for `joined` seconds before they are passed on.
    `used` is called with the library prompt of each turn that has one. `remark` returns
    what the footer of an answer of that cost says of the budget.
    """

    def __init__(  # noqa: PLR0913 - what a turn passes through
        self,
        events: Events,
        prices: Prices | None = None,
        retry: RetryPolicy | None = None,
        joined: float = _JOINED,
        *,
        used: Callable[[PromptVersion], object] = lambda _prompt: None,
        remark: Callable[[float | None], tuple[str, ...]] = lambda _cost: (),
    ) -> None:
        self.events = events
        self.prices = prices or NoPrices()
        self.retry = retry or RetryPolicy()
        self.joined = joined
        self.used = used
        self.remark = remark

    async def turn(  # noqa: PLR0913 - what a turn is made of
        self,
        provider: Provider,
        request: ChatRequest,
        job: Job[Answer],
        record: Record,
        question: Question | None = None,
        *,
        library_prompt: PromptVersion | None = None,
        begins_with: tuple[Part, ...] = (),
    ) -> Answer:
        """Send a request and return the settled answer, however it ends.

        `question` is what `request` was built from, if anything: its notes and its
        schema go with the answer. `library_prompt` is what asks, if anything does.
        `begins_with` is the answer so far, if one goes on.

        An error or a cancellation becomes part of the answer, beside the text that had
        come by then; the job's state is set accordingly. The usage and the cost of such
        an answer are those of all requests for it, as far as the provider had counted:
        what the ledger has. Those of a complete one are of its last request alone.
        """
        model = f"{provider.spec.name}/{request.model}"
        live = LiveAnswer(model, begins_with=begins_with)
        started = time.time()
        counted: list[Usage] = []
        finish: Finish | None = None
        reason: FinishReason = "error"
        error: ParllamaError | None = None

        delivery = _Delivery(live, record, self.events.emit, job.id, self.joined)
        # The price is looked up while the model thinks.
        pricing = asyncio.ensure_future(self.prices.find(provider.spec, request.model))
        try:
            provider.check(request)
            with attended(job.notice, counted.append):
                async for event in self._attempts(provider, request, job):
                    if isinstance(event, Finish):
                        finish, reason = event, event.reason
                    else:
                        delivery.take(event)
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
        delivery.flush()
        if error is not None:
            job.state = "failed"
            error = await _with_near_misses(error, provider, request.model)
        usages = counted if finish is None else [finish.usage]
        cost = await shielded(_cost(pricing, usages))
        notes = _notes(question, provider.sent_to(request.model))
        answer = Answer(
            parts=live.parts,
            model=live.model,
            finish_reason=reason,
            usage=total(usages),
            timing=Timing(started, live.first_token_s, live.seconds),
            cost=cost,
            error=error,
            notes=(*notes, *self.remark(cost)),
            schema=question.schema if question else None,
            library_prompt=library_prompt,
        )
        answer = await shielded(record.settle(answer))
        if library_prompt is not None:
            self.used(library_prompt)
        self.events.emit(AnswerDone(job.id))
        return answer

    async def _attempts(
        self, provider: Provider, request: ChatRequest, job: Job[Answer]
    ) -> AsyncIterator[StreamEvent]:
        retries = self.retry.begin(provider.options.timeouts.first_token)
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
                wait = retries.wait(error)
                if begun or wait is None:
                    raise
                notice = retries.notice(error, wait)
            if notice:
                job.notice(notice)
            await asyncio.sleep(wait)


class _Delivery:
    """Passes the pieces of an answer on: to `live`, to its record, and as events.

    They are joined: the first goes on at once, later ones once per `interval` (s).
    """

    def __init__(
        self,
        live: LiveAnswer,
        record: Record,
        emit: Callable[[Event], None],
        job_id: str,
        interval: float,
    ) -> None:
        self._live = live
        self._record = record
        self._emit = emit
        self._job_id = job_id
        self._throttle = Throttle(interval)
        self._characters: defaultdict[DeltaKind, Characters] = defaultdict(Characters)
        self._kind: DeltaKind = "text"
        self._parts: list[str] = []

    def take(self, event: TextDelta | ThinkingDelta | TextWasThinking) -> None:
        """Add a piece, or recast those so far."""
        if isinstance(event, TextWasThinking):
            self.flush()
            self._record.recast(self._live.recast())
            self._emit(AnswerRecast(self._job_id))
            return
        text = self._characters[event.kind].whole(event.text)
        if not text:
            return
        if event.kind != self._kind:
            self.flush()
            self._kind = event.kind
        self._parts.append(text)
        self._throttle.soon(self._join)

    def flush(self) -> None:
        """Pass on what waits."""
        self._throttle.now(self._join)

    def _join(self) -> None:
        text = "".join(self._parts)
        self._parts.clear()
        self._live.append(self._kind, text)
        self._record.append(self._kind, text)
        self._emit(AnswerDelta(self._job_id, self._kind, text))


def _unfinished(provider: Provider) -> InvalidResponseError:
    message = f"{provider.spec.title}: the stream ended before the answer was complete."
    return InvalidResponseError(message, hint="The text so far is kept.")


def _notes(question: Question | None, sent_to: str) -> tuple[str, ...]:
    """Return the remarks of an answer; one says where its question went on to."""
    notes = question.notes if question else ()
    if question is not None and question.continues:
        notes = (*notes, "continued")
    return (*notes, f"sent to {sent_to}") if sent_to else notes


async def _cost(
    pricing: asyncio.Task[ModelFacts | None], usages: Iterable[Usage]
) -> float | None:
    try:
        facts = await pricing
    except Exception as error:  # noqa: BLE001 - an answer is worth more than its price
        _log.error("the price of an answer could not be read: %s", where(error))
        return None
    if facts is None:
        return None
    # A request at a time, because a long one may have other rates.
    costs = [cost for cost in map(facts.cost, usages) if cost is not None]
    return sum(costs) if costs else None


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
