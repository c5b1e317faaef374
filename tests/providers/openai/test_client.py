"""One address, against the double: what is sent, what comes, and what is let go."""

from __future__ import annotations

import asyncio
import platform
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import aclosing
from urllib.parse import unquote

import pytest

from parllama_nb.errors import AuthenticationError, ProviderError, ProviderTimeoutError
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    ImagePart,
    Message,
    StreamEvent,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    Usage,
)
from parllama_nb.providers.openai.client import OpenAIClient
from parllama_nb.providers.openai.request import body_of, dialect_of
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor
from tests.servers.openai_sse import OpenAIDouble

from ..conftest import FAST, KEY, ask, collect, log_everything

Connect = Callable[..., OpenAIClient]
PASSWORDS = ("hunter2hunter2", "p%40ss%2Fword")
PNG = "data:image/png;base64,iVBORw0KGgo="


async def test_an_answer_is_deltas_and_one_finish_with_usage(
    connect: Connect, double: OpenAIDouble
) -> None:
    events = await collect(connect(), ask("echo", "one two three"))
    assert events == [
        TextDelta("one"),
        TextDelta(" two"),
        TextDelta(" three"),
        Finish("stop", Usage(11, 3)),
    ]
    assert double.last.headers["authorization"] == f"Bearer {KEY}"


async def test_options_that_are_none_are_not_sent(
    connect: Connect, double: OpenAIDouble
) -> None:
    await collect(connect(), ask("echo"))
    assert double.last.body == {
        "model": "echo",
        "messages": [{"role": "user", "content": "Say something."}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_options_reach_the_server_under_their_names(
    connect: Connect, double: OpenAIDouble
) -> None:
    options = {"temperature": 0.0, "max_tokens": 7, "seed": 0}
    extra = {"top_p": 0.5, "stop": ["x"], "nested": {"a": [1]}}
    await collect(connect(), ask("echo", **options, extra=extra))
    body = double.last.body
    assert {name: body[name] for name in (*options, *extra)} == {**options, **extra}


@pytest.mark.parametrize(
    ("host", "tokens", "seed"),
    [
        ("api.openai.com", "max_completion_tokens", "seed"),
        ("eu.api.openai.com", "max_completion_tokens", "seed"),
        ("api.mistral.ai", "max_tokens", "random_seed"),
        ("api.groq.com", "max_tokens", "seed"),
        ("notopenai.com", "max_tokens", "seed"),
    ],
)
def test_options_are_called_what_their_maker_calls_them(
    host: str, tokens: str, seed: str
) -> None:
    dialect = dialect_of("", host)
    body = body_of(ask("m", max_tokens=7, seed=3), dialect, asks_usage=True)
    assert body[tokens] == 7
    assert body[seed] == 3
    assert len(body) == 5


async def test_roles_and_images_are_sent_and_thoughts_are_not(
    connect: Connect, double: OpenAIDouble
) -> None:
    image = (TextPart("look:"), ImagePart(PNG), TextPart("well?"))
    messages = (
        Message.of("system", "Be brief."),
        Message("user", image),
        Message("assistant", (ThinkingPart("hm"), TextPart("a "), TextPart("cat"))),
        Message.of("user", "sure?"),
    )
    await collect(connect(), ChatRequest("echo", messages))
    assert double.last.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look:"},
                {"type": "image_url", "image_url": {"url": PNG}},
                {"type": "text", "text": "well?"},
            ],
        },
        {"role": "assistant", "content": "a cat"},
        {"role": "user", "content": "sure?"},
    ]


@pytest.mark.parametrize(
    ("model", "thinking", "text"),
    [
        ("think-inline", "What is\nasked?", "An answer with <think> in it."),
        ("think-reasoning-content", "What is asked?", "An answer."),
        ("think-reasoning", "What is asked?", "An answer."),
    ],
)
async def test_thoughts_are_told_from_the_answer(
    connect: Connect, model: str, thinking: str, text: str
) -> None:
    events = await collect(connect(), ask(model))
    thought = [e.text for e in events if isinstance(e, ThinkingDelta)]
    answer = [e.text for e in events if isinstance(e, TextDelta)]
    assert ("".join(thought), "".join(answer)) == (thinking, text)
    assert isinstance(events[-1], Finish)


async def test_running_out_of_tokens_is_told(connect: Connect) -> None:
    last = (await collect(connect(), ask("length")))[-1]
    assert isinstance(last, Finish)
    assert last.reason == "length"


async def test_a_server_that_does_not_stream_is_understood(connect: Connect) -> None:
    events = await collect(connect(), ask("not-streamed"))
    assert events == [TextDelta("All at once."), Finish("stop", Usage(5, 3))]


@pytest.mark.parametrize("model", ["only-done", "fault-cut-after-finish"])
async def test_a_complete_answer_is_one_however_its_stream_ends(
    connect: Connect, model: str
) -> None:
    events = await collect(connect(), ask(model))
    assert events[-1] == Finish("stop", Usage())
    assert len(events) == 3


async def test_closing_early_ends_the_request_at_the_server(
    connect: Connect, double: OpenAIDouble
) -> None:
    async with aclosing(connect().stream(ask("synthetic:100000:200"))) as stream:
        assert isinstance(await anext(stream), TextDelta)
    assert await asyncio.to_thread(double.last.wait) == "disconnected"
    assert double.last.sent < 1000


