"""A request is changed only for a server that refuses the name of an option."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parllama_nb.errors import BadRequestError
from parllama_nb.providers.messages import Finish, TextDelta
from parllama_nb.providers.openai.adaptation import Adaptation
from parllama_nb.providers.openai.client import OpenAIClient
from tests.servers.openai_sse import OpenAIDouble

from ..conftest import ask, collect, fail

Connect = Callable[..., OpenAIClient]

SENT = {"model": "m", "max_tokens": 50, "seed": 7, "stream_options": {}}
NEWER = {"model": "m", "max_completion_tokens": 50}

# As the makers' servers send them; what is sent then, beside the model.
REFUSALS: list[Any] = [
    pytest.param(
        {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this "
            "model. Use 'max_completion_tokens' instead.",
            "type": "invalid_request_error",
            "param": "max_tokens",
            "code": "unsupported_parameter",
        },
        SENT,
        {"max_completion_tokens": 50, "seed": 7, "stream_options": {}},
        id="OpenAI",
    ),
    pytest.param(
        {
            "message": "invalid input error",
            "details": [
                {
                    "type": "extra_forbidden",
                    "loc": ["body", "max_completion_tokens"],
                    "msg": "Extra inputs are not permitted",
                    "input": 50,
                }
            ],
        },
        NEWER,
        {"max_tokens": 50},
        id="Azure",
    ),
    pytest.param(
        {
            "detail": [
                {
                    "type": "extra_forbidden",
                    "loc": ["body", "seed"],
                    "msg": "Extra inputs are not permitted",
                }
            ]
        },
        SENT,
        {"max_tokens": 50, "random_seed": 7, "stream_options": {}},
        id="Mistral",
    ),
    pytest.param(
        {"message": "property 'stream_options' is unsupported"},
        SENT,
        {"max_tokens": 50, "seed": 7},
        id="Groq",
    ),
    pytest.param(
        {
            "message": 'Invalid JSON payload received. Unknown name "stream_options": '
            "Cannot find field."
        },
        SENT,
        {"max_tokens": 50, "seed": 7},
        id="Google",
    ),
    pytest.param(
        {
            "message": "Provider returned error",
            "metadata": {
                "raw": '{"error":{"message":"max_tokens is deprecated, use '
                'max_completion_tokens","param":"max_tokens"}}'
            },
        },
        SENT,
        {"max_completion_tokens": 50, "seed": 7, "stream_options": {}},
        id="OpenRouter",
    ),
    pytest.param(
        "create() got an unexpected keyword argument 'max_completion_tokens'",
        NEWER,
        {"max_tokens": 50},
        id="a server that fails",
    ),
    pytest.param(
        {"error": "unknown field `stream_options`, expected one of `model`, `stop`"},
        SENT,
        {"max_tokens": 50, "seed": 7},
        id="serde",
    ),
]

# Of a value, of another option, or of nothing that could be changed.
OTHERS = [
    {
        "message": "max_tokens is too large: 50. This model supports at most 8 "
        "completion tokens, whereas you provided 50.",
        "param": "max_tokens",
    },
    {"message": "Invalid value for 'max_tokens': must be less than 10"},
    {"message": "Unsupported value: 'seed' does not support 7 with this model."},
    {"message": "Unsupported parameter: 'temperature'", "param": "temperature"},
    {
        "detail": [
            {"type": "missing", "loc": ["body", "user"], "msg": "not", "input": SENT},
            {"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "No extra"},
        ]
    },
    {"message": "The max_tokensize is unknown"},
    {"message": "Unknown model"},
    "Bad Request",
    None,
    [],
    [1, {"message": None}],
]


@pytest.mark.parametrize(("refusal", "sent", "expected"), REFUSALS)
def test_an_option_that_is_not_known_is_renamed_or_left_out(
    refusal: object, sent: dict[str, Any], expected: dict[str, Any]
) -> None:
    adaptation = Adaptation().after(refusal, sent)
    assert adaptation is not None
    assert adaptation.applied(sent) == {"model": "m", **expected}
    # A server that refuses the same again gets nothing else.
    assert adaptation.after(refusal, sent) is None


@pytest.mark.parametrize("refusal", OTHERS, ids=lambda each: f"{each!r:.60}")
def test_another_refusal_changes_nothing(refusal: object) -> None:
    assert Adaptation().after(refusal, SENT) is None


@pytest.mark.parametrize(
    ("model", "written"),
    [
        ("refuses-usage", [{"max_tokens", "seed"}]),
        ("refuses-max-tokens", [{"stream_options", "max_completion_tokens", "seed"}]),
        (
            "refuses-several",
            [
                {"max_tokens", "seed"},
                {"max_completion_tokens", "seed"},
                {"max_completion_tokens", "random_seed"},
            ],
        ),
    ],
)
async def test_what_a_server_refuses_is_remembered_for_its_model(
    connect: Connect, double: OpenAIDouble, model: str, written: list[set[str]]
) -> None:
    client = connect()
    for _ in range(2):
        events = await collect(client, ask(model, "one two", max_tokens=50, seed=7))
        assert events[:2] == [TextDelta("one"), TextDelta(" two")]
        assert isinstance(events[-1], Finish)
    first = {"stream_options", "max_tokens", "seed"}
    sent = [{*each.body} - {"model", "messages", "stream"} for each in double.requests]
    assert sent == [first, *written, written[-1]]
    # Another model may accept what this one refuses.
    await collect(client, ask("echo", max_tokens=50, seed=7))
    assert first <= {*double.last.body}


async def test_an_option_without_a_name_that_is_known_is_an_error(
    connect: Connect, double: OpenAIDouble
) -> None:
    client = connect()
    request = ask("refuses-limits", max_tokens=50)
    for _ in range(2):
        with pytest.raises(BadRequestError) as caught:
            await collect(client, request)
        assert "max_completion_tokens" in caught.value.message
        assert caught.value.hint == (
            "Leave max_tokens out for this model, or give it another value."
        )
    # Nothing is remembered of what did not work.
    assert len(double.requests) == 4


async def test_a_value_that_is_refused_is_not_asked_again(
    connect: Connect, double: OpenAIDouble
) -> None:
    await fail(connect(), "fault-400")
    assert len(double.requests) == 1
