"""The streamed answer of Anthropic's Messages API, from bytes to events.

Pure: bytes in, events out, no I/O. The events are those of
https://platform.claude.com/docs/en/build-with-claude/streaming; unknown events and
blocks of newer servers are ignored, as that page demands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..http.stream_errors import ReportedError, UnreadableError
from ..messages import FinishReason, StreamEvent, TextDelta, ThinkingDelta, Usage
from ..token_counts import count_of

__all__ = ["MessageReader"]

_REASONS: dict[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
"""All other reasons are a normal end: end_turn, stop_sequence, ..."""


class MessageReader:
    """Reads the events of one message; all state of a stream is here."""

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.usage = Usage()
        self.done = False
        self.begun = False
        self._counted: dict[str, Any] = {}

    def read(self, data: bytes, into: list[StreamEvent]) -> None:
        """Append what one event says.

        Raises:
            ReportedError: the event is an error.
            UnreadableError: the data is not an event.

        """
        before = len(into)
        try:
            self._read_event(_event(data), into)
        except (AttributeError, KeyError, TypeError) as error:
            what = "events of an unknown shape"
            raise UnreadableError(what) from error
        self.begun = self.begun or len(into) > before

    def end(self) -> list[StreamEvent]:
        """Return nothing: no text is held back."""
        return []

    def _read_event(self, event: dict[str, Any], into: list[StreamEvent]) -> None:
        match event.get("type"):
            case "message_start":
                self._count(event["message"].get("usage"))
            case "content_block_start":
                into.extend(_block(event["content_block"]))
            case "content_block_delta":
                into.extend(_delta(event["delta"]))
            case "message_delta":
                self._count(event.get("usage"))
                self._stop(event["delta"].get("stop_reason"))
            case "message_stop":
                self.done = True
            case "message":
                # A server that does not stream sends the whole message.
                for block in event.get("content") or ():
                    into.extend(_block(block))
                self._count(event.get("usage"))
                self._stop(event.get("stop_reason") or "end_turn")

    def _stop(self, reason: str | None) -> None:
        if reason:
            self.reason = _REASONS.get(reason, "stop")

    def _count(self, usage: Mapping[str, Any] | None) -> None:
        """Update the counts; those of a later event are of the whole answer so far.

        A 0 that comes later is no count: some servers fill in what they do not know.
        """
        for name, value in usage.items() if isinstance(usage, Mapping) else ():
            if isinstance(value, Mapping) or count_of(value):
                self._counted[name] = value
            else:
                self._counted.setdefault(name, value)
        self.usage = _usage(self._counted)


def _event(data: bytes) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        what = "a stream that is broken JSON"
        raise UnreadableError(what)
    if event.get("type") == "error" or event.get("error"):
        raise ReportedError(event)
    return event


def _block(block: Mapping[str, Any]) -> list[StreamEvent]:
    """Return the beginning of a block, or the whole block."""
    match block:
        case {"type": "text", "text": str(text)} if text:
            return [TextDelta(text)]
        case {"type": "thinking", "thinking": str(text)} if text:
            return [ThinkingDelta(text)]
    return []


def _delta(delta: Mapping[str, Any]) -> list[StreamEvent]:
    match delta:
        case {"type": "text_delta", "text": str(text)} if text:
            return [TextDelta(text)]
        case {"type": "thinking_delta", "thinking": str(text)} if text:
            return [ThinkingDelta(text)]
    return []


def _usage(counted: Mapping[str, Any]) -> Usage:
    read = count_of(counted.get("cache_read_input_tokens"))
    written = count_of(counted.get("cache_creation_input_tokens"))
    # The API counts cached tokens beside the input; here they are a part of it.
    fresh = count_of(counted.get("input_tokens"))
    details = counted.get("output_tokens_details")
    details = details if isinstance(details, Mapping) else {}
    return Usage(
        None if fresh is None else fresh + (read or 0) + (written or 0),
        count_of(counted.get("output_tokens")),
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=count_of(details.get("thinking_tokens")),
    )
