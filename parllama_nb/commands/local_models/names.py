"""Names of local models, for completion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...application import Parllama
from ...local_models import EMBEDDED, OLLAMA

__all__ = ["GROUP", "local", "of_ollama"]

GROUP = "Local models"


def of_ollama(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Return the models of Ollama that are known, without those named before."""
    return [name for name in _listed(app, OLLAMA) if name not in before]


def local(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Return the models of Ollama, and those of the embedded engine as it names them.

    The list of a local provider is at hand once anything has asked for it.
    """
    embedded = [f"{EMBEDDED}/{name}" for name in _listed(app, EMBEDDED)]
    return [*of_ollama(app, before), *(n for n in embedded if n not in before)]


def _listed(app: Parllama, provider: str) -> list[str]:
    if not any(each.provider == provider for each in app.model_lists.at_hand()):
        app.runtime.submit(app.model_lists.get([provider]))
    lists = app.model_lists.at_hand()
    return [m.name for each in lists if each.provider == provider for m in each.models]
