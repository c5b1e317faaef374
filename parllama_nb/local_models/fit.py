"""Whether a model will fit into memory: a rough answer, with its figures.

What a model needs is its weights, which are as large in memory as on disk; what it
keeps of the conversation, two values of two bytes for each token of its context window,
each layer, and each element of the heads that keep any (the KV cache); and room for
computing. Where the layers are not known, the cache is guessed: 64 KB a token for 2 GB
of weights, and otherwise as the square root of their size. Common models have between
a third of it and three times as much; those that keep a part of the window only, less.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Fit", "Memory", "cache_per_token", "will_it_fit"]

Verdict = Literal["yes", "slowly", "no"]

_OVERHEAD, _SHARE = 128 << 20, 20
"""Bytes for computing and for a process, to which comes a twentieth of all else."""

_USUAL_CONTEXT = 4096
"""Tokens that Ollama gives a model on most machines."""

_PER_TOKEN, _OF_WEIGHTS = 64 << 10, 2 << 30


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of a machine in bytes; `graphics` is that of its GPU, None if none.

    On a machine whose GPU shares the memory there is none either.
    """

    total: int
    available: int
    graphics: int | None = None

    @classmethod
    def here(cls, graphics: int | None = None) -> Memory:
        """Return this machine's, as it is now."""
        import psutil  # noqa: PLC0415 - seldom needed

        memory = psutil.virtual_memory()
        return cls(memory.total, memory.available, graphics)


@dataclass(frozen=True, slots=True)
class Fit:
    """A rough answer: "yes", "slowly" or "no", why, and the bytes it was made of."""

    verdict: Verdict
    reason: str
    weights: int
    cache: int
    overhead: int

    @property
    def needed(self) -> int:
        """All bytes that the model needs."""
        return self.weights + self.cache + self.overhead


def will_it_fit(
    size: int,
    memory: Memory,
    *,
    context: int | None = None,
    per_token: int | None = None,
    freed: int = 0,
) -> Fit:
    """Say roughly whether a model fits.

    Args:
        size: the bytes of its weights.
        memory: of the machine that it is to run on.
        context: the tokens of its context window; None for Ollama's usual one.
        per_token: the bytes of the KV cache for a token (`cache_per_token`), if known.
        freed: the bytes that running models would make room of.

    """
    if per_token is None:
        per_token = round(_PER_TOKEN * math.sqrt(max(size, 0) / _OF_WEIGHTS))
    cache = per_token * (context or _USUAL_CONTEXT)
    overhead = _OVERHEAD + (size + cache) // _SHARE
    needed = size + cache + overhead
    graphics = memory.graphics or 0
    available = min(memory.available + freed, memory.total)
    verdict: Verdict
    if graphics and needed <= graphics:
        verdict, reason = "yes", "it fits into the graphics memory"
    elif not graphics and needed <= available:
        verdict, reason = "yes", "it fits into the free memory"
    elif graphics and needed <= graphics + available:
        verdict, reason = "slowly", "a part of it runs on the processor"
    elif needed <= graphics + memory.total:
        verdict, reason = "slowly", "other programs have to make room"
    else:
        verdict, reason = "no", "it needs more memory than there is"
    return Fit(verdict, reason, size, cache, overhead)


def cache_per_token(info: Mapping[str, Any]) -> int | None:
    """Return the bytes of the KV cache for a token; None if they are not known.

    Args:
        info: a model's metadata, as GGUF files and `/api/show` have it.

    """
    arch = info.get("general.architecture")

    def number(name: str) -> int | None:
        value = info.get(f"{arch}.{name}")
        values = value if isinstance(value, list) else [value]
        counts = [each for each in values if type(each) is int and each > 0]
        # Some have other heads in each layer.
        return max(counts, default=None)

    layers, heads = number("block_count"), number("attention.head_count")
    length = number("attention.key_length")
    width = number("embedding_length")
    if length is None and heads and width:
        length = width // heads
    kept = number("attention.head_count_kv") or heads
    if not (layers and kept and length):
        return None
    values = length + (number("attention.value_length") or length)
    return layers * kept * values * 2
