"""Anthropic's Messages API, against the double: what is sent, and what comes."""

from __future__ import annotations

import asyncio
import json
import platform
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ProviderTimeoutError,
)
from parllama_nb.model_catalog.prices import PriceTable
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.anthropic.client import AnthropicClient
from parllama_nb.providers.anthropic.provider import AnthropicWire
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    ImagePart,
    Message,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    Usage,
)
from parllama_nb.providers.spec import Spec, Timeouts
from parllama_nb.secret import Redactor, Secret
from parllama_nb.testing import ProviderConformance, context
from tests.servers.anthropic import MODELS, PAGE, AnthropicDouble

from ..conftest import FAST, KEY, ask, collect

Connect = Callable[..., AnthropicClient]
PNG = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture
async def connect(anthropic: AnthropicDouble) -> AsyncIterator[Connect]:
    """Makes clients of the double that are closed at the end."""
    made: list[AnthropicClient] = []

    def make(
        *,
        key: str | None = KEY,
        url: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> AnthropicClient:
        secret = Secret("DOUBLE_API_KEY", key) if key else None
        client = AnthropicClient(
            url or anthropic.url, secret, timeouts or Timeouts(), Redactor(), "Double"
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.aclose()


def wire(anthropic: AnthropicDouble) -> AnthropicWire:
    environ = {"ANTHROPIC_BASE_URL": anthropic.url}
    return AnthropicWire(
        SPECS["anthropic"], context({"ANTHROPIC_API_KEY": KEY}, environ)
    )


class TestConformance(ProviderConformance):
    @pytest.fixture
    def provider(self, anthropic: AnthropicDouble) -> AnthropicWire:
        return wire(anthropic)

    @pytest.fixture
    def model(self) -> str:
        return "echo"


async def test_an_answer_is_deltas_and_one_finish_with_usage(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    events = await collect(connect(), ask("echo", "one two three"))
    assert events == [
        TextDelta("one"),
        TextDelta(" two"),
        TextDelta(" three"),
        Finish("stop", Usage(11, 3)),
    ]
    assert KEY in anthropic.last.headers["authorization"]
    assert anthropic.last.path == "/v1/messages"


async def test_thoughts_are_told_from_the_answer_and_all_tokens_are_counted(
    connect: Connect,
) -> None:
    events = await collect(connect(), ask("thinks"))
    *deltas, last = events
    assert deltas == [
        ThinkingDelta("What is "),
        ThinkingDelta("asked?"),
        TextDelta("An "),
        TextDelta("answer."),
    ]
    assert isinstance(last, Finish)
    # What the cache has to do with is part of the input here.
    assert last.usage == Usage(11 + 120, 9, 100, 20, 5)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("length", "length"),
        ("window", "length"),
        ("refusal", "content_filter"),
        ("stop", "stop"),
    ],
)
async def test_how_an_answer_ended_is_told(
    connect: Connect, model: str, reason: str
) -> None:
    last = (await collect(connect(), ask(model)))[-1]
    assert isinstance(last, Finish)
    assert last.reason == reason


async def test_what_a_newer_api_adds_is_passed_over(connect: Connect) -> None:
    events = await collect(connect(), ask("grown"))
    assert events == [TextDelta("Known."), Finish("stop", Usage(11, 3))]


async def test_a_server_that_does_not_stream_is_understood(connect: Connect) -> None:
    events = await collect(connect(), ask("not-streamed"))
    assert events == [TextDelta("All at once."), Finish("stop", Usage(5, 3))]


async def test_an_answer_may_be_as_long_as_the_model_can(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    client = connect()
    await collect(client, ask("echo"))
    assert anthropic.last.body == {
        "model": "echo",
        "max_tokens": 64_000,
        "messages": [{"role": "user", "content": "Say something."}],
        "stream": True,
    }
    await collect(client, ask("unlisted"))
    assert anthropic.last.body["max_tokens"] == 8192
    await collect(client, ask("older", max_tokens=7))
    assert anthropic.last.body["max_tokens"] == 7


async def test_how_long_an_answer_may_get_is_in_the_price_table_too(
    anthropic: AnthropicDouble, tmp_path: Path
) -> None:
    path = tmp_path / "prices.json"
    known = {"litellm_provider": "anthropic", "mode": "chat"}
    table = {
        "unlisted": {**known, "max_output_tokens": 16_000},
        "echo": {**known, "max_output_tokens": 5},
    }
    path.write_text(json.dumps(table))
    given = context({"ANTHROPIC_API_KEY": KEY}, {"ANTHROPIC_BASE_URL": anthropic.url})
    given = replace(given, prices=PriceTable(path))
    provider = AnthropicWire(SPECS["anthropic"], given)

    async def most(model: str, **options: int) -> int:
        request = ask(model, **options)
        assert [event async for event in provider.stream(request, lambda _: None)]
        sent: int = anthropic.last.body["max_tokens"]
        return sent

    assert await most("unlisted") == 16_000
    assert await most("unlisted", max_tokens=7) == 7
    # What the server says of its own model goes before.
    assert await most("echo") == 64_000
    # Of another maker's model the table says nothing, whatever its name.
    stranger = AnthropicWire(replace(SPECS["anthropic"], name="acme"), given)
    request = ask("unlisted")
    assert [event async for event in stranger.stream(request, lambda _: None)]
    assert anthropic.last.body["max_tokens"] == 8192
    for each in (provider, stranger):
        await each.aclose()


async def test_what_a_model_can_do_is_asked_once(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    client = connect()
    for model in ("echo", "echo", "unlisted", "unlisted"):
        await collect(client, ask(model))
    asked = [r.path for r in anthropic.requests if "models" in r.path]
    assert asked == ["/v1/models/echo", "/v1/models/unlisted"]
    anthropic.reset()
    listing = connect()
    await listing.models()
    await collect(listing, ask("older"))
    assert not [r for r in anthropic.requests if r.path.endswith("/older")]


async def test_a_server_that_never_says_what_a_model_can_do_is_not_waited_for(
    connect: Connect, anthropic: AnthropicDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parllama_nb.providers.anthropic.client._PATIENCE", 0.05)
    paths = ("/v1/models/echo", "/v1/models/older")
    anthropic.silent.update(paths)
    client = connect()
    for model in ("echo", "echo", "older"):
        assert isinstance((await collect(client, ask(model)))[-1], Finish)
    # Asked once, and for no other model either.
    assert [r.path for r in anthropic.requests if r.path in paths] == [paths[0]]
    await client.aclose()
    # Nothing is left that would wait for the server.
    asked = next(r for r in anthropic.requests if r.path == paths[0])
    assert asked.wait() == "disconnected"


async def test_what_a_slow_server_says_of_a_model_serves_the_next_question(
    connect: Connect, anthropic: AnthropicDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parllama_nb.providers.anthropic.client._PATIENCE", 0.0)
    client = connect()
    await collect(client, ask("echo"))
    await asyncio.gather(*client._fetches.values())
    await collect(client, ask("echo"))
    # What the server is asked beside a question may come before it or after it.
    questions = [each for each in anthropic.requests if each.path == "/v1/messages"]
    assert [each.body["max_tokens"] for each in questions] == [8192, 64_000]


async def test_choosing_a_model_asks_what_it_can_do_ahead(
    anthropic: AnthropicDouble,
) -> None:
    provider = wire(anthropic)
    await provider.prepare("older", lambda _: None)
    assert [r.path for r in anthropic.requests] == ["/v1/models/older"]
    await provider.aclose()


async def test_options_reach_the_server_under_their_names(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    request = ask(
        "echo", temperature=0.0, top_p=0.5, top_k=4, stop=("x", "y"), max_tokens=9
    )
    await collect(connect(), request)
    body = anthropic.last.body
    assert body["temperature"] == 0.0
    assert (body["top_p"], body["top_k"]) == (0.5, 4)
    assert body["stop_sequences"] == ["x", "y"]


async def test_system_roles_and_images_are_sent_and_thoughts_are_not(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    image = (TextPart("look:"), ImagePart(PNG), TextPart("well?"))
    messages = (
        Message.of("system", "Be brief."),
        Message.of("system", "Be kind."),
        Message("user", image),
        Message("assistant", (ThinkingPart("hm"), TextPart("a "), TextPart("cat"))),
        Message.of("user", "sure?"),
    )
    await collect(connect(), ChatRequest("echo", messages))
    body = anthropic.last.body
    assert body["system"] == "Be brief.\n\nBe kind."
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look:"},
                {"type": "image", "source": source},
                {"type": "text", "text": "well?"},
            ],
        },
        {"role": "assistant", "content": "a cat"},
        {"role": "user", "content": "sure?"},
    ]


async def test_models_are_listed_over_all_pages(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    listed = await connect().models()
    assert [model["id"] for model in listed] == list(MODELS)
    assert len(anthropic.requests) == -(-len(MODELS) // PAGE) > 1


async def test_models_say_what_the_api_says_of_them(anthropic: AnthropicDouble) -> None:
    provider = wire(anthropic)
    listed = {info.name: info for info in await provider.models()}
    await provider.aclose()
    echo = listed["echo"]
    assert echo.id == "anthropic/echo"
    assert echo.context_window == 200_000
    assert echo.modified == "2026-10-01T00:00:00Z"
    assert echo.capabilities == {"vision", "pdf", "json", "thinking", "tools"}
    assert "json" not in (listed["older"].capabilities or ())


async def test_closing_early_and_cancelling_end_the_request_at_the_server(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    client = connect()
    async with aclosing(client.stream(ask("fault-stall"))) as stream:
        assert isinstance(await anext(stream), TextDelta)
    assert await asyncio.to_thread(anthropic.last.wait) == "disconnected"
    anthropic.reset()
    task = asyncio.create_task(collect(client, ask("fault-stall-headers")))
    while not any(r.path == "/v1/messages" for r in anthropic.requests):
        await asyncio.to_thread(anthropic.arrived.wait, 10)
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(anthropic.last.wait) == "disconnected"


async def test_a_first_token_that_does_not_come_is_timed_out(
    connect: Connect,
) -> None:
    for model in ("fault-stall-before-first", "fault-stall-headers"):
        with pytest.raises(
            ProviderTimeoutError, match=r"no first token within 0\.\d+ s"
        ):
            await collect(connect(timeouts=FAST), ask(model))


async def test_what_is_meant_for_anthropic_is_sent_to_nobody_else(
    connect: Connect, anthropic: AnthropicDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Mine: custom-mine")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-mine")
    monkeypatch.setenv("ANTHROPIC_WEBHOOK_SIGNING_KEY", "whsec-mine")
    client = connect(key=None)
    await collect(client, ask("echo"))
    await client.models()
    for request in anthropic.requests:
        assert "mine" not in str(request.headers)
        assert "authorization" not in request.headers


async def test_nothing_of_this_machine_is_told(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    await collect(connect(), ask("echo"))
    told = str(anthropic.last.headers).lower()
    for fact in ("stainless-os", "stainless-arch", "stainless-runtime", "traceparent"):
        assert fact not in told
    assert platform.python_version() not in told


async def test_the_library_prints_no_warnings_of_its_own(
    connect: Connect, anthropic: AnthropicDouble
) -> None:
    from anthropic.resources.messages.messages import (
        DEPRECATED_MODELS,
        MODELS_TO_WARN_WITH_THINKING_ENABLED,
    )

    for model in (
        *list(DEPRECATED_MODELS)[:1],
        *list(MODELS_TO_WARN_WITH_THINKING_ENABLED)[:1],
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            request = ask(model, reasoning_budget=2048)
            with pytest.raises(Exception, match="there is no model"):
                await collect(connect(), request)
        assert anthropic.last.body["model"] == model


async def test_the_key_is_asked_for_by_its_name(anthropic: AnthropicDouble) -> None:
    environ = {"ANTHROPIC_BASE_URL": anthropic.url}
    provider = AnthropicWire(SPECS["anthropic"], context(environ=environ))
    with pytest.raises(AuthenticationError, match="Anthropic: there is no key") as no:
        await provider.models()
    assert "ANTHROPIC_API_KEY" in (no.value.hint or "")
    assert not anthropic.requests


async def test_the_double_and_the_client_agree_on_what_is_refused(
    connect: Connect,
) -> None:
    # Past our own checks, so that the double's are known to bite.
    request = ask("newest", extra={"thinking": {"type": "enabled", "budget_tokens": 9}})
    with pytest.raises(BadRequestError, match="not supported for this model"):
        await collect(connect(), request)


async def test_an_option_that_a_model_refuses_is_named(connect: Connect) -> None:
    with pytest.raises(BadRequestError, match="`temperature` is deprecated") as caught:
        await collect(connect(), ask("newest", temperature=0.5))
    assert "Leave temperature out for this model" in (caught.value.hint or "")


def test_a_plugin_may_be_a_spec_of_this_wire(anthropic: AnthropicDouble) -> None:
    spec = Spec("acme", "Acme", "anthropic", base_url=anthropic.url, key="none")
    provider = AnthropicWire(spec, context())

    async def answer() -> object:
        try:
            return [e async for e in provider.stream(ask("echo"), lambda _: None)][-1]
        finally:
            await provider.aclose()

    assert isinstance(asyncio.run(answer()), Finish)


def test_nothing_is_imported_before_the_first_request() -> None:
    program = (
        "import sys\n"
        "from parllama_nb.providers.anthropic import provider\n"
        "from parllama_nb.providers.openai import azure\n"
        "heavy = {'anthropic', 'openai', 'httpx', 'httpx2', 'pydantic', 'anyio'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
