"""The provider made of a spec: conformance, its key, its address, its models."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from parllama_nb.errors import AuthenticationError, ConnectionFailedError, UsageError
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.messages import Finish
from parllama_nb.providers.openai.client import OpenAIClient
from parllama_nb.providers.openai.provider import OpenAIWire
from parllama_nb.providers.spec import Spec
from parllama_nb.testing import ProviderConformance, context
from tests.servers.openai_sse import OpenAIDouble

from ..conftest import KEY, ask


class TestConformance(ProviderConformance):
    @pytest.fixture
    def provider(self, spec: Spec) -> OpenAIWire:
        return OpenAIWire(spec, context({"DOUBLE_API_KEY": KEY}))

    @pytest.fixture
    def model(self) -> str:
        return "echo"


async def answer(provider: OpenAIWire, model: str = "echo") -> list[object]:
    return [event async for event in provider.stream(ask(model), lambda _: None)]


async def test_a_missing_key_names_its_variable_and_where_to_get_one(
    spec: Spec, double: OpenAIDouble
) -> None:
    provider = OpenAIWire(spec, context())
    with pytest.raises(AuthenticationError, match="Double: there is no key") as caught:
        await answer(provider)
    assert caught.value.hint == (
        "Set DOUBLE_API_KEY. Keys: https://double.example/keys"
    )
    with pytest.raises(AuthenticationError):
        await provider.models()
    await provider.warm()
    assert not double.requests


async def test_a_refused_key_names_its_variable_and_where_to_get_one(
    spec: Spec,
) -> None:
    provider = OpenAIWire(spec, context({"DOUBLE_API_KEY": KEY}))
    with pytest.raises(AuthenticationError) as caught:
        await answer(provider, "fault-401-echo")
    await provider.aclose()
    assert "DOUBLE_API_KEY" in (caught.value.hint or "")
    assert "https://double.example/keys" in (caught.value.hint or "")
    assert KEY not in str(caught.value)


async def test_a_key_that_is_set_later_is_used_and_answers_under_way_go_on(
    spec: Spec, double: OpenAIDouble
) -> None:
    secrets = {"DOUBLE_API_KEY": "the-first-key"}
    given = context()
    provider = OpenAIWire(
        spec,
        type(given)(
            secret=lambda name: context(secrets).secret(name),
            redact=given.redact,
            environ=given.environ,
            cache_dir=given.cache_dir,
        ),
    )
    async with aclosing(
        provider.stream(ask("synthetic:20:100"), lambda _: None)
    ) as under_way:
        await anext(under_way)
        secrets["DOUBLE_API_KEY"] = "the-second-key"
        await answer(provider)
        rest = [event async for event in under_way]
    await provider.aclose()
    assert isinstance(rest[-1], Finish)
    keys = [r.headers["authorization"] for r in double.requests]
    assert keys == ["Bearer the-first-key", "Bearer the-second-key"]


def with_secrets(spec: Spec, secrets: dict[str, str]) -> OpenAIWire:
    """A provider whose secrets can be changed."""
    given = replace(context(), secret=lambda name: context(secrets).secret(name))
    return OpenAIWire(spec, given)


async def closed(client: OpenAIClient, provider: OpenAIWire) -> bool:
    """Whether a client is closed, and forgotten by its provider, in a moment."""
    for _ in range(100):
        if not client._libraries and client not in provider._clients:
            return True
        await asyncio.sleep(0.01)
    return False


async def test_the_client_of_an_old_key_is_closed_with_the_next_request(
    spec: Spec,
) -> None:
    secrets = {"DOUBLE_API_KEY": "the-first-key"}
    provider = with_secrets(spec, secrets)
    await answer(provider)
    old = provider.client()
    assert old._libraries
    secrets["DOUBLE_API_KEY"] = "the-second-key"
    await answer(provider)
    assert await closed(old, provider)
    assert provider.client().key is not None
    assert provider._clients == [provider.client()]
    await provider.aclose()


async def test_the_client_of_an_old_key_is_closed_after_its_last_answer(
    spec: Spec,
) -> None:
    secrets = {"DOUBLE_API_KEY": "the-first-key"}
    provider = with_secrets(spec, secrets)
    request = ask("synthetic:20:100")
    async with aclosing(provider.stream(request, lambda _: None)) as in_progress:
        await anext(in_progress)
        old = provider.client()
        secrets["DOUBLE_API_KEY"] = "the-second-key"
        await answer(provider)
        await asyncio.sleep(0.05)
        assert old._libraries, "an answer in progress was cut"
        rest = [event async for event in in_progress]
    assert isinstance(rest[-1], Finish)
    assert await closed(old, provider)
    await provider.aclose()


async def test_the_client_of_a_key_that_is_gone_is_closed(spec: Spec) -> None:
    secrets = {"DOUBLE_API_KEY": "the-first-key"}
    provider = with_secrets(spec, secrets)
    await answer(provider)
    old = provider.client()
    secrets.clear()
    with pytest.raises(AuthenticationError):
        await answer(provider)
    assert await closed(old, provider)
    secrets["DOUBLE_API_KEY"] = "the-first-key"
    assert isinstance((await answer(provider))[-1], Finish)
    await provider.aclose()


async def test_the_address_may_come_from_the_environment(double: OpenAIDouble) -> None:
    given = context({"OPENAI_API_KEY": KEY}, {"OPENAI_BASE_URL": f" {double.url}/ "})
    provider = OpenAIWire(SPECS["openai"], given)
    assert isinstance((await answer(provider))[-1], Finish)
    await provider.aclose()
    assert double.last.path == "/v1/chat/completions"


async def test_an_address_that_is_none_is_refused() -> None:
    given = context({"OPENAI_API_KEY": KEY}, {"OPENAI_BASE_URL": "ftp://x:pw@y/"})
    with pytest.raises(UsageError, match="OPENAI_BASE_URL") as caught:
        await answer(OpenAIWire(SPECS["openai"], given))
    assert "pw" not in str(caught.value)


async def test_a_server_that_is_not_running_is_told_how_to_start() -> None:
    given = context(environ={"LLAMACPP_BASE_URL": "127.0.0.1:1"})
    provider = OpenAIWire(SPECS["llamacpp"], given)
    with pytest.raises(ConnectionFailedError) as caught:
        await answer(provider)
    await provider.aclose()
    assert "`llama-server -m" in (caught.value.hint or "")


async def test_models_say_what_the_server_says_of_them(spec: Spec) -> None:
    provider = OpenAIWire(spec, context({"DOUBLE_API_KEY": KEY}))
    listed = {info.name: info for info in await provider.models()}
    await provider.aclose()
    assert listed["echo"].id == "double/echo"
    assert listed["echo"].modified == "2023-11-14T22:13:20+00:00"
    assert listed["echo"].context_window is None


@pytest.mark.parametrize(
    "listed",
    [
        {"context_window": 8192},
        {"context_length": 8192},
        {"max_context_length": 8192},
        {"max_model_len": 8192},
        {"meta": {"n_ctx_train": 8192}},
    ],
)
def test_the_context_window_has_many_names(
    spec: Spec, listed: dict[str, object]
) -> None:
    info = OpenAIWire(spec, context())._info({"id": "m", **listed})
    assert info.context_window == 8192


def test_odd_listings_are_survived(spec: Spec) -> None:
    listed = {"id": "m", "created": 10**20, "meta": None, "context_window": "8k"}
    info = OpenAIWire(spec, context())._info(listed)
    assert (info.context_window, info.modified, info.size) == (None, None, None)


async def test_warming_up_opens_no_connection(spec: Spec, double: OpenAIDouble) -> None:
    provider = OpenAIWire(spec, context({"DOUBLE_API_KEY": KEY}))
    await provider.warm()
    await asyncio.sleep(0)
    await provider.aclose()
    assert not double.requests


def test_a_model_of_gemini_is_named_as_it_is_typed() -> None:
    given = context({"GEMINI_API_KEY": KEY})
    info = OpenAIWire(SPECS["gemini"], given)._info({"id": "models/gemini-3-flash"})
    assert info.id == "gemini/gemini-3-flash"
