"""The body of a chat completion in the words of each maker."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.errors import BadRequestError
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.base import Provider
from parllama_nb.providers.messages import OPTIONS, ChatRequest
from parllama_nb.providers.openai.request import (
    PLAIN,
    body_of,
    dialect_of,
    option_names,
)
from parllama_nb.providers.registry import _WIRES
from parllama_nb.testing import FakeProvider

from ..conftest import ask

STRICT = {
    "title": "Two colours",
    "type": "object",
    "properties": {"one": {"type": "string"}, "two": {"type": "string"}},
    "required": ["one", "two"],
    "additionalProperties": False,
}
LOOSE = {"type": "object", "properties": {"one": {"type": "string"}}}


def options_of(provider: str, **options: object) -> dict[str, Any]:
    """What the options become at a provider's usual address."""
    host = SPECS[provider].base_url.partition("://")[2].partition("/")[0]
    body = body_of(ask("m", **options), dialect_of(provider, host), asks_usage=False)
    del body["model"], body["messages"]
    return body


@pytest.mark.parametrize(
    ("provider", "reasoning", "written"),
    [
        ("openai", "off", {"reasoning_effort": "none"}),
        ("openai", "low", {"reasoning_effort": "low"}),
        ("azure", "high", {"reasoning_effort": "high"}),
        ("xai", "medium", {"reasoning_effort": "medium"}),
        ("groq", "off", {"reasoning_effort": "none"}),
        ("mistral", "high", {"reasoning_effort": "high"}),
        ("gemini", "off", {"reasoning_effort": "none"}),
        ("gemini", "low", {"reasoning_effort": "low"}),
        ("litellm_proxy", "low", {"reasoning_effort": "low"}),
        ("openrouter", "off", {"reasoning": {"effort": "none"}}),
        ("openrouter", "high", {"reasoning": {"effort": "high"}}),
        ("deepseek", "off", {"thinking": {"type": "disabled"}}),
        (
            "deepseek",
            "high",
            {"thinking": {"type": "enabled"}, "reasoning_effort": "high"},
        ),
        ("llamacpp", "off", {"chat_template_kwargs": {"enable_thinking": False}}),
        (
            "embedded",
            "low",
            {
                "chat_template_kwargs": {
                    "enable_thinking": True,
                    "reasoning_effort": "low",
                }
            },
        ),
    ],
)
def test_thinking_is_asked_for_in_the_words_of_the_maker(
    provider: str, reasoning: str, written: dict[str, Any]
) -> None:
    assert options_of(provider, reasoning=reasoning) == written


def test_a_budget_is_asked_for_where_there_is_one() -> None:
    google = {"thinking_config": {"thinking_budget": 2048, "include_thoughts": True}}
    assert options_of("gemini", reasoning_budget=2048) == {
        "extra_body": {"google": google}
    }
    assert options_of("openrouter", reasoning="low", reasoning_budget=2048) == {
        "reasoning": {"max_tokens": 2048}
    }
    assert options_of("litellm_proxy", reasoning_budget=2048) == {
        "thinking": {"type": "enabled", "budget_tokens": 2048}
    }


def test_any_json_and_a_schema_are_two_formats() -> None:
    assert options_of("openai", response_schema={}) == {
        "response_format": {"type": "json_object"}
    }
    assert options_of("openai", response_schema=STRICT) == {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "Two_colours", "schema": STRICT, "strict": True},
        }
    }


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (STRICT, True),
        (LOOSE, False),
        ({**STRICT, "required": ["one"]}, False),
        ({**STRICT, "properties": {**STRICT["properties"], "two": LOOSE}}, False),  # type: ignore[dict-item]
        ({"type": "array", "items": LOOSE}, False),
        ({"type": "array", "items": STRICT}, True),
        ({"anyOf": [{"type": "string"}, LOOSE]}, False),
    ],
    ids=["whole", "loose", "one optional", "inner", "items", "strict items", "any"],
)
def test_only_what_can_be_enforced_is_strict(
    schema: dict[str, Any], strict: bool
) -> None:
    body = options_of("openai", response_schema=schema)
    assert body["response_format"]["json_schema"]["strict"] is strict


def test_who_knows_json_but_no_schema_says_so() -> None:
    assert options_of("deepseek", response_schema={})
    with pytest.raises(BadRequestError, match="DeepSeek supports JSON") as caught:
        options_of("deepseek", response_schema=STRICT)
    assert "--json alone" in (caught.value.hint or "")


def test_an_address_of_a_maker_says_more_than_the_name_of_the_provider() -> None:
    assert dialect_of("mine", "api.deepseek.com") is dialect_of("deepseek", "x")
    assert dialect_of("openai", "127.0.0.1") is PLAIN
    assert dialect_of("deepseek", "gate.example").label == "DeepSeek"


def test_options_are_known_by_what_they_are_on_the_wire() -> None:
    request = ask(
        "m", max_tokens=7, temperature=1.0, reasoning="low", response_schema=STRICT
    )
    names = option_names(request, dialect_of("openai", "api.openai.com"))
    assert names == {
        "max_completion_tokens": "max_tokens",
        "temperature": "temperature",
        "reasoning_effort": "reasoning",
        "response_format": "response_schema",
    }


ALL: dict[str, Any] = {
    "temperature": 0.5,
    "max_tokens": 99,
    "seed": 1,
    "top_p": 0.5,
    "top_k": 5,
    "stop": ("x",),
    "reasoning": "low",
    "reasoning_budget": 2048,
    "response_schema": {},
    "context_window": 4096,
    "keep_alive": "5m",
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_each_option_a_provider_takes_is_sent_and_the_others_are_refused(
    spec: Any,
) -> None:
    assert set(ALL) == set(OPTIONS)
    checked = FakeProvider(spec=spec)
    for name in OPTIONS:
        request = ask("m", **{name: ALL[name]})
        if name not in spec.options:
            with pytest.raises(
                BadRequestError, match=f"does not support {name}"
            ) as caught:
                Provider.check(checked, request)
            assert spec.title in caught.value.message
        elif _WIRES[spec.wire][0] in ("openai.provider", "openai.azure", "embedded"):
            assert options_of(spec.name, **{name: ALL[name]}), name


def test_what_is_extra_is_passed_on_as_it_is() -> None:
    request = ChatRequest("m", (), temperature=1.0, extra={"temperature": 2, "x": [1]})
    body = body_of(request, asks_usage=False)
    assert body["temperature"] == 2
    assert body["x"] == [1]
