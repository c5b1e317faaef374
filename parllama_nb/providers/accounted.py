"""Has every request of a provider recorded, and held to the budget.

`Provider` has every answer and every embedding of its subclasses pass through here, so
that no way to ask gets around the budget, or is missing from the ledger.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ConnectionFailedError, ParllamaError
from .accounting import (
    THIS_MACHINE,
    Meter,
    NoAccounts,
    Occasion,
    SentRequest,
    current_occasion,
    is_metered,
    metered,
)
from .messages import ChatRequest, Finish, FinishReason, Message, StreamEvent, Usage
from .token_counts import updated

if TYPE_CHECKING:
    from .accounting import Accounts
    from .model_facts import ModelFacts
    from .spec import Spec

__all__ = ["accounted"]


class _Prices(Protocol):
    async def find(self, spec: Spec, model: str, /) -> ModelFacts | None: ...


class _Context(Protocol):
    @property
    def accounts(self) -> Accounts: ...
    @property
    def prices(self) -> _Prices: ...


class _Provider(Protocol):
    """What is needed of a `Provider` to record what it sends."""

    spec: Spec

    @property
    def context(self) -> _Context: ...

    def sent_to(self, model: str, /) -> str: ...


_SAID = frozenset({"text", "thinking", "tool_call", "tool_result"})
"""Kinds of parts that are no attachments."""


def accounted(name: str, method: Any) -> Any:  # noqa: ANN401 - any method
    """Return a provider's `stream`, `complete` or `embed`, with its requests noted."""
    return {"stream": _stream, "complete": _complete, "embed": _embed}[name](method)


def _stream(method: Any) -> Any:  # noqa: ANN401
    @functools.wraps(method)
    def stream(
        self: _Provider, request: ChatRequest, *args: object, **named: object
    ) -> AsyncGenerator[StreamEvent, None]:
        # At once: it may raise that there is no key.
        events: AsyncGenerator[StreamEvent, None] = method(
            self, request, *args, **named
        )
        if not _is_outermost(self):
            return events
        return _events(_Account(self, request.model, request.messages), events)

    return stream


async def _events(
    account: _Account, events: AsyncGenerator[StreamEvent, None]
) -> AsyncGenerator[StreamEvent, None]:
    try:
        try:
            await account.allowed()
            while True:
                # Not around the `yield`: whoever reads on has another context.
                with account.metered():
                    event = await anext(events, None)
                if event is None:
                    return
                if isinstance(event, Finish):
                    account.finish(event.reason, event.usage)
                account.begun = True
                yield event
        finally:
            with account.metered():
                await events.aclose()
    except Exception as error:
        account.fail(error)
        raise
    except BaseException:
        account.cancel()
        raise
    finally:
        account.settle()


def _complete(method: Any) -> Any:  # noqa: ANN401
    @functools.wraps(method)
    async def complete(self: _Provider, request: ChatRequest) -> Any:  # noqa: ANN401
        if not _is_outermost(self):
            return await method(self, request)
        account = _Account(self, request.model, request.messages)
        answer = await account.run(lambda: method(self, request))
        account.finish(answer.reason, answer.usage)
        account.settle()
        return answer

    return complete


def _embed(method: Any) -> Any:  # noqa: ANN401
    @functools.wraps(method)
    async def embed(self: _Provider, model: str, *args: object, **named: object) -> Any:  # noqa: ANN401
        if not _is_outermost(self):
            return await method(self, model, *args, **named)
        account = _Account(self, model, (), "embed")
        vectors = await account.run(lambda: method(self, model, *args, **named))
        account.begun = bool(vectors)  # for no texts nothing is sent
        account.finish("stop", Usage())
        account.settle()
        return vectors

    return embed


def _is_outermost(provider: _Provider) -> bool:
    """Whether a call is to be noted, and is not within one that is."""
    return not is_metered() and not isinstance(provider.context.accounts, NoAccounts)


