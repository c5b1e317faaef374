"""Finds the provider of a model, and a model if none is named."""

from __future__ import annotations

import asyncio

from ..errors import NoModelError, ParllamaError
from ..providers.base import Provider
from ..providers.registry import Registry
from ..providers.spec import ModelInfo

__all__ = ["choose"]

# Seconds to wait for an Ollama that may not be running.
_PATIENCE = 3.0


async def choose(registry: Registry, model: str | None) -> tuple[Provider, str]:
    """Return the provider of a model, and the provider's own name of it.

    If `model` is None, it is the one that a running Ollama used last.

    Raises:
        NoModelError: no model is named, and no Ollama with a model is running.
        UnknownProviderError: there is no such provider.

    """
    chosen = model or await _running_local(registry)
    if chosen is None:
        message = "No model is chosen."
        raise NoModelError(
            message,
            hint=(
                'Run "%parllama use embedded/smollm2" (a small demo model, 90 MB, '
                'runs here), or "%parllama pull llama3.2" and then '
                '"%parllama use ollama/llama3.2".'
            ),
        )
    provider, name = registry.parse(chosen)
    return registry.get(provider), name


async def _running_local(registry: Registry) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            models = await registry.get("ollama").models()
    except (ParllamaError, TimeoutError):
        return None
    # The one used last comes first, then the newest. Models that run at ollama.com are
    # only used if the user names one, and an embedding model cannot answer.
    usable = (m for m in models if _can_answer(m) and not m.extra.get("remote"))
    return next((model.id for model in usable), None)


def _can_answer(model: ModelInfo) -> bool:
    return model.capabilities is None or "completion" in model.capabilities
