"""ask, aask and stream: the command ask as functions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama, get_app
from parllama_nb.chats.answer import Answer
from parllama_nb.errors import (
    ModelNotFoundError,
    NoModelError,
    StreamInterruptedError,
    UnknownProviderError,
    UsageError,
)
from parllama_nb.plugins import PROVIDERS
from parllama_nb.providers.messages import ThinkingDelta
from parllama_nb.testing import FakeProvider, Pause

from ..interrupts import interrupt_the_waiting
from ..own_app import scripted
from ..servers.openai_sse import OpenAIDouble

MODEL = "fake/scripted"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Parllama:
    """The kernel's app, which the functions use."""
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    app = get_app()
    app.plugins.ignore_installed(PROVIDERS)
    return app


@pytest.fixture
def double(app: Parllama, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        monkeypatch.setenv("OPENAI_BASE_URL", double.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-sentinel-1f2e3d4c")
        yield double


def achat(prompt: str, **options: Any) -> Answer:
    return asyncio.run(pl.achat(prompt, **options))


def stream(prompt: str, **options: Any) -> Answer:
    chunks = pl.stream(prompt, **options)
    text = "".join(chunks)
    assert chunks.answer is not None
    assert chunks.answer.text == text
    return chunks.answer


def astream(prompt: str, **options: Any) -> Answer:
    async def whole() -> Answer:
        chunks = pl.stream(prompt, **options)
        text = "".join([text async for text in chunks])
        assert chunks.answer is not None
        assert chunks.answer.text == text
        return chunks.answer

    return asyncio.run(whole())


ways = pytest.mark.parametrize("ask", [pl.chat, achat, stream, astream])
Ask = Callable[..., Answer]


@ways
def test_ask_aask_and_stream_return_the_same_answer(app: Parllama, ask: Ask) -> None:
    provider = scripted(app, [ThinkingDelta("hm"), "One", " two", " three."])
    answer = ask("How much?", model=MODEL, system="Count.", temperature=1, seed=3)
    assert answer.text == "One two three."
    assert answer.thinking == "hm"
    assert answer.model == MODEL
    (request,) = provider.requests
    assert [message.text for message in request.messages] == ["Count.", "How much?"]
    assert (request.temperature, request.seed) == (1, 3)


@ways
def test_a_prompt_from_python_is_sent_unfilled(app: Parllama, ask: Ask) -> None:
    provider = scripted(app)
    prompt = " {{app}} {x} %d \\frac{a}{b}\n"
    ask(prompt, model=MODEL)
    assert provider.requests[0].messages[-1].text == prompt


@ways
@pytest.mark.parametrize(
    ("options", "says", "hint"),
    [
        ({"temprature": 1}, "temprature", "temperature"),
        ({"modell": MODEL}, "modell", "model"),
        ({"temperature": "hot"}, "temperature", ""),
        ({"temperature": 3}, "less than or equal to 2", ""),
        ({"max_tokens": 0}, "greater than or equal to 1", ""),
        ({"model": 7}, "model", ""),
    ],
)
def test_an_invalid_option_is_refused_before_anything_is_asked(
    app: Parllama, ask: Ask, options: dict[str, Any], says: str, hint: str
) -> None:
    provider = scripted(app)
    with pytest.raises(UsageError) as caught:
        ask("hi", **{"model": MODEL, **options})
    assert says in caught.value.message
    assert hint in str(caught.value.hint)
    assert caught.value.__context__ is None
    assert provider.requests == []


@ways
@pytest.mark.parametrize("name", ["output", "follow", "background", "notes"])
def test_an_option_that_only_a_cell_has_is_refused(
    app: Parllama, ask: Ask, name: str
) -> None:
    provider = scripted(app)
    with pytest.raises(UsageError, match=name):
        ask("hi", model=MODEL, **{name: True})
    assert provider.requests == []


@ways
def test_an_empty_prompt_is_refused(app: Parllama, ask: Ask) -> None:
    scripted(app)
    with pytest.raises(UsageError, match="empty"):
        ask(" \n", model=MODEL)


@ways
@pytest.mark.parametrize(
    ("model", "error"),
    [
        (None, NoModelError),
        ("fak/scripted", UnknownProviderError),
        ("scripted", UsageError),
        ("fake/nothing", ModelNotFoundError),
    ],
)
def test_an_unknown_model_raises_an_error(
    app: Parllama,
    ask: Ask,
    model: str | None,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted(app)
    with pytest.raises(error):
        ask("hi", model=model)


@ways
def test_an_interrupted_answer_is_raised_with_its_partial_text(
    app: Parllama, ask: Ask
) -> None:
    scripted(app, ["Half", StreamInterruptedError("Fake: cut.")])
    with pytest.raises(StreamInterruptedError, match="cut"):
        ask("hi", model=MODEL, session="s")
    (turn,) = app.runtime.run(app.chats.turns("s"))
    assert turn.answer.text == "Half"


@pytest.mark.parametrize("whole", [False, True])
def test_a_stream_that_fails_yields_its_text_and_raises_once(
    app: Parllama, whole: bool
) -> None:
    scripted(app, ["Half", StreamInterruptedError("Fake: cut.")])
    chunks = pl.stream("hi", model=MODEL)
    texts = iter(chunks)
    assert next(texts) == "Half"
    with pytest.raises(StreamInterruptedError):
        next(texts)
    assert list(texts) == []
    assert chunks.answer is not None
    assert chunks.answer.text == "Half"


@ways
def test_ask_with_a_session_continues_that_conversation(
    app: Parllama, ask: Ask
) -> None:
    provider = scripted(app)
    for expected in (1, 2):
        answer = ask("hi", model=MODEL, session="s")
        assert (answer.session, answer.turn) == ("s", expected)
    assert len(provider.requests[1].messages) == 3


def test_a_stream_does_not_yield_thoughts(app: Parllama) -> None:
    scripted(app, [ThinkingDelta("hm"), "Yes.", ThinkingDelta("sure")])
    assert list(pl.stream("hi", model=MODEL)) == ["Yes."]


def test_a_stream_that_was_read_is_empty_when_read_again(app: Parllama) -> None:
    scripted(app, ["a"])
    chunks = pl.stream("hi", model=MODEL)
    assert list(chunks) == ["a"]
    again: list[list[str]] = []
    reading = threading.Thread(target=lambda: again.append(list(chunks)), daemon=True)
    reading.start()
    reading.join(5)
    assert again == [[]]


# leaving early


def test_leaving_a_stream_ends_the_request_at_the_server(double: OpenAIDouble) -> None:
    for text in pl.stream("hi", model="openai/synthetic:10000:50"):
        assert text
        break
    assert double.last.wait() == "disconnected"
    assert double.last.sent < 1000


def test_leaving_an_async_stream_ends_the_request_at_the_server(
    double: OpenAIDouble,
) -> None:
    async def first() -> str:
        async for text in pl.stream("hi", model="openai/synthetic:10000:50"):
            return text
        return ""

    assert asyncio.run(first())
    assert double.last.wait() == "disconnected"


def test_an_error_in_the_readers_code_ends_the_request(double: OpenAIDouble) -> None:
    def read() -> None:
        for text in pl.stream("hi", model="openai/synthetic:10000:50"):
            raise ZeroDivisionError(text)

    with pytest.raises(ZeroDivisionError):
        read()
    assert double.last.wait() == "disconnected"


def test_cancelling_aask_ends_the_request_at_the_server(double: OpenAIDouble) -> None:
    async def scenario() -> None:
        task = asyncio.ensure_future(pl.achat("hi", model="openai/fault-stall-headers"))
        await asyncio.to_thread(double.arrived.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert double.last.wait() == "disconnected"


def test_many_aask_calls_run_at_the_same_time(app: Parllama) -> None:
    provider = scripted(app, lambda r: [Pause(0.05), r.messages[-1].text])
    assert isinstance(provider, FakeProvider)

    async def scenario() -> list[Answer]:
        asked = [pl.achat(f"{n}", model=MODEL) for n in range(30)]
        return await asyncio.gather(*asked)

    answers = asyncio.run(scenario())
    assert [answer.text for answer in answers] == [f"{n}" for n in range(30)]


class _Interrupting(FakeProvider):
    """Answers, and then the user presses Ctrl-C."""

    async def stream(self, request: Any, report: Any) -> Any:
        async for event in super().stream(request, report):
            yield event
            if getattr(event, "text", "") == "Half":
                # When the text has surely arrived.
                asyncio.get_running_loop().call_later(0.1, interrupt_the_waiting)


def test_ctrl_c_in_ask_returns_the_text_so_far(app: Parllama) -> None:
    provider = scripted(app, ["Half", Pause(60)], kind=_Interrupting)
    answer = pl.chat("hi", model=MODEL)
    assert (answer.text, answer.finish_reason) == ("Half", "cancelled")
    assert provider.open == 0


def test_ctrl_c_in_a_stream_raises_and_ends_the_request(app: Parllama) -> None:
    provider = scripted(app, ["Half", Pause(60)], kind=_Interrupting)
    texts: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        texts.extend(pl.stream("hi", model=MODEL))
    job = app.jobs.list()[0]
    answer = job.result()
    assert (answer.text, answer.finish_reason) == ("Half", "cancelled")
    assert provider.open == 0


def test_a_stream_that_nobody_reads_is_still_answered(app: Parllama) -> None:
    scripted(app)
    pl.stream("hi", model=MODEL, session="s")
    app.jobs.list()[0].result()
    (turn,) = app.runtime.run(app.chats.turns("s"))
    assert turn.answer.text == "Hello from a script."


def test_pl_app_is_the_app_that_all_functions_use(app: Parllama) -> None:
    assert pl.app() is app
    scripted(app)
    app.model = MODEL
    assert pl.chat("hi").model == MODEL


def test_a_preview_is_what_asking_sends_and_sends_nothing(double: OpenAIDouble) -> None:
    options: dict[str, Any] = {"system": "Be brief.", "temperature": 0.3, "seed": 7}
    earlier = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "?"}]
    found = pl.preview("Wörter?", model="openai/echo", messages=earlier, **options)
    assert isinstance(found, pl.RequestPreview)
    assert double.requests == []
    assert [job for job in get_app().jobs.list() if job.listed] == []
    pl.ask("Wörter?", model="openai/echo", messages=earlier, **options)
    assert double.last.raw == found.body
    assert found.url == f"{double.url}/chat/completions"
    assert "sk-sentinel-1f2e3d4c" not in f"{found!r}{found}{found.markdown}"
    assert found.headers["authorization"] == "Bearer <Secret OPENAI_API_KEY>"
    assert str(found.tokens).startswith("about ")
    assert found.exact


def test_a_preview_refuses_what_asking_refuses(app: Parllama) -> None:
    fake = scripted(app)
    with pytest.raises(UsageError, match="temperatur"):
        pl.preview("hi", model=MODEL, temperatur=1)  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="one model"):
        pl.preview("hi", model=[MODEL, MODEL])  # type: ignore[arg-type]
    assert fake.requests == []
