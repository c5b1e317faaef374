"""A turn: joined deltas, retries, every way to end."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from parllama_nb import errors
from parllama_nb.chats.answer import Answer
from parllama_nb.chats.engine import Engine, Record
from parllama_nb.chats.history.rows import NewTurn
from parllama_nb.chats.history.store import ChatStore
from parllama_nb.errors import (
    ConnectionFailedError,
    ModelLoadingError,
    ModelNotFoundError,
    NoModelError,
    ProviderError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from parllama_nb.events import (
    AnswerDelta,
    AnswerDone,
    Event,
    Events,
    Notice,
    Progress,
    ProgressChanged,
)
from parllama_nb.jobs import Job, JobRunner
from parllama_nb.providers.messages import (
    ChatRequest,
    DeltaKind,
    Finish,
    Message,
    StreamEvent,
    TextDelta,
    TextWasThinking,
    ThinkingDelta,
    Usage,
)
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.providers.spec import ModelInfo, Spec, Timeouts
from parllama_nb.store.database import Store
from parllama_nb.testing import FakeProvider, Pause, Script, context

from ..virtual_time import OnLoop, VirtualLoop, virtual_loop

REMOTE = Spec(name="far", title="Far", wire="fake", key="none")
REQUEST = ChatRequest("scripted", (Message.of("user", "hello"),))


class MemoryRecord:
    """A record in memory."""

    def __init__(self) -> None:
        self.appended: list[tuple[DeltaKind, str]] = []
        self.settled: list[Answer] = []

    def append(self, kind: DeltaKind, text: str) -> None:
        self.appended.append((kind, text))

    def recast(self, thinking: str) -> None:
        self.appended = [("thinking", thinking)]

    async def settle(self, answer: Answer) -> Answer:
        self.settled.append(answer)
        return answer


class Turn:
    """One turn on a loop of virtual time, and all its events."""

    def __init__(self, loop: VirtualLoop, **options: Any) -> None:
        self.loop = loop
        events = Events()
        self.engine = Engine(events, **options)
        self.runner = JobRunner(OnLoop(loop), events)
        self.record = MemoryRecord()
        self.received: list[tuple[float, Event]] = []
        self.on_event: Callable[[Event], object] = lambda _: None
        self.job: Job[Answer]

    def start(
        self,
        provider: FakeProvider,
        request: ChatRequest = REQUEST,
        record: Record | None = None,
    ) -> Job[Answer]:
        async def work(job: Job[Answer]) -> Answer:
            return await self.engine.turn(provider, request, job, record or self.record)

        self.job = self.runner.start("ask", work, listener=self._hear)
        return self.job

    def run(
        self,
        script: Script | FakeProvider,
        request: ChatRequest = REQUEST,
        record: Record | None = None,
    ) -> Answer:
        provider = (
            script
            if isinstance(script, FakeProvider)
            else FakeProvider(script, spec=REMOTE)
        )
        self.start(provider, request, record)
        return self.finish()

    def finish(self) -> Answer:
        waiting = asyncio.wrap_future(self.job.future, loop=self.loop)
        return self.loop.run_until_complete(waiting)

    def _hear(self, event: Event) -> None:
        self.received.append((self.loop.now, event))
        self.on_event(event)

    @property
    def deltas(self) -> list[tuple[float, str, str]]:
        return [
            (at, event.kind, event.text)
            for at, event in self.received
            if isinstance(event, AnswerDelta)
        ]

    @property
    def notices(self) -> list[str]:
        return [event.text for _, event in self.received if isinstance(event, Notice)]


@pytest.fixture
def turn() -> Iterator[Turn]:
    with virtual_loop() as loop:
        yield Turn(loop)


def attempts(*scripts: Script) -> Callable[[ChatRequest], Any]:
    """Return a script for each try; the last one holds for all that follow."""
    left = list(scripts)

    def script(request: ChatRequest) -> Any:
        steps = left.pop(0) if len(left) > 1 else left[0]
        return steps(request) if callable(steps) else steps

    return script


def test_an_unsupported_option_is_refused_before_anything_is_sent(
    turn: Turn,
) -> None:
    provider = FakeProvider(spec=REMOTE)
    answer = turn.run(provider, replace(REQUEST, top_k=5, temperature=0.0))
    assert answer.error is not None
    assert answer.error.code == "request"
    assert answer.error.message == "Far does not support top_k."
    assert "temperature" in (answer.error.hint or "")
    assert provider.requests == []


# joined deltas


def test_the_first_delta_goes_on_at_once_and_the_others_are_joined(turn: Turn) -> None:
    answer = turn.run(["a", "b", "c", Pause(0.1), "d", "e"])
    assert answer.text == "abcde"
    assert [(round(at, 3), text) for at, _, text in turn.deltas] == [
        (0.0, "a"),
        (0.04, "bc"),
        (0.1, "d"),
        (0.1, "e"),
    ]


def test_joined_deltas_do_not_wait_for_the_next_delta(turn: Turn) -> None:
    gate = asyncio.Event()
    # The stream goes on only after the joined text was emitted.
    turn.on_event = lambda e: (
        gate.set() if isinstance(e, AnswerDelta) and e.text == "b" else None
    )
    assert turn.run(["a", "b", Pause(gate), "c"]).text == "abc"


@pytest.mark.parametrize("seed", range(20))
def test_deltas_keep_their_order_and_their_pace(turn: Turn, seed: int) -> None:
    chance = random.Random(seed)
    script: list[Any] = []
    sent: list[tuple[float, str, str]] = []
    now = 0.0
    for number in range(chance.randrange(1, 120)):
        kind = chance.choices(["text", "thinking"], [6, 1])[0]
        text = f"<{number}>"
        script.append(TextDelta(text) if kind == "text" else ThinkingDelta(text))
        sent.append((now, kind, text))
        pause = chance.choice([0, 0, 0.001, 0.01, 0.03, 0.05, 0.3])
        if pause:
            script.append(Pause(pause))
            now += pause
    answer = turn.run(script)

    def runs(deltas: list[tuple[float, str, str]]) -> list[tuple[str, str]]:
        return [
            (kind, "".join(text for *_, text in group))
            for kind, group in groupby(deltas, key=lambda delta: delta[1])
        ]

    assert runs(turn.deltas) == runs(sent)
    assert turn.record.appended == [(kind, text) for _, kind, text in turn.deltas]
    assert answer.text == "".join(t for _, kind, t in sent if kind == "text")
    assert answer.thinking == "".join(t for _, kind, t in sent if kind == "thinking")
    assert turn.deltas[0] == sent[0]
    # No delta is held back for longer than 40 ms.
    for at, _, text in turn.deltas:
        arrived = min(when for when, _, piece in sent if piece in text)
        assert at - arrived <= 0.04 + 1e-6
    # Only a change of kind, or the end, makes one follow earlier.
    for (before, *_), (at, kind, _), (_, after, _) in zip(
        turn.deltas, turn.deltas[1:], turn.deltas[2:], strict=False
    ):
        assert kind != after or at - before >= 0.04 - 1e-6


def test_text_that_was_thinking_is_recast_everywhere(turn: Turn) -> None:
    script = ["I ", "add", ".\n", TextWasThinking(), "Four", Pause(1), "."]
    answer = turn.run(script)
    assert (answer.thinking, answer.text) == ("I add.", "Four.")
    assert turn.record.appended[0] == ("thinking", "I add.")
    names = [type(event).__name__ for _, event in turn.received]
    recast = names.index("AnswerRecast")
    # All that was thinking was shown before it, and nothing of the answer.
    shown = [event for _, event in turn.received[:recast]]
    assert "".join(e.text for e in shown if isinstance(e, AnswerDelta)) == "I add.\n"
    assert names.count("AnswerRecast") == 1


def test_every_delta_is_emitted_before_the_answer_is_done(turn: Turn) -> None:
    turn.run(["a", "b", ThinkingDelta("c"), "d"])
    kinds = [type(event).__name__ for _, event in turn.received]
    first_done = kinds.index("AnswerDone")
    assert kinds.count("AnswerDone") == 1
    assert "AnswerDelta" not in kinds[first_done:]
    assert kinds[-1] == "JobChanged"


def test_a_delta_is_written_before_it_is_emitted(turn: Turn) -> None:
    written: list[list[tuple[DeltaKind, str]]] = []
    turn.on_event = lambda e: (
        written.append(list(turn.record.appended))
        if isinstance(e, AnswerDelta)
        else None
    )
    turn.run(["a", Pause(1), "b", Pause(1), "c"])
    assert [len(appended) for appended in written] == [1, 2, 3]


def test_half_a_character_is_never_passed_on(turn: Turn) -> None:
    # Servers that cut by UTF-16 send an emoji in two halves, or lose one of them.
    answer = turn.run(["smile \ud83d", "\ude00", Pause(1), " and \ud83d", "!"])
    for text in [answer.text, *(text for *_, text in turn.deltas)]:
        text.encode()
    assert "".join(text for *_, text in turn.deltas) == answer.text
    assert answer.text.startswith("smile ")
    assert answer.text.endswith("!")


def test_two_turns_at_once_do_not_mix() -> None:
    with virtual_loop() as loop:
        one, other = Turn(loop), Turn(loop)
        provider = FakeProvider(
            lambda request: [
                step
                for n in range(50)
                for step in (f"{request.messages[0].text}{n} ", Pause(0.007))
            ]
        )
        other.engine = one.engine
        other.runner = one.runner
        for turn, word in ((one, "a"), (other, "b")):
            turn.start(provider, ChatRequest("scripted", (Message.of("user", word),)))
        assert one.finish().text == "".join(f"a{n} " for n in range(50))
        assert other.finish().text == "".join(f"b{n} " for n in range(50))
        assert "b" not in "".join(text for *_, text in one.deltas)


def test_a_slow_step_before_the_answer_is_reported(turn: Turn) -> None:
    turn.run([Progress("Loading", 1, 2, "items"), "a"])
    assert [e.progress for _, e in turn.received if isinstance(e, ProgressChanged)] == [
        Progress("Loading", 1, 2, "items")
    ]


# endings


def test_a_complete_answer_has_usage_and_timing(turn: Turn) -> None:
    answer = turn.run([ThinkingDelta("hm"), "Yes.", Finish("stop", Usage(5, 2))])
    assert (answer.text, answer.thinking) == ("Yes.", "hm")
    assert answer.model == "far/scripted"
    assert answer.finish_reason == "stop"
    assert answer.usage == Usage(5, 2)
    assert answer.error is None
    first = answer.timing.first_token_s
    assert first is not None
    assert 0 <= first <= answer.timing.total_s
    assert turn.job.state == "done"


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_answer_has_the_finish_reason_of_the_provider(
    turn: Turn, reason: Any
) -> None:
    answer = turn.run(["Some", Finish(reason)])
    assert answer.finish_reason == reason
    assert answer.error is None


def test_an_empty_answer_is_not_an_error(turn: Turn) -> None:
    answer = turn.run([Finish("stop")])
    assert answer.text == ""
    assert answer.timing.first_token_s is None
    assert turn.deltas == []
    assert turn.job.state == "done"


class WithoutFinish(FakeProvider):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        yield TextDelta("Half an")


def test_a_stream_without_a_finish_is_an_error(turn: Turn) -> None:
    answer = turn.run(WithoutFinish(spec=REMOTE))
    assert answer.text == "Half an"
    assert answer.error is not None
    assert "broke off" in answer.footer
    assert turn.job.state == "failed"


def test_an_answer_that_breaks_off_keeps_its_text(turn: Turn) -> None:
    answer = turn.run(["Half", " an", StreamInterruptedError("Far: broke off.")])
    assert answer.text == "Half an"
    assert isinstance(answer.error, StreamInterruptedError)
    assert answer.finish_reason == "error"
    assert turn.job.state == "failed"
    assert "".join(text for *_, text in turn.deltas) == "Half an"


SECRET = "sk-sentinel-31b9f0c7"


def test_the_error_of_a_foreign_exception_names_its_class_only(turn: Turn) -> None:
    answer = turn.run(["Half", ValueError(f"Bearer {SECRET}")])
    error = answer.error
    assert isinstance(error, ProviderError)
    assert "ValueError" in error.message
    assert "Far" in error.message
    assert SECRET not in f"{error} {error!r} {error.hint} {answer!r}"
    assert error.__cause__ is None
    assert error.__context__ is None
    assert answer.text == "Half"


def test_the_log_of_a_foreign_exception_holds_no_text_of_it(
    turn: Turn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        turn.run(["Half", ValueError(f"Bearer {SECRET}")])
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([Finish("stop")], id="stop"),
        pytest.param([StreamInterruptedError("cut")], id="cut"),
        pytest.param([NoModelError("other")], id="other"),
        pytest.param([ValueError("foreign")], id="foreign"),
        pytest.param([ModelNotFoundError("gone")], id="unknown"),
    ],
)
def test_an_answer_is_settled_once_however_it_ends(turn: Turn, end: Any) -> None:
    answer = turn.run(["a", "b", *end])
    assert turn.record.settled == [answer]
    assert turn.record.appended == [("text", "a"), ("text", "b")]


# retries


def test_a_request_that_fails_before_its_first_token_is_retried(turn: Turn) -> None:
    script = attempts([ServerError("Far: overloaded.")], ["Yes."])
    provider = FakeProvider(script, spec=REMOTE)
    answer = turn.run(provider)
    assert answer.text == "Yes."
    assert answer.error is None
    assert turn.job.state == "done"
    assert turn.notices == ["Far: overloaded. Trying again in 1 s (1 of 3)."]
    assert provider.requests == [REQUEST, REQUEST]


def test_retries_are_limited_and_their_waits_grow(turn: Turn) -> None:
    provider = FakeProvider([ServerError("Far: down.")], spec=REMOTE)
    answer = turn.run(provider)
    assert isinstance(answer.error, ServerError)
    assert len(provider.requests) == 4
    times = [at for at, event in turn.received if isinstance(event, Notice)]
    assert len(times) == 3
    ends = [*times[1:], turn.loop.now]
    waits = [end - begin for begin, end in zip(times, ends, strict=True)]
    for wait, planned in zip(waits, (1, 2, 4), strict=True):
        assert 0.8 * planned - 1e-6 <= wait <= 1.2 * planned + 1e-6


def test_requests_that_failed_together_are_not_retried_together() -> None:
    waits = set()
    for _ in range(5):
        with virtual_loop() as loop:
            Turn(loop).run(attempts([ServerError("down")], ["Yes."]))
            waits.add(loop.now)
    assert len(waits) > 1


@pytest.mark.parametrize("seconds", [0.0, 0.25, 7.0, 60.0])
def test_a_retry_waits_as_long_as_the_provider_asks(turn: Turn, seconds: float) -> None:
    script = attempts(
        [RateLimitError("Far: slow down.", retry_after=seconds)], ["Yes."]
    )
    assert turn.run(script).text == "Yes."
    assert turn.loop.now == pytest.approx(seconds)
    assert turn.notices == [
        f"Far: slow down. Trying again in {seconds:.0f} s (1 of 3)."
    ]


@pytest.mark.parametrize("seconds", [60.5, 3600.0, float("inf"), float("nan")])
def test_a_request_is_not_retried_if_the_provider_asks_for_a_long_wait(
    turn: Turn, seconds: float
) -> None:
    provider = FakeProvider([RateLimitError("quota", retry_after=seconds)], spec=REMOTE)
    answer = turn.run(provider)
    assert isinstance(answer.error, RateLimitError)
    assert len(provider.requests) == 1
    assert turn.notices == []
    assert turn.loop.now == 0


@pytest.mark.parametrize("begun", ["text", ThinkingDelta("hm")])
def test_a_request_is_not_retried_after_its_first_token(turn: Turn, begun: Any) -> None:
    provider = FakeProvider([begun, ServerError("down")], spec=REMOTE)
    answer = turn.run(provider)
    assert isinstance(answer.error, ServerError)
    assert len(provider.requests) == 1
    assert turn.notices == []


def test_a_request_is_retried_if_only_progress_came(turn: Turn) -> None:
    script = attempts([Progress("Loading"), ServerError("down")], ["Yes."])
    assert turn.run(script).text == "Yes."


RETRIED = {
    "ConnectionFailedError",
    "ModelLoadingError",
    "RateLimitError",
    "ServerError",
}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in errors.__all__
        if issubclass(getattr(errors, name), errors.ParllamaError)
    ],
)
def test_only_retriable_errors_are_retried(turn: Turn, name: str) -> None:
    error = getattr(errors, name)("Far: no.")
    provider = FakeProvider(attempts([error], ["Yes."]), spec=REMOTE)
    answer = turn.run(provider)
    assert len(provider.requests) == (2 if name in RETRIED else 1)
    assert (answer.error is None) == (name in RETRIED)


LOADING = ModelLoadingError("Far: the server is loading the model.")
WAITING = "Far: the server is loading the model. Waiting up to 5 min for it."


def test_a_model_that_loads_is_waited_for_and_a_notice_says_so(turn: Turn) -> None:
    script = attempts(*[[LOADING]] * 20, ["Yes."])
    answer = turn.run(script)
    assert answer.text == "Yes."
    assert turn.notices == [WAITING]
    # Asked about once a second.
    assert 20 * 0.8 <= turn.loop.now <= 20 * 1.2


def test_tries_while_a_model_loads_do_not_count(turn: Turn) -> None:
    down = ServerError("Far: down.")
    script = attempts(*[[LOADING]] * 5, [down], [LOADING], [down], [down], ["Yes."])
    assert turn.run(script).text == "Yes."
    assert turn.notices[0] == WAITING
    assert [notice[-9:] for notice in turn.notices[1:]] == [
        f" ({number} of 3)."[-9:] for number in (1, 2, 3)
    ]


def test_a_model_that_loads_is_waited_for_as_long_as_the_first_token_may_take(
    turn: Turn,
) -> None:
    given = context(timeouts=Timeouts(first_token=30.0))
    answer = turn.run(FakeProvider([LOADING], spec=REMOTE, context=given))
    assert isinstance(answer.error, ModelLoadingError)
    assert 28 < turn.loop.now <= 30
    assert "Waiting up to 30 s" in turn.notices[0]


def test_a_stop_while_a_model_loads_cancels_the_answer(turn: Turn) -> None:
    answer = cancelled(turn, FakeProvider([LOADING], spec=REMOTE))
    assert answer.finish_reason == "cancelled"
    assert turn.loop.now == 0.5


def test_an_error_marked_as_final_is_not_retried(turn: Turn) -> None:
    refused = ConnectionFailedError("Fake: no connection.")
    refused.retriable = False  # as of a server on this machine, which is not running
    provider = FakeProvider([refused])
    answer = turn.run(provider)
    assert isinstance(answer.error, ConnectionFailedError)
    assert len(provider.requests) == 1
    assert turn.loop.now == 0


def test_a_retry_policy_may_forbid_retries() -> None:
    with virtual_loop() as loop:
        turn = Turn(loop, retry=RetryPolicy(retries=0))
        provider = FakeProvider([ServerError("down")], spec=REMOTE)
        turn.run(provider)
        assert len(provider.requests) == 1


# unknown models


def unknown(*models: str, kind: type[FakeProvider] = FakeProvider) -> FakeProvider:
    return kind([], spec=REMOTE, models=models)


@pytest.mark.parametrize(
    ("models", "hint"),
    [
        (("scripted-2", "other", "scripted-1"), ("far/scripted-2", "far/scripted-1")),
        (("alpha", "beta"), ("far/alpha", "far/beta")),
        ((), ()),
    ],
)
def test_the_hint_of_an_unknown_model_lists_similar_names(
    turn: Turn, models: tuple[str, ...], hint: tuple[str, ...]
) -> None:
    answer = turn.run(unknown(*models))
    error = answer.error
    assert isinstance(error, ModelNotFoundError)
    assert all(name in str(error.hint) for name in hint)
    assert hint or error.hint is None
    assert "far/other" not in str(error.hint)


def test_a_hint_of_the_provider_is_not_replaced(turn: Turn) -> None:
    answer = turn.run([ModelNotFoundError("gone", hint="Pull it.")])
    assert answer.error is not None
    assert answer.error.hint == "Pull it."


class CannotList(FakeProvider):
    async def models(self) -> list[ModelInfo]:
        message = "Far: down."
        raise ServerError(message)


class ListsForever(FakeProvider):
    async def models(self) -> list[ModelInfo]:
        await asyncio.Event().wait()
        raise AssertionError


class ListsBadly(FakeProvider):
    async def models(self) -> list[ModelInfo]:
        message = f"boom {SECRET}"
        raise ValueError(message)


@pytest.mark.parametrize("kind", [CannotList, ListsForever, ListsBadly])
def test_a_failing_list_of_models_does_not_hide_the_error(
    turn: Turn, kind: type[FakeProvider]
) -> None:
    answer = turn.run(unknown("scripted-2", kind=kind))
    assert isinstance(answer.error, ModelNotFoundError)
    assert turn.record.settled == [answer]
    assert turn.loop.now <= 5


# cancelled


def cancelled(turn: Turn, provider: FakeProvider, record: Record | None = None) -> Any:
    """Return the answer of a turn that is stopped once it waits."""
    job = turn.start(provider, record=record)
    turn.loop.call_later(0.5, job.cancel)
    return turn.finish()


def test_a_stop_before_the_first_token_cancels_the_answer(turn: Turn) -> None:
    provider = FakeProvider([Pause(60), "never"], spec=REMOTE)
    answer = cancelled(turn, provider)
    assert (answer.text, answer.finish_reason) == ("", "cancelled")
    assert answer.error is None
    assert turn.job.state == "cancelled"
    assert (provider.open, provider.closed_early) == (0, 1)
    assert turn.loop.now == 0.5


def test_a_stop_in_mid_answer_keeps_all_that_came(turn: Turn) -> None:
    script: Script = [ThinkingDelta("hm"), "Half", " an", Pause(60), "never"]
    provider = FakeProvider(script, spec=REMOTE)
    answer = cancelled(turn, provider)
    assert (answer.text, answer.thinking) == ("Half an", "hm")
    assert answer.finish_reason == "cancelled"
    assert turn.job.state == "cancelled"
    assert provider.open == 0
    assert turn.record.settled == [answer]


def test_a_stop_keeps_deltas_that_were_not_yet_emitted() -> None:
    with virtual_loop() as loop:
        turn = Turn(loop, joined=3600)
        provider = FakeProvider(["a", "b", "c", Pause(60)], spec=REMOTE)
        answer = cancelled(turn, provider)
        assert answer.text == "abc"
        assert [text for *_, text in turn.deltas] == ["a", "bc"]


def test_a_stop_while_waiting_for_a_retry_cancels_the_answer(turn: Turn) -> None:
    error = RateLimitError("Far: slow down.", retry_after=30)
    provider = FakeProvider([error], spec=REMOTE)
    answer = cancelled(turn, provider)
    assert answer.finish_reason == "cancelled"
    assert turn.job.state == "cancelled"
    assert len(provider.requests) == 1
    assert turn.loop.now == 0.5


def test_a_stop_while_similar_names_are_looked_up_keeps_the_answer(turn: Turn) -> None:
    answer = cancelled(turn, unknown("scripted-2", kind=ListsForever))
    assert isinstance(answer.error, ModelNotFoundError)
    assert turn.record.settled == [answer]


class SlowToClose(FakeProvider):
    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        try:
            yield TextDelta("Half")
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(3)


def test_a_second_stop_changes_nothing(turn: Turn) -> None:
    job = turn.start(SlowToClose(spec=REMOTE))
    turn.loop.call_later(0.5, job.cancel)
    turn.loop.call_later(0.6, job.cancel)
    answer = turn.finish()
    assert (answer.text, answer.finish_reason) == ("Half", "cancelled")
    assert turn.record.settled == [answer]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(lambda: tmp_path / "x.db")
    yield store
    store.close()


def test_a_stop_while_settling_keeps_the_answer(turn: Turn, store: Store) -> None:
    chats = ChatStore(store)
    release, settling = threading.Event(), threading.Event()
    question = (Message.of("user", "hello"),)
    record = chats.begin(NewTurn("far/x", REQUEST, question, "s"), lambda _: None)
    provider = FakeProvider(["All", " of it."], spec=REMOTE)

    def block(connection: object) -> None:
        settling.set()
        release.wait(10)

    # The disk is busy when the answer is to be settled.
    blocking = store.call(block)
    settling.wait(10)
    job = turn.start(provider, record=record)
    turn.loop.call_later(0.5, job.cancel)
    turn.loop.call_later(0.6, release.set)
    try:
        answer = turn.finish()
    finally:
        release.set()
        blocking.result()
    assert answer.text == "All of it."
    assert job.state in {"done", "cancelled"}
    (saved,) = turn.loop.run_until_complete(chats.turns("s"))
    assert (saved.state, saved.answer.text) == ("settled", "All of it.")


@pytest.mark.parametrize(
    ("step", "models", "line"),
    [
        pytest.param(
            ServerError("Bad \ud83d.", hint="Not \udce9."),
            ("scripted",),
            "Bad \ufffd. Not \ufffd.",
            id="words cut by a server",
        ),
        pytest.param(
            "Yes.", ("x\ud83d",), "'scripted'. Available: far/x\ufffd.", id="model"
        ),
    ],
)
def test_an_error_with_half_a_character_settles(
    turn: Turn, store: Store, step: Any, models: tuple[str, ...], line: str
) -> None:
    chats = ChatStore(store)
    question = (Message.of("user", "hello"),)
    record = chats.begin(NewTurn("far/x", REQUEST, question, "s"), lambda _: None)
    provider = FakeProvider(["Part. ", step], models=models, spec=REMOTE)
    answer = turn.run(provider, record=record)
    assert str(answer.error).endswith(line)
    assert answer.notes == ()
    (saved,) = asyncio.run(chats.turns("s"))
    assert saved.state == "settled"
    assert str(saved.error) == str(answer.error)


def test_answer_done_is_emitted_after_the_answer_is_settled(
    turn: Turn, store: Store
) -> None:
    chats = ChatStore(store)
    question = (Message.of("user", "hello"),)
    new = NewTurn("far/x", REQUEST, question, "s")
    record = chats.begin(new, lambda _: None)
    states: list[str] = []

    def read(event: Event) -> None:
        if isinstance(event, AnswerDone):
            rows = store.call(
                lambda connection: connection.execute(
                    "SELECT state FROM turn"
                ).fetchall()
            ).result(10)
            states.extend(state for (state,) in rows or ())

    turn.on_event = read
    answer = turn.run(["Yes."], record=record)
    assert (answer.session, answer.turn) == ("s", 1)
    assert states == ["settled"]


def test_events_are_emitted_in_the_order_they_happened(turn: Turn) -> None:
    turn.run(attempts([ServerError("down")], ["a", Pause(1), "b"]))
    times = [at for at, _ in turn.received]
    assert all(before <= after for before, after in pairwise(times))
