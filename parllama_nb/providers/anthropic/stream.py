"""The streamed answer of Anthropic's Messages API, from objects to events.

Pure: objects in, events out, no I/O. The events are those of
https://platform.claude.com/docs/en/build-with-claude/streaming; unknown events and
blocks of newer servers are ignored, as that page demands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..http.answer_so_far import AnswerSoFar
from ..http.stream_errors import UnreadableError
from ..messages import FinishReason, StreamEvent, Usage
from ..thinking import ThinkingSplitter
from ..token_counts import count_of

__all__ = ["MessageReader"]

_REASONS: dict[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
"""All other reasons are a normal end: end_turn, stop_sequence, ..."""

_KINDS = ("text", "thinking")


class MessageReader:
    """Reads the events of one message; all state of a stream is here.

    `splitter` finds thoughts in the text, for a server that does not do it.
    """

    def __init__(self, splitter: ThinkingSplitter | None = None) -> None:
        self.answer = AnswerSoFar(splitter)
        self._spoken = False
        self._counted: dict[str, Any] = {}

    def read(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        """Append what one event says.

        Raises:
            ReportedError: the event is an error.
            UnreadableError: it is not of a message.

        """
        if chunk.get("error"):
            self.answer.add_other(chunk)
        try:
            self._read_event(chunk, into)
        except (AttributeError, KeyError, TypeError) as error:
            what = "events of an unknown shape"
            raise UnreadableError(what) from error

    def _read_event(self, event: dict[str, Any], into: list[StreamEvent]) -> None:
        answer = self.answer
        match event.get("type"):
            case "message_start":
                answer.known = True
                self._count(event["message"].get("usage"))
            case "content_block_start":
                self._read_block(event["content_block"], into)
            case "content_block_delta":
                self._read_block(event["delta"], into)
            case "content_block_stop":
                # A thought is followed by an answer.
                if self._spoken:
                    answer.round_off()
            case "message_delta":
                delta = event.get("delta") or {}
                # Some gateways put the usage where the reason is.
                self._count(delta.get("usage"))
                self._count(event.get("usage"))
                self._stop(delta.get("stop_reason"))
            case "message_stop":
                self._count(event.get("usage"))
                answer.done = True
            case "message":
                # All of it, of a server that does not stream; or once more at the end.
                answer.known = True
                blocks = [b for b in event.get("content") or () if isinstance(b, dict)]
                texts, thoughts = ([b.get(kind) for b in blocks] for kind in _KINDS)
                answer.add_message(
                    _joined(texts), _joined(thoughts), into, repeated=answer.begun
                )
                self._count(event.get("usage"))
                self._stop(event.get("stop_reason") or "end_turn")
            case _:
                answer.add_other(event)

    def _read_block(self, block: Mapping[str, Any], into: list[StreamEvent]) -> None:
        """Read the beginning of a block, or some more of it."""
        self.answer.known = True
        match block:
            case {"type": "text" | "text_delta", "text": str(text)}:
                self._add_text(text, into)
            case {"type": "thinking" | "thinking_delta", "thinking": str(text)}:
                self.answer.add_thought(text, into)
            case {"text": str(text)} if "type" not in block:
                self._add_text(text, into)

    def _add_text(self, text: str, into: list[StreamEvent]) -> None:
        self._spoken = self._spoken or bool(text)
        self.answer.add_text(text, into)

    def _stop(self, reason: str | None) -> None:
        if reason:
            self.answer.stop(_REASONS.get(reason, "stop"), bare=True)

    def _count(self, usage: Mapping[str, Any] | None) -> None:
        """Update the counts; those of a later event are of the whole answer so far.

        A 0 that comes later is no count: some servers fill in what they do not know.
        """
        for name, value in usage.items() if isinstance(usage, Mapping) else ():
            if isinstance(value, Mapping) or count_of(value):
                self._counted[name] = value
            else:
                self._counted.setdefault(name, value)
        self.answer.usage = _usage(self._counted)


def _joined(texts: list[Any]) -> str:
    return "".join(text for text in texts if isinstance(text, str))


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
