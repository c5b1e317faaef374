"""For tests: a provider that does what it is told, and what every provider must do.

`FakeProvider` answers from a script. `ProviderConformance` is the suite that the
providers here pass, and that one of your own should:

    class TestAcme(ProviderConformance):
        @pytest.fixture
        def provider(self):
            return AcmeProvider(AcmeProvider.spec, context())

        @pytest.fixture
        def model(self):
            return "acme-small"

It needs pytest, and nothing else; each test runs on an event loop of its own. With
`pytest.register_assert_rewrite("parllama_nb.testing")` in a `conftest.py`, before the
import, a failure shows its values.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from .errors import ModelNotFoundError, ParllamaError
from .events import Progress
from .providers.base import (
    ModelInfo,
    Provider,
    ProviderContext,
    ProviderOptions,
    Spec,
    Timeouts,
)
from .providers.messages import (
    ChatRequest,
    Finish,
    Message,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from .secret import Redactor, Secret

# ruff: noqa: ARG002 - a suite of tests takes fixtures

__all__ = ["FakeProvider", "Pause", "ProviderConformance", "Script", "context"]


_T = TypeVar("_T")


def context(
    secrets: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    timeouts: Timeouts | None = None,
    options: Mapping[str, ProviderOptions] | None = None,
) -> ProviderContext:
    """A context that knows these secrets and variables, and nothing of the machine.

    `options` is what is chosen for a provider, by its name; it is read at each call.
    """
    redact = Redactor()
    usual = ProviderOptions(timeouts=timeouts or Timeouts())
    chosen = {} if options is None else options
    values = dict(secrets or {})

    def secret(name: str) -> Secret | None:
        return redact.add(Secret(name, values[name])) if values.get(name) else None

    return ProviderContext(
        secret=secret,
        redact=redact,
        environ=dict(environ or {}).get,
        cache_dir=tempfile.gettempdir,
        options=lambda name: chosen.get(name, usual),
    )


@dataclass(frozen=True, slots=True)
class Pause:
    """A step of a script that waits: for some seconds, or until an event is set.

    An event is one of the loop the provider runs on.
    """

    until: float | asyncio.Event


Step = str | StreamEvent | Progress | Pause | Exception
"""A text is a delta; a progress is reported; an exception is raised."""

Script = Sequence[Step] | Callable[[ChatRequest], Iterable[Step]]


class FakeProvider(Provider):
    """A provider that answers every request from a script.

    Where the script does not end in a `Finish` or an error, the answer ends well, with
    no usage. Requests are kept in `requests`; `open` counts the streams under way and
    `closed_early` those that were closed before their end.
    """

    spec = Spec(name="fake", title="Fake", wire="fake", key="none", local=True)

    def __init__(
        self,
        script: Script = ("Hello", " from", " a script."),
        *,
        models: Iterable[str] = ("scripted",),
        spec: Spec | None = None,
        context: ProviderContext | None = None,
    ) -> None:
        super().__init__(spec or type(self).spec, context or _context())
        self.script = script
        self.requests: list[ChatRequest] = []
        self.open = 0
        self.closed_early = 0
        self._models = tuple(models)

    async def models(self) -> list[ModelInfo]:
        """The models it was made with."""
        return [ModelInfo(self.spec.name, name) for name in self._models]

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Go through the script, a step at a time."""
        self.requests.append(request)
        if request.model not in self._models:
            message = f"{self.spec.title}: there is no model {request.model!r}."
            raise ModelNotFoundError(message, status=404)
        script = self.script
        steps = script(request) if callable(script) else script
        self.open += 1
        ended = False
        try:
            for step in steps:
                match step:
                    case Pause(until=asyncio.Event() as event):
                        await event.wait()
                    case Pause(until=float() | int() as seconds):
                        await asyncio.sleep(seconds)
                    case Progress():
                        report(step)
                    case Exception():
                        ended = True
                        raise step
                    case str():
                        yield TextDelta(step)
                    case Finish():
                        ended = True
                        yield step
                        return
                    case TextDelta() | ThinkingDelta():
                        yield step
            ended = True
            yield Finish("stop")
        finally:
            self.open -= 1
            self.closed_early += not ended


_context = context


class ProviderConformance:
    """What the rest of the house relies on, as tests.

    A subclass gives two fixtures: `provider`, one that is new for every test, and
    `model`, a model of it that answers. It may set:

    `unknown_model`: a name the provider does not know. None opts out of the test that
    such a name is refused, for servers that have one model and ignore its name.
    `prompt`: what to ask; the answer should have several tokens.
    `patience`: seconds a test may take.
    """

    unknown_model: ClassVar[str | None] = "no-such-model-0.0b"
    prompt: ClassVar[str] = "Count from one to twenty in words."
    patience: ClassVar[float] = 120.0

    def test_an_answer_is_deltas_and_then_one_finish(
        self, provider: Provider, model: str
    ) -> None:
        """Deltas that are not empty; the last event, and no other, is a `Finish`."""
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
        """Closing after the first delta returns soon and leaves nothing behind."""

        async def scenario() -> list[StreamEvent]:
            async with aclosing(self._stream(provider, model)) as stream:
                first = await anext(stream)
            assert isinstance(first, TextDelta | ThinkingDelta)
            return await self._answer(provider, model)

        assert _text(self.run(provider, scenario()))

    def test_two_streams_at_once_do_not_mix(
        self, provider: Provider, model: str
    ) -> None:
        """Each is a whole answer, and nothing of a stream is on the provider."""

        async def scenario() -> None:
            one = self._stream(provider, model)
            other = self._stream(provider, model)
            before = set(vars(provider))
            async with aclosing(one), aclosing(other):
                # Step by step in turns, so that they overlap for certain.
                events: tuple[list[StreamEvent], list[StreamEvent]] = ([], [])
                streams = [(one, events[0]), (other, events[1])]
                while streams:
                    for stream, into in list(streams):
                        event = await anext(stream, None)
                        if event is None:
                            streams.remove((stream, into))
                        else:
                            into.append(event)
            for got in events:
                assert _text(got)
                assert [type(e) for e in got].count(Finish) == 1
                assert isinstance(got[-1], Finish)
            new = set(vars(provider)) - before
            assert not new, f"a stream left {new} on the provider"

        self.run(provider, scenario())

    def test_an_unknown_model_is_an_error_of_its_own(
        self, provider: Provider, model: str
    ) -> None:
        """`ModelNotFoundError`, so that names that come near can be offered."""
        unknown = self.unknown_model
        if unknown is None:
            import pytest  # noqa: PLC0415 - FakeProvider does without

            pytest.skip("the provider answers by any name")
        error = self.run(provider, self._failure(provider, unknown))
        assert isinstance(error, ModelNotFoundError), repr(error)
        assert unknown in error.message

    def test_errors_are_ours_and_one_line(self, provider: Provider, model: str) -> None:
        """No foreign exception comes out, nor hangs on to what does."""
        if self.unknown_model is None:
            import pytest  # noqa: PLC0415

            pytest.skip("there is no error to be had on purpose")
        error = self.run(provider, self._failure(provider, self.unknown_model))
        assert error.message
        assert "\n" not in f"{error.message}{error.hint or ''}"
        assert error.__cause__ is None
        assert error.__context__ is None

    def test_models_are_listed_under_the_name_of_the_provider(
        self, provider: Provider, model: str
    ) -> None:
        """What is listed can be typed."""
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

    def run(self, provider: Provider, awaitable: Awaitable[_T]) -> _T:
        """Run on a loop of its own, and close the provider on it."""

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
