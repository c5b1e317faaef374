"""The table in litellm's wheel: found, read and asked by the names models have here."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.model_catalog import prices as price_table
from parllama_nb.model_catalog.prices import PriceTable
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.messages import Usage
from parllama_nb.providers.spec import ModelInfo, Spec

PRICE = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}


def entry(maker: str, mode: str = "chat", **more: Any) -> dict[str, Any]:
    return {"litellm_provider": maker, "mode": mode} | PRICE | more


TABLE = {
    "sample_spec": {"mode": "one of: chat, embedding", "max_tokens": "a number"},
    "gpt-x": entry("openai", max_input_tokens=8192, supports_vision=True),
    "gpt-x-2030-01-31": entry("openai", max_input_tokens=4096),
    "openai/gpt-y": entry("openai"),
    "gpt-audio": entry("openai", "audio_speech"),
    "gpt-embed": entry("openai", "embedding"),
    "azure/gpt-x": entry("azure"),
    "claude-x": entry("anthropic"),
    "gemini/gemini-x": entry("gemini"),
    "gemini-x": entry("vertex_ai-language-models"),
    "openrouter/maker/m": entry("openrouter"),
    "together_ai/Maker/M": entry("together_ai"),
    "maker.model-v1:0": entry("bedrock_converse"),
    "us.maker.model-v1:0": entry("bedrock_converse", max_input_tokens=1),
    "bedrock/eu-west-1/maker.far-v1:0": entry("bedrock"),
    "bedrock/*/1-month-commitment/maker.model-v1:0": entry("bedrock"),
    "ollama/llama": entry("ollama"),
    "odd": 7,
}


@pytest.fixture
def table(tmp_path: Path) -> PriceTable:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(TABLE))
    return PriceTable(path)


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("openai/gpt-x", "gpt-x"),
        ("openai/GPT-X", "gpt-x"),
        ("openai/gpt-y", "openai/gpt-y"),
        ("openai/gpt-x-2030-01-31", "gpt-x-2030-01-31"),
        ("openai/gpt-x-2031-12-01", "gpt-x"),
        ("openai/claude-x", None),
        ("anthropic/claude-x-20300131", "claude-x"),
        ("anthropic/claude-x-latest", "claude-x"),
        ("azure/gpt-x", "azure/gpt-x"),
        ("gemini/gemini-x", "gemini/gemini-x"),
        ("gemini/models/gemini-x", "gemini/gemini-x"),
        ("openrouter/maker/m", "openrouter/maker/m"),
        ("bedrock/maker.model-v1:0", "maker.model-v1:0"),
        ("bedrock/us.maker.model-v1:0", "us.maker.model-v1:0"),
        ("bedrock/eu.maker.model-v1:0", "maker.model-v1:0"),
        ("bedrock/converse/maker.model-v1:0", "maker.model-v1:0"),
        ("bedrock/maker.far-v1:0", "bedrock/eu-west-1/maker.far-v1:0"),
        ("litellm/together_ai/Maker/M", "together_ai/Maker/M"),
        ("litellm/openai/gpt-x", "gpt-x"),
        ("litellm/bedrock/maker.model-v1:0", "maker.model-v1:0"),
        ("litellm/vertex_ai/gemini-x", "gemini-x"),
        ("litellm/gpt-x", None),
        ("ollama/llama", None),
        ("embedded/smollm2", None),
        ("github/openai/gpt-x", None),
    ],
)
def test_a_model_is_found_by_its_name_here(
    table: PriceTable, model: str, key: str | None
) -> None:
    facts = table.facts(*model.split("/", 1))
    assert (facts.key if facts else None) == key


def test_a_variant_of_a_model_has_its_abilities_but_not_its_price(
    table: PriceTable,
) -> None:
    plain, free = (
        table.facts("openrouter", name) for name in ("maker/m", "maker/m:free")
    )
    assert plain
    assert free
    assert plain.cost(Usage(1, 1)) == pytest.approx(3e-6)
    assert free.cost(Usage(1, 1)) is None


async def test_what_a_provider_does_not_say_is_filled_in(table: PriceTable) -> None:
    known = ModelInfo("openai", "gpt-x")
    says = ModelInfo(
        "openai",
        "gpt-x",
        context_window=99,
        capabilities=frozenset({"tools"}),
        input_price=0.0,
        output_price=7.0,
    )
    unknown = ModelInfo("openai", "gpt-unheard-of")
    filled, kept, left = await table.described(SPECS["openai"], [known, says, unknown])
    assert filled.context_window == 8192
    assert filled.capabilities == {"vision"}
    assert (filled.input_price, filled.output_price) == (1.0, 2.0)
    assert kept == says
    assert left == unknown


@pytest.mark.parametrize(
    "spec",
    [Spec("openai", "Mine", "openai", local=True), Spec("acme", "Acme", "openai")],
    ids=["local", "unheard of"],
)
async def test_of_others_nothing_is_read_or_said(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_table, "_read", lambda _: pytest.fail("it was read"))
    table = PriceTable(tmp_path)
    info = ModelInfo(spec.name, "gpt-x")
    assert await table.described(spec, [info]) == [info]
    assert await table.find(spec, "gpt-x") is None


def test_the_models_of_a_provider_are_listed_under_their_names_here(
    table: PriceTable,
) -> None:
    def names(provider: str) -> list[str]:
        return [facts.key for facts in table.models(provider)]

    assert names("openai") == ["gpt-x", "gpt-x-2030-01-31", "gpt-y"]
    assert names("bedrock") == [
        "maker.far-v1:0",
        "maker.model-v1:0",
        "us.maker.model-v1:0",
    ]
    assert names("litellm") == ["ollama/llama", "together_ai/Maker/M"]
    assert names("acme") == []


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"m": 1}'])
def test_a_damaged_table_knows_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "table.json"
    path.write_text(content)
    assert PriceTable(path).facts("openai", "gpt-x") is None


def test_without_litellm_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    table = PriceTable()
    assert table.source is None
    assert table.facts("openai", "gpt-5") is None
    assert table.models("litellm") == []


# the table itself


def test_the_installed_table_is_understood() -> None:
    table = PriceTable()
    assert table.source == f"litellm {metadata.version('litellm')}"
    for provider in (
        "openai",
        "anthropic",
        "gemini",
        "azure",
        "groq",
        "mistral",
        "xai",
    ):
        models = table.models(provider)
        assert models, provider
        for facts in models:
            found = table.facts(provider, facts.key)
            assert found, facts.key
            assert found.rates == facts.rates, facts.key
        priced = [facts for facts in models if facts.rates and facts.context_window]
        assert len(priced) > len(models) / 2, provider


def test_the_installed_table_prices_what_a_maker_publishes() -> None:
    # https://openai.com/api/pricing: GPT-4o, 2.50, 1.25 cached and 10 a million.
    facts = PriceTable().facts("openai", "gpt-4o")
    assert facts
    cost = facts.cost(Usage(1_000_000, 1_000_000, 400_000))
    assert cost == pytest.approx(0.6 * 2.5 + 0.4 * 1.25 + 10)
    assert {"vision", "tools", "json"} <= facts.capabilities
    assert facts.context_window == 128_000


def test_the_tiers_of_the_installed_table_are_in_order() -> None:
    table = PriceTable()._loaded()
    limits = {key: [r.above for r in table.facts(key).rates] for key in table.entries}
    assert sum(len(each) > 1 for each in limits.values()) > 100
    assert {k for k, each in limits.items() if each != sorted(set(each))} == set()


def test_the_table_is_read_without_importing_litellm(tmp_path: Path) -> None:
    code = (
        "import sys; from parllama_nb.model_catalog.prices import PriceTable\n"
        "assert PriceTable().facts('openai', 'gpt-4o')\n"
        "print([name for name in sys.modules if name.startswith('litellm')])"
    )
    root = str(Path(price_table.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": root, "PARLLAMA_NB_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
