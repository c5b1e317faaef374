"""litellm, the real one, before a real server and before the double of its wire."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    InvalidResponseError,
    ModelLoadingError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from parllama_nb.events import Progress
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.embedded.engine import Engine
from parllama_nb.providers.litellm.process import LiteLLMProcess
from parllama_nb.providers.litellm.provider import LiteLLMWire
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    ImagePart,
    Message,
    TextDelta,
    TextPart,
    ThinkingDelta,
    Usage,
)
from parllama_nb.providers.spec import Timeouts
from parllama_nb.runtime import Runtime
from parllama_nb.testing import context
from tests.servers.openai_sse import OpenAIDouble

from ..conftest import KEY
from .loop import OneLoop, events_of, failure_of, locals_of

pytestmark = pytest.mark.slow


def wire(url: str, key: str | None = KEY, **timeouts: float) -> LiteLLMWire:
    secrets = {"HOSTED_VLLM_API_KEY": key} if key else {}
    environ = {"HOSTED_VLLM_API_BASE": url}
    limits = Timeouts(**timeouts) if timeouts else Timeouts()
    return LiteLLMWire(SPECS["litellm"], context(secrets, environ, timeouts=limits))


class TestConformance(OneLoop):
    """The real library, the real engine's server, the real demo model."""

    pytestmark = pytest.mark.embedded
    # llama.cpp's server answers by any name.
    unknown_model = None

    @pytest.fixture
    def provider(
        self,
        runtime: Runtime,
        _engine: Callable[[], Engine],
        lend_litellm: Callable[[], LiteLLMProcess],
    ) -> LiteLLMWire:
        lend_litellm()
        self.runtime = runtime
        engine = _engine()
        return wire(f"{engine.url}/v1", engine.key.reveal())

    @pytest.fixture
    def model(self) -> str:
        return "hosted_vllm/smollm2"


@pytest.fixture
def server(double: OpenAIDouble) -> OpenAIDouble:
    return double


@pytest.fixture(scope="module")
def loaded(
    runtime: Runtime, _double: OpenAIDouble, _litellm: Callable[[], LiteLLMProcess]
) -> None:
    # The first question loads half of litellm, which is not what the limits measure.
    ample = wire(_double.url)
    ample._process = _litellm()
    runtime.run(events_of(ample, "hosted_vllm/echo"))


@pytest.fixture
def provider(
    loaded: None, server: OpenAIDouble, lend_litellm: Callable[[], LiteLLMProcess]
) -> LiteLLMWire:
    lend_litellm()
    return wire(server.url, connect=5.0, first_token=2.0, stall=1.0)


def test_an_answer_is_read_in_all_its_parts(
    runtime: Runtime, provider: LiteLLMWire, server: OpenAIDouble
) -> None:
    events = runtime.run(
        events_of(
            provider,
            "hosted_vllm/think-reasoning-content",
            temperature=0.5,
            max_tokens=9,
            seed=3,
            top_p=0.9,
            stop=("x",),
        )
    )
    thought = "".join(e.text for e in events if isinstance(e, ThinkingDelta))
    text = "".join(e.text for e in events if isinstance(e, TextDelta))
    assert thought
    assert text
    assert isinstance(events[-1], Finish)
    assert events[-1].usage == Usage(11, 4)
    body = server.last.body
    assert body["model"] == "think-reasoning-content"
    assert (body["temperature"], body["seed"], body["top_p"]) == (0.5, 3, 0.9)
    assert (body["max_tokens"], body["stop"]) == (9, ["x"])
    assert server.last.headers["authorization"] == f"Bearer {KEY}"


def test_thoughts_inside_of_the_text_are_taken_out(
    runtime: Runtime, provider: LiteLLMWire
) -> None:
    events = runtime.run(events_of(provider, "hosted_vllm/think-inline"))
    assert any(isinstance(event, ThinkingDelta) for event in events)
    text = "".join(e.text for e in events if isinstance(e, TextDelta))
    assert text.startswith("An answer")


@pytest.mark.parametrize("model", ["only-done", "refuses-usage"])
def test_tokens_nobody_counted_are_not_made_up(
    runtime: Runtime, provider: LiteLLMWire, model: str
) -> None:
    events = runtime.run(events_of(provider, f"hosted_vllm/{model}"))
    assert events[-1] == Finish("stop", Usage())


def test_an_answer_cut_at_the_limit_says_so(
    runtime: Runtime, provider: LiteLLMWire
) -> None:
    finish = runtime.run(events_of(provider, "hosted_vllm/length"))[-1]
    assert isinstance(finish, Finish)
    assert finish.reason == "length"


