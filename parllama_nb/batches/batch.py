"""Sends many questions at once, as many as each provider allows, and loses none."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..chats.answer import Answer, Timing
from ..durations import in_words
from ..errors import BudgetError, ParllamaError, RateLimitError
from ..providers.accounting import occasion
from ..providers.base import Provider
from ..providers.messages import ChatRequest, Completion, parts_of
from ..providers.retry import RetryPolicy
from ..secret import where
from .budget import Budget, Price, estimated_usage
from .rate_limiter import ConcurrencyLimiter

__all__ = ["Batch", "BatchItem", "BatchOptions"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One request of a batch; `number` is its position in it, counted from 0.

    `repeat` distinguishes equal requests that are meant to be sent more than once.
    """

    number: int
    provider: str
    request: ChatRequest
    repeat: int = 0

    @property
    def model(self) -> str:
        """The model as a user types it: `provider/model`."""
        return f"{self.provider}/{self.request.model}"

    def key(self) -> str:
        """Identifies everything that shapes the answer (SHA-256, in hex)."""
        content = [self.provider, self.request.to_dict(), self.repeat]
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How the questions of a run are sent.

    `concurrency` limits the requests in flight to one provider; None takes the default
    for that provider. `streamed` answers know the time of their first token; many
    answers arrive faster without it. `purpose` is what the ledger says they are for.
    """

    concurrency: int | None = None
    budget: Budget | None = None
    streamed: bool = False
    purpose: str = "map"


class Batch:
    """Sends many questions. Holds no state of any run.

    `concurrency` limits the requests in flight to one provider: to a local one, and to
    any other. A failed request is retried by `retry`; after a rate limit it is always
    retried, because the provider says that it will answer later.
    """

    def __init__(
        self,
        provider: Callable[[str], Provider],
        price: Price,
        retry: RetryPolicy | None = None,
        concurrency: tuple[int, int] = (2, 16),
    ) -> None:
        self._provider = provider
        self._price = price
        self.retry = retry or RetryPolicy()
        self._concurrency = concurrency

    async def run(
        self,
        questions: Iterable[BatchItem],
        deliver: Callable[[BatchItem, Answer], None],
        notice: Callable[[str], None] = lambda _: None,
        options: BatchOptions | None = None,
    ) -> None:
        """Send all questions; `deliver` gets each answer as it arrives, or its error.

        Args:
            questions: what to ask; the questions to one provider start in order.
            deliver: called on the loop, in the order of the answers.
            notice: called with what the user should know while waiting.
            options: how they are sent.

        """
        options = options or BatchOptions()
        queues: dict[str, deque[BatchItem]] = defaultdict(deque)
        for question in questions:
            queues[question.provider].append(question)
        async with asyncio.TaskGroup() as group:
            for name, queue in queues.items():
                provider = self._provider(name)
                local, other = self._concurrency
                away = any(provider.sent_to(each.request.model) for each in queue)
                default = local if provider.spec.local and not away else other
                most = options.concurrency or default
                run = _Run(
                    self, provider, ConcurrencyLimiter(most), deliver, notice, options
                )
                with occasion(options.purpose, notice=notice):
                    for _ in range(min(most, len(queue))):
                        group.create_task(run.work(queue))

    def answer(
        self, question: BatchItem, completion: Completion, timing: Timing
    ) -> Answer:
        """Returns the complete answer, with its cost."""
        usage = completion.usage
        return Answer(
            parts=parts_of(completion.text, completion.thinking),
            model=question.model,
            finish_reason=completion.reason,
            usage=usage,
            timing=timing,
            cost=self._price(question.provider, question.request.model, usage),
        )

    def estimate(self, question: BatchItem) -> float:
        """Estimates the cost of a question in US dollars; 0 if its price is unknown."""
        usage = estimated_usage(question.request)
        cost = self._price(question.provider, question.request.model, usage)
        return cost or 0.0


@dataclass(frozen=True, slots=True)
class _Run:
    """The questions of one run to one provider."""

    batch: Batch
    provider: Provider
    limiter: ConcurrencyLimiter
    deliver: Callable[[BatchItem, Answer], None]
    notice: Callable[[str], None]
    options: BatchOptions

    async def work(self, queue: deque[BatchItem]) -> None:
        """Send questions until none is left."""
        budget = self.options.budget
        while queue:
            question = queue.popleft()
            if budget is None:
                self.deliver(question, await self.ask(question))
                continue
            reserved = await budget.reserve(self.batch.estimate(question))
            if reserved is None:
                self.deliver(question, _unaffordable(question, budget))
                # Thousands may follow: let other tasks run in between.
                await asyncio.sleep(0)
                continue
            cost: float | None = None
            try:
                answer = await self.ask(question)
                cost = answer.cost
            finally:
                budget.settle(reserved, cost)
            self.deliver(question, answer)

    async def ask(self, question: BatchItem) -> Answer:
        """Returns the answer to one question, after as many retries as it takes."""
        started = time.time()
        patience = self.provider.options.timeouts.first_token
        retries = self.batch.retry.begin(patience)
        while True:
            begun = time.monotonic()
            failure: ParllamaError
            async with self.limiter.slot():
                begun = time.monotonic()
                try:
                    self.provider.check(question.request)
                    completion = await self._complete(question.request)
                except ParllamaError as error:
                    failure = error
                except Exception as error:  # noqa: BLE001 - one row of many
                    name = self.provider.spec.name
                    _log.error("a question to %s failed: %s", name, where(error))
                    failure = ParllamaError.unexpected(error)
                else:
                    self.limiter.succeeded()
                    total = time.monotonic() - begun
                    timing = Timing(started, completion.first_token_s, total)
                    return self.batch.answer(question, completion, timing)
            if isinstance(failure, RateLimitError) and failure.retriable:
                pause = self.limiter.slow_down(failure.retry_after)
                words = f"Trying again in {in_words(pause)}."
                self.notice(f"{failure.message} {words}")
                continue
            wait = retries.wait(failure)
            if wait is None:
                timing = Timing(started, None, time.monotonic() - begun)
                return _failed(question, failure, timing)
            if notice := retries.notice(failure, wait):
                self.notice(notice)
            await asyncio.sleep(wait)

    async def _complete(self, request: ChatRequest) -> Completion:
        if self.options.streamed:
            # The base class streams; a provider's own `complete` may not.
            return await Provider.complete(self.provider, request)
        return await self.provider.complete(request)


def _failed(question: BatchItem, error: ParllamaError, timing: Timing) -> Answer:
    return Answer(
        parts=parts_of(error.partial),
        model=question.model,
        finish_reason="error",
        timing=timing,
        error=error,
    )


def _unaffordable(question: BatchItem, budget: Budget) -> Answer:
    message = f"Not asked: the budget of ${budget.dollars:g} is used up."
    hint = "Repeat the call with a larger budget= to continue."
    error = BudgetError(message, hint=hint)
    return _failed(question, error, Timing(time.time(), None, 0.0))
