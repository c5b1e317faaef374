"""The streamed answer of the OpenAI wire format, from bytes to events.

Pure: bytes in, events out, no I/O. `openai` can do this too, but builds a pydantic
model of every chunk, which costs several times as much as all else on a delta's way.
"""

from __future__ import annotations

import json
from typing import Any

from ..http.stream_errors import ReportedError, UnreadableError
from ..messages import FinishReason, StreamEvent, Usage
from ..thinking_fields import DeltaReader
from ..token_counts import updated
from .usage import reported_in

__all__ = ["AnswerReader"]

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
}
"""All other reasons are a normal end: stop, tool_calls, eos, ..."""


class AnswerReader:
    """Reads the chunks of one answer; all state of a stream is here."""

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.usage = Usage()
        self.done = False
        self.begun = False
        self._deltas = DeltaReader()

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
        return self._deltas.end()

    def _read_chunk(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        for usage in reported_in(chunk):
            self.usage = updated(self.usage, usage)
        for choice in chunk.get("choices") or ():
            if choice.get("index"):
                continue
            # A server that does not stream sends the whole message.
            delta = choice.get("delta") or choice.get("message")
            before = len(into)
            if delta:
                self._deltas.read(delta, into)
                self.begun = self.begun or len(into) > before
            reason = choice.get("finish_reason")
            if reason == "error":
                raise ReportedError(chunk)
            if reason:
                self.reason = _REASONS.get(reason, "stop")


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
