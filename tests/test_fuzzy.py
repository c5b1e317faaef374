"""How well names match what was typed: words, letters in order, mistyped names."""

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
def test_the_best_match_comes_first(typed: str, first: str) -> None:
    assert max(MODELS, key=lambda model: score(typed, model)) == first


def test_every_typed_word_must_match() -> None:
    assert not any(score("llama mini", model) for model in MODELS)
    assert not any(score("zzz", model) for model in MODELS)


def test_an_empty_query_matches_everything() -> None:
    assert {score("", model) for model in MODELS} == {1.0}
    assert {score("  ", model) for model in MODELS} == {1.0}


def test_the_kinds_of_matches_are_ranked() -> None:
    texts = ["abc", "abcdef", "x/abc", "xabcx", "axbxc"]
    ranks = [score("abc", text) for text in texts]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(texts)
    assert ranks[0] == 1.0
    assert ranks[-1] > 0.0
    assert score("abc", "acb") == 0.0


def test_letters_scattered_over_a_text_do_not_match() -> None:
    assert score("abc", "a long text that holds b and, at its end, c") == 0.0


@pytest.mark.parametrize("odd", ["(", "[a", "\\", "*", "🦙", "é", "\0", "a" * 10_000])
def test_typed_characters_have_no_special_meaning(odd: str) -> None:
    assert score(odd, odd) == 1.0
    assert score(odd, "openai/gpt-5") == 0.0
    assert near(odd, MODELS) == []


@pytest.mark.parametrize(
    ("typed", "texts", "match"),
    [
        ("opena", ["openai", "ollama", "groq"], "openai"),
        ("olama", ["openai", "ollama", "groq"], "ollama"),
        ("timeout.stal", ["timeouts.stall", "chat.system"], "timeouts.stall"),
        ("temperature", ["chat.temperature", "chat.system"], "chat.temperature"),
        ("LLAMA", ["mistral", "llama3.2:1b"], "llama3.2:1b"),
    ],
)
def test_a_mistyped_or_cut_name_is_near(
    typed: str, texts: list[str], match: str
) -> None:
    assert near(typed, texts)[0] == match
    assert near(typed, texts, 1) == [match]


def test_near_returns_no_more_than_n_names() -> None:
    texts = [f"model-{number}" for number in range(9)]
    assert len(near("model", texts)) == 3
    assert near("", texts) == []
