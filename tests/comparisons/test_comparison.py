"""Several models asked at once: each in a column, none holding another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.live import Question
from parllama_nb.comparisons.asked import Asked
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

ASKED = Asked("Why?", "nb")


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
    """The events of the comparison that began last, from now on."""
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


def test_all_are_asked_at_once_and_each_answers_in_its_column(
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
def test_one_that_fails_is_a_column_and_holds_nobody(
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


def test_where_all_fail_alike_that_is_the_error(
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


def test_where_all_fail_differently_that_is_told(
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


def test_deltas_of_all_columns_come_in_few_messages(
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
    # Two seconds at 25 a second, and what is told before a column settles.
    assert 20 < len(grown) < 60
    for column, answer in enumerate(comparison, 1):
        told = [d.text for event in grown for d in event.deltas if d.column == column]
        assert "".join(told) == answer.text
        assert len(answer.text) > 3000


def test_what_is_told_is_in_the_column_by_then(
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
                assert side.columns[0].text == seen["text"]
                assert side.columns[0].thinking == seen["thinking"]

        app.events.listen(side.id, hear)
        await outcome(app, side)
        return side

    side = loop.run_until_complete(work())
    assert seen == {"text": "abc", "thinking": "Hm. "}
    assert side.columns[0].state == "done"


def test_stopping_one_leaves_the_others(app: Parllama, loop: VirtualLoop) -> None:
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


def test_cancelling_the_whole_keeps_what_had_come_in_every_column(
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


def test_one_may_be_added_while_others_answer(app: Parllama, loop: VirtualLoop) -> None:
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


def test_a_column_may_be_taken_away(app: Parllama, loop: VirtualLoop) -> None:
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


def test_there_are_not_more_columns_than_can_be_read(
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
    with pytest.raises(UsageError, match="forgotten"):
        app.comparisons.get(sides[4].id)


def test_notices_and_progress_of_a_column_are_at_hand_until_it_answers(
    app: Parllama, loop: VirtualLoop
) -> None:
    scripted(app, [Progress("Loading", 1, 2), Pause(1), "x"])
    seen: list[tuple[str, str]] = []

    async def work() -> None:
        side = app.comparisons.begin(ASKED, ["fake/scripted"])
        column = side.columns[0]

        def hear(event: Event) -> None:
            phase = column.progress.phase if column.progress else ""
            seen.append((column.notice, phase))

        app.events.listen(side.id, hear)
        assert column.job is not None
        app.events.emit(Notice(column.job.id, "Trying again."))
        await outcome(app, side)

    loop.run_until_complete(work())
    assert ("Trying again.", "Loading") in seen
    assert seen[-1] == ("", "")


# picking


async def asked_twice(app: Parllama, asked: Asked = ASKED) -> Comparison:
    scripted(app, answers("From a."), name="a")
    scripted(app, answers("From b."), name="b")
    side = app.comparisons.begin(asked, ["a/scripted", "b/scripted"])
    await outcome(app, side)
    return side


def test_nothing_is_in_a_conversation_until_one_is_picked(
    app: Parllama, loop: VirtualLoop
) -> None:
    async def work() -> None:
        side = await asked_twice(app)
        assert await app.chats.session("nb") is None
        # A kernel that is killed loses nothing: the answers are on disk by themselves.
        newest = await app.chats.newest(2)
        assert {turn.answer.text for turn in newest} == {"From a.", "From b."}
        kept = await side.pick(2)
        assert (kept.session, kept.turn) == ("nb", 1)
        (turn,) = await app.chats.turns("nb")
        assert (turn.prompt, turn.answer.text) == ("Why?", "From b.")
        assert turn.model == "b/scripted"

    loop.run_until_complete(work())


def test_another_pick_takes_the_place_of_the_first(
    app: Parllama, loop: VirtualLoop
) -> None:
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
            side = await asked_twice(app, Asked("Why?", "nb", cell_id="c1"))
            await side.pick(1)
        assert len(await app.chats.turns("nb")) == 1

    loop.run_until_complete(work())


def test_an_open_conversation_sees_what_is_picked(
    app: Parllama, loop: VirtualLoop
) -> None:
    async def work() -> None:
        session = await app.sessions.open("nb")
        side = await asked_twice(app)
        await side.pick(1)
        assert [turn.answer.text for turn in session.said.turns] == ["From a."]

    loop.run_until_complete(work())


def test_what_was_said_in_the_conversation_is_sent_to_each(
    app: Parllama, loop: VirtualLoop
) -> None:
    async def work() -> None:
        first = await asked_twice(app, Asked("First?", "nb", system="Be brief."))
        await first.pick(1)
        fakes = [scripted(app, answers("x"), name=name) for name in ("c", "d")]
        asked = Asked("Then?", "nb", follows=True, options={"temperature": 0.5})
        side = app.comparisons.begin(asked, ["c/scripted", "d/scripted"])
        await outcome(app, side)
        for fake in fakes:
            (request,) = fake.requests
            texts = [message.text for message in request.messages]
            assert texts == ["First?", "From a.", "Then?"]
            assert request.temperature == 0.5
        kept = await side.pick(2)
        assert kept.turn == 2

    loop.run_until_complete(work())


def test_what_is_not_said_is_as_the_settings_have_it(
    app: Parllama, loop: VirtualLoop
) -> None:
    fake = scripted(app, answers("x"))
    app.sessions.defaults = lambda _: {"system": "Be brief.", "temperature": 0.1}

    async def work() -> None:
        for asked in (ASKED, Asked("Why?", "nb", "Be long.", {"temperature": 0.9})):
            await outcome(app, app.comparisons.begin(asked, ["fake/scripted"]))

    loop.run_until_complete(work())
    usual, said = fake.requests
    assert [message.text for message in usual.messages] == ["Be brief.", "Why?"]
    assert usual.temperature == 0.1
    assert [message.text for message in said.messages] == ["Be long.", "Why?"]
    assert said.temperature == 0.9


def test_what_cannot_be_kept_is_said(
    app: Parllama, loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(app, [ServerError("Fake: down.")])

    async def work() -> None:
        scripted(app, [Pause(asyncio.Event())], name="slow")
        side = await asked_twice(app)
        side.add("fake/scripted")
        side.add("slow/scripted")
        await ended(app, side, 3)
        with pytest.raises(UsageError, match="no answer of fake/scripted"):
            await side.pick(3)
        with pytest.raises(UsageError, match="not whole yet"):
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


def test_a_conversation_that_answers_is_not_added_to(
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
    ("said", "column"), [("2", 2), ("b/scripted", 2), ("a/", 1), ("a/scripted", 1)]
)
def test_a_column_is_named_by_its_number_or_its_model(
    app: Parllama, loop: VirtualLoop, said: str, column: int
) -> None:
    async def work() -> int:
        return (await asked_twice(app)).named(said).id

    assert loop.run_until_complete(work()) == column


@pytest.mark.parametrize(
    ("said", "told"),
    [("scripted", "several columns"), ("gpt", "No column"), ("7", "7")],
)
def test_a_name_that_fits_no_one_column_is_said(
    app: Parllama, loop: VirtualLoop, said: str, told: str
) -> None:
    async def work() -> None:
        (await asked_twice(app)).named(said)

    with pytest.raises(UsageError, match=told):
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


def test_the_command_gives_a_comparison_and_the_pick(
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
        with pytest.raises(UsageError, match="Pick which"):
            result_of(app, "compare", action="pick")
        report = result_of(app, "compare", action="pick", winner="b/scripted")
        assert "turn 1" in str(report)
        assert "chat" in str(report)
