"""Prices, limits and abilities of models, from the table in litellm's wheel.

The table is read as a file: importing litellm would cost seconds and 180 MB. It is as
old as the installed litellm, so what is counted with it is an estimate.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from ..providers.model_facts import ModelFacts, facts_of

if TYPE_CHECKING:
    from ..providers.spec import ModelInfo, Spec

__all__ = ["PriceTable"]

_log = logging.getLogger(__name__)

_PACKAGE = "litellm"
_FILE = "model_prices_and_context_window_backup.json"

_MAKERS = {
    "openai": ("openai", "text-completion-openai"),
    "anthropic": ("anthropic",),
    "azure": ("azure", "azure_text"),
    "bedrock": ("bedrock_converse", "bedrock"),
    "deepseek": ("deepseek",),
    "gemini": ("gemini",),
    "groq": ("groq",),
    "mistral": ("mistral",),
    "openrouter": ("openrouter",),
    "xai": ("xai",),
}
"""The table's names of our providers. It has no others of ours."""

_MODES = {"chat", "completion", "embedding", "responses"}
"""The entries that are used: models that are charged by the token."""

_OURS = {maker for makers in _MAKERS.values() for maker in makers}

_LIBRARY = "litellm"
"""The provider whose models are named as the table names them."""

# What a snapshot, an alias or a route adds to the model's own name.
_DATED = re.compile(r"[-@](\d{4}-\d\d-\d\d|\d{8}|latest)(-v\d+)?(:\d+)?$")
_ROUTE = re.compile(r"(converse|invoke|converse_like|chat_completions)/")
_REGION = re.compile(r"(us|eu|apac|au|ca|jp|in|sa|us-gov|global)\.")
_PLACED = re.compile(r"bedrock/(?:[a-z]+(?:-[a-z]+)+-\d/)?")
_FAMILY = re.compile(r"_ai-.*")
_VARIANT = re.compile(r":[a-z]+$")


class PriceTable:
    """The table, read when it is first used. May be used on any thread.

    Without litellm it is empty.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._given = path
        self._lock = threading.Lock()
        self._table: _Table | None = None

    @property
    def source(self) -> str | None:
        """Where the prices come from, with the version; None without prices."""
        if _path() is None:
            return None
        try:
            return f"litellm {metadata.version(_PACKAGE)}"
        except metadata.PackageNotFoundError:
            return "litellm"

    async def warm(self) -> None:
        """Read the table in a thread, so that nobody waits for it later."""
        if self._table is None:
            await asyncio.to_thread(self._loaded)

    def facts(self, provider: str, model: str) -> ModelFacts | None:
        """Return what the table has of a model, by our names of provider and model.

        A dated name, an alias like `-latest` and the model of one region are found
        under the name of the model itself, if they have no entry of their own. None
        where the table has nothing, and for models on the user's own machines.
        """
        if provider == _LIBRARY:
            maker, _, name = model.partition("/")
            return self._of(_MAKERS.get(maker, (maker,)), name)
        return self._of(_MAKERS.get(provider, ()), model)

    async def find(self, spec: Spec, model: str) -> ModelFacts | None:
        """As `facts`; reads the table in a thread, if it is needed at all."""
        if not _is_known(spec):
            return None
        await self.warm()
        return self.facts(spec.name, model)

    async def described(
        self, spec: Spec, models: Iterable[ModelInfo]
    ) -> list[ModelInfo]:
        """Return the models, completed with what their provider does not say."""
        if not _is_known(spec):
            return list(models)
        await self.warm()
        return [self._described(info) for info in models]

    def models(self, provider: str) -> list[ModelFacts]:
        """Return all chat models of a provider, under their names here.

        For the library: those of all makers that are not providers here.
        """
        table, makers = self._loaded(), _MAKERS.get(provider, ())
        named = {
            name: key
            for key, entry in table.entries.items()
            if entry.get("mode") == "chat"
            for name in (
                [key] * _is_of_others(key, _maker(entry))
                if provider == _LIBRARY
                else _own_names(key, entry) * (_maker(entry) in makers)
            )
        }
        return [replace(table.facts(named[name]), key=name) for name in sorted(named)]

    def _described(self, info: ModelInfo) -> ModelInfo:
        facts = self.facts(info.provider, info.name)
        if facts is None:
            return info
        return replace(
            info,
            context_window=info.context_window or facts.context_window,
            capabilities=(
                facts.capabilities if info.capabilities is None else info.capabilities
            ),
            input_price=_either(info.input_price, facts.input_price),
            output_price=_either(info.output_price, facts.output_price),
        )

    def _of(self, makers: tuple[str, ...], model: str) -> ModelFacts | None:
        table = self._loaded()
        for name in _names(model):
            for maker in makers:
                key = table.keys.get((maker, name.lower()))
                if key is None:
                    continue
                facts = table.facts(key)
                # A variant of a model has another price at whoever serves it.
                return _unpriced(facts) if _is_variant(makers, model) else facts
        return None

    def _loaded(self) -> _Table:
        if self._table is None:
            with self._lock:
                if self._table is None:
                    self._table = _Table(_read(self._given or _path()))
        return self._table


class _Table:
    """The entries of the file by their keys, and the keys by maker and model.

    Values are made of entries when they are needed: 3,400 at once take 50 ms.
    """

    def __init__(self, entries: dict[str, dict[str, Any]]) -> None:
        self.entries = entries
        self.keys: dict[tuple[str, str], str] = {}
        # The shorter key first: the model itself, then that of one region.
        for key in sorted(entries, key=lambda key: (key.count("/"), key)):
            for name in _own_names(key, entries[key]):
                self.keys.setdefault((_maker(entries[key]), name.lower()), key)

    def facts(self, key: str) -> ModelFacts:
        """Return one entry as a value."""
        return facts_of(key, self.entries[key])


def _is_known(spec: Spec) -> bool:
    return not spec.local and (spec.name in _MAKERS or spec.name == _LIBRARY)


def _path() -> Path | None:
    """Return the table's file in the installed package, without importing it."""
    try:
        found = importlib.util.find_spec(_PACKAGE)
    except (ImportError, ValueError):
        return None
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).with_name(_FILE)
    return path if path.is_file() else None