def test_images_and_a_system_prompt_are_sent(
    runtime: Runtime, provider: LiteLLMWire, server: OpenAIDouble
) -> None:
    image = ImagePart("data:image/png;base64,iVBORw0KGgo=")
    request = ChatRequest(
        "hosted_vllm/echo",
        (
            Message.of("system", "Be brief."),
            Message("user", (TextPart("What is this?"), image)),
        ),
    )

    async def ask() -> None:
        async for _ in provider.stream(request, lambda _: None):
            pass

    runtime.run(ask())
    system, user = server.last.body["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    assert [part["type"] for part in user["content"]] == ["text", "image_url"]


def test_a_prompt_larger_than_a_pipe_is_sent(
    runtime: Runtime, provider: LiteLLMWire, server: OpenAIDouble
) -> None:
    text = "word " * 200_000
    runtime.run(events_of(provider, "hosted_vllm/length", text))
    assert server.last.body["messages"][0]["content"] == text


def test_a_stream_closed_early_ends_the_request(
    runtime: Runtime, provider: LiteLLMWire, server: OpenAIDouble
) -> None:
    async def begin() -> None:
        request = ChatRequest(
            "hosted_vllm/synthetic:2000:20", (Message.of("user", "Go on."),)
        )
        async with aclosing(provider.stream(request, lambda _: None)) as stream:
            await anext(stream)

    runtime.run(begin())
    assert server.last.wait() == "disconnected"


def test_a_question_cancelled_before_its_first_token_ends_the_request(
    runtime: Runtime, provider: LiteLLMWire, server: OpenAIDouble
) -> None:
    async def cancelled() -> None:
        asking = asyncio.ensure_future(
            events_of(provider, "hosted_vllm/fault-stall-headers")
        )
        await asyncio.to_thread(server.arrived.wait, 10)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    runtime.run(cancelled())
    assert server.last.wait() == "disconnected"


FAULTS: list[tuple[str, type[ProviderError], str]] = [
    ("fault-400", BadRequestError, "Invalid value for 'temperature'"),
    ("fault-401-echo", AuthenticationError, "Incorrect API key"),
    ("fault-402", RateLimitError, "Insufficient credits"),
    ("fault-403", AuthenticationError, "not allowed"),
    ("fault-404-path", InvalidResponseError, "Unknown request URL"),
    ("fault-429-retry-after", RateLimitError, "Rate limit reached"),
    ("fault-429-quota", RateLimitError, "quota"),
    ("fault-500", ServerError, "Failed with"),
    ("fault-500-image", BadRequestError, "not supported"),
    ("fault-503", ModelLoadingError, "Loading model"),
    ("fault-html", InvalidResponseError, "not an answer"),
    ("fault-html-404", InvalidResponseError, "a web page"),
    ("fault-html-502", ServerError, "502"),
    ("fault-garbage", InvalidResponseError, "not an answer"),
    ("fault-stall", ProviderTimeoutError, "no further token within 1 s"),
    ("fault-stall-before-first", ProviderTimeoutError, "no first token within 2 s"),
    ("fault-stall-headers", ProviderTimeoutError, "no first token within 2 s"),
    ("fault-cut", StreamInterruptedError, "broke in mid-answer"),
    ("fault-cut-before-first", ConnectionFailedError, "without an answer"),
    ("fault-cut-headers", ConnectionFailedError, "without an answer"),
    ("fault-no-done", StreamInterruptedError, "not complete"),
    ("fault-error-event", ServerError, "upstream refused"),
    ("fault-error-event-first", ContextLengthError, "available context size"),
    ("fault-context", ContextLengthError, "maximum context length"),
]


@pytest.mark.parametrize(
    ("model", "kind", "words"), FAULTS, ids=[model for model, _, _ in FAULTS]
)
def test_a_fault_is_one_clear_error_without_the_key(
    runtime: Runtime,
    provider: LiteLLMWire,
    model: str,
    kind: type[ProviderError],
    words: str,
) -> None:
    error = runtime.run(failure_of(provider, f"hosted_vllm/{model}"))
    assert type(error) is kind, repr(error)
    assert words in error.message
    assert error.message.startswith("LiteLLM (hosted_vllm): ")
    shown = f"{error!r} {error} {error.hint}"
    assert "\n" not in shown
    assert KEY not in shown
    assert "litellm." not in shown
    assert error.__cause__ is None
    assert error.__context__ is None
    assert KEY not in locals_of(error)


@pytest.mark.parametrize(
    ("model", "seconds"),
    [("fault-429-retry-after", 7.0), ("fault-429-retry-after-ms", 1.5)],
)
def test_the_time_to_wait_is_passed_on(
    runtime: Runtime, provider: LiteLLMWire, model: str, seconds: float
) -> None:
    error = runtime.run(failure_of(provider, f"hosted_vllm/{model}"))
    assert isinstance(error, RateLimitError)
    assert error.retry_after == seconds
    assert error.retriable


def test_nothing_is_tried_again_by_the_library(
    runtime: Runtime, provider: LiteLLMWire, server: OpenAIDouble
) -> None:
    runtime.run(failure_of(provider, "hosted_vllm/fault-500"))
    runtime.run(failure_of(provider, "hosted_vllm/fault-429-retry-after"))
    runtime.run(failure_of(provider, "hosted_vllm/fault-cut-headers"))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"seed": 1}, "does not support seed"),
        ({"reasoning": "high"}, "does not support reasoning"),
        ({"response_schema": {"type": "object"}}, "does not support response_schema"),
    ],
)
def test_an_option_a_model_does_not_take_is_refused_by_its_name_here(
    runtime: Runtime, provider: LiteLLMWire, options: dict[str, Any], word: str
) -> None:
    error = runtime.run(failure_of(provider, "petals/model", **options))
    assert isinstance(error, BadRequestError), repr(error)
    assert word in error.message


