"""A streamed answer of Ollama's API, from its lines to events.

Pure: bytes in, events out, no I/O. Every line of a stream is a JSON object:
https://docs.ollama.com/api/streaming.
"""

from __future__ import annotations

import json
from typing import Any

from ..http.stream_errors import ReportedError, UnreadableError
from ..messages import FinishReason, StreamEvent, Usage
from ..thinking_fields import DeltaReader
from ..token_counts import count_of

__all__ = ["ChatReader", "parsed"]

_REASONS: dict[str, FinishReason] = {"length": "length"}
"""All other reasons are a normal end: stop, load, unload, and ""."""

_COUNTS = ("prompt_eval_count", "eval_count")


def parsed(line: bytes) -> dict[str, Any]:
    """Return the object on a line.

    Raises:
        ReportedError: the object is an error.
        UnreadableError: the line is not an object.

    """
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        what = "something that is not JSON"
        raise UnreadableError(what)
    if found.get("error"):
        raise ReportedError(found)
    return found


class ChatReader:
    """Reads the lines of one answer; all state of a stream is here."""

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.usage = Usage()
        self.done = False
        self.begun = False
        # Ollama separates thoughts itself, but only of models it knows to think.
        self._deltas = DeltaReader()

    def read(self, data: bytes, into: list[StreamEvent]) -> None:
        """Append the events of one line.

        Raises:
            ReportedError: the line is an error.
            UnreadableError: the line is not of an answer.

        """
        chunk = parsed(data)
        message = chunk.get("message")
        if not isinstance(message, dict):
            what = "lines of an unknown shape"
            raise UnreadableError(what)
        before = len(into)
        self._deltas.read(message, into)
        self.begun = self.begun or len(into) > before
        if chunk.get("done"):
            self.done = True
            self.reason = _REASONS.get(str(chunk.get("done_reason") or ""), "stop")
            # Ollama leaves out a count of 0: it is not known.
            sent, received = map(count_of, map(chunk.get, _COUNTS))
            self.usage = Usage(sent or None, received or None)

    def end(self) -> list[StreamEvent]:
        """Return what was held back until the end."""
        return self._deltas.end()