async def test_cancelling_ends_the_request_at_the_server(
    connect: Connect, double: OpenAIDouble
) -> None:
    client = connect()
    task = asyncio.create_task(collect(client, ask("fault-stall-headers")))
    await asyncio.to_thread(double.arrived.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(double.last.wait) == "disconnected"


async def test_a_connection_is_used_again(
    connect: Connect, double: OpenAIDouble
) -> None:
    client = connect()
    for _ in range(3):
        await collect(client, ask("echo"))
    assert len({request.connection for request in double.requests}) == 1


async def test_many_streams_at_once_do_not_mix(connect: Connect) -> None:
    client = connect()
    asked = [" ".join(f"{i}-{n}" for n in range(30)) for i in range(12)]
    answers = await asyncio.gather(*(collect(client, ask("echo", q)) for q in asked))
    for question, events in zip(asked, answers, strict=True):
        text = "".join(e.text for e in events if isinstance(e, TextDelta))
        assert text == question


@pytest.mark.parametrize("model", ["fault-stall-before-first", "fault-stall-headers"])
async def test_a_first_token_that_does_not_come_is_timed_out(
    connect: Connect, double: OpenAIDouble, model: str
) -> None:
    with pytest.raises(ProviderTimeoutError, match=r"no first token within 0\.\d+ s"):
        await collect(connect(timeouts=FAST), ask(model))
    assert await asyncio.to_thread(double.last.wait) == "disconnected"


async def test_a_stall_keeps_what_had_come_and_is_timed_out(
    connect: Connect, double: OpenAIDouble
) -> None:
    got: list[StreamEvent] = []

    async def listen() -> None:
        async for event in connect(timeouts=FAST).stream(ask("fault-stall")):
            got.append(event)  # noqa: PERF401 - what came before the error is kept

    with pytest.raises(ProviderTimeoutError, match=r"no further token within 0\.3 s"):
        await listen()
    assert got == [TextDelta("One "), TextDelta("two "), TextDelta("three")]
    assert await asyncio.to_thread(double.last.wait) == "disconnected"


async def test_a_slow_reader_is_not_timed_out(connect: Connect) -> None:
    # The limits are on the server, not on who reads: a cell may be busy meanwhile.
    events = []
    async for event in connect(timeouts=FAST).stream(ask("synthetic:1:100")):
        events.append(event)
        await asyncio.sleep(FAST.stall + 0.05)
    assert isinstance(events[-1], Finish)


async def test_models_are_listed(connect: Connect) -> None:
    listed = await connect().models()
    assert {"echo", "fault-500"} <= {model["id"] for model in listed}


async def test_without_a_key_none_is_sent_whatever_the_environment_holds(
    connect: Connect, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, KEY)
    client = connect(key=None)
    await collect(client, ask("echo"))
    await client.models()
    for request in double.requests:
        assert "authorization" not in request.headers
        assert KEY not in str(request)


async def test_what_is_meant_for_openai_is_sent_to_nobody_else(
    connect: Connect, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: custom-mine\nX-Other: a-mine")
    monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", "whsec-mine")
    await collect(connect(), ask("echo"))
    assert "mine" not in str(double.last.headers)


async def test_nothing_of_this_machine_is_told(
    connect: Connect, double: OpenAIDouble
) -> None:
    await collect(connect(), ask("echo"))
    told = str(double.last.headers).lower()
    assert "stainless-os" not in told
    assert "stainless-arch" not in told
    assert "stainless-runtime" not in told
    assert platform.python_version() not in told


def test_what_is_meant_for_openai_is_sent_to_openai(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    made = connect(url="https://api.openai.com/v1")._make()
    assert made.organization == "org-mine"


async def test_this_machine_is_not_reached_through_a_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert len(await collect(connect(), ask("echo"))) > 1


@pytest.mark.parametrize("key", ["two\nlines-of-key", "naïve-key-1234", "tab\tkey-123"])
async def test_a_key_no_header_can_carry_is_refused_before_it_is_sent(
    connect: Connect, double: OpenAIDouble, key: str
) -> None:
    with pytest.raises(AuthenticationError, match="DOUBLE_API_KEY") as caught:
        await collect(connect(key=key), ask("echo"))
    assert key not in f"{caught.value}"
    assert not double.requests


async def test_a_closed_client_opens_again(connect: Connect) -> None:
    client = connect()
    await collect(client, ask("echo"))
    await client.aclose()
    await client.aclose()
    assert len(await collect(client, ask("echo"))) > 1


async def test_the_loop_goes_on_while_the_library_is_opened(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, loop_went_on = connect(), threading.Event()
    make = client._make

    def slow(**how: bool) -> object:
        assert loop_went_on.wait(10), "the loop was blocked"
        return make(**how)

    monkeypatch.setattr(client, "_make", slow)
    opening = [asyncio.create_task(client.open()) for _ in range(3)]
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(loop_went_on.set)
    await asyncio.gather(*opening)


def test_nothing_is_imported_before_the_first_request() -> None:
    program = (
        "import sys\n"
        "import parllama_nb.providers.registry, parllama_nb.providers.openai.provider\n"
        "heavy = {'openai', 'httpx', 'httpx2', 'pydantic', 'anyio'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("number", [0, 1])
async def test_a_password_in_the_address_is_in_no_log_and_no_error(
    double: OpenAIDouble, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    log_everything(caplog)
    client = OpenAIClient(
        double.url.replace("://", f"://user:{PASSWORDS[number]}@"),
        *(None, Timeouts(), Redactor(), "Double"),
    )
    assert len(await collect(client, ask("echo"))) > 1
    with pytest.raises(ProviderError) as caught:
        await collect(client, ask("fault-404-path"))
    await client.aclose()
    shown = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    told = (
        f"{caught.value!r} {client.endpoint!r} {caplog.text} {''.join(shown.format())}"
    )
    assert "HTTP Request" in told, "the HTTP library did not log"
    for form in (PASSWORDS[number], unquote(PASSWORDS[number])):
        assert form not in told