class _Account:
    """One request, from before it is sent until its end is noted."""

    def __init__(
        self,
        provider: _Provider,
        model: str,
        messages: Iterable[Message],
        purpose: str = "ask",
    ) -> None:
        self.meter = Meter()
        self.begun = False
        self._provider = provider
        self._model = model
        self._attachments = tuple(
            part.type
            for message in messages
            for part in message.parts
            if part.type not in _SAID
        )
        self._occasion = current_occasion() or Occasion(purpose)
        self._began = time.time()
        self._clock = time.monotonic()
        self._usage: Usage | None = None
        self._ended: FinishReason | None = None
        self._code = ""
        self._left: bool | None = None
        self._pricing: asyncio.Task[ModelFacts | None] | None = None

    async def allowed(self) -> None:
        """Wait until it is certain that this may be sent; its price is looked up.

        Raises:
            BudgetError: the budget is used up, and this would cost something.

        """
        context = self._provider.context
        accounts = context.accounts
        # While the model thinks, unless there is a budget.
        finding = context.prices.find(self._provider.spec, self._model)
        self._pricing = asyncio.ensure_future(finding)
        if not accounts.limited:
            return
        with contextlib.suppress(Exception):
            await asyncio.shield(self._pricing)
        facts = self._facts()
        if facts is not None and facts.rates:
            await accounts.allow(self._occasion.notice)

    def metered(self) -> AbstractContextManager[None]:
        """Count here what is sent within."""
        return metered(self.meter)

    async def run(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - what it returns
        """Ask, with what is sent noted; settles unless it succeeds."""
        try:
            await self.allowed()
            with self.metered():
                result = await ask()
        except Exception as error:
            self.fail(error)
            self.settle()
            raise
        except BaseException:
            self.cancel()
            self.settle()
            raise
        self.begun = True
        return result

    def finish(self, reason: FinishReason, usage: Usage) -> None:
        """Note that the answer is complete."""
        self._ended, self._usage = reason, updated(self.meter.usage, usage)

    def fail(self, error: BaseException) -> None:
        """Note what ended it."""
        self._ended = self._ended or "error"
        # Not the error itself, which holds the frames that hold this.
        self._code = ParllamaError.of(error).code
        if isinstance(error, ConnectionFailedError):
            self._left = False
        elif getattr(error, "status", None) is not None:
            self._left = True

    def cancel(self) -> None:
        """Note that it was stopped, unless it had ended."""
        self._ended = self._ended or "cancelled"

    def settle(self) -> None:
        """Have it recorded, if anything was sent; never waits."""
        left = self.meter.bytes is not None if self._left is None else self._left
        pricing = self._pricing
        if pricing is None or not (self.begun or left):
            return
        self._occasion.counted(self._counted)
        seconds = time.monotonic() - self._clock
        if pricing.done():
            self._record(seconds)
        else:
            pricing.add_done_callback(lambda _: self._record(seconds))

    def _record(self, seconds: float) -> None:
        provider, meter = self._provider, self.meter
        spec, sent_to = provider.spec, provider.sent_to(self._model)
        here = meter.host == THIS_MACHINE or (not meter.host and spec.local)
        usage, facts = self._counted, self._facts()
        code = "response" if self._ended is None else self._code
        provider.context.accounts.record(
            SentRequest(
                began=self._began,
                seconds=seconds,
                purpose=self._occasion.purpose,
                conversation=self._occasion.conversation(),
                provider=spec.name,
                model=self._model,
                host=meter.host or (THIS_MACHINE if spec.local else ""),
                sent_to=sent_to,
                local=here and not sent_to,
                bytes=meter.bytes,
                attachments=self._attachments,
                usage=usage,
                cost=None if facts is None else facts.cost(usage),
                ended=self._ended or "error",
                error=code,
            )
        )

    @property
    def _counted(self) -> Usage:
        return self._usage or self.meter.usage

    def _facts(self) -> ModelFacts | None:
        """Return what is known of the model's price, as far as it has been found."""
        pricing = self._pricing
        if pricing is None or not pricing.done() or pricing.cancelled():
            return None
        return None if pricing.exception() is not None else pricing.result()
