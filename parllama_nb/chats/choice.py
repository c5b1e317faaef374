"""Which model answers where none is named."""

from __future__ import annotations

import asyncio

from ..errors import NoModelError, ParllamaError
from ..providers.base import Provider
from ..providers.registry import Registry
from ..providers.spec import ModelInfo

__all__ = ["choose"]

# Seconds an Ollama that may not be there is waited for.
_PATIENCE = 3.0


async def choose(registry: Registry, model: str | None) -> tuple[Provider, str]:
    """The provider and its own name of a model; of a running Ollama where it is None.

    Raises:
        NoModelError: none is named and none can be assumed.
        UnknownProviderError: there is no such provider.

    """
    chosen = model or await _running_local(registry)
    if chosen is None:
        message = "No model is chosen."
        raise NoModelError(
            message,
            hint=(
                'Run "%parllama use embedded/smollm2" (a small demo model, 90 MB, '
                'runs here), or "ollama pull llama3.2" and then '
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
    # The one used last comes first, then the newest. What runs at ollama.com is not
    # asked unless somebody says so, and a model for embeddings does not answer.
    usable = (m for m in models if _answers(m) and not m.extra.get("remote"))
    return next((model.id for model in usable), None)


def _answers(model: ModelInfo) -> bool:
    return model.capabilities is None or "completion" in model.capabilities
