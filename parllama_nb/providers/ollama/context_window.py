"""How large a context window a question needs from an Ollama server.

A server gives a model the window of its Modelfile, else of OLLAMA_CONTEXT_LENGTH, else
one by its memory, 4,096 tokens on most machines (https://docs.ollama.com/context-length).
It drops what does not fit without a word: the oldest messages, then the middle of the
last. So a request asks for a window where its prompt needs one, up to what the model
can read; else it asks for none, for another window makes the server reload the model.
Servers since 0.12.6 can refuse what does not fit, and say how long it is; for older
ones an estimate has to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .models import Facts
from .names import canonical

__all__ = ["SMALLEST", "Loaded", "enough", "loaded_as", "rounded", "widened"]

SMALLEST = 2048
"""Tokens that fit into the window of every server and model."""

_USUAL = 4096

_ANSWER = 1024
"""Tokens to leave for an answer whose length is not limited."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in the server's memory; `window` is None before Ollama 0.10."""

    window: int | None


def loaded_as(model: str, running: list[dict[str, Any]]) -> Loaded | None:
    """Return how a model is loaded; None if it is not."""
    for entry in running:
        names = {canonical(str(entry[k])) for k in ("name", "model") if entry.get(k)}
        if canonical(model) in names:
            window = entry.get("context_length")
            usable = isinstance(window, int) and window > 0
            return Loaded(window if usable else None)
    return None


def enough(tokens: int, limit: int | None) -> int:
    """Return the window for a prompt of so many tokens and an answer of `limit`."""
    return tokens + (_ANSWER if limit is None else limit)


def widened(needed: int, have: Loaded | None, facts: Facts) -> int | None:
    """Return the window to ask for; None if the server's own is large enough."""
    if facts.remote:
        return None
    if have is None:
        given = facts.num_ctx or _USUAL
    else:
        given = have.window or facts.num_ctx or SMALLEST
    return None if needed <= given else rounded(needed, facts.window, above=given)


def rounded(needed: int, window: int | None, *, above: int) -> int | None:
    """Return a power of two, so that a growing conversation rarely reloads its model.

    At most the model's own window; None if that is not above the current one.
    """
    size = 1 << max(needed - 1, 1).bit_length()
    size = min(size, window) if window else size
    return size if size > above else None
