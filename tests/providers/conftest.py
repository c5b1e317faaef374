"""The double of the wire format, and clients and providers that talk to it."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest

from parllama_nb.errors import ProviderError
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.embedded.engine import Engine
from parllama_nb.providers.http.client import WireClient
from parllama_nb.providers.litellm.process import LiteLLMProcess
from parllama_nb.providers.messages import ChatRequest, Message, StreamEvent
from parllama_nb.providers.ollama.provider import Ollama
from parllama_nb.providers.openai.client import OpenAIClient
from parllama_nb.providers.spec import Spec, Timeouts
from parllama_nb.runtime import Runtime
from parllama_nb.secret import Redactor, Secret
from parllama_nb.testing import context
from tests.servers.anthropic import AnthropicDouble
from tests.servers.litellm_proxy import LiteLLMProxy, RunningEngine
from tests.servers.ollama import OllamaDouble
from tests.servers.openai_sse import OpenAIDouble

from .embedded.model import demo_model

# With characters that look different in JSON, a URL and base64.
KEY = 'sntnl-Zq7/+9"xK_Qw==Vb3nM0pLk'
"""A key that must be found nowhere but in one header."""

FAST = Timeouts(connect=5.0, first_token=0.3, stall=0.3)
"""For tests that wait for a limit; everything else has ample ones."""


@pytest.fixture(scope="session")
def _double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


@pytest.fixture
def double(_double: OpenAIDouble) -> OpenAIDouble:
    """The double, with an empty record."""
    _double.reset()
    return _double


@pytest.fixture
async def connect(
    double: OpenAIDouble,
) -> AsyncIterator[Callable[..., OpenAIClient]]:
    """Makes clients of the double that are closed at the end."""
    made: list[OpenAIClient] = []

    def make(
        *,
        key: str | None = KEY,
        url: str | None = None,
        timeouts: Timeouts | None = None,
        redact: Redactor | None = None,
    ) -> OpenAIClient:
        client = OpenAIClient(
            url or double.url,
            Secret("DOUBLE_API_KEY", key) if key else None,
            timeouts or Timeouts(),
            redact or Redactor(),
            "Double",
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture(scope="session")
def _anthropic() -> Iterator[AnthropicDouble]:
    with AnthropicDouble() as double:
        yield double


@pytest.fixture
def anthropic(
    _anthropic: AnthropicDouble, monkeypatch: pytest.MonkeyPatch
) -> AnthropicDouble:
    """The double of Anthropic's API, with an empty record; it may be slow."""
    monkeypatch.setattr("parllama_nb.providers.anthropic.client._PATIENCE", 20.0)
    _anthropic.reset()
    return _anthropic


@pytest.fixture(scope="session")
def _engine() -> Iterator[Callable[[], Engine]]:
    """Starts the engine with the first call, and ends it at the end."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(RunningEngine(demo_model())))


@pytest.fixture(scope="session")
def _proxy(_engine: Callable[[], Engine]) -> Iterator[Callable[[], LiteLLMProxy]]:
    """Starts the proxy before the engine, likewise."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(LiteLLMProxy(_engine())))


@pytest.fixture(scope="session")
def runtime() -> Iterator[Runtime]:
    """One loop for all that uses litellm, which takes seconds to load."""
    runtime = Runtime()
    yield runtime
    runtime.close()


@pytest.fixture(scope="session")
def aws_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where AWS's libraries look for accounts: files that do not exist yet."""
    folder = tmp_path_factory.mktemp("aws")
    names = ("CONFIG", "SHARED_CREDENTIALS")
    return {f"AWS_{name}_FILE": folder / name.lower() for name in names}


class _Lent:
    """The litellm of all tests, which outlives a provider that closes it."""

    def __init__(self, process: LiteLLMProcess) -> None:
        self._process = process

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)

    async def aclose(self) -> None:
        """Leave it to the other tests."""


@pytest.fixture(scope="session")
def _litellm(
    runtime: Runtime, aws_files: dict[str, Path]
) -> Iterator[Callable[[], LiteLLMProcess]]:
    """Starts litellm with the first call, without an AWS account of this machine."""
    running: list[LiteLLMProcess] = []

    def start() -> LiteLLMProcess:
        if not running:
            with pytest.MonkeyPatch.context() as patch:
                for name, path in aws_files.items():
                    patch.setenv(name, str(path))
                patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
                running.append(runtime.run(LiteLLMProcess.start(Redactor())))
        return running[0]

    yield start
    for process in running:
        runtime.run(process.aclose())


