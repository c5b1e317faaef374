"""One table: every provider, and what each has to do, on a real server where it can.

A cell of `TABLE` says where a behaviour is shown: on a `real` server with a real
model, on a `double`, which can be told to fail, or else why it is not shown. A new
provider is a row here; a behaviour that all must have is a column.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    StreamInterruptedError,
)
from parllama_nb.plugins import Plugins
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.base import Provider
from parllama_nb.providers.embedded.engine import Engine
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    ImagePart,
    Message,
    StreamEvent,
    TextDelta,
    TextPart,
)
from parllama_nb.providers.registry import Registry
from parllama_nb.providers.spec import Spec, Timeouts
from parllama_nb.runtime import Runtime
from parllama_nb.testing import ProviderConformance, context
from tests.servers.anthropic import AnthropicDouble
from tests.servers.bedrock import BedrockDouble
from tests.servers.litellm_proxy import LiteLLMProxy
from tests.servers.ollama import OllamaDouble
from tests.servers.openai_sse import OpenAIDouble

from .conftest import KEY, ask, log_everything
from .embedded.model import cache_of_tests
from .places import Place, Servers

WRONG = "sk-wrong-Zq7xKQwVb3nM0pLk"
PASSWORD = "hunter2-in-the-address"
MANGLED = "sk-copied-with\na-line-break"
UNKNOWN = "no-such-model-0.0b"

SILENT = Timeouts(connect=5.0, first_token=60.0, stall=0.3)
"""For an answer that stops coming; what is slow to begin is not meant."""

IMAGE = ImagePart(f"data:image/png;base64,{base64.b64encode(bytes(3000)).decode()}")

SCHEMA = {
    "type": "object",
    "title": "Größe",
    "properties": {"colour": {"type": "string"}},
    "required": ["colour"],
    "additionalProperties": False,
}

BY_LITELLM = ("bedrock", "litellm")


async def answer(provider: Provider, model: str) -> list[StreamEvent]:
    request = ask(model, "Count from one to ten in words.", max_tokens=48)
    async with aclosing(provider.stream(request, lambda _: None)) as events:
        return [event async for event in events]


async def failure(provider: Provider, model: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await answer(provider, model)
    assert "\n" not in f"{caught.value}"
    assert caught.value.__context__ is None
    return caught.value


# what each has to do


async def lists(provider: Provider, place: Place) -> None:
    listed = await provider.models()
    assert place.model in [info.name for info in listed]
    assert {info.provider for info in listed} == {provider.spec.name}


async def answers(provider: Provider, place: Place) -> None:
    *deltas, last = await answer(provider, place.model)
    assert "".join(e.text for e in deltas if isinstance(e, TextDelta)).strip()
    assert isinstance(last, Finish)
    assert last.reason in ("stop", "length")


async def streams(provider: Provider, place: Place) -> None:
    request = ask(place.model, "Count from one to ten in words.", max_tokens=48)
    async with aclosing(provider.stream(request, lambda _: None)) as events:
        first = [await anext(events), await anext(events)]
    assert all(isinstance(event, TextDelta) for event in first), first


async def counts(provider: Provider, place: Place) -> None:
    last = (await answer(provider, place.model))[-1]
    assert isinstance(last, Finish)
    assert last.usage.input_tokens
    assert last.usage.output_tokens
    assert last.usage.input_tokens >= (last.usage.cached_tokens or 0)


async def refuses_a_wrong_key(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.model)
    assert type(error) is AuthenticationError
    assert place.key_name in (error.hint or "")
    assert WRONG not in f"{error!r}{error}"
    if TABLE[provider.spec.name]["list"] in SHOWN:
        with pytest.raises(AuthenticationError):
            await provider.models()


async def refuses_what_no_header_carries(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.model)
    assert type(error) is AuthenticationError
    assert place.key_name in error.message
    for part in (MANGLED, *MANGLED.split()):
        assert part not in f"{error!r}{error}"


async def knows_no_such_model(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.prefix + UNKNOWN)
    assert type(error) is ModelNotFoundError
    assert UNKNOWN in error.message


async def says_how_long_to_wait(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.fault("rate limit"))
    assert type(error) is RateLimitError
    assert error.retriable
    assert error.retry_after == place.waits


async def tells_a_cut(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.fault("cut"))
    assert type(error) is StreamInterruptedError
    assert not error.retriable


async def tells_a_stall(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.fault("stall"))
    assert type(error) is ProviderTimeoutError
    assert "no further token" in error.message


async def hides_an_echoed_key(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.fault("echoed key"))
    assert type(error) is AuthenticationError
    for part in (place.key, place.key[:10]):
        assert part not in f"{error!r}{error}{error.hint}"


async def previews_what_it_sends(provider: Provider, place: Place) -> None:
    await answer(provider, place.model)  # what a server says of a model is known then
    for request in requests(provider.spec, place.model):
        before = len(place.questions)
        preview = await provider.preview(request)
        assert len(place.questions) == before, "the preview was sent"
        # A double need not be able to answer everything.
        with contextlib.suppress(ProviderError):
            async with aclosing(provider.stream(request, lambda _: None)) as events:
                async for _ in events:
                    pass
        assert len(place.questions) == before + 1
        sent = place.questions[-1]
        assert sent.raw == preview.body
        assert preview.exact or provider.spec.name == "ollama", preview.doubt
        assert preview.host == sent.headers["host"]
        shown = f"{preview!r}{preview.url}{preview.headers}"
        assert place.key not in shown
        assert "echo" in shown or "/" in preview.url
        names = {name.lower() for name, _ in preview.headers}
        assert {"content-type", "content-length"} <= names
        assert "authorization" in names or names & {"x-api-key", "api-key"}


def requests(spec: Spec, model: str) -> list[ChatRequest]:
    """A short one, one with an image, one with all options, one of a hundred turns."""
    options = {"temperature": 0.5, "max_tokens": 9, "top_p": 0.5, "seed": 7}
    options |= {"stop": ("END",), "reasoning": "off", "top_k": 5}
    options |= {"keep_alive": "5m", "context_window": 4096}
    known = {name: value for name, value in options.items() if name in spec.options}
    if spec.name == "bedrock":  # litellm knows that no model there takes these
        known = {name: known[name] for name in ("temperature", "max_tokens", "stop")}
    turns = [
        Message.of(role, f"Grüße {number} “{role}” <|x|>\n")
        for number in range(100)
        for role in ("user", "assistant")
    ]
    system, last = Message.of("system", "Be brief.\t"), Message.of("user", "And now?")
    asked = [
        ChatRequest(model, (Message.of("user", "Say something."),)),
        ChatRequest(model, (Message("user", (IMAGE, TextPart("What is this?"))),)),
        ChatRequest(model, (system, last), **known),  # type: ignore[arg-type]
        ChatRequest(model, (system, *turns, last)),
    ]
    if "response_schema" in spec.options and spec.name != "deepseek":
        asked.append(ChatRequest(model, (last,), response_schema=SCHEMA))
    return asked


COLUMNS: dict[str, Callable[[Provider, Place], Awaitable[None]]] = {
    "list": lists,
    "chat": answers,
    "stream": streams,
    "usage": counts,
    "wrong key": refuses_a_wrong_key,
    "mangled key": refuses_what_no_header_carries,
    "unknown model": knows_no_such_model,
    "rate limit": says_how_long_to_wait,
    "cut": tells_a_cut,
    "stall": tells_a_stall,
    "echoed key": hides_an_echoed_key,
    "preview": previews_what_it_sends,
}

DOUBLE = dict.fromkeys(COLUMNS, "double")
REAL = DOUBLE | dict.fromkeys(
    ["list", "chat", "stream", "usage", "wrong key", "unknown model"], "real"
)

TABLE: dict[str, dict[str, str]] = {
    "openai": REAL,
    "anthropic": REAL,
    "gemini": REAL,
    # The proxy has Azure's way to ask, but none to list deployments.
    "azure": REAL | {"list": "double"},
    "litellm_proxy": REAL,
    # Its server has one model and answers by any name.
    "llamacpp": REAL | {"unknown model": "double"},
    "embedded": {
        "list": "real",
        "chat": "real",
        "stream": "real",
        "usage": "real",
        "wrong key": "it makes its own key for its own child process",
        "mangled key": "it makes its own key for its own child process",
        "unknown model": "real",
        "rate limit": "nobody limits it",
        "cut": "its child's death is an error of its own: test_embedded.py",
        "stall": "its client is that of llamacpp, and a kill is in test_embedded.py",
        "echoed key": "no key of the user's is near it",
        "preview": "its server shows no bytes: test_provider.py compares its client's",
    },
    # A machine that builds this has no Ollama, and none but AWS has Bedrock.
    "ollama": DOUBLE,
    "bedrock": DOUBLE,
    # The library is the real one in all of them.
    "litellm": REAL
    | {
        "list": "its list is the library's own table: litellm/test_provider.py",
        # llama.cpp's server has one model and answers by any name.
        "unknown model": "double",
    },
    # Only their makers run these; their servers speak the wire format of `openai`.
    "openrouter": DOUBLE,
    "groq": DOUBLE,
    "deepseek": DOUBLE,
    "xai": DOUBLE,
    "mistral": DOUBLE,
}

SHOWN = ("real", "double")


@pytest.fixture(scope="session")
def _bedrock() -> Iterator[BedrockDouble]:
    with BedrockDouble() as double:
        yield double


@pytest.fixture
def servers(
    double: OpenAIDouble,
    anthropic: AnthropicDouble,
    ollama: OllamaDouble,
    _bedrock: BedrockDouble,
    _engine: Callable[[], Engine],
    _proxy: Callable[[], LiteLLMProxy],
) -> Servers:
    return Servers(double, anthropic, ollama, _bedrock, _engine, _proxy)


def cells() -> list[Any]:
    """Every cell of the table as a test."""
    found: list[Any] = []
    for name, row in TABLE.items():
        for column in COLUMNS:
            where = row[column]
            marks = [pytest.mark.embedded] if where == "real" else []
            if name in BY_LITELLM:
                marks.append(pytest.mark.slow)
            if name in BY_LITELLM or (where == "real" and name != "embedded"):
                marks.append(needs_litellm)
            if where not in SHOWN:
                marks.append(pytest.mark.skip(reason=where))
            test = f"{name}-{column}"
            found.append(pytest.param(name, column, where, id=test, marks=marks))
    return found


needs_litellm = pytest.mark.skipif(
    importlib.util.find_spec("litellm") is None, reason="litellm[proxy] is missing"
)


def provider_at(name: str, place: Place, key: str, timeouts: Timeouts) -> Provider:
    secrets = {place.key_name: key} if place.key_name else {}
    given = replace(
        context(secrets, place.environ, timeouts=timeouts), cache_dir=cache_of_tests
    )
    return Registry(given, Plugins()).get(name)


@pytest.mark.parametrize(("name", "column", "where"), cells())
def test_what_every_provider_has_to_do(
    servers: Servers,
    runtime: Runtime,
    lend_litellm: Callable[[], None],
    name: str,
    column: str,
    where: str,
) -> None:
    place = servers.place(name, where)
    if column == "wrong key" and where == "double":
        servers.lock(KEY)
    keys = {"wrong key": WRONG, "mangled key": MANGLED}
    if name == "bedrock":
        keys["echoed key"] = WRONG
    place = replace(place, key=keys.get(column, place.key))
    timeouts = SILENT if column == "stall" else Timeouts()
    provider = provider_at(name, place, place.key, timeouts)
    if name in BY_LITELLM:
        lend_litellm()

    async def scenario() -> None:
        try:
            async with asyncio.timeout(120):
                await COLUMNS[column](provider, place)
        finally:
            await provider.aclose()

    try:
        runtime.run(scenario())
    finally:
        servers.lock(None)


@pytest.mark.parametrize("name", ["openai", "anthropic", "azure", "gemini"])
async def test_a_password_in_an_address_is_shown_nowhere(
    servers: Servers, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    place = servers.place(name, "double")
    environ = {
        variable: url.replace("://", f"://me:{PASSWORD}@")
        for variable, url in place.environ.items()
    }
    provider = provider_at(name, replace(place, environ=environ), KEY, Timeouts())
    assert len(await answer(provider, place.model)) > 1
    error = await failure(provider, "fault-404-path")
    listing = [await provider.models()]
    await provider.aclose()
    shown = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    assert "HTTP Request" in caplog.text, "the HTTP library did not log"
    assert listing
    for text in (f"{error!r}{error}", shown, caplog.text):
        assert PASSWORD not in text
        assert KEY not in text


def test_the_table_has_every_provider_and_no_empty_cell() -> None:
    assert set(TABLE) == set(SPECS)
    for name, row in TABLE.items():
        assert set(row) == set(COLUMNS), name
        assert all(row.values()), name


@pytest.mark.embedded
@needs_litellm
@pytest.mark.parametrize("name", ["openai", "anthropic", "azure", "gemini"])
class TestConformanceWithARealModel(ProviderConformance):
    unknown_model = UNKNOWN

    @pytest.fixture
    def provider(self, servers: Servers, name: str) -> Provider:
        place = servers.place(name, "real")
        made = provider_at(name, place, place.key, Timeouts())
        if name == "azure":
            # What can be asked and is not listed: see the table.
            made.models = _nothing  # type: ignore[method-assign]
        return made

    @pytest.fixture
    def model(self, servers: Servers, name: str) -> str:
        return servers.place(name, "real").model


async def _nothing() -> list[object]:
    return []
