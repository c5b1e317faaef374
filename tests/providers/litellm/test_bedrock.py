"""Bedrock by way of the real litellm, before the double of AWS."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.litellm.process import LiteLLMProcess
from parllama_nb.providers.litellm.provider import LiteLLMWire
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    Message,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from parllama_nb.providers.spec import Timeouts
from parllama_nb.runtime import Runtime
from parllama_nb.testing import context
from tests.servers.bedrock import ACCESS_KEY, BEARER, REGION, SECRET, BedrockDouble

from .loop import OneLoop, events_of, failure_of, locals_of

pytestmark = pytest.mark.slow

PAIR = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.fixture(scope="module")
def server() -> Iterator[BedrockDouble]:
    with BedrockDouble() as double:
        yield double


def bedrock(
    server: BedrockDouble,
    secrets: dict[str, str],
    limits: Timeouts | None = None,
    **environ: str,
) -> LiteLLMWire:
    given = {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.url,
        "AWS_ENDPOINT_URL_BEDROCK": server.url,
        "AWS_REGION": REGION,
    }
    return LiteLLMWire(
        SPECS["bedrock"], context(secrets, given | environ, timeouts=limits)
    )


@pytest.fixture(scope="module")
def loaded(
    runtime: Runtime, server: BedrockDouble, _litellm: Callable[[], LiteLLMProcess]
) -> None:
    # The first question loads half of litellm, which is not what the limits measure.
    ample = bedrock(server, PAIR)
    ample._process = _litellm()
    runtime.run(events_of(ample, "double.echo-v1:0"))


@pytest.fixture
def shared(
    loaded: None, server: BedrockDouble, lend_litellm: Callable[[], LiteLLMProcess]
) -> LiteLLMWire:
    lend_litellm()
    return bedrock(server, PAIR, Timeouts(5.0, 5.0, stall=1.0))


class TestConformance(OneLoop):
    unknown_model = "double.no-such-model-v1:0"

    @pytest.fixture
    def provider(self, runtime: Runtime, shared: LiteLLMWire) -> LiteLLMWire:
        self.runtime = runtime
        return shared

    @pytest.fixture
    def model(self) -> str:
        return "double.echo-v1:0"


def test_a_request_is_converse_signed_by_the_keys(
    runtime: Runtime, shared: LiteLLMWire, server: BedrockDouble
) -> None:
    request = ChatRequest(
        "double.echo-v1:0",
        (
            Message.of("system", "Be brief."),
            Message.of("user", "One"),
            Message.of("assistant", "Two"),
            Message.of("user", "Three four"),
        ),
        temperature=0.5,
        max_tokens=9,
        top_p=0.9,
        stop=("x",),
    )

    async def ask() -> list[Any]:
        return [event async for event in shared.stream(request, lambda _: None)]

    events = runtime.run(ask())
    assert events == [
        TextDelta("Three "),
        TextDelta("four "),
        Finish("stop", Usage(12, 3)),
    ]
    asked = server.last
    assert asked.path == "/model/double.echo-v1%3A0/converse-stream"
    assert f"Credential={ACCESS_KEY}/" in asked.headers["authorization"]
    assert f"/{REGION}/bedrock/" in asked.headers["authorization"]
    assert asked.body["system"] == [{"text": "Be brief."}]
    assert [each["role"] for each in asked.body["messages"]] == [
        "user",
        "assistant",
        "user",
    ]
    assert asked.body["inferenceConfig"] == {
        "temperature": 0.5,
        "maxTokens": 9,
        "topP": 0.9,
        "stopSequences": ["x"],
    }


@pytest.mark.parametrize(
    ("model", "finish"),
    [
        ("double.cached", Finish("stop", Usage(512, 3, 400, 100))),
        ("double.think", Finish("stop", Usage(12, 3))),
        ("double.length", Finish("length", Usage(12, 3))),
        ("double.filtered", Finish("content_filter", Usage(12, 3))),
    ],
)
def test_the_end_of_an_answer_is_told(
    runtime: Runtime, shared: LiteLLMWire, model: str, finish: Finish
) -> None:
    assert runtime.run(events_of(shared, model))[-1] == finish


def test_thoughts_are_apart_from_the_answer(
    runtime: Runtime, shared: LiteLLMWire
) -> None:
    events = runtime.run(events_of(shared, "double.think"))
    assert events[:-1] == [
        ThinkingDelta("Let me "),
        ThinkingDelta("think."),
        TextDelta("Thought."),
    ]


def test_json_by_a_schema_is_the_answer(
    runtime: Runtime, shared: LiteLLMWire, server: BedrockDouble
) -> None:
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}}
    events = runtime.run(events_of(shared, "double.echo-v1:0", response_schema=schema))
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == '{"colour": "red"}'
    tool = server.last.body["toolConfig"]["tools"][0]["toolSpec"]
    assert tool["inputSchema"]["json"]["properties"] == schema["properties"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": 3}, "does not support seed"),
        ({"reasoning": "low"}, "does not support reasoning"),
        ({"reasoning_budget": 1024}, "does not support reasoning_budget"),
    ],
)
def test_an_option_a_model_does_not_take_is_refused(
    runtime: Runtime, shared: LiteLLMWire, options: dict[str, Any], words: str
) -> None:
    error = runtime.run(failure_of(shared, "double.echo-v1:0", **options))
    assert isinstance(error, BadRequestError)
    assert words in error.message


def test_an_option_litellm_would_drop_is_refused_before(shared: LiteLLMWire) -> None:
    request = ChatRequest("double.echo-v1:0", (Message.of("user", "x"),), top_k=3)
    with pytest.raises(BadRequestError, match="does not support top_k"):
        shared.check(request)


def test_a_stream_closed_early_ends_the_request(
    runtime: Runtime, shared: LiteLLMWire, server: BedrockDouble
) -> None:
    async def begin() -> None:
        request = ChatRequest("double.endless", (Message.of("user", "Go on."),))
        async with aclosing(shared.stream(request, lambda _: None)) as stream:
            await anext(stream)

    runtime.run(begin())
    assert server.last.wait() == "disconnected"


FAULTS: list[tuple[str, type[ProviderError], str]] = [
    ("fault.throttled", RateLimitError, "Too many requests"),
    ("fault.context", ContextLengthError, "Input is too long"),
    ("fault.validation", BadRequestError, "temperature is not in"),
    ("fault.denied", AuthenticationError, "don't have access to the model"),
    ("fault.missing", ModelNotFoundError, "no model 'fault.missing'"),
    ("fault.timeout", ProviderTimeoutError, "no answer in time"),
    ("fault.internal", ServerError, "It broke"),
    ("fault.unavailable", ServerError, "unable to process"),
    ("fault.stream", ServerError, "failed in mid-answer"),
    ("fault.stream-throttled", RateLimitError, "Too many tokens"),
    ("fault.stall", ProviderTimeoutError, "no further token within 1 s"),
    ("fault.cut", StreamInterruptedError, "broke in mid-answer"),
    ("fault.cut-headers", ConnectionFailedError, "without an answer"),
    ("fault.damaged", StreamInterruptedError, "broke in mid-answer"),
]


@pytest.mark.parametrize(
    ("model", "kind", "words"), FAULTS, ids=[model for model, _, _ in FAULTS]
)
def test_a_fault_is_one_clear_error(
    runtime: Runtime,
    shared: LiteLLMWire,
    server: BedrockDouble,
    model: str,
    kind: type[ProviderError],
    words: str,
) -> None:
    before = len(server.requests)
    error = runtime.run(failure_of(shared, model))
    assert type(error) is kind, repr(error)
    assert words in error.message
    assert error.message.startswith("Amazon Bedrock: ")
    assert SECRET not in f"{error!r} {error} {error.hint}"
    assert error.__cause__ is None
    assert error.__context__ is None
    assert SECRET not in locals_of(error)
    assert len(server.requests) == before + 1, "it was tried again"


def test_the_models_an_account_may_ask_are_listed(
    runtime: Runtime, shared: LiteLLMWire
) -> None:
    names = [info.name for info in runtime.run(shared.models())]
    assert names == ["double.echo-v1:0", "eu.double.echo-v1:0"]


@pytest.mark.parametrize(
    ("secrets", "wrong"),
    [
        pytest.param({"AWS_BEARER_TOKEN_BEDROCK": BEARER}, False, id="a key"),
        pytest.param(
            {"AWS_BEARER_TOKEN_BEDROCK": BEARER + "x"}, True, id="a wrong key"
        ),
        pytest.param(
            PAIR | {"AWS_SECRET_ACCESS_KEY": SECRET[::-1]}, True, id="a wrong secret"
        ),
        pytest.param({}, True, id="nothing"),
    ],
)
def test_bedrock_accepts_its_own_key_and_refuses_wrong_ones(
    runtime: Runtime,
    shared: LiteLLMWire,
    server: BedrockDouble,
    secrets: dict[str, str],
    wrong: bool,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    provider = bedrock(server, secrets)

    async def scenario() -> tuple[Any, Any]:
        if not wrong:
            answer = await events_of(provider, "double.echo-v1:0")
            return answer[-1], await provider.models()
        listed: Any = None
        try:
            await provider.models()
        except ProviderError as error:
            listed = error
        return await failure_of(provider, "double.echo-v1:0"), listed

    answer, listed = runtime.run(scenario())
    if not wrong:
        assert isinstance(answer, Finish)
        assert len(listed) == 2
        assert server.last.headers["authorization"] == f"Bearer {BEARER}"
        return
    for error in (answer, listed):
        assert isinstance(error, AuthenticationError), repr(error)
        assert "AWS_" in (error.hint or "")
        shown = f"{error!r} {error} {caplog.text} {''.join(capfd.readouterr())}"
        shown += locals_of(error)
        assert [
            key for key in secrets.values() if key in shown and key != ACCESS_KEY
        ] == []


def test_a_profile_is_found_where_aws_keeps_it(
    runtime: Runtime,
    shared: LiteLLMWire,
    server: BedrockDouble,
    aws_files: dict[str, Path],
) -> None:
    path = aws_files["AWS_SHARED_CREDENTIALS_FILE"]
    path.write_text(
        f"[work]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET}\n"
    )
    provider = bedrock(server, {}, AWS_PROFILE="work")
    try:
        events = runtime.run(events_of(provider, "double.echo-v1:0"))
    finally:
        path.unlink()
    assert isinstance(events[-1], Finish)
