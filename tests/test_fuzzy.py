"""How well names fit what was typed: words, letters in order, and mistyped names."""

from __future__ import annotations

import pytest

from parllama_nb.fuzzy import near, score

MODELS = [
    "openai/gpt-4o",
    "openai/gpt-5",
    "openai/gpt-5-mini",
    "ollama/llama3.2:1b",
    "openrouter/meta-llama/llama-3.3-70b-instruct",
    "groq/llama-3.3-70b-versatile",
    "ollama/qwen3:8b",
]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("gpt-5", "openai/gpt-5"),
        ("GPT-5-MINI", "openai/gpt-5-mini"),
        ("mini gpt", "openai/gpt-5-mini"),
        ("g5m", "openai/gpt-5-mini"),
        ("llama 70b groq", "groq/llama-3.3-70b-versatile"),
        ("qwen", "ollama/qwen3:8b"),
        ("ollama l", "ollama/llama3.2:1b"),
        ("gpt5", "openai/gpt-5"),
    ],
)
def test_the_best_fit_comes_first(typed: str, first: str) -> None:
    assert max(MODELS, key=lambda model: score(typed, model)) == first


def test_every_word_must_be_found() -> None:
    assert not any(score("llama mini", model) for model in MODELS)
    assert not any(score("zzz", model) for model in MODELS)


def test_without_a_word_everything_fits() -> None:
    assert {score("", model) for model in MODELS} == {1.0}
    assert {score("  ", model) for model in MODELS} == {1.0}


def test_the_ways_of_being_found_are_ranked() -> None:
    texts = ["abc", "abcdef", "x/abc", "xabcx", "axbxc"]
    ranks = [score("abc", text) for text in texts]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(texts)
    assert ranks[0] == 1.0
    assert ranks[-1] > 0.0
    assert score("abc", "acb") == 0.0


def test_letters_strewn_over_a_text_are_chance() -> None:
    assert score("abc", "a long text that holds b and, at its end, c") == 0.0


@pytest.mark.parametrize("odd", ["(", "[a", "\\", "*", "🦙", "é", "\0", "a" * 10_000])
def test_nothing_typed_is_special(odd: str) -> None:
    assert score(odd, odd) == 1.0
    assert score(odd, "openai/gpt-5") == 0.0
    assert near(odd, MODELS) == []


@pytest.mark.parametrize(
    ("typed", "texts", "found"),
    [
        ("opena", ["openai", "ollama", "groq"], "openai"),
        ("olama", ["openai", "ollama", "groq"], "ollama"),
        ("timeout.stal", ["timeouts.stall", "chat.system"], "timeouts.stall"),
        ("temperature", ["chat.temperature", "chat.system"], "chat.temperature"),
        ("LLAMA", ["mistral", "llama3.2:1b"], "llama3.2:1b"),
    ],
)
def test_what_was_mistyped_or_cut_is_near(
    typed: str, texts: list[str], found: str
) -> None:
    assert near(typed, texts)[0] == found
    assert near(typed, texts, 1) == [found]


def test_near_gives_no_more_than_it_was_asked_for() -> None:
    texts = [f"model-{number}" for number in range(9)]
    assert len(near("model", texts)) == 3
    assert near("", texts) == []
