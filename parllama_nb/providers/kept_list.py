"""What is kept of a provider's list of models: what can be typed, and no nonsense.

A server may list anything: names that break a line, sizes below zero, a key. What is
kept is plain and bounded, and goes into the database as compact JSON, a row a model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from .base import ModelInfo

__all__ = ["read", "sound", "written"]

_MOST = 10_000
"""Models of one provider that are kept; no provider has nearly as many."""

_LONGEST_NAME = 300
_LARGEST = 2**53
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_YEARS = range(1970, 2200)


def sound(
    provider: str, listed: Iterable[ModelInfo], redact: Callable[[str], str]
) -> list[ModelInfo]:
    """What can be typed of a list, each once, without what cannot be true.

    Args:
        provider: whose models they are, whatever they say themselves.
        listed: as the provider lists them.
        redact: takes known secrets out of a text.

    """
    found: dict[str, ModelInfo] = {}
    for info in listed:
        name = redact(str(info.name))
        typed = name.isprintable() and name == name.strip()
        if typed and 0 < len(name) <= _LONGEST_NAME and name not in found:
            found[name] = _clean(replace(info, provider=provider, name=name))
        if len(found) == _MOST:
            break
    return list(found.values())


def written(models: Iterable[ModelInfo]) -> str:
    """A list as it is kept: what is known of each model but the provider's `extra`."""
    rows = [
        [
            info.name,
            info.context_window,
            info.size,
            info.modified,
            None if info.capabilities is None else sorted(info.capabilities),
            info.input_price,
            info.output_price,
        ]
        for info in models
    ]
    return json.dumps(rows, separators=(",", ":"), ensure_ascii=False)


def read(provider: str, text: str) -> tuple[ModelInfo, ...] | None:
    """A list as it was kept; None for what another version has written."""
    try:
        return tuple(
            ModelInfo(
                provider,
                name,
                window,
                size,
                modified,
                None if capabilities is None else frozenset(capabilities),
                input_price,
                output_price,
            )
            for (
                name,
                window,
                size,
                modified,
                capabilities,
                input_price,
                output_price,
            ) in json.loads(text)
        )
    except (TypeError, ValueError):
        return None


def _clean(info: ModelInfo) -> ModelInfo:
    """What is said of a model, without what cannot be."""
    words = info.capabilities
    return replace(
        info,
        context_window=_count(info.context_window),
        size=_count(info.size),
        modified=_date(info.modified),
        capabilities=(
            None if words is None else frozenset(filter(_WORD.fullmatch, words))
        ),
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 < value < _LARGEST else None


def _date(text: object) -> str | None:
    """A date that is one, of a time in which there may be models."""
    try:
        year = datetime.fromisoformat(str(text)).year
    except ValueError:
        return None
    return str(text) if year in _YEARS else None
