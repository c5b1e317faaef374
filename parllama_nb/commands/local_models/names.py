"""Names of local models, for completion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...application import Parllama
from ...local_models import EMBEDDED, OLLAMA

__all__ = ["ALL", "GROUP", "local", "local_or_all", "of_ollama", "of_ollama_or_all"]

GROUP = "Local models"

ALL = "all"
"""Stands for every model."""


def of_ollama(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Return the models of Ollama that are known, without those named before."""
    return [name for name in _listed(app, OLLAMA) if name not in before]


def local(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Return the models of Ollama, and those of the embedded engine as it names them.

    The list of a local provider is at hand once anything has asked for it.
    """
    embedded = [f"{EMBEDDED}/{name}" for name in _listed(app, EMBEDDED)]
    return [*of_ollama(app, before), *(n for n in embedded if n not in before)]


def of_ollama_or_all(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Return the models of Ollama, and the word for all of them at first."""
    return of_ollama(app, before) if before else [ALL, *of_ollama(app, before)]


def local_or_all(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Return what `local` does, and the word for all of them at first."""
    return local(app, before) if before else [ALL, *local(app, before)]


def _listed(app: Parllama, provider: str) -> list[str]:
    if not any(each.provider == provider for each in app.model_lists.at_hand()):
        app.runtime.submit(app.model_lists.get([provider]))
    lists = app.model_lists.at_hand()
    return [m.name for each in lists if each.provider == provider for m in each.models]
