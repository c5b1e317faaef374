"""What is noted of each request to a provider: where it went, its bytes, its tokens.

The bytes of a request are noted where they are handed to the network, by `note_sent`;
whoever sends nothing over a network notes nothing. `accounted` has all of it recorded.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from .http.endpoint import is_loopback
from .messages import FinishReason, Usage

if TYPE_CHECKING:
    import httpx2


__all__ = [
    "THIS_MACHINE",
    "Accounts",
    "Meter",
    "NoAccounts",
    "Occasion",
    "SentRequest",
    "attended",
    "current_occasion",
    "is_metered",
    "metered",
    "name_of",
    "note_body",
    "note_read",
    "note_sent",
    "note_usage",
    "occasion",
]

THIS_MACHINE = "this machine"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why something is asked, and by whom.

    `purpose` is one word: `ask`, `chat`, `compare`, `map`, `judge`, `embed`, ...
    `conversation()` returns the conversation's name as it is then; None for none.
    `notice` shows the user a line while they wait. `counted` is called with the tokens
    of each request when it has ended, as the ledger has them.
    """

    purpose: str
    conversation: Callable[[], str | None] = lambda: None
    notice: Callable[[str], object] = lambda _: None
    counted: Callable[[Usage], object] = lambda _: None


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


class Named(Protocol):
    """Something with a name, which may change."""

    name: str


def name_of(named: Named) -> Callable[[], str | None]:
    """Return what gives the name of something, as it is then, and does not hold it.

    What is opened on an occasion, such as a connection, keeps the occasion for long.
    """
    found = weakref.ref(named)

    def name() -> str | None:
        held = found()
        return None if held is None else held.name

    return name


@contextmanager
def attended(
    notice: Callable[[str], object], counted: Callable[[Usage], object]
) -> Iterator[None]:
    """Have these two called for the requests within: see `Occasion`."""
    now = _occasion.get() or Occasion("ask")
    token = _occasion.set(replace(now, notice=notice, counted=counted))
    try:
        yield
    finally:
        _occasion.reset(token)


def current_occasion() -> Occasion | None:
    """Return why what is asked now is asked, if anybody has said."""
    return _occasion.get()


@dataclass(slots=True)
class Meter:
    """Counts what one request sends while it is sent."""

    bytes: int | None = None
    host: str = ""
    usage: Usage = field(default_factory=Usage)


_meter: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Have a meter count what is sent within."""
    token = _meter.set(meter)
    try:
        yield
    finally:
        _meter.reset(token)


def is_metered() -> bool:
    """Whether what is sent now is counted."""
    return _meter.get() is not None


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
