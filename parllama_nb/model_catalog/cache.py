"""Caches lists of models in the database, without nonsense.

A server may list anything: names that break a line, sizes below zero, a key. Only names
that can be typed and values that can be true are kept, as compact JSON, a row for each
model. Every kernel reads there what another has listed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..errors import StoreError
from ..providers.spec import ModelInfo
from ..store.database import Store
from .listing import ModelList

__all__ = ["ModelListCache", "sound", "written"]

_log = logging.getLogger(__name__)

_MOST = 10_000
"""Models of one provider; no provider has nearly as many."""

_LONGEST_NAME = 300
_LARGEST = 2**53
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_YEARS = range(1970, 2200)


class ModelListCache:
    """The lists in the database. Without a database nothing is cached."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, found: ModelList, address: str) -> None:
        """Save the list of a provider at an address. Waits for nothing."""
        values = (found.provider, address, found.fetched, written(found.models))
        future = self._store.call(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO model_list VALUES (?, ?, ?, ?)", values
            )
        )
        future.add_done_callback(_log_failure)

    async def newer(
        self, have: Mapping[str, float]
    ) -> list[tuple[str, str, float, tuple[ModelInfo, ...]]]:
        """Return the lists that are newer than those this kernel has.

        Args:
            have: when this kernel's list was fetched, by the name of its provider.

        Returns:
            For each the provider, its address, when it was fetched, and the models.

        """

        def select(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            return [
                row
                for name, fetched in have.items()
                for row in connection.execute(
                    "SELECT * FROM model_list WHERE provider = ? AND fetched > ?",
                    (name, fetched),
                )
            ]

        try:
            # Shielded: the store must not find its call cancelled.
            rows = await asyncio.shield(asyncio.wrap_future(self._store.call(select)))
        except StoreError as error:
            _log.info("lists of models cannot be read: %s", error.message)
            rows = []
        found = (
            (name, address, fetched, _read(name, text))
            for name, address, fetched, text in rows or ()
        )
        return [
            (name, address, fetched, models)
            for name, address, fetched, models in found
            if models is not None
        ]


def sound(
    provider: str, listed: Iterable[ModelInfo], redact: Callable[[str], str]
) -> list[ModelInfo]:
    """Return the models whose names can be typed, without values that cannot be true.

    Args:
        provider: the provider of all of them, whatever they say themselves.
        listed: as the provider lists them.
        redact: removes known secrets from a text.

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
    """Return a list as JSON: all that is known of each model but its `extra`."""
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


def _read(provider: str, text: str) -> tuple[ModelInfo, ...] | None:
    """Return a list from its JSON; None if another version has written it."""
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
    """Return a model without values that cannot be true."""
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
    """Return a valid date of a time in which models exist, else None."""
    try:
        year = datetime.fromisoformat(str(text)).year
    except ValueError:
        return None
    return str(text) if year in _YEARS else None


def _log_failure(future: Future[Any]) -> None:
    error = future.exception()
    if isinstance(error, StoreError):
        _log.info("a list of models is not cached: %s", error.message)
