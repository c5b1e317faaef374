"""Several models asked at once, each in a column that does not wait for others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.comparisons.comparison import Comparison
from parllama_nb.comparisons.result import ComparisonResult
from parllama_nb.errors import ServerError, StoreError, UsageError
from parllama_nb.events import (
    ColumnChanged,
    ColumnRemoved,
    ColumnsGrew,
    Event,
    Notice,
    Progress,
)
from parllama_nb.jobs import Job
from parllama_nb.providers.messages import ChatRequest, Finish, ThinkingDelta, Usage
from parllama_nb.secret import Secret
from parllama_nb.testing import Pause

from ..own_app import own_app, result_of, scripted
from ..virtual_time import OnLoop, VirtualLoop, virtual_loop

ASKED = Question("Why?", conversation="nb", follows=False)


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    with virtual_loop() as loop:
        yield loop


@pytest.fixture
def app(loop: VirtualLoop) -> Iterator[Parllama]:
    """An app whose service loop is the test's own, with its clock."""
    with own_app() as app:
        real = app.runtime
        app.runtime = app.jobs.runtime = OnLoop(loop)
        yield app
        app.runtime = app.jobs.runtime = real


def watched(app: Parllama) -> list[Event]:
    """Return the list that gets the events of the newest comparison."""
    assert app.comparisons.last is not None
    events: list[Event] = []
    app.events.listen(app.comparisons.last.id, events.append)
    return events


async def outcome(app: Parllama, side: Comparison) -> ComparisonResult:
    job: Job[ComparisonResult] = app.jobs.start("compare", side.outcome)
    return await asyncio.wrap_future(job.future)


async def ended(app: Parllama, side: Comparison, number: int) -> None:
    """Wait until a column has settled."""
    changed = asyncio.Event()
    remove = app.events.listen(side.id, lambda _: changed.set())
    while side.column(number).running:
        changed.clear()
        await changed.wait()
    remove()


def answers(text: str, seconds: float = 0.0) -> list[Any]:
    usage = Usage(input_tokens=3, output_tokens=5)
    return [Pause(seconds), text, Finish("stop", usage)]


def test_models_are_asked_at_once_and_each_answers_in_its_column(
    app: Parllama, loop: VirtualLoop
) -> None:
    fakes = [scripted(app, answers(f"I am {n}.", 10), name=n) for n in ("a", "b", "c")]

    async def work() -> ComparisonResult:
        begun = loop.time()
        side = app.comparisons.begin(ASKED, ["a/scripted", "b/scripted", "c/scripted"])
        comparison = await outcome(app, side)
        assert loop.time() - begun < 11
        return comparison

    comparison = loop.run_until_complete(work())
    assert [answer.text for answer in comparison] == ["I am a.", "I am b.", "I am c."]
    assert comparison.names == ("a/scripted", "b/scripted", "c/scripted")
    assert comparison.error is None
    assert all(len(fake.requests) == 1 for fake in fakes)


def test_the_same_model_twice_is_two_columns(app: Parllama, loop: VirtualLoop) -> None:
    scripted(app, answers("Hm."))

    async def work() -> ComparisonResult:
        return await outcome(
            app, app.comparisons.begin(ASKED, ["fake/scripted", "fake/scripted"])
        )

    comparison = loop.run_until_complete(work())
    assert comparison.names == ("fake/scripted", "fake/scripted (2)")
    assert comparison["fake/scripted (2)"].text == "Hm."
    assert list(comparison.frame()["repeat"]) == [0, 1]


@pytest.mark.parametrize("bad", ["nowhere/model", "fake/missing", "broken/scripted"])
def test_a_model_that_fails_does_not_hold_up_the_others(
    app: Parllama, loop: VirtualLoop, bad: str
) -> None:
    scripted(app, answers("Good."))
    scripted(app, ["Half", ServerError("Broken: no.")], name="broken")

    async def work() -> ComparisonResult:
        side = app.comparisons.begin(ASKED, [bad, "fake/scripted"])
        return await outcome(app, side)

    comparison = loop.run_until_complete(work())
    assert comparison[1].text == "Good."
    assert comparison.failed == (bad,)
    assert comparison.error is None
    assert f"failed: {bad}" in comparison.footer


