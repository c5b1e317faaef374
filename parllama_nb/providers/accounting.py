"""What is noted of each request to a provider: where it went, its bytes, its tokens.

`Provider` has every answer and every embedding of its subclasses pass through here, so
that no way to ask gets around the budget, or is missing from the ledger. The bytes of a
request are noted where they are handed to the network, by `note_sent`; whoever sends
nothing over a network notes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ConnectionFailedError, ParllamaError
from .http.endpoint import is_loopback
from .messages import ChatRequest, Finish, FinishReason, Message, StreamEvent, Usage
from .token_counts import updated

if TYPE_CHECKING:
    import httpx2

    from .base import Provider
    from .model_facts import ModelFacts

__all__ = [
    "THIS_MACHINE",
    "Accounts",
    "NoAccounts",
    "Occasion",
    "SentRequest",
    "accounted",
    "note_body",
    "note_read",
    "note_sent",
    "note_usage",
    "noticing",
    "occasion",
]

THIS_MACHINE = "this machine"

_SAID = frozenset({"text", "thinking", "tool_call", "tool_result"})
"""Kinds of parts that are no attachments."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why something is asked, and by whom.

    `purpose` is one word: `ask`, `chat`, `compare`, `map`, `judge`, `embed`, ...
    `conversation()` returns the conversation's name as it is then; None for none.
    `notice` shows the user a line while they wait.
    """

    purpose: str
    conversation: Callable[[], str | None] = lambda: None
    notice: Callable[[str], object] = lambda _: None


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request that was sent, and how it ended. It holds no text of it.

    Attributes:
        began: when, in seconds since the epoch.
        seconds: how long it took until its answer ended.
        purpose: see `Occasion`.
        conversation: the conversation's name; None for none.
        provider: the provider's name.
        model: the provider's own name of the model.
        host: the server, with a port that is not the usual one; "" if not known.
        sent_to: the host that it went on to from there; "" for none.
        local: whether it stayed on this machine.
        bytes: of the request's body; None if not known.
        attachments: the kind of each image, document, ... of its messages.
        usage: the tokens, as the provider counted them.
        cost: US dollars; None if no price or no usage is known.
        ended: how.
        error: the code of the error that ended it, "" for none.

    """

    began: float
    seconds: float
    purpose: str
    conversation: str | None
    provider: str
    model: str
    host: str
    sent_to: str
    local: bool
    bytes: int | None
    attachments: tuple[str, ...]
    usage: Usage
    cost: float | None
    ended: FinishReason
    error: str = ""


class Accounts(Protocol):
    """Who keeps the ledger, and knows the budget."""

    @property
    def limited(self) -> bool:
        """Whether there is a budget at all."""

    async def allow(self, notice: Callable[[str], object]) -> None:
        """Let a request go that will cost something.

        Raises:
            BudgetError: the budget is used up.

        """

    def record(self, sent: SentRequest) -> None:
        """Note a request that was sent. Never waits, and never raises."""


class NoAccounts:
    """Notes nothing, and has no budget."""

    limited = False

    async def allow(self, notice: Callable[[str], object]) -> None:
        """Let it go."""

    def record(self, sent: SentRequest) -> None:
        """Do nothing."""


_occasion: ContextVar[Occasion | None] = ContextVar("occasion", default=None)


@contextmanager
def occasion(
    purpose: str,
    conversation: Callable[[], str | None] = lambda: None,
    notice: Callable[[str], object] = lambda _: None,
) -> Iterator[None]:
    """Say why what is asked within is asked, also by the tasks that begin within."""
    token = _occasion.set(Occasion(purpose, conversation, notice))
    try:
        yield
    finally:
        _occasion.reset(token)


@contextmanager
def noticing(notice: Callable[[str], object]) -> Iterator[None]:
    """Have `notice` show the user what is said of the requests within."""
    now = _occasion.get() or Occasion("ask")
    with occasion(now.purpose, now.conversation, notice):
        yield


@dataclass(slots=True)
class _Meter:
    """Counts what one request sends while it is sent."""

    bytes: int | None = None
    host: str = ""
    usage: Usage = field(default_factory=Usage)


