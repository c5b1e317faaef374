"""A streamed answer: its limits and its end.

One loop for all wire formats. How the bytes are split, a `Framer` says; what they mean,
a `Reader`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import Protocol, cast

from ..messages import Finish, FinishReason, StreamEvent, Usage
from ..spec import Timeouts
from .framing import Framer
from .stream_errors import BrokenOffError, SilentError, UnreadableError

__all__ = ["Reader", "Response", "read_answer", "refuse_page"]

_AFTER_FINISH = 5.0
"""Seconds to wait for the usage of an answer that is complete."""

_DRAIN = 0.1
"""Seconds to wait for the end of a stream, so that its connection can be kept."""


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


class Response(Protocol):
    """The response to a request, as the client libraries have it."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, found in any letter case."""

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Its body, in the pieces the network brings."""


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
