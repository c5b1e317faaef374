"""What an answer of the OpenAI wire format says of its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..messages import Usage
from ..token_counts import count_of

__all__ = ["reported_in", "usage_of"]

_CACHED = ("cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens")
"""OpenAI's, DeepSeek's and Anthropic's name, in the details or beside them."""

_WRITTEN = ("cache_write_tokens", "cache_creation_input_tokens")


_INPUT = ("prompt_tokens", "input_tokens", "promptTokens", "inputTokens")
_OUTPUT = ("completion_tokens", "output_tokens", "completionTokens", "outputTokens")
"""OpenAI's and Anthropic's names; Bedrock's, which some gateways pass on."""


def reported_in(
    chunk: Mapping[str, Any], choices: Iterable[Mapping[str, Any]]
) -> list[Usage]:
    """Return the counts in a chunk, from wherever its server puts them."""
    found = []
    if usage := chunk.get("usage"):
        found.append(usage)
    # Groq puts its usage into a field of its own.
    if (own := chunk.get("x_groq")) and isinstance(own, Mapping):
        found.append(own.get("usage"))
    for choice in filter(None, choices):
        # Moonshot puts it into the choice, others into what is in it.
        if "usage" in choice:
            found.append(choice["usage"])
        inside = choice.get("delta") or choice.get("message")
        if inside and "usage" in inside:
            found.append(inside["usage"])
    return [usage_of(usage) for usage in found if usage] if found else []


def usage_of(usage: object) -> Usage:
    """Return the counts of a usage object, as far as they are counts."""

    def count(of: object, *names: str) -> int | None:
        values = (of.get(name) for name in names) if isinstance(of, Mapping) else ()
        return next((n for n in map(count_of, values) if n is not None), None)

    def detail(details: object, *names: str) -> int | None:
        found = count(details, *names)
        return count(usage, *names) if found is None else found

    if not isinstance(usage, Mapping):
        return Usage()
    if isinstance(tokens := usage.get("tokens"), Mapping):
        # Cohere's own, beside what it bills
        usage = tokens
    prompt = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
    answered = usage.get("completion_tokens_details")
    answered = answered or usage.get("output_tokens_details")
    input_tokens = count(usage, *_INPUT)
    output_tokens = count(usage, *_OUTPUT)
    total = count(usage, "total_tokens", "totalTokens")
    cached, written = detail(prompt, *_CACHED), detail(prompt, *_WRITTEN)
    reasoning = detail(answered, "reasoning_tokens")
    stored = (cached or 0) + (written or 0)
    if input_tokens is not None and output_tokens is not None:
        beside = 0 if total is None else total - input_tokens - output_tokens
        # Some count the cached tokens beside the prompt, as Anthropic does.
        if stored > input_tokens or (stored and beside == stored):
            input_tokens, beside = input_tokens + stored, beside - stored
        # xAI and Gemini count thoughts beside the answer, and Gemini in the total only.
        if beside > 0 and reasoning in (None, 0, beside):
            output_tokens, reasoning = output_tokens + beside, beside
    return Usage(
        input_tokens,
        output_tokens,
        cached_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=reasoning,
    )
