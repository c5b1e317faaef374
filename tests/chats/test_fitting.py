"""What of a conversation fits into a model's context window, and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.fitting import fit, reserved_for_answer, scale_of
from parllama_nb.chats.forecast import forecast
from parllama_nb.chats.history.reading import Turn
from parllama_nb.chats.left_out import Fitting
from parllama_nb.chats.preview import RequestPreview
from parllama_nb.chats.question import Question
from parllama_nb.providers.base import Provider
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    ImagePart,
    Message,
    TextPart,
    Usage,
)
from parllama_nb.providers.token_estimate import estimated_tokens_of

from ..own_app import own_app, result_of, scripted
from ..servers.ollama import OllamaDouble
from ..servers.openai_sse import OpenAIDouble


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        yield app


MODEL = "fake/scripted"


def turn(words: int, name: str = "word") -> list[Message]:
    text = f"{name} " * words
    return [Message.of("user", text), Message.of("assistant", text)]


SYSTEM = Message.of("system", "Be brief.")
ASKED = Message.of("user", "And now?")
FIXED = (SYSTEM, ASKED)


# which turns


def test_all_turns_are_sent_where_they_fit() -> None:
    turns = [turn(10) for _ in range(5)]
    found = fit(FIXED, turns, 8192, 1024)
    assert (found.left_out, found.fits, found.warnings, found.note) == (0, True, (), "")
    everything = [*FIXED, *(message for each in turns for message in each)]
    assert found.tokens == estimated_tokens_of(everything)


@pytest.mark.parametrize("window", [300, 1000, 2048, 4096, 8192])
def test_the_earliest_turns_are_left_out_and_no_more_than_needed(window: int) -> None:
    turns = [turn(20 + number % 7) for number in range(200)]
    found = fit(FIXED, turns, window, 100)
    assert 0 < found.left_out < 200
    rest = [message for each in turns[found.left_out :] for message in each]
    assert estimated_tokens_of([*FIXED, *rest]) + 100 <= window
    one_more = [message for each in turns[found.left_out - 1 :] for message in each]
    assert estimated_tokens_of([*FIXED, *one_more]) + 100 > window
    left_out = [message for each in turns[: found.left_out] for message in each]
    assert abs(found.left_out_tokens - estimated_tokens_of(left_out)) <= 1


def test_nothing_is_left_out_of_a_window_that_is_not_known() -> None:
    found = fit(FIXED, [turn(5000)], None, 0)
    assert (found.left_out, found.fits, found.warnings) == (0, True, ())


def test_a_question_that_does_not_fit_by_itself_is_sent_alone_and_said() -> None:
    question = Message.of("user", "word " * 3000)
    found = fit((SYSTEM, question), [turn(10), turn(10)], 2048, 1024)
    assert found.left_out == 2
    assert not found.fits
    first, second = found.warnings
    assert first.startswith("The first 2 turns, about ")
    assert second.startswith("The question has about ")
    assert second.endswith("and the model reads 2,048: it may be refused, or cut.")


def test_a_question_that_leaves_little_for_its_answer_is_said() -> None:
    question = Message.of("user", "word " * 1000)
    (warning,) = fit((question,), [], 2048, 1024).warnings
    assert warning.endswith("are left for the answer: the model reads 2,048.")


def test_a_picture_counts_as_many_words() -> None:
    picture = Message("user", (ImagePart("data:image/png;base64,AA=="), TextPart("?")))
    found = fit(FIXED, [[picture, Message.of("assistant", "A cat.")]], 1000, 500)
    assert found.left_out == 1


def test_the_warning_says_what_and_why() -> None:
    found = Fitting(8192, 1024, 7000, 12, 3412)
    (warning,) = found.warnings
    assert warning == (
        "The first 12 turns, about 3,400 tokens, are not sent: the model reads 8,192 "
        "tokens and 1,024 are kept for the answer."
    )
    assert found.note == "the first 12 turns were not sent"
    one = Fitting(8192, 1024, 7000, 1, 85)
    assert one.warnings[0].startswith("The first turn, about 85 tokens, is not sent:")
    assert one.note == "the first turn was not sent"


@pytest.mark.parametrize(
    ("options", "window", "reserved"),
    [
        ({}, 8192, 1024),
        ({"max_tokens": 100}, 8192, 100),
        ({"max_tokens": 100_000}, 8192, 4096),
        ({"reasoning_budget": 2000}, 8192, 3024),
        ({}, 1000, 500),
    ],
)
def test_the_answer_keeps_what_it_may_need_but_half_at_most(
    options: dict[str, Any], window: int, reserved: int
) -> None:
    request = ChatRequest("m", FIXED, **options)
    assert reserved_for_answer(request, window) == reserved


# what a provider counted


def counted(
    number: int, tokens: int | None, model: str = "fake/m", **more: Any
) -> Turn:
    question, answer = turn(50)
    usage = Usage(tokens, 50)
    return Turn(
        number, "settled", model, (question,), answer, "stop", None, usage, **more
    )


def estimate(turns: Sequence[Turn]) -> int:
    messages = [each.question[0] for each in turns]
    messages += [each.answer for each in turns[:-1]]
    return estimated_tokens_of(messages)


def test_estimates_are_corrected_by_what_was_counted_last() -> None:
    turns = [counted(1, None), counted(2, None)]
    known = estimate(turns)
    turns[1] = counted(2, round(known * 0.6))
    assert scale_of(turns, "fake/m") == pytest.approx(0.6, abs=0.01)
    turns.append(counted(3, None))
    assert scale_of(turns, "fake/m") == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(
    "turns",
    [
        [],
        [counted(1, None)],
        [counted(1, 20, model="fake/other")],
        [counted(1, 20, notes=("the first 3 turns were not sent",))],
        [counted(1, 10**6)],
    ],
)
def test_estimates_stand_where_nothing_better_is_known(turns: list[Turn]) -> None:
    assert scale_of(turns, "fake/m") == 1.0


def test_a_count_that_cannot_be_is_not_believed() -> None:
    assert scale_of([counted(1, 1)], "fake/m") == 0.4


# in a conversation


def talk(app: Parllama, count: int, words: int = 40) -> None:
    for number in range(count):
        text = f"turn {number} " + "word " * words
        result_of(app, "ask", prompt=text, session="long", model=[MODEL], system="S")


def short(app: Parllama, window: int) -> Any:
    """A provider whose model reads so many tokens."""
    fake = scripted(app, ["An answer."])
    options = fake.spec.options | {"context_window"}
    fake.spec = replace(fake.spec, options=options)

    async def reads(request: ChatRequest, *, ask: bool) -> int | None:
        del ask
        return request.context_window or window

    fake.window = reads  # type: ignore[method-assign]
    return fake


def test_a_conversation_that_grows_too_long_goes_on_without_its_beginning(
    app: Parllama,
) -> None:
    fake = short(app, 2048)
    talk(app, 40)
    sent = [request.messages for request in fake.requests]
    assert [len(each) for each in sent[:3]] == [2, 4, 6]
    last = sent[-1]
    assert last[0] == Message.of("system", "S")
    assert last[-1].text.startswith("turn 39 ")
    numbers = [int(m.text.split()[1]) for m in last if m.role == "user"]
    assert numbers == [*range(numbers[0], 40)]
    assert numbers[0] > 0
    assert estimated_tokens_of(last) + 1024 <= 2048
    answer = result_of(app, "ask", prompt="And?", session="long", model=[MODEL])
    assert "turns were not sent" in answer.footer


def test_a_preview_warns_before_anything_is_sent(app: Parllama) -> None:
    fake = short(app, 2048)
    talk(app, 40)
    before = len(fake.requests)
    shown: RequestPreview = result_of(
        app, "ask", prompt="And?", session="long", model=[MODEL], dry_run=True
    )
    assert len(fake.requests) == before
    (warning,) = [each for each in shown.warnings if "not sent" in each]
    assert warning.startswith("The first ")
    assert "the model reads 2,048 tokens and 1,024 are kept for the answer" in warning
    result_of(app, "ask", prompt="And?", session="long", model=[MODEL])
    assert fake.requests[-1] == shown.request


def test_a_window_that_the_user_asks_for_is_the_one_that_counts(
    app: Parllama,
) -> None:
    short(app, 2048)
    talk(app, 40)
    session = app.runtime.run(app.sessions.open("long"))
    cut = app.runtime.run(forecast(session, MODEL))
    assert cut.left_out > 0
    wider = session.configure(model=MODEL, options={"context_window": 32_768})
    app.runtime.run(wider)
    assert app.runtime.run(forecast(session, MODEL)).left_out == 0


def test_an_edit_of_an_early_turn_counts_only_what_is_before_it(app: Parllama) -> None:
    fake = short(app, 2048)
    talk(app, 40)
    session = app.runtime.run(app.sessions.open("long"))
    turns = app.runtime.run(app.chats.turns("long"))
    question = Question("Again", model="fake/scripted", replaces=turns[2].id)
    provider, built, _ = app.runtime.run(session.built(question))
    assert provider is fake
    assert built.fitting.left_out == 0
    assert len([m for m in built.request.messages if m.role == "user"]) == 3


def window_of(
    app: Parllama, provider: Provider, request: ChatRequest, ask: bool = True
) -> int | None:
    return app.runtime.run(app.model_knowledge.window(provider, request, ask))


def test_a_model_on_ollama_reads_what_it_can_and_not_what_it_is_loaded_with(
    app: Parllama,
) -> None:
    with OllamaDouble() as ollama:
        app.settings.update({"providers.ollama.base_url": ollama.url})
        provider = app.providers.get("ollama")
        request = ChatRequest("echo", (ASKED,))
        known = window_of(app, provider, request, False)
        assert known is None
        assert ollama.requests == []
        window = window_of(app, provider, request, True)
        assert window is not None
        assert window > 4096
        asked = len(ollama.requests)
        assert window_of(app, provider, request, True) == window
        assert len(ollama.requests) == asked, "it is asked once"
        wanted = replace(request, context_window=2048)
        assert window_of(app, provider, wanted, True) == 2048
        named = replace(request, extra={"num_ctx": 1024})
        assert window_of(app, provider, named, True) == 1024


def test_a_server_that_is_off_hinders_no_question(app: Parllama) -> None:
    app.settings.update({"providers.ollama.base_url": "http://127.0.0.1:9"})
    provider = app.providers.get("ollama")
    request = ChatRequest("echo", (ASKED,))
    assert window_of(app, provider, request) is None


def test_a_list_says_what_a_server_without_prices_reads(app: Parllama) -> None:
    with OpenAIDouble() as double:
        double.listed = [{"id": "echo", "meta": {"n_ctx_train": 5000}}]
        app.settings.update({"providers.llamacpp.base_url": double.url})
        provider = app.providers.get("llamacpp")
        request = ChatRequest("echo", (ASKED,))
        assert window_of(app, provider, request) is None
        app.runtime.run(app.model_lists.get(["llamacpp"]))
        assert window_of(app, provider, request) == 5000


def test_the_embedded_engine_reads_what_it_loads(app: Parllama) -> None:
    provider = app.providers.get("embedded")
    request = ChatRequest("smollm2", (ASKED,))
    assert window_of(app, provider, request) == 8192


def test_a_hundred_turns_are_counted_in_milliseconds() -> None:
    turns = [turn(200) for _ in range(100)]
    best = min(timed(turns) for _ in range(5))
    assert best < 0.05, f"{best * 1000:.1f} ms"


def timed(turns: Sequence[Sequence[Message]]) -> float:
    began = time.perf_counter()
    fit(FIXED, turns, 8192, 1024)
    return time.perf_counter() - began


def test_a_finish_without_counts_changes_nothing(app: Parllama) -> None:
    scripted(app, ["Yes.", Finish("stop")])
    answer = result_of(app, "ask", prompt="Hi.", model=[MODEL])
    assert "not sent" not in answer.footer
