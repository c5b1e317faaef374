"""What an answer of the OpenAI wire format says of its tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..messages import Usage

__all__ = ["usage_of"]

_HIT = "prompt_cache_hit_tokens"


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Return the counts of a usage object, as far as they are counts."""

    def count(of: Mapping[str, Any], *names: str) -> int | None:
        values = (of.get(name) for name in names)
        return next((value for value in values if isinstance(value, int)), None)

    prompt = usage.get("prompt_tokens_details") or {}
    answered = usage.get("completion_tokens_details") or {}
    input_tokens = count(usage, "prompt_tokens")
    output_tokens = count(usage, "completion_tokens")
    reasoning = count(answered, "reasoning_tokens")
    total = count(usage, "total_tokens")
    if input_tokens is not None and output_tokens is not None and total is not None:
        # xAI and Gemini count thoughts beside the answer, and Gemini in the total only.
        beside = total - input_tokens - output_tokens
        if beside > 0 and reasoning in (None, 0, beside):
            output_tokens, reasoning = output_tokens + beside, beside
    return Usage(
        input_tokens,
        output_tokens,
        # DeepSeek's, where it is not in the details.
        cached_tokens=count({**usage, **prompt}, "cached_tokens", _HIT),
        cache_write_tokens=count(prompt, "cache_write_tokens"),
        reasoning_tokens=reasoning,
    )
