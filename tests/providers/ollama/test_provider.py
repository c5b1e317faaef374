"""Ollama's own wire format: conformance, what is sent, what comes, what is listed."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing

import pytest

from parllama_nb.errors import (
    BadRequestError,
    ConnectionFailedError,
    ModelNotFoundError,
)
from parllama_nb.events import Progress
from parllama_nb.providers.address import SPECS
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
from parllama_nb.providers.ollama.models import facts_of
from parllama_nb.providers.ollama.names import canonical
from parllama_nb.providers.ollama.provider import Ollama, _Settings
from parllama_nb.providers.ollama.request import body_of
from parllama_nb.testing import ProviderConformance, context
from tests.servers.ollama import OllamaDouble

from ..conftest import KEY, answer_of, ask

Local = Callable[..., Ollama]

PNG = "data:image/png;base64,iVBORw0KGgo="
REAL = os.environ.get("PARLLAMA_NB_TEST_OLLAMA", "")


class TestConformance(ProviderConformance):
    @pytest.fixture
    def provider(self, ollama: OllamaDouble) -> Ollama:
        return Ollama(SPECS["ollama"], context(environ={"OLLAMA_HOST": ollama.host}))

    @pytest.fixture
    def model(self) -> str:
        return "echo"


@pytest.mark.skipif(not REAL, reason="PARLLAMA_NB_TEST_OLLAMA names no HOST MODEL")
class TestConformanceOfARealServer(ProviderConformance):
    @pytest.fixture
    def provider(self) -> Ollama:
        host = REAL.split()[0]
        return Ollama(SPECS["ollama"], context(environ={"OLLAMA_HOST": host}))

    @pytest.fixture
    def model(self) -> str:
        return REAL.split()[1]


# what is sent


async def test_an_answer_is_deltas_and_one_finish_with_usage(
    local: Local, ollama: OllamaDouble
) -> None:
    assert await answer_of(local(), "echo", "one two three") == [
        TextDelta("one"),
        TextDelta(" two"),
        TextDelta(" three"),
        Finish("stop", Usage(13, 3)),
    ]
    (asked,) = ollama.asked()
    assert asked.body == {
        "model": "echo",
        "messages": [{"role": "user", "content": "one two three"}],
        "stream": True,
        "truncate": False,
    }
    assert asked.headers["accept-encoding"] == "identity"
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("path", ["/api/ps", "/api/show"])
async def test_a_server_that_does_not_tell_of_its_models_is_not_waited_for(
    local: Local, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("parllama_nb.providers.ollama.client._PATIENCE", 0.05)
    ollama.silent.add(path)
    provider = local()
    for _ in range(2):
        assert isinstance((await answer_of(provider, "echo"))[-1], Finish)
    # Consulted once, and not again for a while.
    asked = [r.path for r in ollama.requests if r.path in ("/api/ps", "/api/show")]
    assert asked.count(path) == 1


async def test_options_reach_the_server_under_its_names(
    local: Local, ollama: OllamaDouble
) -> None:
    await answer_of(
        local(),
        "think",
        temperature=0.0,
        max_tokens=7,
        seed=0,
        top_p=0.5,
        top_k=3,
        stop=("x", "y"),
        reasoning="low",
        response_schema={"type": "object"},
        context_window=2048,
        keep_alive="10m",
        extra={"min_p": 0.1, "options": {"num_gpu": 0}, "logprobs": True},
    )
    body = ollama.asked()[0].body
    assert body["options"] == {
        "temperature": 0.0,
        "num_predict": 7,
        "seed": 0,
        "top_p": 0.5,
        "top_k": 3,
        "stop": ["x", "y"],
        "num_ctx": 2048,
        "min_p": 0.1,
        "num_gpu": 0,
    }
    assert body["think"] == "low"
    assert body["format"] == {"type": "object"}
    assert body["keep_alive"] == "10m"
    assert body["logprobs"] is True


def test_every_option_it_says_it_takes_is_written() -> None:
    for name, value in {
        "temperature": 1.0,
        "max_tokens": 1,
        "seed": 1,
        "top_p": 1.0,
        "top_k": 1,
        "stop": ("x",),
        "reasoning": "high",
        "response_schema": {},
        "context_window": 1,
        "keep_alive": "1m",
    }.items():
        assert name in SPECS["ollama"].options
        assert body_of(ask("m", **{name: value})) != body_of(ask("m")), name
    assert len(SPECS["ollama"].options) == 10


@pytest.mark.parametrize(
    ("written", "sent"),
    [("5m", "5m"), ("-1", -1), ("0", 0), ("90", 90), ("1.5", 1.5), ("-1m", "-1m")],
)
def test_plain_seconds_are_sent_as_a_number(written: str, sent: object) -> None:
    assert body_of(ask("m", keep_alive=written))["keep_alive"] == sent


@pytest.mark.parametrize(
    ("reasoning", "levels", "think"),
    [
        ("off", True, False),
        ("low", True, "low"),
        ("high", True, "high"),
        ("off", False, False),
        ("medium", False, True),
    ],
)
def test_thinking_is_a_level_or_a_yes(
    reasoning: str, levels: bool, think: object
) -> None:
    request = _Settings(levels=levels).applied(ask("m", reasoning=reasoning))
    assert body_of(request)["think"] == think
    assert type(body_of(request)["think"]) is type(think)


def test_any_json_is_asked_for_by_its_name() -> None:
    assert body_of(ask("m", response_schema={}))["format"] == "json"


async def test_roles_and_images_are_sent_and_thoughts_are_not(
    local: Local, ollama: OllamaDouble
) -> None:
    plain = ImagePart("data:image/svg+xml,%3Csvg/%3E")
    image = (TextPart("look:"), ImagePart(PNG), TextPart("well?"), plain)
    messages = (
        Message.of("system", "Be brief."),
        Message("user", image),
        Message("assistant", (ThinkingPart("hm"), TextPart("a "), TextPart("cat"))),
        Message.of("user", "sure?"),
    )
    async for _ in local().stream(ChatRequest("sees", messages), lambda _: None):
        pass
    assert ollama.asked()[0].body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": "look:well?",
            "images": ["iVBORw0KGgo=", base64.b64encode(b"<svg/>").decode()],
        },
        {"role": "assistant", "content": "a cat"},
        {"role": "user", "content": "sure?"},
    ]


async def test_an_image_that_would_have_to_be_fetched_is_refused(
    local: Local, ollama: OllamaDouble
) -> None:
    parts = (ImagePart("https://example.com/cat.png"),)
    request = ChatRequest("sees", (Message("user", parts),))
    with pytest.raises(BadRequestError, match="data: URL"):
        _ = [e async for e in local().stream(request, lambda _: None)]
    assert not ollama.asked()


async def test_a_model_that_reads_no_images_says_so(local: Local) -> None:
    request = ChatRequest("echo", (Message("user", (ImagePart(PNG),)),))
    with pytest.raises(BadRequestError, match="does not support multimodal") as caught:
        _ = [e async for e in local().stream(request, lambda _: None)]
    assert "{" not in caught.value.message


# thinking


@pytest.mark.parametrize(
    ("model", "options", "thinking", "text"),
    [
        ("think", {}, "What is asked?", "An answer."),
        ("think", {"reasoning": "high"}, "What is asked?", "An answer."),
        ("think", {"reasoning": "off"}, "", "An answer."),
        ("think-inline", {}, "What is\nasked?", "An answer with <think> in it."),
    ],
)
async def test_thoughts_are_told_from_the_answer(
    local: Local, model: str, options: dict[str, object], thinking: str, text: str
) -> None:
    events = await answer_of(local(), model, **options)
    thought = [e.text for e in events if isinstance(e, ThinkingDelta)]
    answer = [e.text for e in events if isinstance(e, TextDelta)]
    assert ("".join(thought), "".join(answer)) == (thinking, text)
    assert isinstance(events[-1], Finish)


async def test_an_older_server_is_told_to_think_and_not_how_much(
    local: Local, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ollama, "version", (0, 12, 6))
    provider = local()
    for _ in range(2):
        events = await answer_of(provider, "think", reasoning="low")
        assert isinstance(events[0], ThinkingDelta)
    # Refused once, and remembered.
    assert [r.body["think"] for r in ollama.asked()] == ["low", True, True]
    await answer_of(provider, "gpt-oss", reasoning="low")
    assert ollama.asked()[-1].body["think"] == "low"


async def test_a_model_that_does_not_think_says_so(local: Local) -> None:
    with pytest.raises(BadRequestError, match="does not support thinking") as caught:
        await answer_of(local(), "echo", reasoning="low")
    assert caught.value.hint == "Leave reasoning out."


# how an answer ends


async def test_running_out_of_tokens_is_told(local: Local) -> None:
    last = (await answer_of(local(), "echo", "one two three", max_tokens=2))[-1]
    assert last == Finish("length", Usage(13, 2))


async def test_an_answer_that_comes_whole_is_understood(local: Local) -> None:
    events = await answer_of(local(), "not-streamed")
    assert events == [TextDelta("All at once."), Finish("stop", Usage(5, 3))]


async def test_closing_early_ends_the_request_at_the_server(
    local: Local, ollama: OllamaDouble
) -> None:
    request = ask("synthetic-100000-200")
    async with aclosing(local().stream(request, lambda _: None)) as stream:
        assert isinstance(await anext(stream), TextDelta)
    (asked,) = ollama.asked()
    assert await asyncio.to_thread(asked.wait) == "disconnected"
    assert asked.sent < 1000


async def test_cancelling_ends_the_load_of_a_model(
    local: Local, ollama: OllamaDouble
) -> None:
    loading = asyncio.Event()
    provider = local()

    async def wait() -> None:
        request = ask("fault-stall-headers")
        async for _ in provider.stream(request, lambda _: loading.set()):
            pass

    task = asyncio.create_task(wait())
    await loading.wait()
    while not ollama.asked():  # noqa: ASYNC110 - it has no event of the loop's
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ollama.asked()[0].wait) == "disconnected"


async def test_a_connection_is_used_again(local: Local, ollama: OllamaDouble) -> None:
    provider = local()
    for _ in range(3):
        await answer_of(provider, "echo")
    assert len({request.connection for request in ollama.requests}) == 1


async def test_a_load_is_reported_and_told_once(local: Local) -> None:
    provider, told = local(), list[Progress]()
    for _ in range(2):
        async for _ in provider.stream(ask("echo"), told.append):
            pass
    assert told == [Progress("Loading echo into memory")]


async def test_nothing_is_loaded_for_a_model_that_runs_elsewhere(
    local: Local, ollama: OllamaDouble
) -> None:
    told: list[Progress] = []
    name = "qwen3-coder:480b-cloud"
    async for _ in local().stream(ask(name, "word " * 9000), told.append):
        pass
    assert not told
    assert "options" not in ollama.asked()[0].body
    assert not ollama.asked("/api/ps")


# what there is


async def test_models_are_listed_with_all_that_is_known(local: Local) -> None:
    listed = {info.name: info for info in await local().models()}
    assert listed["sees:latest"].id == "ollama/sees:latest"
    assert listed["sees:latest"].context_window == 131_072
    assert listed["sees:latest"].size == 1_321_098_480
    assert (listed["sees:latest"].modified or "").startswith("2026-05-")
    assert listed["sees:latest"].capabilities == {"completion", "vision"}
    assert listed["embeds:latest"].capabilities == {"embedding"}
    assert listed["think:latest"].capabilities == {"completion", "thinking"}
    assert listed["qwen3-coder:480b-cloud"].extra["remote"] is True
    assert listed["echo:latest"].extra["family"] == "llama"
    assert listed["echo:latest"].extra["quantization_level"] == "Q4_K_M"


async def test_a_newer_server_is_asked_for_its_list_alone(
    local: Local, ollama: OllamaDouble
) -> None:
    await local().models()
    assert sorted(r.path for r in ollama.requests) == ["/api/ps", "/api/tags"]


@pytest.mark.parametrize("version", [(0, 12, 6), (0, 5, 1)])
async def test_an_older_server_is_asked_about_each_model_once(
    local: Local,
    ollama: OllamaDouble,
    monkeypatch: pytest.MonkeyPatch,
    version: tuple[int, int, int],
) -> None:
    monkeypatch.setattr(ollama, "version", version)
    provider = local()
    for _ in range(2):
        listed = {info.name: info for info in await provider.models()}
    assert listed["sees:latest"].context_window == 131_072
    assert "vision" in (listed["sees:latest"].capabilities or ())
    assert listed["embeds:latest"].capabilities == {"embedding"}
    asked = [r.body["model"] for r in ollama.asked("/api/show")]
    assert len(asked) == len(set(asked)) == len(listed)


async def test_what_the_modelfile_allows_is_not_the_models_window(
    local: Local,
) -> None:
    listed = {info.name: info for info in await local().models()}
    assert listed["echo:small"].context_window == 32_768


async def test_the_model_used_last_comes_first_then_the_newest(
    local: Local, ollama: OllamaDouble
) -> None:
    provider = local()
    newest = [info.name for info in await provider.models()]
    assert newest[:3] == ["echo:latest", "think:latest", "gpt-oss:latest"]
    await answer_of(provider, "sees")
    await answer_of(provider, "Think:latest")
    listed = await provider.models()
    assert [info.name for info in listed][:3] == [
        "think:latest",
        "sees:latest",
        "echo:latest",
    ]
    assert [info.extra["loaded"] for info in listed][:3] == [True, True, False]


def test_odd_answers_about_a_model_are_survived() -> None:
    odd = {"model_info": None, "parameters": 3, "capabilities": "none"}
    facts = facts_of(odd)
    assert (facts.window, facts.num_ctx, facts.capabilities) == (None, None, None)
    info = {"general.architecture": "llama", "llama.context_length": "8k"}
    assert facts_of({"model_info": info}).window is None


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("llama3.2", "llama3.2:latest"),
        ("Llama3.2:1B", "llama3.2:1b"),
        ("library/llama3.2", "llama3.2:latest"),
        ("registry.ollama.ai/library/llama3.2:1b", "llama3.2:1b"),
        ("hf.co/a/b:Q4", "hf.co/a/b:q4"),
        ("box:5000/a/b", "box:5000/a/b:latest"),
    ],
)
def test_a_name_without_a_tag_means_latest(written: str, full: str) -> None:
    assert canonical(written) == full


async def test_an_unknown_model_is_told_with_what_there_is(local: Local) -> None:
    with pytest.raises(ModelNotFoundError, match="no model 'echo:1b'") as caught:
        await answer_of(local(), "echo:1b")
    assert caught.value.hint == (
        "Available: ollama/echo:latest, ollama/echo:small. "
        "`%parllama pull echo:1b` downloads it."
    )
    with pytest.raises(ModelNotFoundError) as caught:
        await answer_of(local(), "thnk")
    assert "ollama/think:latest" in (caught.value.hint or "")
    with pytest.raises(ModelNotFoundError) as caught:
        await answer_of(local(), "quite-another")
    assert caught.value.hint == "`%parllama pull quite-another` downloads it."


async def test_a_model_is_looked_for_when_it_is_chosen(
    local: Local, ollama: OllamaDouble
) -> None:
    provider = local()
    await provider.prepare("echo", lambda _: None)
    with pytest.raises(ModelNotFoundError) as caught:
        await provider.prepare("echo:1b", lambda _: None)
    assert "`%parllama pull echo:1b`" in (caught.value.hint or "")
    assert not ollama.loads
    # It may be started later.
    await local(host="127.0.0.1:9").prepare("echo", lambda _: None)


# where it is, and who asks


async def test_a_server_that_is_not_running_is_told_how_to_start(local: Local) -> None:
    provider = local(host="127.0.0.1:9")
    for asking in (answer_of(provider, "echo"), provider.models()):
        with pytest.raises(ConnectionFailedError) as caught:
            await asking
        assert "`ollama serve`" in (caught.value.hint or "")


async def test_another_address_and_key_take_effect_at_once(
    ollama: OllamaDouble,
) -> None:
    environ = {"OLLAMA_HOST": ollama.host}
    secrets: dict[str, str] = {}
    given = context(environ=environ)
    provider = Ollama(
        SPECS["ollama"],
        type(given)(
            secret=lambda name: context(secrets).secret(name),
            redact=given.redact,
            environ=environ.get,
            cache_dir=given.cache_dir,
        ),
    )
    with OllamaDouble() as other:
        async with aclosing(
            provider.stream(ask("synthetic-20-100"), lambda _: None)
        ) as under_way:
            await anext(under_way)
            environ["OLLAMA_HOST"] = other.url
            secrets["OLLAMA_API_KEY"] = KEY
            await answer_of(provider, "echo")
            rest = [event async for event in under_way]
        await provider.aclose()
    assert isinstance(rest[-1], Finish)
    assert [r.headers.get("authorization") for r in ollama.asked()] == [None]
    assert {r.headers["authorization"] for r in other.requests} == {f"Bearer {KEY}"}
    assert len(other.asked()) == 1


async def test_this_machine_is_not_reached_through_a_proxy(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert len(await answer_of(local(), "echo")) > 1


async def test_nothing_of_this_machine_is_told(
    local: Local, ollama: OllamaDouble
) -> None:
    import platform

    await answer_of(local(), "echo")
    told = str([r.headers for r in ollama.requests]).lower()
    for fact in (platform.machine(), platform.system(), platform.python_version()):
        assert fact.lower() not in told


def test_nothing_is_imported_before_the_first_request() -> None:
    program = (
        "import sys\n"
        "import parllama_nb.providers.registry, parllama_nb.providers.ollama.provider\n"
        "heavy = {'openai', 'ollama', 'httpx', 'httpx2', 'pydantic', 'anyio'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
