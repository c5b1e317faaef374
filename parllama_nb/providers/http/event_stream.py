"""An answer that streams as server-sent events: its bytes, its limits, its end.

What the wire formats that stream this way share; what the events say, each reads for
itself (`Reader`). The errors here are internal: `failures` turns them into those of
the house. The format is https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import Protocol, cast

from ..base import Timeouts
from ..messages import Finish, FinishReason, StreamEvent, Usage

__all__ = [
    "BrokenOffError",
    "EventLines",
    "Reader",
    "ReportedError",
    "SilentError",
    "UnreadableError",
    "read_answer",
    "refuse_page",
]

_LONGEST_LINE = 64 * 1024 * 1024

_AFTER_FINISH = 5.0
"""Seconds to wait for the usage of an answer that is complete."""

_DRAIN = 0.1
"""Seconds to wait for the end of a stream, so that its connection can be kept."""


class ReportedError(Exception):
    """The server reported an error inside of an answer that began as a success."""

    def __init__(self, body: object) -> None:
        super().__init__("reported in the stream")
        self.body = body


class BrokenOffError(Exception):
    """The stream ended without the end of an answer."""


class UnreadableError(Exception):
    """What came is not the wire format; `what` says what it is."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class SilentError(Exception):
    """A limit of time ran out; `told` says which."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.told = told

    @classmethod
    def of(cls, missing: str, seconds: float) -> SilentError:
        """What did not come, and within how many seconds it should have."""
        return cls(f"no {missing} within {seconds:g} s.")

    @classmethod
    def in_answer(cls, timeouts: Timeouts, *, begun: bool) -> SilentError:
        """A token that did not come; `begun` says whether one had."""
        if begun:
            return cls.of("further token", timeouts.stall)
        return cls.of("first token", timeouts.first_token)


class Reader(Protocol):
    """Reads the events of one answer; all state of a stream is here.

    `begun` says that text has come, `done` that nothing more will. `reason` is set once
    the answer is complete.
    """

    reason: FinishReason | None
    usage: Usage
    done: bool
    begun: bool

    def read(self, data: bytes, into: list[StreamEvent]) -> None:
        """Append what the data of one event says.

        Raises:
            ReportedError: it is an error.
            UnreadableError: it is not the wire format.

        """

    def end(self) -> list[StreamEvent]:
        """What was held back until the end."""


class Response(Protocol):
    """An answer to a request, as the client libraries give it."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, found in any letter case."""

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Its body, in the pieces the network brings."""


class EventLines:
    """Splits the bytes of an event stream into the data of its events.

    A `whole` answer is one event: all of it, when it has ended.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._rest = b""
        self._data: list[bytes] = []
        self.events = 0
        self.stray = False

    def feed(self, received: bytes) -> list[bytes]:
        """The data of every event that is complete by now."""
        if self._whole:
            self._rest += received
            return []
        lines = (self._rest + received).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE:
            what = "a line without end"
            raise UnreadableError(what)
        complete: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].strip())
            elif not line or line == b"\r":
                if self._data:
                    complete.append(b"\n".join(self._data))
                    self._data.clear()
            elif not line.startswith((b":", b"event:", b"id:", b"retry:")):
                self.stray = True
        self.events += len(complete)
        return complete

    def end(self) -> list[bytes]:
        """What the stream ended with, where the last empty line was left out."""
        if self._whole:
            self.events = 1
            return [self._rest]
        return self.feed(b"\n\n")


async def read_answer(
    response: Response, reader: Reader, timeouts: Timeouts, deadline: float
) -> AsyncGenerator[list[StreamEvent], None]:
    """The events of an answer, in one list for every piece the network brings.

    `deadline` is the loop's time by which the first token has to be there.

    Raises:
        BrokenOffError: it ended too early.
        ReportedError: the server reported an error.
        SilentError: a token did not come in time.
        UnreadableError: what came is not the wire format.

    """
    refuse_page(response.headers)
    whole = "application/json" in response.headers.get("content-type", "")
    lines = EventLines(whole=whole)
    loop = asyncio.get_running_loop()
    # A generator: what is not closed at once would keep the request open.
    async with aclosing(cast("AsyncGenerator[bytes]", response.iter_bytes())) as got:
        piece: bytes | None = b""
        while piece is not None and not reader.done:
            piece = await _piece(got, deadline, reader, timeouts)
            data = lines.end() if piece is None else lines.feed(piece)
            events, failure = _read_all(reader, data)
            if events:
                yield events
            if failure is not None:
                raise failure
            if reader.reason is not None:
                deadline = loop.time() + min(_AFTER_FINISH, timeouts.stall)
            elif data and reader.begun:
                deadline = loop.time() + timeouts.stall
        held = reader.end()
        if reader.reason is None and not reader.done:
            if held:
                yield held
            if lines.stray and not lines.events:
                what = "something that is no event stream"
                raise UnreadableError(what)
            raise BrokenOffError
        yield [*held, Finish(reader.reason or "stop", reader.usage)]
        with suppress(Exception):
            async with asyncio.timeout(_DRAIN):
                async for _ in got:
                    pass


async def _piece(
    got: AsyncGenerator[bytes], deadline: float, reader: Reader, timeouts: Timeouts
) -> bytes | None:
    """What the network brings next; None at the end."""
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(got, None)
    except Exception as error:
        if reader.reason is not None:
            # The answer is complete: how its connection ends is no matter.
            return None
        if isinstance(error, TimeoutError):
            raise SilentError.in_answer(timeouts, begun=reader.begun) from error
        raise


def _read_all(
    reader: Reader, data: list[bytes]
) -> tuple[list[StreamEvent], Exception | None]:
    """What was good of some events, and what was wrong with the first bad one."""
    events: list[StreamEvent] = []
    try:
        for one in data:
            reader.read(one, events)
    except Exception as error:  # noqa: BLE001 - raised once the good part is passed on
        return events, error
    return events, None


def refuse_page(headers: Mapping[str, str]) -> None:
    """A web page is no answer.

    Raises:
        UnreadableError: it is one, by its headers.

    """
    if "html" in headers.get("content-type", "").lower():
        what = "a web page"
        raise UnreadableError(what)
