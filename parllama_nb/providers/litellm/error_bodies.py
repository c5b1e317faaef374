"""What litellm itself says in its exceptions."""

from __future__ import annotations

import re

__all__ = ["NO_PROVIDER", "refused_options"]

NO_PROVIDER = re.compile(r"LLM Provider NOT provided", re.IGNORECASE)
_PARAMETERS = re.compile(r"support (?:the )?param(?:eter)?s?\W+([\w', ]+)")

_OURS = {
    "reasoning_effort": "reasoning",
    "thinking": "reasoning_budget",
    "response_format": "response_schema",
}
"""Our names of litellm's options, where they differ."""


def refused_options(words: str) -> list[str]:
    """Return our names of the options that litellm says a model does not support."""
    found = _PARAMETERS.search(words)
    names = re.findall(r"\w+", found[1]) if found else []
    return [_OURS.get(name, name) for name in names]
