"""Finds the thoughts and the text in the fields of a delta, whoever has named them.

Pure: a message or a delta as JSON in, text and events out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .messages import StreamEvent, TextDelta, ThinkingDelta
from .thinking import ThinkingSplitter

__all__ = ["DeltaReader"]

_THOUGHTS = (
    # DeepSeek, vLLM, llama.cpp, xAI and most others
    "reasoning_content",
    # OpenRouter, Groq, Ollama's OpenAI endpoint
    "reasoning",
    # GitHub Copilot
    "reasoning_text",
    "reasoning_summary",
    # Ollama
    "thinking",
    "thinking_content",
    "thought",
    "thoughts",
)
"""The fields that carry thoughts; the first that has some is read."""

_DETAILS = "reasoning_details"
"""OpenRouter's second field, https://openrouter.ai/docs/use-cases/reasoning-tokens: it
repeats the thoughts, with signatures."""

_NAMES = frozenset([*_THOUGHTS, _DETAILS])

_INNER = ("text", "thinking", "summary", "content", "reasoning")
"""Where the thoughts are in a field that is an object."""


class DeltaReader:
    """Reads the deltas of one answer; all state of its thoughts is here."""

    def __init__(self) -> None:
        self._splitter = ThinkingSplitter()
        self._has_field = False
        # The thoughts of fields, and those in marks, as far as they are the same.
        self._told = self._marked = ""

    def read(self, delta: Mapping[str, Any], into: list[StreamEvent]) -> None:
        """Append the thoughts and the text of a delta, thoughts first."""
        thought = "" if _NAMES.isdisjoint(delta) else self._thought(delta)
        if thought:
            self._told += thought
            self._splitter.come_apart()
            into.append(ThinkingDelta(thought))
        content = delta.get("content") or delta.get("refusal")
        if not content:
            return
        if isinstance(content, str):
            if self._splitter.plain:
                into.append(TextDelta(content))
            else:
                into.extend(filter(self._is_new, self._splitter.feed(content)))
        elif isinstance(content, list):
            for part in content:
                self._read_part(part, into)

    def end(self) -> list[StreamEvent]:
        """Return what was held back until the end."""
        return self._splitter.end()

    def _is_new(self, event: StreamEvent) -> bool:
        """Whether an event is no thought that a field has told already.

        llama.cpp's server keeps thoughts in the text as well, if `--reasoning-format`
        is `deepseek-legacy`.
        """
        if not (self._told and isinstance(event, ThinkingDelta)):
            return True
        self._marked += event.text
        return not self._told.strip().startswith(self._marked.strip())

    def _thought(self, delta: Mapping[str, Any]) -> str:
        for name in _THOUGHTS:
            value = delta.get(name)
            if value and (text := _text_of(value)):
                self._has_field = True
                return text
        if self._has_field or not delta.get(_DETAILS):
            return ""
        return _text_of(delta[_DETAILS])

    def _read_part(self, part: object, into: list[StreamEvent]) -> None:
        """Read a content part; Mistral's reasoning models stream their thoughts so."""
        match part:
            case {"type": "text" | "output_text", "text": str(text)}:
                into.extend(self._splitter.feed(text))
            case {"type": "thinking" | "reasoning" | "thought", **inner}:
                if text := _text_of(inner):
                    self._splitter.come_apart()
                    into.append(ThinkingDelta(text))


def _text_of(value: object) -> str:
    """Return the text of thoughts in any of their forms, "" of what holds none."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_text_of, value))
    if isinstance(value, Mapping):
        return next(filter(None, (_text_of(value.get(name)) for name in _INNER)), "")
    return ""
