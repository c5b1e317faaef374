"""How large a context window a question needs from an Ollama server.

A server gives a model the window of its Modelfile, else of OLLAMA_CONTEXT_LENGTH, else
one by its memory, 4,096 tokens on most machines (https://docs.ollama.com/context-length).
What does not fit is dropped without a word: the oldest messages, then the middle of the
last. So a window is asked for where a question needs it, up to what the model can
read, and where it needs none nothing is asked, for a model is loaded anew for another
window. Servers since 0.12.6 refuse what does not fit when they are told to, and say
how long it is; for the others an estimate has to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .models import Facts
from .request import canonical

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
    """How a model is loaded; None if it is not."""
    for entry in running:
        names = {canonical(str(entry[k])) for k in ("name", "model") if entry.get(k)}
        if canonical(model) in names:
            window = entry.get("context_length")
            usable = isinstance(window, int) and window > 0
            return Loaded(window if usable else None)
    return None


def enough(tokens: int, limit: int | None) -> int:
    """Tokens of window for a prompt of so many and an answer of at most `limit`."""
    return tokens + (_ANSWER if limit is None else limit)


def widened(needed: int, have: Loaded | None, facts: Facts) -> int | None:
    """The window to ask for; None if what the server gives by itself will do."""
    if facts.remote:
        return None
    if have is None:
        given = facts.num_ctx or _USUAL
    else:
        given = have.window or facts.num_ctx or SMALLEST
    return None if needed <= given else rounded(needed, facts.window, above=given)


def rounded(needed: int, window: int | None, *, above: int) -> int | None:
    """A power of two, so that a conversation that grows rarely loads its model anew.

    Not more than the model's own window; None if that is not above what there is.
    """
    size = 1 << max(needed - 1, 1).bit_length()
    size = min(size, window) if window else size
    return size if size > above else None
