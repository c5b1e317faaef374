"""The streamed answer of the OpenAI wire format, from bytes to events.

Pure: bytes in, events out, no I/O. `openai` can do this too, but builds a pydantic
model of every chunk, which costs several times as much as all else on a delta's way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..http.event_stream import ReportedError, UnreadableError
from ..messages import FinishReason, StreamEvent, TextDelta, ThinkingDelta, Usage

__all__ = [
    "AnswerReader",
    "ThinkingSplitter",
]

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
}
"""All other reasons are a normal end: stop, tool_calls, eos, ..."""


class ThinkingSplitter:
    """Separates `<think>...</think>` at the beginning of a text from the answer.

    Gemini's servers write `<thought>`. Only at the beginning: models that think aloud
    do it first, and a tag further on belongs to the answer. The tags may arrive in any
    number of pieces.
    """

    _OPENINGS = ("<think>", "<thought>")

    def __init__(self) -> None:
        self._state = "start"
        self._close = ""
        self._held = ""

    @property
    def plain(self) -> bool:
        """Whether all further text belongs to the answer."""
        return self._state == "text"

    def feed(self, text: str) -> list[StreamEvent]:
        """Return the events that are certain with this piece of text."""
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
        """Return what was held back in case it became a tag."""
        held, self._held = self._held, ""
        if not held:
            return []
        if self._state == "thinking":
            return [ThinkingDelta(held)]
        return [TextDelta(held)] if self._state == "start" else []

    def _start(self, held: str) -> list[StreamEvent]:
        begun = held.lstrip()
        for opening in self._OPENINGS:
            if begun.startswith(opening):
                self._state = "opened"
                self._close = f"</{opening[1:]}"
                return self._opened(begun[len(opening) :])
            if opening.startswith(begun):
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
        thought, tag, after = held.partition(self._close)
        if tag:
            self._state = "gap"
            events: list[StreamEvent] = [ThinkingDelta(thought)] if thought else []
            return events + self._gap(after)
        keep = next(
            n
            for n in range(len(self._close) - 1, -1, -1)
            if held[-n or len(held) :] == self._close[:n]
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
            UnreadableError: the data is not a chunk.

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
        """Return what was held back until the end."""
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
    """Read a content part; Mistral's reasoning models stream their thoughts as such."""
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
    def count(of: Mapping[str, Any], *names: str) -> int | None:
        values = (of.get(name) for name in names)
        return next((value for value in values if isinstance(value, int)), None)

    prompt = usage.get("prompt_tokens_details") or {}
    answered = usage.get("completion_tokens_details") or {}
    input_tokens = count(usage, "prompt_tokens")
    output_tokens = count(usage, "completion_tokens")
    reasoning = count(answered, "reasoning_tokens")
    total = count(usage, "total_tokens")
    if input_tokens is not None and output_tokens is not None and total is not None:
        # xAI and Gemini count thoughts beside the answer, and Gemini in the total only.
        beside = total - input_tokens - output_tokens
        if beside > 0 and reasoning in (None, 0, beside):
            output_tokens, reasoning = output_tokens + beside, beside
    return Usage(
        input_tokens,
        output_tokens,
        # DeepSeek's, where it is not in the details.
        cached_tokens=count({**usage, **prompt}, "cached_tokens", _HIT),
        cache_write_tokens=count(prompt, "cache_write_tokens"),
        reasoning_tokens=reasoning,
    )


_HIT = "prompt_cache_hit_tokens"
