"""Finds the thoughts in the fields of a delta, whoever has named them.

Pure: a message or a delta as JSON in, text out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["ThoughtFields", "content_parts"]

_THOUGHTS = (
    # DeepSeek, vLLM, llama.cpp, xAI and most others
    "reasoning_content",
    # OpenRouter, Groq, Ollama's OpenAI endpoint
    "reasoning",
    # GitHub Copilot
    "reasoning_text",
    "reasoning_summary",
    # Bedrock's name, as some gateways pass it on
    "reasoningContent",
    # Ollama
    "thinking",
    "thinking_content",
    "thought",
    "thoughts",
)
"""The fields that carry thoughts; the first that has some is read."""

_DETAILS = ("reasoning_details", "thinking_blocks")
"""The second fields of OpenRouter, https://openrouter.ai/docs/use-cases/reasoning-tokens,
and of LiteLLM: they repeat the thoughts, with signatures."""

_NAMES = frozenset([*_THOUGHTS, *_DETAILS])

_INNER = ("text", "thinking", "summary", "content", "reasoning", "reasoningText")
"""Where the thoughts are in a field that is an object."""


class ThoughtFields:
    """Finds the thoughts of one answer in the fields of its deltas."""

    def __init__(self) -> None:
        self._has_field = False

    def of(self, delta: Mapping[str, Any]) -> str:
        """Return the thoughts that a delta or a message has in fields of their own."""
        if _NAMES.isdisjoint(delta):
            return ""
        for name in _THOUGHTS:
            value = delta.get(name)
            if value and (text := _text_of(value)):
                self._has_field = True
                return text
        if self._has_field:
            return ""
        return next(filter(None, (_text_of(delta.get(name)) for name in _DETAILS)), "")


def content_parts(content: object) -> Iterator[tuple[str, str]]:
    """Yield text and thinking of the parts of a content, one of them "".

    Mistral's reasoning models stream their thoughts so, and those of Databricks.
    """
    for part in content if isinstance(content, list) else [content]:
        match part:
            case {"type": "thinking" | "reasoning" | "thought", **inner}:
                yield "", _text_of(inner)
            case {"text": str(text), "thought": True}:
                yield "", text
            case {"text": str(text)} | str(text):
                yield text, ""


def _text_of(value: object) -> str:
    """Return the text of thoughts in any of their forms, "" of what holds none."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_text_of, value))
    if isinstance(value, Mapping):
        return next(filter(None, (_text_of(value.get(name)) for name in _INNER)), "")
    return ""
