"""Splits the bytes of an answer: into events, or into lines of JSON.

The events are those of
https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

from typing import Protocol

from .stream_errors import UnreadableError

__all__ = ["EventLines", "Framer", "JSONLines"]

_LONGEST_LINE = 64 * 1024 * 1024


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