_meter: ContextVar[_Meter | None] = ContextVar("meter", default=None)


def note_sent(size: int, host: str) -> None:
    """Note a body of `size` bytes that goes to `host`, for the request under way.

    A body that is sent again, because the server refused an option, counts again.
    """
    meter = _meter.get()
    if meter is None:
        return
    name = host.rpartition(":")[0] or host
    host = THIS_MACHINE if is_loopback(name.strip("[]")) else host
    # What went to another server before was a login: it is not of this request.
    before = meter.bytes if meter.host in ("", host) else None
    meter.bytes, meter.host = (before or 0) + size, host


async def note_body(request: httpx2.Request) -> None:
    """Note the body of a request; a hook of an HTTP client, which has just made it."""
    size = request.headers.get("content-length", "")
    if request.method == "POST" and size.isdecimal():
        note_sent(int(size), request.url.netloc.decode("ascii", "replace"))


def note_usage(usage: Usage) -> None:
    """Note the tokens of the request under way, as far as they have been counted."""
    meter = _meter.get()
    if meter is not None:
        meter.usage = usage


def note_read(tokens: int | None) -> None:
    """Note that the model has read some more tokens, of texts to embed."""
    meter = _meter.get()
    if meter is not None and tokens is not None:
        before = meter.usage.input_tokens or 0
        meter.usage = Usage(before + tokens, 0)


def accounted(name: str, method: Any) -> Any:  # noqa: ANN401 - any method
    """Return a provider's `stream`, `complete` or `embed`, with its requests noted."""
    return {"stream": _stream, "complete": _complete, "embed": _embed}[name](method)


def _stream(method: Any) -> Any:  # noqa: ANN401
    @functools.wraps(method)
    def stream(
        self: Provider, request: ChatRequest, *args: object, **named: object
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
    async def complete(self: Provider, request: ChatRequest) -> Any:  # noqa: ANN401
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
    async def embed(self: Provider, model: str, *args: object, **named: object) -> Any:  # noqa: ANN401
        if not _is_outermost(self):
            return await method(self, model, *args, **named)
        account = _Account(self, model, (), "embed")
        vectors = await account.run(lambda: method(self, model, *args, **named))
        account.begun = bool(vectors)  # for no texts nothing is sent
        account.finish("stop", Usage())
        account.settle()
        return vectors

    return embed


def _is_outermost(provider: Provider) -> bool:
    """Whether a call is to be noted, and is not within one that is."""
    return _meter.get() is None and not isinstance(
        provider.context.accounts, NoAccounts
    )


class _Account:
    """One request, from before it is sent until its end is noted."""

    def __init__(
        self,
        provider: Provider,
        model: str,
        messages: Iterable[Message],
        purpose: str = "ask",
    ) -> None:
        self.meter = _Meter()
        self.begun = False
        self._provider = provider
        self._model = model
        self._attachments = tuple(
            part.type
            for message in messages
            for part in message.parts
            if part.type not in _SAID
        )
        self._occasion = _occasion.get() or Occasion(purpose)
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

    @contextmanager
    def metered(self) -> Iterator[None]:
        """Note here what is sent within."""
        token = _meter.set(self.meter)
        try:
            yield
        finally:
            _meter.reset(token)

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
        seconds = time.monotonic() - self._clock
        if pricing.done():
            self._record(seconds)
        else:
            pricing.add_done_callback(lambda _: self._record(seconds))

    def _record(self, seconds: float) -> None:
        provider, meter = self._provider, self.meter
        spec, sent_to = provider.spec, provider.sent_to(self._model)
        here = meter.host == THIS_MACHINE or (not meter.host and spec.local)
        usage, facts = self._usage or meter.usage, self._facts()
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

    def _facts(self) -> ModelFacts | None:
        """Return what is known of the model's price, as far as it has been found."""
        pricing = self._pricing
        if pricing is None or not pricing.done() or pricing.cancelled():
            return None
        return None if pricing.exception() is not None else pricing.result()
