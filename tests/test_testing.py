"""The public test helpers: the fake provider and the conformance suite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from parllama_nb.errors import ModelNotFoundError, ServerError
from parllama_nb.events import Progress
from parllama_nb.providers.base import Provider
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    Message,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from parllama_nb.providers.spec import ModelInfo, Spec
from parllama_nb.testing import (
    PROVIDERS,
    FakeProvider,
    Pause,
    ProviderConformance,
    context,
)

from .own_app import own_app

REQUEST = ChatRequest("scripted", (Message.of("user", "hello"),))


class TestConformance(ProviderConformance):
    @pytest.fixture
    def provider(self) -> FakeProvider:
        return FakeProvider()

    @pytest.fixture
    def model(self) -> str:
        return "scripted"


async def answer(provider: Provider) -> list[StreamEvent]:
    return [event async for event in provider.stream(REQUEST, lambda _: None)]


async def test_a_fake_provider_follows_its_script_step_by_step() -> None:
    reported: list[Progress] = []
    provider = FakeProvider(
        [
            Progress("loading", 1, 2),
            ThinkingDelta("hm"),
            Pause(0.0),
            "text",
            TextDelta(" more"),
            Finish("length", Usage(1, 2)),
            "never",
        ]
    )
    events = [event async for event in provider.stream(REQUEST, reported.append)]
    assert events == [
        ThinkingDelta("hm"),
        TextDelta("text"),
        TextDelta(" more"),
        Finish("length", Usage(1, 2)),
    ]
    assert reported == [Progress("loading", 1, 2)]
    assert provider.requests == [REQUEST]
    assert (provider.open, provider.closed_early) == (0, 0)


async def test_a_script_may_depend_on_the_request() -> None:
    provider = FakeProvider(lambda request: [request.messages[-1].text.upper()])
    assert await answer(provider) == [TextDelta("HELLO"), Finish("stop")]


async def test_a_script_may_fail() -> None:
    provider = FakeProvider(["some", ServerError("down")])
    with pytest.raises(ServerError, match="down"):
        await answer(provider)
    assert (provider.open, provider.closed_early) == (0, 0)


async def test_a_script_may_wait_for_the_test() -> None:
    gate = asyncio.Event()
    provider = FakeProvider(["one", Pause(gate), "two"])
    async with aclosing(provider.stream(REQUEST, lambda _: None)) as stream:
        assert await anext(stream) == TextDelta("one")
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        assert not waiting.done()
        assert provider.open == 1
        gate.set()
        assert await waiting == TextDelta("two")
    assert (provider.open, provider.closed_early) == (0, 1)


async def test_a_fake_provider_refuses_other_models() -> None:
    provider = FakeProvider(models=["a"])
    with pytest.raises(ModelNotFoundError, match="scripted"):
        await answer(provider)
    assert await provider.models() == [ModelInfo("fake", "a")]


def test_an_app_uses_a_provider_that_is_provided_at_any_time() -> None:
    with own_app() as app:
        assert "acme" not in app.providers.names()
        acme = Spec("acme", "Acme", "openai", "http://127.0.0.1:9/v1", key="none")
        app.plugins.provide(PROVIDERS, "any-name", acme)
        assert app.providers.parse("acme/small") == ("acme", "small")
        corrected = replace(acme, title="Acme Ltd")
        app.plugins.provide(PROVIDERS, "any-name", corrected)
        assert app.providers.get("acme").spec is corrected


def test_a_context_has_the_secrets_it_was_given() -> None:
    given = context({"A_KEY": "value-of-a"}, {"A_URL": "http://a"})
    secret = given.secret("A_KEY")
    assert secret
    assert secret.reveal() == "value-of-a"
    assert given.secret("B_KEY") is None
    assert given.environ("A_URL") == "http://a"
    assert given.redact("value-of-a") == "<Secret A_KEY>"


class Bad(FakeProvider):
    """A provider with one fault, which its subclass names."""


class TwoFinishes(Bad):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        async for event in super().stream(request, report):
            yield event
        yield Finish("stop")


class NoFinish(Bad):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        yield TextDelta("text")


class MadeUpUsage(Bad):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        yield TextDelta("text")
        yield Finish("stop", Usage(0, 0))


class KeepsItsStream(Bad):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        self.text = ""
        async for event in super().stream(request, report):
            yield event


class HangsAfterClose(Bad):
    busy = False

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        if self.busy:
            await asyncio.Event().wait()
        self.busy = True
        yield TextDelta("text")
        self.busy = False
        yield Finish("stop")


class AnyModel(Bad):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        yield TextDelta("text")
        yield Finish("stop")


class Chains(Bad):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        message = f"no model {request.model}"
        raise ModelNotFoundError(message) from OSError()
        yield


class ListsOthers(Bad):
    async def models(self) -> list[ModelInfo]:
        return [ModelInfo("another", "a")]


SUITE = ProviderConformance
Check = Callable[[ProviderConformance, Provider, str], None]


@pytest.mark.parametrize(
    ("bad", "check"),
    [
        (TwoFinishes, SUITE.test_an_answer_is_deltas_and_then_one_finish),
        (NoFinish, SUITE.test_an_answer_is_deltas_and_then_one_finish),
        (MadeUpUsage, SUITE.test_usage_is_counted_or_none),
        (KeepsItsStream, SUITE.test_two_streams_at_once_do_not_mix),
        (HangsAfterClose, SUITE.test_a_stream_closed_early_lets_the_next_one_answer),
        (AnyModel, SUITE.test_an_unknown_model_raises_model_not_found),
        (Chains, SUITE.test_errors_are_ours_and_one_line),
        (ListsOthers, SUITE.test_models_are_listed_under_the_name_of_the_provider),
    ],
)
def test_the_conformance_suite_fails_for_a_wrong_provider(
    bad: type[Bad], check: Check
) -> None:
    suite = SUITE()
    suite.patience = 0.5  # type: ignore[misc]
    with pytest.raises((AssertionError, TimeoutError)):
        check(suite, bad(), "scripted")
