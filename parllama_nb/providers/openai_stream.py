"""The streamed answer of the OpenAI wire format, from bytes to events.

Pure: bytes in, events out, no I/O. `openai` can do this too, but builds a pydantic
model of every chunk, which costs several times as much as all else on a delta's way.
The errors here are internal: `openai_errors` turns them into those of the house.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .messages import FinishReason, StreamEvent, TextDelta, ThinkingDelta, Usage

__all__ = [
    "AnswerReader",
    "BrokenOffError",
    "EventLines",
    "ReportedError",
    "SilentError",
    "ThinkingSplitter",
    "UnreadableError",
]

_LONGEST_LINE = 64 * 1024 * 1024

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
}
"""What is none of these ended as it should: stop, tool_calls, eos, ..."""


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


class ThinkingSplitter:
    """Takes `<think>...</think>` at the beginning of a text out of it.

    Only at the beginning: models that think aloud do it first, and a tag further on is
    something the answer talks about. The tags may arrive in any number of pieces.
    """

    _OPEN = "<think>"
    _CLOSE = "</think>"

    def __init__(self) -> None:
        self._state = "start"
        self._held = ""

    @property
    def plain(self) -> bool:
        """Whether all text to come is just text."""
        return self._state == "text"

    def feed(self, text: str) -> list[StreamEvent]:
        """The events that are certain with this piece of text."""
        if self._state == "text":
            return [TextDelta(text)] if text else []
        held, self._held = self._held + text, ""
        if self._state == "start":
            return self._start(held)
        if self._state == "opened":
            return self._opened(held)
        if self._state == "gap":
            return self._gap(held)
        return self._thinking(held)

    def end(self) -> list[StreamEvent]:
        """What was held back in case it became a tag."""
        held, self._held = self._held, ""
        if not held:
            return []
        if self._state == "thinking":
            return [ThinkingDelta(held)]
        return [TextDelta(held)] if self._state == "start" else []

    def _start(self, held: str) -> list[StreamEvent]:
        begun = held.lstrip()
        if begun.startswith(self._OPEN):
            self._state = "opened"
            return self._opened(begun[len(self._OPEN) :])
        if self._OPEN.startswith(begun):
            self._held = held
            return []
        self._state = "text"
        return [TextDelta(held)]

    def _opened(self, held: str) -> list[StreamEvent]:
        thought = held.lstrip("\r\n")
        if not thought:
            return []
        self._state = "thinking"
        return self._thinking(thought)

    def _thinking(self, held: str) -> list[StreamEvent]:
        thought, tag, after = held.partition(self._CLOSE)
        if tag:
            self._state = "gap"
            events: list[StreamEvent] = [ThinkingDelta(thought)] if thought else []
            return events + self._gap(after)
        keep = next(
            n
            for n in range(len(self._CLOSE) - 1, -1, -1)
            if held[-n or len(held) :] == self._CLOSE[:n]
        )
        self._held = held[len(held) - keep :]
        thought = held[: len(held) - keep]
        return [ThinkingDelta(thought)] if thought else []

    def _gap(self, held: str) -> list[StreamEvent]:
        """The empty lines between a thought and the answer belong to neither."""
        text = held.lstrip("\r\n")
        if not text:
            return []
        self._state = "text"
        return [TextDelta(text)]


class AnswerReader:
    """Reads the chunks of one answer; all state of a stream is here."""

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.usage = Usage()
        self.done = False
        self.begun = False
        self._splitter = ThinkingSplitter()

    def read(self, data: bytes, into: list[StreamEvent]) -> None:
        """Append the events of one chunk.

        Raises:
            ReportedError: the chunk is an error.
            UnreadableError: it is no chunk.

        """
        if data.startswith(b"[DONE]"):
            self.done = True
            return
        try:
            self._read_chunk(_chunk(data), into)
        except (AttributeError, KeyError, TypeError) as error:
            what = "chunks of an unknown shape"
            raise UnreadableError(what) from error

    def end(self) -> list[StreamEvent]:
        """What was held back until the end."""
        return self._splitter.end()

    def _read_chunk(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        # Groq puts its usage into a field of its own.
        usage = chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage")
        if usage:
            self.usage = _usage(usage)
        for choice in chunk.get("choices") or ():
            if choice.get("index"):
                continue
            # A server that does not stream sends the whole message.
            delta = choice.get("delta") or choice.get("message")
            before = len(into)
            if delta:
                self._read_delta(delta, into)
                self.begun = self.begun or len(into) > before
            reason = choice.get("finish_reason")
            if reason == "error":
                raise ReportedError(chunk)
            if reason:
                self.reason = _REASONS.get(reason, "stop")

    def _read_delta(self, delta: Mapping[str, Any], into: list[StreamEvent]) -> None:
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if thought and isinstance(thought, str):
            into.append(ThinkingDelta(thought))
        content = delta.get("content") or delta.get("refusal")
        if not content:
            return
        if isinstance(content, str):
            if self._splitter.plain:
                into.append(TextDelta(content))
            else:
                into.extend(self._splitter.feed(content))
        elif isinstance(content, list):
            for part in content:
                into.extend(_part(part))


def _chunk(data: bytes) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except ValueError:
        chunk = None
    if not isinstance(chunk, dict):
        what = "a stream that is broken JSON"
        raise UnreadableError(what)
    if chunk.get("error") or chunk.get("object") == "error":
        raise ReportedError(chunk)
    return chunk


def _part(part: object) -> list[StreamEvent]:
    """A content part; Mistral's reasoning models stream their thoughts as such."""
    match part:
        case {"type": "text", "text": str(text)} if text:
            return [TextDelta(text)]
        case {"type": "thinking", "thinking": str(text)} if text:
            return [ThinkingDelta(text)]
        case {"type": "thinking", "thinking": list(parts)}:
            texts = [str(p.get("text", "")) for p in parts if isinstance(p, dict)]
            return [ThinkingDelta(text) for text in texts if text]
    return []


def _usage(usage: Mapping[str, Any]) -> Usage:
    def count(name: str) -> int | None:
        value = usage.get(name)
        return value if isinstance(value, int) else None

    return Usage(count("prompt_tokens"), count("completion_tokens"))
