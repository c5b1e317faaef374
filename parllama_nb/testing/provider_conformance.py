"""Tests that every provider must pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterable
from contextlib import aclosing
from typing import ClassVar, TypeVar

from ..errors import ModelNotFoundError, ParllamaError
from ..providers.base import Provider
from ..providers.messages import (
    ChatRequest,
    Finish,
    Message,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from ..providers.spec import ModelInfo
from ..providers.wire_preview import WirePreview

# ruff: noqa: ARG002 - a suite of tests takes fixtures

__all__ = ["ProviderConformance"]


_T = TypeVar("_T")


class ProviderConformance:
    """Tests of what the package relies on.

    A subclass defines two fixtures: `provider`, a new one for every test, and `model`,
    the name of a model of it that answers. It may set:

    `unknown_model`: a name of a model that the provider does not have. None skips the
    tests with it, for servers that have one model and ignore its name.
    `prompt`: the question; its answer should have several tokens.
    `patience`: seconds a test may take.
    """

    unknown_model: ClassVar[str | None] = "no-such-model-0.0b"
    prompt: ClassVar[str] = "Count from one to twenty in words."
    patience: ClassVar[float] = 120.0

    def test_an_answer_is_deltas_and_then_one_finish(
        self, provider: Provider, model: str
    ) -> None:
        """No delta is empty; the last event, and no other, is a `Finish`."""
        events = self.run(provider, self._answer(provider, model))
        *deltas, last = events
        assert deltas, "no delta came"
        assert isinstance(last, Finish), f"the last event is {last!r}"
        assert all(isinstance(e, TextDelta | ThinkingDelta) for e in deltas)
        assert all(e.text for e in deltas if isinstance(e, TextDelta | ThinkingDelta))
        assert _text(events), "the text is empty"
        assert last.reason in ("stop", "length", "content_filter")

    def test_usage_is_counted_or_none(self, provider: Provider, model: str) -> None:
        """Tokens are counts or None, never a made-up 0."""
        last = self.run(provider, self._answer(provider, model))[-1]
        assert isinstance(last, Finish)
        assert isinstance(last.usage, Usage)
        for tokens in (last.usage.input_tokens, last.usage.output_tokens):
            assert tokens is None or tokens > 0

    def test_a_stream_closed_early_lets_the_next_one_answer(
        self, provider: Provider, model: str
    ) -> None:
        """Closing after the first delta returns, and leaves nothing behind."""

        async def scenario() -> list[StreamEvent]:
            async with aclosing(self._stream(provider, model)) as stream:
                first = await anext(stream)
            assert isinstance(first, TextDelta | ThinkingDelta)
            return await self._answer(provider, model)

        assert _text(self.run(provider, scenario()))

    def test_two_streams_at_once_do_not_mix(
        self, provider: Provider, model: str
    ) -> None:
        """Each answer is complete, and no stream leaves state on the provider."""

        async def scenario() -> None:
            one = self._stream(provider, model)
            other = self._stream(provider, model)
            before = set(vars(provider))
            async with aclosing(one), aclosing(other):
                # One step of each in turn, so that they certainly overlap.
                events: tuple[list[StreamEvent], list[StreamEvent]] = ([], [])
                streams = [(one, events[0]), (other, events[1])]
                while streams:
                    for stream, into in list(streams):
                        event = await anext(stream, None)
                        if event is None:
                            streams.remove((stream, into))
                        else:
                            into.append(event)
            for received in events:
                assert _text(received)
                assert [type(e) for e in received].count(Finish) == 1
                assert isinstance(received[-1], Finish)
            new = set(vars(provider)) - before
            assert not new, f"a stream left {new} on the provider"

        self.run(provider, scenario())

    def test_an_unknown_model_raises_model_not_found(
        self, provider: Provider, model: str
    ) -> None:
        """`ModelNotFoundError`, so that the hint can list similar names."""
        unknown = self.unknown_model
        if unknown is None:
            import pytest  # noqa: PLC0415 - FakeProvider does without

            pytest.skip("the provider accepts any model's name")
        error = self.run(provider, self._failure(provider, unknown))
        assert isinstance(error, ModelNotFoundError), repr(error)
        assert unknown in error.message

    def test_errors_are_ours_and_one_line(self, provider: Provider, model: str) -> None:
        """No foreign exception is raised, nor chained to one of ours."""
        if self.unknown_model is None:
            import pytest  # noqa: PLC0415

            pytest.skip("the provider cannot be made to fail")
        error = self.run(provider, self._failure(provider, self.unknown_model))
        assert error.message
        assert "\n" not in f"{error.message}{error.hint or ''}"
        assert error.__cause__ is None
        assert error.__context__ is None

    def test_models_are_listed_under_the_name_of_the_provider(
        self, provider: Provider, model: str
    ) -> None:
        """Each listed name is unique and can be typed."""
        listed = self.run(provider, provider.models())
        assert all(isinstance(info, ModelInfo) for info in listed)
        assert {info.provider for info in listed} <= {provider.spec.name}
        names = [info.name for info in listed]
        assert len(names) == len(set(names))

    def test_warming_up_and_closing_twice_is_harmless(
        self, provider: Provider, model: str
    ) -> None:
        """`warm` never raises; after `aclose` the provider may be used again."""

        async def scenario() -> list[StreamEvent]:
            await provider.warm()
            await provider.aclose()
            await provider.aclose()
            return await self._answer(provider, model)

        assert _text(self.run(provider, scenario()))

    def test_a_preview_has_the_question_and_asks_nobody(
        self, provider: Provider, model: str
    ) -> None:
        """`WirePreview`: no delta comes of it, and it is the same the next time."""

        async def scenario() -> tuple[WirePreview, WirePreview]:
            request = ChatRequest(model, (Message.of("user", self.prompt),))
            return await provider.preview(request), await provider.preview(request)

        first, again = self.run(provider, scenario())
        assert isinstance(first, WirePreview)
        assert self.prompt.encode() in first.body
        assert (first.method, first.url, first.body) == (
            again.method,
            again.url,
            again.body,
        )
        assert first.exact == (not first.doubt)

    def run(self, provider: Provider, awaitable: Awaitable[_T]) -> _T:
        """Run a scenario on a loop of its own, and close the provider there."""

        async def scenario() -> _T:
            try:
                async with asyncio.timeout(self.patience):
                    return await awaitable
            finally:
                await provider.aclose()

        return asyncio.run(scenario())

    def _stream(
        self, provider: Provider, model: str
    ) -> AsyncGenerator[StreamEvent, None]:
        request = ChatRequest(model, (Message.of("user", self.prompt),), max_tokens=64)
        return provider.stream(request, lambda _: None)

    async def _answer(self, provider: Provider, model: str) -> list[StreamEvent]:
        async with aclosing(self._stream(provider, model)) as stream:
            return [event async for event in stream]

    async def _failure(self, provider: Provider, model: str) -> ParllamaError:
        try:
            await self._answer(provider, model)
        except ParllamaError as error:
            return error
        message = "the request did not fail"
        raise AssertionError(message)


def _text(events: Iterable[StreamEvent]) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta | ThinkingDelta))