def test_models_that_all_fail_alike_give_that_error(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, [ServerError("Fake: down.")])

    async def work() -> tuple[ComparisonResult, Job[ComparisonResult]]:
        side = app.comparisons.begin(ASKED, ["fake/scripted"] * 2)
        job: Job[ComparisonResult] = app.jobs.start("compare", side.outcome)
        return await asyncio.wrap_future(job.future), job

    comparison, job = loop.run_until_complete(work())
    assert isinstance(comparison.error, ServerError)
    assert job.state == "failed"


def test_models_that_fail_differently_give_one_error_that_says_so(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, [ServerError("Fake: down.")])

    async def work() -> ComparisonResult:
        return await outcome(
            app, app.comparisons.begin(ASKED, ["fake/scripted", "nowhere/x"])
        )

    error = loop.run_until_complete(work()).error
    assert error is not None
    assert error.message == "None of 2 models answered."


def test_deltas_of_all_columns_come_in_few_events(
    app: Parllama, loop: VirtualLoop
) -> None:
    def steady(request: ChatRequest) -> Iterator[Any]:
        for n in range(1000):
            yield Pause(0.002)
            yield f"{n} "

    names = [f"p{n}" for n in range(4)]
    for name in names:
        scripted(app, steady, name=name)

    async def work() -> tuple[list[Event], ComparisonResult]:
        side = app.comparisons.begin(ASKED, [f"{name}/scripted" for name in names])
        events = watched(app)
        return events, await outcome(app, side)

    events, comparison = loop.run_until_complete(work())
    grown = [event for event in events if isinstance(event, ColumnsGrew)]
    # Two seconds at 25 a second, and those flushed before a column settles.
    assert 20 < len(grown) < 60
    for column, answer in enumerate(comparison, 1):
        texts = [d.text for event in grown for d in event.deltas if d.column == column]
        assert "".join(texts) == answer.text
        assert len(answer.text) > 3000


def test_an_emitted_delta_is_already_in_its_column(
    app: Parllama, loop: VirtualLoop
) -> None:
    script = [ThinkingDelta("Hm. "), "a", Pause(0.01), "b", Pause(1), "c"]
    scripted(app, script)
    seen: dict[str, str] = {"text": "", "thinking": ""}

    async def work() -> Comparison:
        side = app.comparisons.begin(ASKED, ["fake/scripted"])

        def hear(event: Event) -> None:
            if isinstance(event, ColumnsGrew):
                for delta in event.deltas:
                    seen[delta.kind] += delta.text
                assert side.columns[0].live.text == seen["text"]
                assert side.columns[0].live.thinking == seen["thinking"]

        app.events.listen(side.id, hear)
        await outcome(app, side)
        return side

    side = loop.run_until_complete(work())
    assert seen == {"text": "abc", "thinking": "Hm. "}
    assert side.columns[0].live.state == "done"


def test_stopping_a_column_leaves_the_others(app: Parllama, loop: VirtualLoop) -> None:
    scripted(app, ["Half", Pause(1000)], name="slow")
    scripted(app, answers("Whole.", 5))

    async def work() -> ComparisonResult:
        side = app.comparisons.begin(ASKED, ["slow/scripted", "fake/scripted"])
        asyncio.get_running_loop().call_later(1, side.stop, 1)
        return await outcome(app, side)

    comparison = loop.run_until_complete(work())
    assert [answer.text for answer in comparison] == ["Half", "Whole."]
    assert comparison[0].finish_reason == "cancelled"
    assert comparison.error is None
    assert "stopped: 1" in comparison.footer


def test_cancelling_a_comparison_keeps_the_text_of_every_column(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, ["Half", Pause(1000)], name="slow")
    scripted(app, answers("Whole."))

    async def work() -> tuple[ComparisonResult, Job[ComparisonResult]]:
        side = app.comparisons.begin(ASKED, ["slow/scripted", "fake/scripted"])
        job: Job[ComparisonResult] = app.jobs.start("compare", side.outcome)
        for at in (1, 1.001):  # impatience must not cost what the first one keeps
            asyncio.get_running_loop().call_later(at, job.cancel)
        return await asyncio.wrap_future(job.future), job

    comparison, job = loop.run_until_complete(work())
    assert [answer.text for answer in comparison] == ["Half", "Whole."]
    assert (comparison.stopped, job.state) == (True, "cancelled")
    assert type(comparison.error).__name__ == "StoppedError"


