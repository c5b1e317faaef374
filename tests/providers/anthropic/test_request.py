"""How a model of Anthropic's is told to think, and to answer in JSON."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.errors import BadRequestError
from parllama_nb.providers.anthropic.request import Abilities, body_of
from tests.servers.anthropic import _listed

from ..conftest import ask

ECHO, NEWEST, OLDER = (Abilities.of(_listed(m)) for m in ("echo", "newest", "older"))
UNKNOWN = Abilities()
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def body(model: str, abilities: Abilities, **options: object) -> dict[str, Any]:
    return body_of(ask(model, **options), abilities)


def test_abilities_are_read_and_what_is_odd_is_not() -> None:
    assert (
        Abilities(
            64_000,
            {"adaptive": True, "enabled": True, "disabled": True},
            effort=True,
            schemas=True,
        )
        == ECHO
    )
    assert NEWEST.thinking == {"adaptive": True, "enabled": False, "disabled": False}
    odd = {
        "max_tokens": -1,
        "capabilities": {"thinking": [], "effort": {"supported": 1}},
    }
    assert Abilities.of(odd) == Abilities.of({}) == UNKNOWN


@pytest.mark.parametrize("abilities", [ECHO, NEWEST], ids=["both", "adaptive only"])
def test_a_model_that_thinks_as_it_sees_fit_is_told_how_hard(
    abilities: Abilities,
) -> None:
    sent = body("m", abilities, reasoning="low")
    assert sent["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert sent["output_config"] == {"effort": "low"}


@pytest.mark.parametrize(
    ("reasoning", "max_tokens", "budget"),
    [
        ("low", None, 4000),
        ("medium", None, 8000),
        ("high", None, 16_000),
        ("high", 32_000, 16_000),
        ("high", 2000, 1024),
        ("low", 1025, 1024),
    ],
)
def test_an_older_model_gets_a_budget_that_leaves_room_to_answer(
    reasoning: str, max_tokens: int | None, budget: int
) -> None:
    sent = body("m", OLDER, reasoning=reasoning, max_tokens=max_tokens)
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert sent["max_tokens"] == (max_tokens or 32_000) > budget
    assert "output_config" not in sent


def test_a_budget_of_the_users_is_sent_where_there_is_one() -> None:
    sent = body("m", ECHO, reasoning_budget=5000, reasoning="high")
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 5000}
    assert "output_config" not in sent


def test_thinking_is_switched_off_where_it_can_be() -> None:
    assert body("m", ECHO, reasoning="off")["thinking"] == {"type": "disabled"}
    assert "thinking" not in body("m", ECHO)
    with pytest.raises(BadRequestError, match="m always thinks"):
        body("m", NEWEST, reasoning="off")


@pytest.mark.parametrize(
    ("abilities", "options", "says", "hint"),
    [
        (
            NEWEST,
            {"reasoning_budget": 5000},
            "does not support a budget",
            "--reasoning low",
        ),
        (ECHO, {"reasoning_budget": 100}, "100 tokens is too small", "1,024"),
        (
            ECHO,
            {"reasoning_budget": 2000, "max_tokens": 2000},
            "max_tokens is 2,000",
            "--max-tokens",
        ),
        (
            OLDER,
            {"reasoning": "low", "max_tokens": 500},
            "leaves no tokens",
            "--max-tokens",
        ),
        (
            OLDER,
            {"reasoning": "low", "temperature": 0.2},
            "not support temperature",
            "off",
        ),
        (OLDER, {"reasoning": "low", "top_k": 5}, "not support top_k", "off"),
        (OLDER, {"response_schema": SCHEMA}, "does not support a schema", "prompt"),
        (
            ECHO,
            {"response_schema": {}},
            "support a schema, but not just any JSON",
            "SCHEMA",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_in_the_words_of_the_options(
    abilities: Abilities, options: dict[str, Any], says: str, hint: str
) -> None:
    with pytest.raises(BadRequestError, match=says) as caught:
        body("m", abilities, **options)
    assert hint in (caught.value.hint or "")


def test_the_default_temperature_may_be_said_while_thinking() -> None:
    assert body("m", OLDER, reasoning="low", temperature=1.0)["temperature"] == 1.0


def test_a_schema_is_made_one_that_can_be_enforced() -> None:
    from anthropic import transform_schema

    request = ask("m", response_schema=SCHEMA, reasoning="low")
    sent = body_of(request, ECHO, lambda schema: transform_schema(dict(schema)))
    assert sent["output_config"]["effort"] == "low"
    form = sent["output_config"]["format"]
    assert form["type"] == "json_schema"
    assert form["schema"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("claude-3-7-sonnet-20250219", "enabled"),
        ("claude-opus-4-20250514", "enabled"),
        ("claude-opus-4-1", "enabled"),
        ("claude-sonnet-4-5-20250929", "enabled"),
        ("claude-haiku-4-5", "enabled"),
        ("claude-opus-4-6", "adaptive"),
        ("claude-opus-4-7-20260416", "adaptive"),
        ("claude-sonnet-5", "adaptive"),
        ("claude-haiku-5-5", "adaptive"),
        ("claude-unheard-of", "adaptive"),
    ],
)
def test_a_model_the_server_says_nothing_of_is_known_by_its_name(
    model: str, kind: str
) -> None:
    assert body(model, UNKNOWN, reasoning="medium")["thinking"]["type"] == kind
