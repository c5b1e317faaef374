"""A streamed answer: its bytes, its limits, its end.

One loop for all wire formats. How the bytes are split, a `Framer` says: into the events
of https://html.spec.whatwg.org/multipage/server-sent-events.html or into lines of JSON;
what they mean, a `Reader`. The errors here are internal: `failures` turns them into
those of the package.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import Protocol, cast

from ..messages import Finish, FinishReason, StreamEvent, Usage
from ..spec import Timeouts

__all__ = [
    "BrokenOffError",
    "EventLines",
    "Framer",
    "JSONLines",
    "Reader",
    "RefusedError",
    "ReportedError",
    "Response",
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


class RefusedError(Exception):
    """A status of 300 and above, and what came with it."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


class ReportedError(Exception):
    """The server reported an error inside of an answer that began as a success."""

    def __init__(self, body: object) -> None:
        super().__init__("reported in the stream")
        self.body = body


class BrokenOffError(Exception):
    """The stream ended without the end of an answer."""


class UnreadableError(Exception):
    """The answer is not in the wire format; `what` says what it is."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class SilentError(Exception):
    """A time limit ran out; `text` says which."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    @classmethod
    def of(cls, missing: str, seconds: float) -> SilentError:
        """Say what did not arrive, and within how many seconds it should have."""
        return cls(f"no {missing} within {seconds:g} s.")

    @classmethod
    def in_answer(cls, timeouts: Timeouts, *, begun: bool) -> SilentError:
        """Say that a token did not arrive; `begun`: another one had."""
        if begun:
            return cls.of("further token", timeouts.stall)
        return cls.of("first token", timeouts.first_token)


class Reader(Protocol):
    """Reads the events of one answer; all state of a stream is here.

    `begun`: text has arrived. `done`: no more will. `reason` is set once the answer is
    complete.
    """

    reason: FinishReason | None
    usage: Usage
    done: bool
    begun: bool

    def read(self, data: bytes, into: list[StreamEvent]) -> None:
        """Append what one event says.

        Raises:
            ReportedError: the event is an error.
            UnreadableError: the data is not in the wire format.

        """

    def end(self) -> list[StreamEvent]:
        """Return what was held back until the end."""


class Framer(Protocol):
    """Splits the bytes of an answer into the data of its events."""

    def feed(self, received: bytes) -> list[bytes]:
        """Return the data of every event that is complete by now."""

    def end(self) -> list[bytes]:
        """Return the event that the stream ended with, where its end is missing."""

    def check(self) -> None:
        """Refuse a stream that has ended and held no event.

        Raises:
            UnreadableError: it was something else.

        """


class Response(Protocol):
    """The response to a request, as the client libraries have it."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, found in any letter case."""

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Its body, in the pieces the network brings."""


class _Lines:
    """Splits bytes into lines."""

    def __init__(self) -> None:
        self._rest = b""

    def split(self, received: bytes) -> list[bytes]:
        """Return every line that is complete by now."""
        lines = (self._rest + received).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE:
            what = "a line without end"
            raise UnreadableError(what)
        return lines


class JSONLines:
    """Splits a stream into the objects on its lines; see `Framer`."""

    def __init__(self) -> None:
        self._lines = _Lines()

    def feed(self, received: bytes) -> list[bytes]:
        """Return every line that is complete by now and not empty."""
        return [line for line in self._lines.split(received) if line.strip()]

    def end(self) -> list[bytes]:
        """Return the last line, where no newline ends it."""
        return self.feed(b"\n")

    def check(self) -> None:
        """Accept any stream: a line that is not JSON is refused when it is read."""


class EventLines:
    """Splits an event stream into the data of its events; see `Framer`.

    A `whole` answer is one event: all of it, when it has ended.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._body = b""
        self._lines = _Lines()
        self._data: list[bytes] = []
        self.events = 0
        self.stray = False

    def feed(self, received: bytes) -> list[bytes]:
        """Return the data of every event that is complete by now."""
        if self._whole:
            self._body += received
            return []
        complete: list[bytes] = []
        for line in self._lines.split(received):
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
        """Return the last event, where the empty line after it is missing."""
        if self._whole:
            self.events = 1
            return [self._body]
        return self.feed(b"\n\n")

    def check(self) -> None:
        """Refuse a stream of lines that are no events."""
        if self.stray and not self.events:
            what = "something that is not an event stream"
            raise UnreadableError(what)


async def read_answer(
    response: Response,
    lines: Framer,
    reader: Reader,
    timeouts: Timeouts,
    deadline: float,
) -> AsyncGenerator[list[StreamEvent], None]:
    """Yield the events of an answer, a list for every piece the network brings.

    `deadline` is the loop's time by which the first token has to be there.

    Raises:
        BrokenOffError: it ended too early.
        ReportedError: the server reported an error.
        SilentError: a token did not arrive in time.
        UnreadableError: the answer is not in the wire format.

    """
    refuse_page(response.headers)
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
            lines.check()
            raise BrokenOffError
        yield [*held, Finish(reader.reason or "stop", reader.usage)]
        with suppress(Exception):
            async with asyncio.timeout(_DRAIN):
                async for _ in got:
                    pass


async def _piece(
    got: AsyncGenerator[bytes], deadline: float, reader: Reader, timeouts: Timeouts
) -> bytes | None:
    """Return what the network brings next; None at the end."""
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(got, None)
    except Exception as error:
        if reader.reason is not None:
            # The answer is complete: how its connection ends does not matter.
            return None
        if isinstance(error, TimeoutError):
            raise SilentError.in_answer(timeouts, begun=reader.begun) from error
        raise


def _read_all(
    reader: Reader, data: list[bytes]
) -> tuple[list[StreamEvent], Exception | None]:
    """Read some events: what the good ones say, and the error of the first bad one."""
    events: list[StreamEvent] = []
    try:
        for one in data:
            reader.read(one, events)
    except Exception as error:  # noqa: BLE001 - raised after the good part is yielded
        return events, error
    return events, None


def refuse_page(headers: Mapping[str, str]) -> None:
    """Refuse a web page.

    Raises:
        UnreadableError: the response is one, by its headers.

    """
    if "html" in headers.get("content-type", "").lower():
        what = "a web page"
        raise UnreadableError(what)