@pytest.fixture
def lend_litellm(
    _litellm: Callable[[], LiteLLMProcess], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], LiteLLMProcess]:
    """Has providers on `runtime` use the litellm of all tests instead of starting one.

    A call starts it, and returns it.
    """

    def lend() -> LiteLLMProcess:
        process = _litellm()

        async def start(redact: Redactor) -> LiteLLMProcess:
            del redact
            return cast("LiteLLMProcess", _Lent(process))

        monkeypatch.setattr(LiteLLMProcess, "start", start)
        return process

    return lend


@pytest.fixture
def spec(double: OpenAIDouble) -> Spec:
    """The double as a provider."""
    return Spec(
        name="double",
        title="Double",
        wire="openai",
        base_url=double.url,
        key_env=("DOUBLE_API_KEY",),
        keys_url="https://double.example/keys",
    )


def ask(model: str, text: str = "Say something.", **options: object) -> ChatRequest:
    """A request of one message."""
    return ChatRequest(model, (Message.of("user", text),), **options)  # type: ignore[arg-type]


async def collect(client: WireClient[Any], request: ChatRequest) -> list[StreamEvent]:
    """All events of an answer."""
    return [event async for event in client.stream(request)]


@pytest.fixture(scope="session")
def _ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def ollama(_ollama: OllamaDouble) -> OllamaDouble:
    """The double of Ollama, with nothing loaded and an empty record."""
    _ollama.reset()
    return _ollama


@pytest.fixture
async def local(ollama: OllamaDouble) -> AsyncIterator[Callable[..., Ollama]]:
    """Makes providers of the double of Ollama that are closed at the end."""
    made: list[Ollama] = []

    def make(
        *,
        key: str | None = None,
        host: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> Ollama:
        given = context(
            {"OLLAMA_API_KEY": key} if key else {},
            {"OLLAMA_HOST": host or ollama.host},
            timeouts=timeouts,
        )
        made.append(Ollama(SPECS["ollama"], given))
        return made[-1]

    yield make
    for provider in made:
        await provider.aclose()


async def answer_of(
    provider: Ollama, model: str, text: str = "Say something.", **options: object
) -> list[StreamEvent]:
    """All events of an answer."""
    request = ask(model, text, **options)
    return [event async for event in provider.stream(request, lambda _: None)]


FORMS = {
    "raw": KEY,
    "JSON": json.dumps(KEY)[1:-1],
    "URL": quote(KEY, safe=""),
    "base64": base64.b64encode(KEY.encode()).decode().rstrip("="),
    "URL-safe base64": base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
    "hex": KEY.encode().hex(),
    "beginning": KEY[:10],
}


def assert_no_key(text: str, where: str) -> None:
    for name, form in FORMS.items():
        assert form not in text, f"the key as {name} is in {where}"


async def fail(
    client: WireClient[Any], model: str
) -> tuple[ProviderError, list[StreamEvent]]:
    events: list[StreamEvent] = []
    try:
        async for event in client.stream(ask(model)):
            events.append(event)  # noqa: PERF401 - what came before the error is kept
    except ProviderError as error:
        return error, events
    message = f"{model} did not fail: {events}"
    raise AssertionError(message)


def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    """As a user does who looks for a fault."""
    caplog.set_level(logging.DEBUG)
    for name in (
        *("openai", "anthropic", "parllama_nb"),
        *("httpx2", "httpcore2", "httpx", "httpcore"),
    ):
        caplog.set_level(logging.DEBUG, logger=name)


def assert_nothing_holds_the_key(
    error: ProviderError, client: WireClient[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the error, nor its traceback with all locals, nor the log, nor a repr."""
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = traceback.TracebackException.from_exception(
        error, capture_locals=True, compact=False
    )
    locals_ = "".join(shown.format())
    assert "self = " in locals_, "the locals were not captured"
    assert_no_key(locals_, "a traceback with its locals")
    assert_no_key(f"{error} {error!r} {vars(error)} {error.args}", "the error")
    assert_no_key(f"{client!r} {vars(client)!r}", "the client")
    assert caplog.records, "nothing was logged, so nothing was tried"
    for record in caplog.records:
        assert_no_key(f"{record.getMessage()} {record.args}", "the log")
        assert_no_key(record.exc_text or "", "the log")
