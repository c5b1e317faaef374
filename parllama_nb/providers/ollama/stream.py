"""A streamed answer of Ollama's API, from its objects to events.

Pure: objects in, events out, no I/O. Every line of a stream is a JSON object:
https://docs.ollama.com/api/streaming.
"""

from __future__ import annotations

from typing import Any

from ..http.answer_so_far import AnswerSoFar
from ..http.stream_errors import UnreadableError
from ..messages import FinishReason, StreamEvent, Usage
from ..thinking import ThinkingSplitter
from ..thinking_fields import ThoughtFields
from ..token_counts import count_of

__all__ = ["ChatReader"]

_REASONS: dict[str, FinishReason] = {"length": "length"}
"""All other reasons are a normal end: stop, load, unload, and ""."""

_COUNTS = ("prompt_eval_count", "eval_count")


class ChatReader:
    """Reads the objects of one answer; all state of a stream is here."""

    def __init__(self) -> None:
        # Ollama separates thoughts itself, but only of models it knows to think.
        self.answer = AnswerSoFar(ThinkingSplitter())
        self._thoughts = ThoughtFields()

    def read(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        """Append the events of one object.

        Raises:
            ReportedError: the object is an error.
            UnreadableError: it is not of an answer.

        """
        answer, message = self.answer, chunk.get("message")
        ended = bool(chunk.get("done") or chunk.get("done_reason"))
        if not isinstance(message, dict) or chunk.get("error"):
            answer.add_other(chunk)
            if not ended:
                what = "lines of an unknown shape"
                raise UnreadableError(what)
            message = {}
        elif "type" not in chunk:
            # Anthropic's events have a type, and may have a message.
            answer.known = True
        answer.add_thought(self._thoughts.of(message), into)
        answer.add_content(message.get("content"), into)
        if ended:
            answer.done = True
            reason = str(chunk.get("done_reason") or "")
            answer.stop(_REASONS.get(reason, "stop"), bare=True)
            # Ollama leaves out a count of 0: it is not known.
            sent, received = map(count_of, map(chunk.get, _COUNTS))
            answer.usage = Usage(sent or None, received or None)
