"""What is known of a model from other sources than its provider: prices, limits, ...

Pure: an entry of litellm's table in, values out. The table's fields are described at
https://docs.litellm.ai/docs/provider_registration/add_model_pricing and by the entry
`sample_spec` of the table itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .messages import Usage

__all__ = ["ModelFacts", "Rates", "facts_of"]

_ABILITIES = {
    "supports_vision": "vision",
    "supports_reasoning": "thinking",
    "supports_function_calling": "tools",
    "supports_response_schema": "json",
    "supports_audio_input": "audio",
    "supports_video_input": "video",
    "supports_pdf_input": "pdf",
    "supports_web_search": "web",
}

_ABOVE = re.compile(r"(.+)_above_(\d+)k_tokens")


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars a token, for prompts of more than `above` tokens.

    None is a rate that the table does not have; a missing one is charged like input,
    `reasoning` like output.
    """

    above: int = 0
    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    reasoning: float | None = None

    def cost(self, usage: Usage) -> float | None:
        """Return US dollars for these tokens; None if tokens or a rate are unknown."""
        read, wrote = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        thought = usage.reasoning_tokens or 0
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        if self.input is None or self.output is None:
            return None
        # Where a provider counts a part separately, the price must not go below zero.
        plain = max(0, usage.input_tokens - read - wrote)
        answered = max(0, usage.output_tokens - thought)
        return (
            plain * self.input
            + read * _either(self.cache_read, self.input)
            + wrote * _either(self.cache_write, self.input)
            + answered * self.output
            + thought * _either(self.reasoning, self.output)
        )


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model as the table has it, under `key`.

    `context_window` and `max_output` are in tokens. `mode` is its use: `chat`,
    `embedding`, `responses`, ... `capabilities` are those of `ModelInfo`; `lacks` has
    those that the table denies, and of all others it says nothing. `deprecated` is the
    day it ends or has ended, in ISO 8601. `rates` are ordered by `above`, and
    empty where no price is known; the table's price of 0 means unknown, too.
    """

    key: str
    maker: str = ""
    mode: str | None = None
    context_window: int | None = None
    max_output: int | None = None
    capabilities: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    deprecated: str | None = None
    rates: tuple[Rates, ...] = ()

    @property
    def input_price(self) -> float | None:
        """US dollars a million tokens of a short prompt."""
        return _per_million(self.rates[0].input) if self.rates else None

    @property
    def output_price(self) -> float | None:
        """US dollars a million tokens of an answer to a short prompt."""
        return _per_million(self.rates[0].output) if self.rates else None

    def rates_for(self, input_tokens: int) -> Rates | None:
        """Return the rates for a whole prompt of that length."""
        fitting = [rates for rates in self.rates if input_tokens > rates.above]
        return fitting[-1] if fitting else next(iter(self.rates), None)

    def cost(self, usage: Usage) -> float | None:
        """Return US dollars for one answer; None where price or usage is unknown."""
        rates = self.rates_for(usage.input_tokens or 0)
        return None if rates is None else rates.cost(usage)


def facts_of(key: str, entry: Mapping[str, Any]) -> ModelFacts:
    """Return one entry of the table as a value, without odd fields."""
    mode = entry.get("mode")
    abilities = {word for name, word in _ABILITIES.items() if entry.get(name) is True}
    lacks = {word for name, word in _ABILITIES.items() if entry.get(name) is False}
    if mode == "embedding":
        abilities.add("embedding")
    deprecated = entry.get("deprecation_date")
    window = _count(entry, "max_input_tokens") or _count(entry, "max_tokens")
    return ModelFacts(
        key=key,
        maker=str(entry.get("litellm_provider") or ""),
        mode=mode if isinstance(mode, str) else None,
        context_window=window,
        max_output=_count(entry, "max_output_tokens") if mode != "embedding" else None,
        capabilities=frozenset(abilities),
        lacks=frozenset(lacks),
        deprecated=deprecated if isinstance(deprecated, str) else None,
        rates=_rates(entry),
    )


def _rates(entry: Mapping[str, Any]) -> tuple[Rates, ...]:
    tiers = entry.get("tiered_pricing")
    if isinstance(tiers, list):
        found = [_tier(tier) for tier in tiers if isinstance(tier, Mapping)]
        return tuple(sorted(filter(_is_priced, found), key=lambda r: r.above))
    base = _band(entry, "", Rates())
    if not _is_priced(base):
        return ()
    limits = (_ABOVE.fullmatch(field) for field in entry if "_above_" in field)
    sizes = {int(limit[2]) for limit in limits if limit}
    above = [
        _band(entry, f"_above_{size}k_tokens", replace(base, above=1000 * size))
        for size in sorted(sizes)
    ]
    return (base, *above)


def _band(entry: Mapping[str, Any], suffix: str, base: Rates) -> Rates:
    def rate(field: str, usual: float | None) -> float | None:
        found = _price(entry, field + suffix)
        return usual if found is None else found

    return Rates(
        above=base.above,
        input=rate("input_cost_per_token", base.input),
        output=rate("output_cost_per_token", base.output),
        cache_read=rate("cache_read_input_token_cost", base.cache_read),
        cache_write=rate("cache_creation_input_token_cost", base.cache_write),
        reasoning=rate("output_cost_per_reasoning_token", base.reasoning),
    )


def _tier(tier: Mapping[str, Any]) -> Rates:
    bounds = tier.get("range")
    first = _number(bounds[0]) if isinstance(bounds, list) and bounds else None
    return _band(tier, "", Rates(above=int(first or 0)))


def _is_priced(rates: Rates) -> bool:
    # The table has 0 where it does not know, and where somebody else's plan pays.
    known = rates.input is not None and rates.output is not None
    return known and bool(rates.input or rates.output)


def _price(entry: Mapping[str, Any], field: str) -> float | None:
    number = _number(entry.get(field))
    return number if number is not None and number >= 0 else None


def _count(entry: Mapping[str, Any], field: str) -> int | None:
    return int(_number(entry.get(field)) or 0) or None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _either(rate: float | None, instead: float) -> float:
    return instead if rate is None else rate


def _per_million(rate: float | None) -> float | None:
    return None if rate is None else round(rate * 1e6, 6)