def test_a_column_stopped_before_its_first_step_is_stopped(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, answers("Never."))

    async def work() -> ComparisonResult:
        side = app.comparisons.begin(ASKED, ["fake/scripted"] * 2)
        side.stop()
        return await outcome(app, side)

    comparison = loop.run_until_complete(work())
    assert [answer.finish_reason for answer in comparison] == ["cancelled"] * 2
    assert type(comparison.error).__name__ == "StoppedError"


def test_a_column_may_be_added_while_others_answer(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, answers("Slow.", 10), name="slow")
    scripted(app, answers("Added.", 20))

    async def work() -> ComparisonResult:
        side = app.comparisons.begin(ASKED, ["slow/scripted"])
        asyncio.get_running_loop().call_later(1, side.add, "fake/scripted")
        return await outcome(app, side)

    comparison = loop.run_until_complete(work())
    assert [answer.text for answer in comparison] == ["Slow.", "Added."]


def test_a_column_may_be_asked_again_while_others_answer(
    app: Parllama, loop: VirtualLoop
) -> None:
    texts = iter(["First.", "Second."])
    scripted(app, lambda request: answers(next(texts)))

    async def work() -> ComparisonResult:
        gate = asyncio.Event()
        scripted(app, [Pause(gate), "Slow."], name="slow")
        side = app.comparisons.begin(ASKED, ["fake/scripted", "slow/scripted"])
        with pytest.raises(UsageError, match="still answering"):
            side.rerun(2)
        job: Job[ComparisonResult] = app.jobs.start("compare", side.outcome)
        await ended(app, side, 1)
        side.rerun(1)
        gate.set()
        return await asyncio.wrap_future(job.future)

    comparison = loop.run_until_complete(work())
    assert [answer.text for answer in comparison] == ["Second.", "Slow."]


def test_a_column_may_be_removed(app: Parllama, loop: VirtualLoop) -> None:
    scripted(app, ["Half", Pause(1000)], name="slow")
    scripted(app, answers("Whole."))

    async def work() -> tuple[ComparisonResult, list[Event]]:
        side = app.comparisons.begin(ASKED, ["slow/scripted", "fake/scripted"])
        events = watched(app)
        asyncio.get_running_loop().call_later(1, side.remove, 1)
        return await outcome(app, side), events

    comparison, events = loop.run_until_complete(work())
    assert [answer.text for answer in comparison] == ["Whole."]
    gone = next(n for n, e in enumerate(events) if isinstance(e, ColumnRemoved))
    later = [e for e in events[gone:] if isinstance(e, ColumnChanged)]
    assert all(event.column != 1 for event in later)


def test_a_comparison_of_too_many_models_is_refused(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app)
    with pytest.raises(UsageError, match="At most 8"):
        app.comparisons.begin(ASKED, ["fake/scripted"] * 9)
    assert app.comparisons.last is None


def test_the_newest_comparisons_are_kept(app: Parllama, loop: VirtualLoop) -> None:
    scripted(app, answers("x"))
    sides = [app.comparisons.begin(ASKED, []) for _ in range(25)]
    assert app.comparisons.last is sides[-1]
    assert app.comparisons.get(sides[5].id) is sides[5]
    with pytest.raises(UsageError, match="no longer available"):
        app.comparisons.get(sides[4].id)


def test_a_column_has_notice_and_progress_until_its_answer_comes(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, [Progress("Loading", 1, 2), Pause(1), "x"])
    seen: list[tuple[str, str]] = []

    async def work() -> None:
        side = app.comparisons.begin(ASKED, ["fake/scripted"])
        column = side.columns[0]

        def hear(event: Event) -> None:
            phase = column.live.progress.phase if column.live.progress else ""
            seen.append((column.live.notice, phase))

        app.events.listen(side.id, hear)
        assert column.job is not None
        app.events.emit(Notice(column.job.id, "Trying again."))
        await outcome(app, side)

    loop.run_until_complete(work())
    assert ("Trying again.", "Loading") in seen
    assert seen[-1] == ("", "")


