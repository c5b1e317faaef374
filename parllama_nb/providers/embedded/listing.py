"""The models of the embedded engine as a provider lists them.

What is in `extra` has the names of Ollama's details, so that a table has one column for
both.
"""

from __future__ import annotations

from ..spec import ModelInfo
from .known_models import Weights
from .loads import ANSWER_WINDOW
from .own_models import OwnModel

__all__ = ["demo_info", "own_info"]


def demo_info(
    provider: str, weights: Weights, *, is_there: bool, memory: int
) -> ModelInfo:
    """Return a model that the engine knows by name; `memory` is what it uses now."""
    return ModelInfo(
        provider=provider,
        name=weights.name,
        context_window=weights.context_window,
        size=weights.size,
        capabilities=frozenset({"completion"}),
        extra={
            "title": weights.title,
            "format": "gguf",
            "family": weights.family,
            "parameter_size": weights.parameter_size,
            "quantization_level": weights.quantization,
            "downloaded": is_there,
            "loaded": memory > 0,
            "memory": memory,
            "own": False,
        },
    )


def own_info(provider: str, model: OwnModel, *, memory: int) -> ModelInfo:
    """Return a model of the user's own; `memory` is what it uses now, in bytes.

    `extra` has `state`: "", or "unfinished", "missing" or "changed".
    """
    state = model.state
    window = model.context_window
    return ModelInfo(
        provider=provider,
        name=model.name,
        # What an answer gets, and not what the model was trained for.
        context_window=min(window, ANSWER_WINDOW) if window else None,
        size=model.size or None,
        modified=model.added,
        capabilities=frozenset(model.capabilities) or None,
        extra={
            "format": "gguf",
            "family": model.architecture,
            "parameter_size": model.parameter_size,
            "quantization_level": model.quantization,
            "downloaded": state in ("", "changed"),
            "state": state,
            "loaded": memory > 0,
            "memory": memory,
            "source": model.source,
            "own": True,
        },
    )
