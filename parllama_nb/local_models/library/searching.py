"""Which models of the library a query finds."""

from __future__ import annotations

from collections.abc import Iterable

from ...fuzzy import near, score
from .entries import LibraryModel

__all__ = ["fitting"]

_LEAST = 0.5
"""How well a query has to fit a name, as `fuzzy.score` measures it."""


def fitting(
    models: Iterable[LibraryModel], query: str, capability: str | None = None
) -> tuple[LibraryModel, ...]:
    """Return the models that a query finds: those by their names first.

    A model is found by its name, or if all words of the query are in what is said of
    it. If none is, those are returned whose names are near.
    """
    wanted = (capability or "").lower()
    able = [each for each in models if not wanted or wanted in each.capabilities]
    words = query.lower().split()
    scores = [score(query, each.name) for each in able]
    scores = [each if each >= _LEAST else 0.0 for each in scores]
    found = [
        (fit, each)
        for fit, each in zip(scores, able, strict=True)
        if fit or all(word in _said(each) for word in words)
    ]
    if not found:
        names = near(query, [each.name for each in able])
        return tuple(each for each in able if each.name in names)
    return tuple(each for _, each in sorted(found, key=lambda pair: -pair[0]))


def _said(model: LibraryModel) -> str:
    parts = (model.name, model.description, *model.sizes, *model.capabilities)
    return " ".join(parts).lower()