def _read(path: Path | None) -> dict[str, dict[str, Any]]:
    if path is None:
        return {}
    try:
        # Of 3 MB, in half the time that json takes, all of which others wait.
        table = from_json(path.read_bytes())
    except (OSError, ValueError) as error:
        _log.warning("the price table cannot be read: %s", type(error).__name__)
        return {}
    if not isinstance(table, dict):
        return {}
    return {
        key: entry
        for key, entry in table.items()
        if isinstance(entry, dict) and entry.get("mode") in _MODES
    }


def _maker(entry: Mapping[str, Any]) -> str:
    # Some are split by family in the table: vertex_ai-anthropic_models.
    return _FAMILY.sub("_ai", str(entry.get("litellm_provider")))


def _is_of_others(key: str, maker: str) -> bool:
    """Whether a key is a maker and a model, of a maker that is not a provider here."""
    first, slash, _ = key.partition("/")
    return bool(slash) and maker == first and maker not in _OURS


def _own_names(key: str, entry: Mapping[str, Any]) -> list[str]:
    """Return the names that a model has at its maker, from its key."""
    maker = _maker(entry)
    if maker in _MAKERS["bedrock"]:
        # Capacity by the month is not a model, and has no price for a token.
        return [] if "commitment" in key else [_PLACED.sub("", key)]
    first, slash, rest = key.partition("/")
    return [rest] if slash and maker == first else [key]


def _names(model: str) -> Iterator[str]:
    """Yield a model's name, and the shorter ones it may be listed under."""
    name = _ROUTE.sub("", model.removeprefix("models/"), count=1)
    yield name
    if _REGION.match(name):
        yield _REGION.sub("", name, count=1)
    for pattern in (_VARIANT, _DATED):
        shorter = pattern.sub("", name)
        if shorter != name:
            yield shorter
            name = shorter


def _is_variant(makers: tuple[str, ...], model: str) -> bool:
    return "openrouter" in makers and bool(_VARIANT.search(model))


def _unpriced(facts: ModelFacts) -> ModelFacts:
    return replace(facts, rates=())


def _either(listed: float | None, known: float | None) -> float | None:
    return known if listed is None else listed