# picking


async def asked_twice(app: Parllama, question: Question = ASKED) -> Comparison:
    scripted(app, answers("From a."), name="a")
    scripted(app, answers("From b."), name="b")
    side = app.comparisons.begin(question, ["a/scripted", "b/scripted"])
    await outcome(app, side)
    return side


def test_a_conversation_has_no_answer_until_a_column_is_picked(
    app: Parllama, loop: VirtualLoop
) -> None:
    async def work() -> None:
        side = await asked_twice(app)
        assert await app.chats.session("nb") is None
        # A killed kernel loses nothing: each answer is on disk on its own.
        newest = await app.chats.newest(2)
        assert {turn.answer.text for turn in newest} == {"From a.", "From b."}
        saved = await side.pick(2)
        assert (saved.session, saved.turn) == ("nb", 1)
        (turn,) = await app.chats.turns("nb")
        assert (turn.prompt, turn.answer.text) == ("Why?", "From b.")
        assert turn.model == "b/scripted"

    loop.run_until_complete(work())


def test_a_second_pick_replaces_the_first(app: Parllama, loop: VirtualLoop) -> None:
    async def work() -> None:
        side = await asked_twice(app)
        await side.pick(2)
        await side.pick(1)
        assert [c.picked for c in side.columns] == [True, False]
        (turn,) = await app.chats.turns("nb")
        assert turn.answer.text == "From a."
        await side.pick(2, "other")
        (turn,) = await app.chats.turns("other")
        assert turn.answer.text == "From b."
        assert len(await app.chats.turns("nb")) == 1

    loop.run_until_complete(work())


def test_the_pick_of_a_cell_that_runs_again_replaces_its_earlier_one(
    app: Parllama, loop: VirtualLoop
) -> None:
    async def work() -> None:
        for _ in range(2):
            side = await asked_twice(app, replace(ASKED, cell_id="c1"))
            await side.pick(1)
        assert len(await app.chats.turns("nb")) == 1

    loop.run_until_complete(work())


def test_an_open_conversation_shows_the_picked_answer(
    app: Parllama, loop: VirtualLoop
) -> None:
    async def work() -> None:
        session = await app.sessions.open("nb")
        side = await asked_twice(app)
        await side.pick(1)
        assert [turn.answer.text for turn in session.transcript.turns] == ["From a."]

    loop.run_until_complete(work())


def test_the_turns_of_the_conversation_are_sent_to_each_model(
    app: Parllama, loop: VirtualLoop
) -> None:
    async def work() -> None:
        first = await asked_twice(
            app, replace(ASKED, text="First?", system="Be brief.")
        )
        await first.pick(1)
        fakes = [scripted(app, answers("x"), name=name) for name in ("c", "d")]
        question = Question("Then?", conversation="nb", options={"temperature": 0.5})
        side = app.comparisons.begin(question, ["c/scripted", "d/scripted"])
        await outcome(app, side)
        for fake in fakes:
            (request,) = fake.requests
            texts = [message.text for message in request.messages]
            assert texts == ["First?", "From a.", "Then?"]
            assert request.temperature == 0.5
        saved = await side.pick(2)
        assert saved.turn == 2

    loop.run_until_complete(work())


def test_options_that_the_question_does_not_give_come_from_the_settings(
    app: Parllama, loop: VirtualLoop
) -> None:
    fake = scripted(app, answers("x"))
    app.settings.update({"chat.system": "Be brief.", "chat.temperature": 0.1})

    async def work() -> None:
        for question in (
            ASKED,
            replace(ASKED, system="Be long.", options={"temperature": 0.9}),
        ):
            await outcome(app, app.comparisons.begin(question, ["fake/scripted"]))

    loop.run_until_complete(work())
    default, own = fake.requests
    assert [message.text for message in default.messages] == ["Be brief.", "Why?"]
    assert default.temperature == 0.1
    assert [message.text for message in own.messages] == ["Be long.", "Why?"]
    assert own.temperature == 0.9


