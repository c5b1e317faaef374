"""Models of the embedded engine in the words in which all local models are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...providers.spec import ModelInfo
from ..ollama.details import ModelDetails
from ..ollama.running import RunningModel
from .models import EmbeddedDetails

__all__ = ["as_details", "as_running"]

_PROVIDER = "embedded"


def as_details(shown: EmbeddedDetails) -> ModelDetails:
    """Return what is known of a model of the engine, and what its file says."""
    said = shown.facts
    about: dict[str, object] = {
        "source": shown.source,
        "state": shown.fault or shown.state,
    }
    details = ModelDetails(
        provider=_PROVIDER,
        name=shown.name,
        modified=shown.added,
        format="gguf",
        path=shown.path,
    )
    if said is None:
        return replace(details, metadata=_known(about))
    about |= {
        "layers": said.layers,
        "vocabulary": said.vocabulary,
        "tokenizer": said.tokenizer,
        "pooling": said.pooling,
        "parts": said.parts if said.parts > 1 else None,
    }
    return replace(
        details,
        size=said.size,
        family=said.architecture,
        parameter_size=said.parameter_size,
        quantization=said.quantization,
        capabilities=said.capabilities,
        context_window=said.context_window,
        embedding_length=said.embedding_length,
        template=said.chat_template,
        license=said.license,
        metadata=_known(about),
    )


def _known(about: Mapping[str, object]) -> dict[str, object]:
    return {word: value for word, value in about.items() if value}


def as_running(models: Iterable[ModelInfo]) -> list[RunningModel]:
    """Return those of the engine's models that are in memory.

    They run on the processor, and stay until they are unloaded or the kernel ends.
    """
    return [
        RunningModel(
            provider=model.provider,
            name=model.name,
            size=memory,
            size_vram=0,
            context_window=model.context_window,
        )
        for model in models
        if isinstance(memory := model.extra.get("memory"), int) and memory > 0
    ]