def test_the_key_is_in_nothing_that_is_kept_or_printed(
    runtime: Runtime,
    provider: LiteLLMWire,
    server: OpenAIDouble,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    error = runtime.run(failure_of(provider, "hosted_vllm/fault-401-echo"))
    assert KEY in server.last.headers["authorization"]
    process = provider._process
    assert process is not None
    printed = "".join(capfd.readouterr())
    held = [printed, caplog.text, *process.child.log, repr(error), str(vars(error))]
    held.append(locals_of(error))
    held += [repr(vars(provider)), *os.environ.values()]
    assert [text for text in held if KEY in text] == []
    # The positive control: it was there to be found.
    assert "Incorrect API key" in error.message
    assert "<Secret HOSTED_VLLM_API_KEY>" in error.message


def test_a_missing_key_names_its_variable(
    runtime: Runtime, provider: LiteLLMWire
) -> None:
    error = runtime.run(failure_of(provider, "together_ai/some/model"))
    assert isinstance(error, AuthenticationError)
    assert error.message == "LiteLLM (together_ai): there is no key."
    assert "TOGETHERAI_API_KEY" in (error.hint or "")


def test_a_maker_litellm_does_not_know_is_told(
    runtime: Runtime, provider: LiteLLMWire
) -> None:
    error = runtime.run(failure_of(provider, "no-such-maker/model"))
    assert isinstance(error, ModelNotFoundError)
    assert "'no-such-maker/model' names no provider" in error.message
    assert "litellm/PROVIDER/MODEL" in (error.hint or "")


def test_no_server_is_no_connection(runtime: Runtime, provider: LiteLLMWire) -> None:
    nowhere = wire("http://127.0.0.1:9/v1")
    error = runtime.run(failure_of(nowhere, "hosted_vllm/echo"))
    assert isinstance(error, ConnectionFailedError)
    assert error.message == "LiteLLM (hosted_vllm): no connection to its server."


def test_loading_is_reported_and_a_process_that_died_is_started_again(
    runtime: Runtime, server: OpenAIDouble
) -> None:
    provider = wire(server.url)
    reported: list[Progress] = []

    async def scenario() -> tuple[Any, Any]:
        request = ChatRequest(
            "hosted_vllm/synthetic:500:20", (Message.of("user", "x"),)
        )
        error: Any = None
        try:
            stream = provider.stream(request, reported.append)
            await anext(stream)
            assert provider._process is not None
            provider._process.child.kill()
            try:
                async for _ in stream:
                    pass
            except ProviderError as failure:
                error = failure
            again = await events_of(provider, "hosted_vllm/length")
            return error, again[-1]
        finally:
            await provider.aclose()

    error, finish = runtime.run(scenario())
    assert [progress.phase for progress in reported] == ["Loading litellm"]
    assert isinstance(error, StreamInterruptedError)
    assert "its process ended" in error.message
    assert isinstance(finish, Finish)


async def test_the_models_are_those_of_makers_without_a_wire_here() -> None:
    provider = LiteLLMWire(SPECS["litellm"], context())
    names = [info.name for info in await provider.models()]
    assert len(names) > 500
    assert len(names) == len(set(names))
    makers = {name.partition("/")[0] for name in names}
    assert {"together_ai", "vertex_ai"} <= makers
    assert not {"openai", "anthropic", "bedrock", "groq"} & makers
