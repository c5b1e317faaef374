"""One table: every provider, and what each has to do, on a real server where it can.

A cell of `TABLE` says where a behaviour is shown: on a `real` server with a real
model, on a `double`, which can be told to fail, or else why it is not shown. A new
provider is a row here; a behaviour that all must have is a column.
"""

from __future__ import annotations

import asyncio
import importlib.util
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    CutError,
    ModelNotFoundError,
    ProviderError,
    RateLimitError,
    TimedOutError,
)
from parllama_nb.plugins import Plugins
from parllama_nb.providers.base import Provider, Timeouts
from parllama_nb.providers.catalog import SPECS
from parllama_nb.providers.messages import Finish, StreamEvent, TextDelta
from parllama_nb.providers.registry import Registry
from parllama_nb.testing import ProviderConformance, context
from tests.servers.anthropic import AnthropicDouble
from tests.servers.double import Double
from tests.servers.litellm_proxy import LiteLLMProxy, RunningEngine
from tests.servers.openai_sse import OpenAIDouble

from .conftest import FAST, KEY, ask, log_everything
from .embedded_model import cache_of_tests, demo_model

WRONG = "sk-wrong-Zq7xKQwVb3nM0pLk"
PASSWORD = "hunter2-in-the-address"
MANGLED = "sk-copied-with\na-line-break"
UNKNOWN = "no-such-model-0.0b"


@dataclass(frozen=True)
class Place:
    """A server that a provider is sent to: where, with which key, what it has."""

    environ: dict[str, str]
    key: str
    model: str


@dataclass
class Servers:
    """All servers there are; each is started with the first cell that needs it."""

    openai: OpenAIDouble
    anthropic: AnthropicDouble
    proxy: Callable[[], LiteLLMProxy]

    def place(self, name: str, where: str) -> Place:
        """Where a provider finds a server of that kind."""
        spec = SPECS[name]
        if name == "embedded":
            return Place({}, "", "smollm2")
        if where == "double":
            double: Double = self.anthropic if name == "anthropic" else self.openai
            url = double.root if spec.wire == "azure" else double.url
            return Place({spec.url_env[0]: url}, KEY, "echo")
        proxy = self.proxy()
        if name == "llamacpp":
            engine = proxy.engine
            key = engine.key.reveal()
            return Place({spec.url_env[0]: f"{engine.url}/v1"}, key, engine.load.name)
        # Gemini's own path of the OpenAI format has the one of OpenAI as its end.
        path = "/v1" if name in ("openai", "gemini") else ""
        environ = {spec.url_env[0]: f"{proxy.url}{path}"}
        if name == "azure":
            environ["OPENAI_API_VERSION"] = "2024-10-21"
        return Place(environ, proxy.key, proxy.model)


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
    assert provider.spec.key_env[0] in (error.hint or "")
    assert WRONG not in f"{error!r}{error}"
    with pytest.raises(AuthenticationError):
        await provider.models()


async def refuses_what_no_header_carries(provider: Provider, place: Place) -> None:
    error = await failure(provider, place.model)
    assert type(error) is AuthenticationError
    assert provider.spec.key_env[0] in error.message
    for part in (MANGLED, *MANGLED.split()):
        assert part not in f"{error!r}{error}"


async def knows_no_such_model(provider: Provider, place: Place) -> None:
    error = await failure(provider, UNKNOWN)
    assert type(error) is ModelNotFoundError
    assert UNKNOWN in error.message


async def says_how_long_to_wait(provider: Provider, place: Place) -> None:
    error = await failure(provider, "fault-429-retry-after")
    assert type(error) is RateLimitError
    assert error.retriable
    assert error.retry_after == 7


async def tells_a_cut(provider: Provider, place: Place) -> None:
    error = await failure(provider, "fault-cut")
    assert type(error) is CutError
    assert not error.retriable


async def tells_a_stall(provider: Provider, place: Place) -> None:
    error = await failure(provider, "fault-stall")
    assert type(error) is TimedOutError


async def hides_an_echoed_key(provider: Provider, place: Place) -> None:
    error = await failure(provider, "fault-401-echo")
    assert type(error) is AuthenticationError
    for part in (KEY, KEY[:10]):
        assert part not in f"{error!r}{error}{error.hint}"


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
    },
    # Only their makers run these; their servers speak the wire format of `openai`.
    "ollama": DOUBLE,
    "openrouter": DOUBLE,
    "groq": DOUBLE,
    "deepseek": DOUBLE,
    "xai": DOUBLE,
    "mistral": DOUBLE,
}

SHOWN = ("real", "double")


@pytest.fixture(scope="session")
def _proxy() -> Iterator[Callable[[], LiteLLMProxy]]:
    """Starts the engine and the proxy with the first call, and ends them at the end."""
    running: list[LiteLLMProxy] = []
    engines: list[RunningEngine] = []

    def start() -> LiteLLMProxy:
        if not running:
            engine = RunningEngine(demo_model())
            proxy = LiteLLMProxy(engine.__enter__())
            engines.append(engine)
            running.append(proxy.__enter__())
        return running[0]

    yield start
    for each in (*running, *engines):
        each.__exit__()


@pytest.fixture
def servers(
    double: OpenAIDouble,
    anthropic: AnthropicDouble,
    _proxy: Callable[[], LiteLLMProxy],
) -> Servers:
    return Servers(double, anthropic, _proxy)


def needs_a_proxy(name: str, where: str) -> bool:
    return where == "real" and name != "embedded"


def cells() -> list[Any]:
    """Every cell of the table as a test."""
    found: list[Any] = []
    for name, row in TABLE.items():
        for column in COLUMNS:
            where = row[column]
            marks = [pytest.mark.embedded] if where == "real" else []
            if needs_a_proxy(name, where):
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
    secrets = {SPECS[name].key_env[0]: key} if SPECS[name].key_env else {}
    given = replace(
        context(secrets, place.environ, timeouts=timeouts), cache_dir=cache_of_tests
    )
    return Registry(given, Plugins()).get(name)


@pytest.mark.parametrize(("name", "column", "where"), cells())
async def test_what_every_provider_has_to_do(
    servers: Servers, name: str, column: str, where: str
) -> None:
    place = servers.place(name, where)
    if column == "wrong key" and where == "double":
        servers.openai.key = servers.anthropic.key = KEY
    key = {"wrong key": WRONG, "mangled key": MANGLED}.get(column, place.key)
    timeouts = FAST if column == "stall" else Timeouts()
    provider = provider_at(name, place, key, timeouts)
    try:
        async with asyncio.timeout(120):
            await COLUMNS[column](provider, place)
    finally:
        servers.openai.key = servers.anthropic.key = None
        await provider.aclose()


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
