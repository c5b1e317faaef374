"""A request in litellm's words, and the keys that go with it."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.errors import AuthenticationError, UsageError
from parllama_nb.providers.litellm.request import access_to, arguments_of
from parllama_nb.providers.messages import (
    ChatRequest,
    Message,
    TextPart,
    ThinkingPart,
)
from parllama_nb.testing import context

ASKED = (Message.of("user", "x"),)


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, {}),
        ({"temperature": 0.5, "max_tokens": 9}, {"temperature": 0.5, "max_tokens": 9}),
        ({"stop": ("a", "b")}, {"stop": ["a", "b"]}),
        ({"reasoning": "high"}, {"reasoning_effort": "high"}),
        ({"reasoning": "off"}, {"reasoning_effort": "none"}),
        (
            {"reasoning_budget": 2048},
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
        ),
        (
            {"response_schema": {"type": "object"}},
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {
                        "name": "answer",
                        "schema": {"type": "object"},
                        "strict": True,
                    },
                }
            },
        ),
        ({"extra": {"top_a": 1}}, {"top_a": 1}),
    ],
)
def test_options_have_litellms_names(
    options: dict[str, Any], arguments: dict[str, Any]
) -> None:
    given = arguments_of(ChatRequest("m", ASKED, **options), "maker/m")
    assert given.pop("model") == "maker/m"
    assert given.pop("messages") == [{"role": "user", "content": "x"}]
    assert given == arguments


def test_thoughts_are_not_sent_back() -> None:
    message = Message("assistant", (ThinkingPart("Hm."), TextPart("Yes.")))
    given = arguments_of(ChatRequest("m", (message,)), "m")
    assert given["messages"] == [{"role": "assistant", "content": "Yes."}]


def field(
    argument: str, *names: str, secret: bool = False, required: bool = False
) -> dict[str, Any]:
    return {
        "argument": argument,
        "names": list(names),
        "secret": secret,
        "required": required,
    }


def test_the_first_name_that_is_set_wins() -> None:
    fields = [
        field("api_key", "A_KEY", "B_KEY", secret=True, required=True),
        field("api_base", "A_BASE", "B_BASE"),
    ]
    given = context({"B_KEY": "secret-b"}, {"A_BASE": " ", "B_BASE": "http://b"})
    access = access_to(fields, given, "Maker")
    assert access.reveal() == {"api_key": "secret-b", "api_base": "http://b"}
    assert "secret-b" not in repr(access)


def test_a_key_that_is_missing_is_named() -> None:
    fields = [field("api_key", "A_KEY", "B_KEY", secret=True, required=True)]
    with pytest.raises(AuthenticationError) as caught:
        access_to(fields, context(), "Maker", keys_url="https://maker.example")
    assert caught.value.message == "Maker: there is no key."
    assert caught.value.hint == "Set A_KEY or B_KEY. Keys: https://maker.example"


def test_an_address_that_is_missing_is_named() -> None:
    fields = [field("api_base", "A_BASE", required=True)]
    with pytest.raises(UsageError, match="A_BASE is not set"):
        access_to(fields, context(), "Maker")


AWS = [
    field("api_key", "AWS_BEARER_TOKEN_BEDROCK", secret=True),
    field("aws_access_key_id", "AWS_ACCESS_KEY_ID", secret=True, required=True),
    field("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", secret=True, required=True),
    field("aws_session_token", "AWS_SESSION_TOKEN", secret=True),
    field("aws_profile_name", "AWS_PROFILE"),
    field("aws_region_name", "AWS_REGION"),
]
PAIR = {"AWS_ACCESS_KEY_ID": "key-id", "AWS_SECRET_ACCESS_KEY": "key-secret"}


@pytest.mark.parametrize(
    ("secrets", "profile", "used"),
    [
        pytest.param({}, None, set(), id="whatever the machine has"),
        pytest.param({}, "work", {"aws_profile_name"}, id="profile"),
        pytest.param(
            PAIR, "work", {"aws_access_key_id", "aws_secret_access_key"}, id="pair"
        ),
        pytest.param(
            PAIR | {"AWS_SESSION_TOKEN": "token"},
            None,
            {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"},
            id="session",
        ),
        pytest.param(
            PAIR | {"AWS_BEARER_TOKEN_BEDROCK": "bearer"},
            "work",
            {"api_key"},
            id="bearer",
        ),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "key-id"},
            "work",
            {"aws_profile_name"},
            id="half a pair",
        ),
    ],
)
def test_one_way_to_aws_is_chosen(
    secrets: dict[str, str], profile: str | None, used: set[str]
) -> None:
    environ = {"AWS_REGION": "eu-central-1"}
    environ |= {"AWS_PROFILE": profile} if profile else {}
    access = access_to(AWS, context(secrets, environ), "Bedrock")
    assert set(access.reveal()) == used | {"aws_region_name"}