def test_picking_an_answer_that_cannot_be_saved_is_an_error(
    app: Parllama, loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(app, [ServerError("Fake: down.")])

    async def work() -> None:
        scripted(app, [Pause(asyncio.Event())], name="slow")
        side = await asked_twice(app)
        side.add("fake/scripted")
        side.add("slow/scripted")
        await ended(app, side, 3)
        with pytest.raises(UsageError, match="fake/scripted has no answer"):
            await side.pick(3)
        with pytest.raises(UsageError, match="not complete yet"):
            await side.pick(4)
        with pytest.raises(UsageError, match="no column 9"):
            await side.pick(9)
        side.stop()

        full = StoreError("The disk is full.")

        def fails(*_: Any, **__: Any) -> Any:
            raise full

        monkeypatch.setattr(
            "parllama_nb.chats.history.writing.TurnWriter._begin", fails
        )
        with pytest.raises(StoreError, match="full"):
            await side.pick(1)
        assert not side.columns[0].picked

    loop.run_until_complete(work())


def test_a_pick_is_refused_while_its_conversation_answers(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, [Pause(50), "Later."], name="slow")

    async def work() -> None:
        side = await asked_twice(app)
        session = await app.sessions.open("nb")
        job = session.send(Question("Hm?", model="slow/scripted"))
        await session.begun(job)
        with pytest.raises(UsageError, match="is answering"):
            await side.pick(1)
        await asyncio.wrap_future(job.future)
        assert (await side.pick(1)).turn == 2

    loop.run_until_complete(work())


@pytest.mark.parametrize(
    ("name", "column"), [("2", 2), ("b/scripted", 2), ("a/", 1), ("a/scripted", 1)]
)
def test_a_column_is_found_by_its_number_or_its_model(
    app: Parllama, loop: VirtualLoop, name: str, column: int
) -> None:
    async def work() -> int:
        return (await asked_twice(app)).named(name).id

    assert loop.run_until_complete(work()) == column


@pytest.mark.parametrize(
    ("name", "error"),
    [("scripted", "several columns"), ("gpt", "no column"), ("7", "7")],
)
def test_a_name_that_matches_no_single_column_is_an_error(
    app: Parllama, loop: VirtualLoop, name: str, error: str
) -> None:
    async def work() -> None:
        (await asked_twice(app)).named(name)

    with pytest.raises(UsageError, match=error):
        loop.run_until_complete(work())


def test_no_error_of_a_column_holds_a_secret(app: Parllama, loop: VirtualLoop) -> None:
    key = "sk-sentinel-0123456789abcdef"
    app.redact.add(Secret("FAR_API_KEY", key))
    scripted(app, [ServerError(f"Bad key {key}.", hint=f"Not {key}.")])
    scripted(app, answers("Good."), name="good")

    async def work() -> ComparisonResult:
        side = app.comparisons.begin(ASKED, ["fake/scripted", "good/scripted"])
        return await outcome(app, side)

    comparison = loop.run_until_complete(work())
    shown = (comparison.markdown, str(comparison), comparison.frame().to_csv())
    assert all(key not in text for text in (*shown, repr(comparison)))


# the command


def test_the_compare_command_opens_the_comparison_and_picks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with own_app() as app:
        scripted(app, answers("From a."), name="a")
        scripted(app, answers("From b."), name="b")
        with pytest.raises(UsageError, match="Nothing was compared"):
            result_of(app, "compare", action="pick", winner="1")
        models = ("a/scripted", "b/scripted")
        comparison = result_of(app, "ask", prompt="Why?", model=models)
        assert isinstance(comparison, ComparisonResult)
        assert [job.listed for job in app.jobs.list()[:2]] == [False, False]
        opening = result_of(app, "compare")
        assert opening.subject is app.comparisons.last
        assert "From a." in str(opening)
        with pytest.raises(UsageError, match="needs the number of an answer"):
            result_of(app, "compare", action="pick")
        report = result_of(app, "compare", action="pick", winner="b/scripted")
        assert "turn 1" in str(report)
        assert "chat" in str(report)
