"""A streamed answer: its limits and its end.

One loop for all wire formats. A `Framer` splits the bytes into values; what those mean,
a `Reader` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Protocol, cast

from ..accounting import note_usage
from ..messages import Finish, StreamEvent
from .answer_so_far import AnswerSoFar
from .framing import Framer
from .json_values import Mark, Value, excerpt
from .limits import Deadline
from .stream_errors import BrokenOffError, ReportedError, UnreadableError

__all__ = ["Reader", "Response", "read_answer"]

_DRAIN = 0.1
"""Seconds to wait for the end of a stream, so that its connection can be kept."""


class Reader(Protocol):
    """Reads the objects of one answer; all state of a stream is here."""

    answer: AnswerSoFar

    def read(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        """Append what one object says.

        Raises:
            ReportedError: the object is an error.
            UnreadableError: it is not of the wire format.

        """


class Response(Protocol):
    """The response to a request, as the client libraries have it."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, found in any letter case."""

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Its body, in the pieces the network brings."""


async def read_answer(
    response: Response, reader: Reader, deadline: Deadline
) -> AsyncGenerator[list[StreamEvent], None]:
    """Yield the events of an answer, a list for every piece the network brings.

    Raises:
        BrokenOffError: it ended too early.
        ReportedError: the server reported an error.
        SilentError: a token did not arrive in time.
        UnreadableError: the answer is not in the wire format.

    """
    framer, answer = Framer(), reader.answer
    failure: Exception | None = None
    odd: UnreadableError | None = None
    # A generator: what is not closed at once would keep the request open.
    async with aclosing(cast("AsyncGenerator[bytes]", response.iter_bytes())) as got:
        while not answer.done:
            piece, failure = await _piece(got, deadline)
            values = framer.end() if piece is None else framer.feed(piece)
            events: list[StreamEvent] = []
            try:
                odd = _read_all(reader, values, events) or odd
            except ReportedError as error:
                # After the end of an answer an error says nothing about it.
                piece, failure = None, failure if answer.closing else error
            # Whoever stops the answer does not get it, and it is billed all the same.
            note_usage(answer.usage)
            if events:
                yield events
            if piece is None:
                break
            deadline.note(answer)
        whole = _is_whole(answer, failure, framer.first_words)
        held = answer.end()
        if not whole:
            if held:
                yield held
            raise _reason(failure, answer, odd, framer.first_words)
        yield [*held, Finish(answer.reason or "stop", answer.usage)]
        with suppress(Exception):
            async with asyncio.timeout(_DRAIN):
                async for _ in got:
                    pass


async def _piece(
    got: AsyncGenerator[bytes], deadline: Deadline
) -> tuple[bytes | None, Exception | None]:
    """Return what the network brings next; None at the end, with what went wrong."""
    try:
        async with asyncio.timeout_at(deadline.time):
            return await anext(got, None), None
    except TimeoutError:
        return None, deadline.missed()
    except Exception as error:  # noqa: BLE001 - does not matter after a whole answer
        return None, error


def _read_all(
    reader: Reader, values: list[Value], into: list[StreamEvent]
) -> UnreadableError | None:
    """Read some values; returns the error of one that is not of an answer.

    The answer goes on after such a one.

    Raises:
        ReportedError: one is an error; what is before it has been read.

    """
    odd = None
    for value in values:
        if isinstance(value, dict):
            try:
                reader.read(value, into)
            except UnreadableError as error:
                odd = error
        elif value is Mark.DONE:
            reader.answer.done = True
            break
        else:
            what = "a stream that is broken JSON"
            odd = UnreadableError(what)
            if value is Mark.DAMAGED:
                reader.answer.add_damaged()
    return odd


def _is_whole(answer: AnswerSoFar, failure: Exception | None, words: str) -> bool:
    """Whether an answer is whole, whose stream ended so; see `_reason`."""
    if isinstance(failure, ReportedError):
        return False
    if words and not (answer.begun or answer.known):
        return False
    return answer.complete if failure is None else answer.certain


def _reason(
    failure: Exception | None,
    answer: AnswerSoFar,
    odd: UnreadableError | None,
    words: str,
) -> Exception:
    """Return why an answer is not whole: what the server says comes first.

    `words` are a line of text that stands where an answer should.
    """
    if isinstance(failure, ReportedError):
        return failure
    if answer.remark is not None:
        return ReportedError(answer.remark)
    if not answer.begun and failure is None:
        if words and not answer.known:
            what = f'something that is not an event stream: "{words}"'
            odd = UnreadableError(what)
        if odd is None and answer.strange:
            what = f"objects of another API: {excerpt(answer.strange)}"
            odd = UnreadableError(what)
        failure = odd
    return failure or BrokenOffError()
