"""What an answer costs, by entries of the table in all their forms."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.providers.messages import Usage
from parllama_nb.providers.model_facts import Rates, facts_of

PLAIN = {"input_cost_per_token": 2e-6, "output_cost_per_token": 10e-6}
CACHED = PLAIN | {
    "cache_read_input_token_cost": 0.2e-6,
    "cache_creation_input_token_cost": 2.5e-6,
}
REASONING = PLAIN | {"output_cost_per_reasoning_token": 30e-6}
ABOVE = CACHED | {
    "input_cost_per_token_above_200k_tokens": 4e-6,
    "output_cost_per_token_above_200k_tokens": 15e-6,
    "cache_read_input_token_cost_above_200k_tokens": 0.4e-6,
    "input_cost_per_token_above_200k_tokens_priority": 9e-6,
    "input_cost_per_token_above_1m_tokens": 9e-6,
}
TIERS = {
    "tiered_pricing": [
        {
            "range": [32000, 128000],
            "input_cost_per_token": 2e-6,
            "output_cost_per_token": 4e-6,
        },
        {
            "range": [0, 32000],
            "input_cost_per_token": 1e-6,
            "output_cost_per_token": 2e-6,
        },
    ]
}


@pytest.mark.parametrize(
    ("entry", "usage", "dollars"),
    [
        pytest.param(PLAIN, Usage(1000, 100), 0.003, id="plain"),
        pytest.param(PLAIN, Usage(1000, 0), 0.002, id="nothing said"),
        pytest.param(PLAIN, Usage(1000, 100, 400), 0.003, id="cached, no rate for it"),
        pytest.param(
            CACHED, Usage(1000, 100, 400, 100), 0.00233, id="cached read and written"
        ),
        pytest.param(CACHED, Usage(100, 0, 400), 0.00008, id="cached counted apart"),
        pytest.param(
            PLAIN, Usage(1000, 100, None, None, 90), 0.003, id="thinking is output"
        ),
        pytest.param(
            REASONING,
            Usage(1000, 100, None, None, 90),
            0.0048,
            id="thinking at its own",
        ),
        pytest.param(ABOVE, Usage(200_000, 100), 0.401, id="at the limit"),
        pytest.param(ABOVE, Usage(200_001, 100), 0.801504, id="above: all of it"),
        pytest.param(
            ABOVE, Usage(300_000, 0, 100_000), 0.84, id="above: from the cache too"
        ),
        pytest.param(
            ABOVE,
            Usage(300_000, 0, 0, 100_000),
            1.05,
            id="above: what has no rate there",
        ),
        pytest.param(TIERS, Usage(1000, 1000), 0.003, id="first tier"),
        pytest.param(TIERS, Usage(32_001, 1000), 0.068002, id="second tier"),
        pytest.param(TIERS, Usage(500_000, 0), 1.0, id="beyond the last tier"),
    ],
)
def test_tokens_are_charged_by_the_rates_of_their_kind(
    entry: dict[str, Any], usage: Usage, dollars: float
) -> None:
    assert facts_of("m", entry).cost(usage) == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("entry", "usage"),
    [
        pytest.param({}, Usage(1, 1), id="no price"),
        pytest.param({"input_cost_per_token": 1e-6}, Usage(1, 1), id="half a price"),
        pytest.param(
            {"input_cost_per_token": 0, "output_cost_per_token": 0.0},
            Usage(1, 1),
            id="0, which is how the table says that it does not know",
        ),
        pytest.param(
            {"input_cost_per_token": "2e-6", "output_cost_per_token": True},
            Usage(1, 1),
            id="no numbers",
        ),
        pytest.param(
            {"input_cost_per_token": -1.0, "output_cost_per_token": float("nan")},
            Usage(1, 1),
            id="no prices",
        ),
        pytest.param(PLAIN, Usage(), id="no usage"),
        pytest.param(PLAIN, Usage(1, None), id="half a usage"),
        pytest.param(
            {"tiered_pricing": [{"range": [0, 1]}, 7]}, Usage(1, 1), id="tiers"
        ),
    ],
)
def test_what_is_not_known_has_no_cost(entry: dict[str, Any], usage: Usage) -> None:
    assert facts_of("m", entry).cost(usage) is None


def test_an_entry_becomes_a_value() -> None:
    facts = facts_of(
        "maker/m",
        PLAIN
        | {
            "litellm_provider": "maker",
            "mode": "chat",
            "max_input_tokens": 128_000.0,
            "max_output_tokens": 4096,
            "supports_vision": True,
            "supports_reasoning": True,
            "supports_function_calling": False,
            "deprecation_date": "2030-01-31",
        },
    )
    assert (facts.key, facts.maker, facts.mode) == ("maker/m", "maker", "chat")
    assert (facts.context_window, facts.max_output) == (128_000, 4096)
    assert facts.capabilities == {"vision", "thinking"}
    assert facts.deprecated == "2030-01-31"
    assert facts.rates == (Rates(0, 2e-6, 10e-6),)


def test_odd_values_are_left_out() -> None:
    entry = {"mode": 7, "max_input_tokens": "many", "max_tokens": True, "x": None}
    facts = facts_of("m", entry | {"deprecation_date": 2030, "litellm_provider": None})
    assert facts.mode is None
    assert facts.context_window is None
    assert facts.deprecated is None
    assert facts.maker == ""


def test_an_embedding_model_is_one_by_its_mode() -> None:
    facts = facts_of("m", {"mode": "embedding", "max_tokens": 512})
    assert facts.capabilities == {"embedding"}
    assert (facts.context_window, facts.max_output) == (512, None)
