"""The streamed answer of the OpenAI wire format, from chunks to events.

Pure: objects in, events out, no I/O. `openai` can do this too, but builds a pydantic
model of every chunk, which costs several times as much as all else on a delta's way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..http.answer_so_far import AnswerSoFar
from ..http.error_words import words_of
from ..http.stream_errors import ReportedError, UnreadableError
from ..messages import FinishReason, StreamEvent
from ..thinking import ThinkingSplitter
from ..thinking_fields import ThoughtFields, content_parts
from ..token_counts import updated
from .usage import reported_in

__all__ = ["AnswerReader"]

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "sensitive": "content_filter",
}
"""All other reasons are a normal end: stop, tool_calls, eos, ..."""

_FAILED = frozenset(["error", "network_error", "insufficient_system_resource"])
"""Reasons of an answer that the server gave up; Zhipu's and DeepSeek's among them."""

_NONE = frozenset(["null", "none"])
"""Words that some servers write where there is no reason."""


class AnswerReader:
    """Reads the chunks of one answer; all state of a stream is here."""

    def __init__(self) -> None:
        self.answer = AnswerSoFar(ThinkingSplitter())
        self._thoughts = ThoughtFields()
        self._choice: object = None
        self._in_pieces = False
        self._counted = False

    def read(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        """Append the events of one chunk.

        Raises:
            ReportedError: the chunk is an error.
            UnreadableError: it is not of an answer.

        """
        try:
            self._read_chunk(chunk, into)
        except (AttributeError, KeyError, TypeError) as error:
            what = "chunks of an unknown shape"
            raise UnreadableError(what) from error

    def _read_chunk(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        before = self.answer.length
        choices = chunk.get("choices")
        if not choices or chunk.get("error") or "base_resp" in chunk:
            self.answer.add_other(chunk)
        for choice in choices or ():
            # One answer is asked for, whichever number it has.
            number = choice.get("index") or 0
            if self._choice is None:
                self._choice = number
            if number == self._choice:
                self._read_choice(choice, chunk, into)
        reported = reported_in(chunk)
        for usage in reported:
            self.answer.usage = updated(self.answer.usage, usage)
        if reported:
            # Some count with every chunk, all others after the last one.
            if not self._counted and self.answer.length == before:
                self.answer.round_off()
            self._counted = True

    def _read_choice(
        self, choice: dict[str, Any], chunk: dict[str, Any], into: list[StreamEvent]
    ) -> None:
        answer, before = self.answer, self.answer.length
        delta, message = choice.get("delta"), choice.get("message")
        if delta:
            self._read_delta(delta, into)
            self._in_pieces = self._in_pieces or answer.length > before
        if message:
            # All of it, of a server that does not stream; or once more at the end.
            text, thought = self._spoken(message)
            answer.add_message(text, thought, into, repeated=self._in_pieces)
            if chunk.get("object") != "chat.completion.chunk":
                answer.round_off()
        elif not delta and isinstance(choice.get("text"), str):
            answer.add_text(choice["text"], into)
        if choice.get("error"):
            raise ReportedError(choice)
        reason = (
            choice.get("finish_reason")
            or choice.get("finishReason")
            or (delta or message or choice).get("finish_reason")
            or chunk.get("finish_reason")
            or choice.get("stop_reason")
        )
        if reason:
            self._stop(str(reason).lower(), chunk, bare=answer.length == before)

    def _stop(self, reason: str, chunk: dict[str, Any], *, bare: bool) -> None:
        if reason in _FAILED:
            words = f"it ended the answer with {reason!r}"
            raise ReportedError(chunk if words_of(chunk) else {"message": words})
        if reason not in _NONE:
            self.answer.stop(_REASONS.get(reason, "stop"), bare=bare)

    def _read_delta(self, delta: Mapping[str, Any], into: list[StreamEvent]) -> None:
        self.answer.add_thought(self._thoughts.of(delta), into)
        self.answer.add_content(delta.get("content") or delta.get("refusal"), into)

    def _spoken(self, message: Mapping[str, Any]) -> tuple[str, str]:
        """Return text and thinking of a whole message."""
        content = message.get("content") or message.get("refusal") or ""
        if isinstance(content, str):
            return content, self._thoughts.of(message)
        parts = list(content_parts(content))
        thought = self._thoughts.of(message) or "".join(each for _, each in parts)
        return "".join(text for text, _ in parts), thought
