"""A streamed answer of Ollama's API, from bytes to events.

Pure: bytes in, events out, no I/O. Every line of a stream is a JSON object:
https://docs.ollama.com/api/streaming. The errors here are internal: `ollama.errors`
turns them into those of the house.
"""

from __future__ import annotations

import json
from typing import Any

from ..http.event_stream import ReportedError, UnreadableError
from ..messages import FinishReason, StreamEvent, TextDelta, ThinkingDelta, Usage
from ..openai.stream import ThinkingSplitter

__all__ = ["ChatReader", "JSONLines", "UnexplainedEndError", "parsed"]

_LONGEST_LINE = 64 * 1024 * 1024

_REASONS: dict[str, FinishReason] = {"length": "length"}
"""What is none of these ended as it should: stop, load, unload, and ""."""


class UnexplainedEndError(Exception):
    """The server ended an answer in good order, but without its last line.

    Ollama does so where a model says the same token more than 30 times in a row.
    """


class JSONLines:
    """Splits the bytes of a stream into the objects on its lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> list[bytes]:
        """Every line that is complete by now and not empty."""
        lines = (self._rest + received).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE:
            what = "a line without end"
            raise UnreadableError(what)
        return [line for line in lines if line.strip()]

    def end(self) -> list[bytes]:
        """The last line, where nothing ends it: a whole answer in one object."""
        return self.feed(b"\n")


def parsed(line: bytes) -> dict[str, Any]:
    """The object on a line.

    Raises:
        ReportedError: it is an error.
        UnreadableError: it is no object.

    """
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        what = "something that is no JSON"
        raise UnreadableError(what)
    if found.get("error"):
        raise ReportedError(found)
    return found


class ChatReader:
    """Reads the lines of one answer; all state of a stream is here."""

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.usage = Usage()
        self.begun = False
        # Ollama takes thoughts out itself, but only of models it knows to think.
        self._splitter = ThinkingSplitter()

    def read_all(
        self, lines: list[bytes]
    ) -> tuple[list[StreamEvent], Exception | None]:
        """What is good of some lines, and what is wrong with the first bad one."""
        events: list[StreamEvent] = []
        try:
            for line in lines:
                self.read(line, events)
        except (ReportedError, UnreadableError) as error:
            return events, error
        return events, None

    def read(self, line: bytes, into: list[StreamEvent]) -> None:
        """Append the events of one line.

        Raises:
            ReportedError: the line is an error.
            UnreadableError: it is none of an answer.

        """
        chunk = parsed(line)
        message = chunk.get("message")
        if not isinstance(message, dict):
            what = "lines of an unknown shape"
            raise UnreadableError(what)
        before = len(into)
        thought = message.get("thinking")
        if thought and isinstance(thought, str):
            into.append(ThinkingDelta(thought))
        text = message.get("content")
        if text and isinstance(text, str):
            if self._splitter.plain:
                into.append(TextDelta(text))
            else:
                into.extend(self._splitter.feed(text))
        self.begun = self.begun or len(into) > before
        if chunk.get("done"):
            self.reason = _REASONS.get(str(chunk.get("done_reason") or ""), "stop")
            self.usage = Usage(
                _count(chunk, "prompt_eval_count"), _count(chunk, "eval_count")
            )

    def end(self) -> list[StreamEvent]:
        """What was held back until the end."""
        return self._splitter.end()


def _count(chunk: dict[str, Any], name: str) -> int | None:
    """A count of tokens; Ollama leaves out what is 0, which is then not known."""
    value = chunk.get(name)
    return value if isinstance(value, int) and value > 0 else None
