"""The streamed answer of the OpenAI wire format, from chunks to events.

Pure: objects in, events out, no I/O. `openai` can do this too, but builds a pydantic
model of every chunk, which costs several times as much as all else on a delta's way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..http.answer_so_far import AnswerSoFar
from ..http.error_bodies import words_of
from ..http.stream_errors import ReportedError, UnreadableError
from ..messages import FinishReason, StreamEvent, Usage
from ..thinking import ThinkingSplitter
from ..thinking_fields import ThoughtFields, content_parts
from ..token_counts import updated
from .usage import reported_in

__all__ = ["AnswerReader"]

_REASONS: tuple[tuple[re.Pattern[str], FinishReason], ...] = (
    (re.compile(r"length|max_\w*tokens|token_limit"), "length"),
    # Gemini's too, which has a name for every cause:
    # https://ai.google.dev/api/generate-content#FinishReason
    (
        re.compile(
            r"content_?filter|safety|sensitive|toxic|recitation|blocklist|prohibited"
            r"|spii|refusal|guardrail|moderation"
        ),
        "content_filter",
    ),
)
"""All other reasons are a normal end: stop, tool_calls, eos, ..."""

_FAILED = frozenset(
    [
        *("error", "network_error", "insufficient_system_resource"),
        *("abort", "aborted", "cancelled", "canceled", "failed", "timeout"),
    ]
)
"""Reasons of an answer that the server gave up; Zhipu's, DeepSeek's, those of vLLM and
SGLang."""

_NONE = frozenset(["null", "none"])
"""Words that some servers write where there is no reason."""

_OBJECTS = ("chat.completion.chunk", "chat.completion")
"""What an answer calls itself; Gemini's has no choices if the prompt is refused."""

_AROUND = ("data", "result", "response", "output")
"""Fields in which gateways put a whole answer; DashScope's own API among them."""


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
        before = self.answer.length
        try:
            self._read_chunk(chunk, into)
        except (AttributeError, KeyError, TypeError) as error:
            if self.answer.length == before:
                self.answer.add_damaged()
            what = "chunks of an unknown shape"
            raise UnreadableError(what) from error

    def _read_chunk(self, chunk: dict[str, Any], into: list[StreamEvent]) -> None:
        before = self.answer.length
        choices = chunk.get("choices")
        if choices is None and (inner := _inner(chunk)):
            self._read_chunk({"usage": chunk.get("usage"), **inner}, into)
            return
        if not choices or chunk.get("error") or "base_resp" in chunk:
            self.answer.add_other(chunk)
        if choices is not None or chunk.get("object") in _OBJECTS:
            self.answer.known = True
        choices = [choices] if isinstance(choices, dict) else choices or ()
        for choice in choices:
            if not choice:
                continue
            # One answer is asked for, whichever number it has.
            number = choice.get("index") or 0
            if self._choice is None:
                self._choice = number
            if number == self._choice:
                self._read_choice(choice, chunk, into)
        if reported := reported_in(chunk, choices):
            self._count(reported, bare=self.answer.length == before)

    def _count(self, reported: list[Usage], *, bare: bool) -> None:
        """Note the counts of a chunk; `bare`: no text came with them."""
        for usage in reported:
            self.answer.usage = updated(self.answer.usage, usage)
        # Some count with every chunk, all others after the last one.
        if bare and not self._counted:
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
        if (own := chunk.get("x_groq")) and own.get("error"):
            raise ReportedError(own)
        reason = (
            choice.get("finish_reason")
            or choice.get("finishReason")
            or (delta or message or choice).get("finish_reason")
            or chunk.get("finish_reason")
            or choice.get("stop_reason")
        )
        if reason:
            self._stop(reason, chunk, bare=answer.length == before)

    def _stop(self, reason: object, chunk: dict[str, Any], *, bare: bool) -> None:
        if isinstance(reason, dict):
            # SGLang's own, with the words of what went wrong
            chunk, reason = reason, reason.get("type")
        word = str(reason).lower()
        if word in _FAILED:
            words = f"it ended the answer with {word!r}"
            raise ReportedError(chunk if words_of(chunk) else {"message": words})
        if word not in _NONE:
            found = (ours for pattern, ours in _REASONS if pattern.search(word))
            self.answer.stop(next(found, "stop"), bare=bare)

    def _read_delta(self, delta: Mapping[str, Any], into: list[StreamEvent]) -> None:
        if thought := self._thoughts.of(delta):
            self.answer.add_thought(thought, into)
        self.answer.add_content(delta.get("content") or delta.get("refusal"), into)

    def _spoken(self, message: Mapping[str, Any]) -> tuple[str, str]:
        """Return text and thinking of a whole message."""
        content = message.get("content") or message.get("refusal") or ""
        if isinstance(content, str):
            return content, self._thoughts.of(message)
        parts = list(content_parts(content))
        thought = self._thoughts.of(message) or "".join(each for _, each in parts)
        return "".join(text for text, _ in parts), thought


def _inner(chunk: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the answer that a gateway has put into a field; None if there is none."""
    inner = (chunk.get(name) for name in _AROUND)
    return next((i for i in inner if isinstance(i, dict) and i.get("choices")), None)
