"""Sessions: asking, waiting, stopping, replacing and deleting."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer
from parllama_nb.chats.forecast import forecast
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import (
    AuthenticationError,
    NoModelError,
    ParllamaError,
    StoppedError,
    StreamInterruptedError,
    UsageError,
)
from parllama_nb.events import (
    AnswerDelta,
    Event,
    SessionChanged,
    SessionDeleted,
    TurnChanged,
    TurnsRemoved,
)
from parllama_nb.jobs import Job
from parllama_nb.providers.messages import ChatRequest, Finish, Usage
from parllama_nb.testing import FakeProvider, Pause

from ..own_app import own_app, scripted
from ..virtual_time import OnLoop


def echo(request: ChatRequest) -> Iterator[object]:
    """Answer with the question and the number of messages in the request."""
    yield f"[{request.messages[-1].text}|{len(request.messages)}]"
    yield Finish("stop", Usage(10 * len(request.messages), 5))


@pytest.fixture
async def app() -> AsyncIterator[Parllama]:
    with own_app() as app:
        real = app.runtime
        app.runtime = app.jobs.runtime = OnLoop(asyncio.get_running_loop())
        app.model = "fake/scripted"
        yield app
        app.runtime = app.jobs.runtime = real


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app, echo)


@pytest.fixture
async def session(app: Parllama, fake: FakeProvider) -> Session:
    return await app.sessions.open("s")


async def ended(job: Job[Answer]) -> Answer:
    return await asyncio.wrap_future(job.future)


async def say(session: Session, text: str) -> Answer:
    return await ended(session.send(Question(text)))


async def say_in_cell(
    app: Parllama, session: Session, text: str, cell: str | None = None
) -> Answer:
    question = Question(text, cell_id=cell)
    return await ended(app.jobs.start("ask", lambda job: session.ask(question, job)))


async def text_of(app: Parllama, job: Job[Answer]) -> None:
    """Wait for the first text of a job."""
    came = asyncio.Event()
    remove = app.events.listen(
        job.id, lambda event: isinstance(event, AnswerDelta) and came.set()
    )
    await came.wait()
    remove()


def shown(session: Session) -> list[str]:
    return [f"{turn.prompt} -> {turn.answer.text}" for turn in session.transcript.turns]


def listen(app: Parllama, session: Session) -> list[Event]:
    events: list[Event] = []
    app.events.listen(session.id, events.append)
    return events


async def test_a_question_is_sent_with_the_turns_before_it(session: Session) -> None:
    await say(session, "a")
    await say(session, "b")
    assert shown(session) == ["a -> [a|1]", "b -> [b|3]"]
    assert session.transcript.total == 2


async def test_a_name_has_one_session_and_it_is_read_back(
    app: Parllama, session: Session
) -> None:
    await say(session, "a")
    assert await app.sessions.open("s") is session
    del session
    again = await app.sessions.open("s")
    assert shown(again) == ["a -> [a|1]"]
    assert again.transcript.usage == Usage(10, 5)


async def test_a_session_that_nobody_holds_is_dropped(
    app: Parllama, fake: object
) -> None:
    await app.sessions.open("passing")
    assert "passing" not in app.sessions._open


async def test_a_cell_and_a_view_share_a_conversation(
    app: Parllama, session: Session
) -> None:
    await say(session, "in the view")
    events = listen(app, session)
    await say_in_cell(app, session, "in a cell", "c1")
    assert shown(session) == [
        "in the view -> [in the view|1]",
        "in a cell -> [in a cell|3]",
    ]
    turn = session.transcript.turns[-1]
    assert turn.cell_id == "c1"
    assert events.count(TurnChanged(session.id, turn.id)) == 2


async def test_a_cell_run_again_replaces_its_turn_for_everybody(
    app: Parllama, session: Session
) -> None:
    for text, cell in (("one", "c1"), ("two", "c2"), ("one again", "c1")):
        await say_in_cell(app, session, text, cell)
    assert shown(session) == ["one again -> [one again|1]", "two -> [two|3]"]


async def test_while_a_session_answers_a_view_is_refused_and_a_cell_waits(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    gate = asyncio.Event()
    fake.script = lambda request: [Pause(gate), *echo(request)]
    first = session.send(Question("a"))
    with pytest.raises(UsageError, match="answering already"):
        session.send(Question("b"))
    cell = app.jobs.start("ask", lambda job: session.ask(Question("cell"), job))
    await session.begun(first)
    assert session.answering
    gate.set()
    await ended(first)
    await ended(cell)
    assert shown(session) == ["a -> [a|1]", "cell -> [cell|3]"]
    assert not session.answering


async def test_a_stopped_answer_is_saved_and_sent_along_later(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    never = asyncio.Event()
    fake.script = ["Half of", Pause(never)]
    job = session.send(Question("a"))
    await text_of(app, job)
    session.stop()
    answer = await ended(job)
    assert (answer.text, answer.finish_reason) == ("Half of", "cancelled")
    fake.script = echo
    await say(session, "b")
    texts = [message.text for message in fake.requests[-1].messages]
    assert texts == ["a", "Half of", "b"]


async def test_a_stop_before_the_first_step_leaves_the_session_free(
    session: Session,
) -> None:
    job = session.send(Question("a"))
    session.stop()
    with pytest.raises(ParllamaError):
        await ended(job)
    await asyncio.sleep(0)
    assert not session.answering
    assert (await say(session, "b")).text == "[b|1]"


@pytest.mark.parametrize("steps", range(40))
async def test_a_stop_at_any_moment_leaves_no_turn_open(
    app: Parllama, session: Session, steps: int
) -> None:
    job = session.send(Question("a"))
    for _ in range(steps):
        await asyncio.sleep(0)
    session.stop()
    with contextlib.suppress(StoppedError):
        await ended(job)
    await session.load()
    stored = await app.chats.turns("s")
    assert [turn.state for turn in stored] in ([], ["settled"])
    assert [turn.id for turn in stored] == [
        turn.id for turn in session.transcript.turns
    ]
    assert not session.answering


async def test_the_error_of_an_answer_is_saved_and_not_sent_along(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    fake.script = ["Part", StreamInterruptedError("Lost.", hint="Try again.")]
    await say(session, "a")
    fake.script = echo
    await say(session, "b")
    assert [message.text for message in fake.requests[-1].messages] == [
        "a",
        "Part",
        "b",
    ]
    (turn, _) = await app.chats.turns("s")
    assert isinstance(turn.error, StreamInterruptedError)
    assert (turn.error.message, turn.error.hint) == ("Lost.", "Try again.")


async def test_a_question_asked_again_gives_an_alternative_of_its_turn(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    for text in "abc":
        await say(session, text)
    first, middle, _ = (turn.id for turn in session.transcript.turns)
    await ended(session.send(Question(None, replaces=middle)))
    assert [message.text for message in fake.requests[-1].messages] == [
        "a",
        "[a|1]",
        "b",
    ]
    assert shown(session) == ["a -> [a|1]", "b -> [b|3]"]
    new = session.transcript.turns[1]
    assert new.alternatives == (middle, new.id)
    assert [turn.id for turn in await app.chats.turns("s")] == [first, new.id]
    await session.turns.show(middle)
    assert shown(session) == ["a -> [a|1]", "b -> [b|3]", "c -> [c|5]"]
    assert session.transcript.turns[1].alternatives == (middle, new.id)
    assert session.transcript.total == 3


async def test_a_failed_retry_keeps_the_first_answer(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    await say(session, "a")
    await say(session, "b")
    turn, _ = session.transcript.turns
    fake.script = [AuthenticationError("No key.")]
    await ended(session.send(Question(None, replaces=turn.id)))
    now, later = session.transcript.turns
    assert (now.answer, now.alternatives) == (turn.answer, ())
    assert later.prompt == "b"
    assert isinstance(now.error, AuthenticationError)
    assert await app.chats.turns("s") == [turn, later]


async def test_a_rewritten_question_begins_a_branch_and_the_earlier_one_is_kept(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    for text in "abc":
        await say(session, text)
    first, second, third = (turn.id for turn in session.transcript.turns)
    gate = asyncio.Event()
    fake.script = lambda request: [Pause(gate), *echo(request)]
    events = listen(app, session)
    job = session.send(Question("B", replaces=second))
    await session.begun(job)
    assert TurnsRemoved(session.id, (second, third)) in events
    new = session.transcript.turns[1].id
    assert [turn.id for turn in session.transcript.turns] == [first, new]
    gate.set()
    await ended(job)
    assert shown(session) == ["a -> [a|1]", "B -> [B|3]"]
    assert [turn.prompt for turn in await app.chats.turns("s")] == ["a", "B"]
    assert session.transcript.total == 2
    await session.turns.show(second)
    assert shown(session) == ["a -> [a|1]", "b -> [b|3]", "c -> [c|5]"]
    await session.turns.show(new)
    assert shown(session) == ["a -> [a|1]", "B -> [B|3]"]


async def test_a_rewritten_question_without_an_answer_is_kept_beside_the_earlier_one(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    for text in "ab":
        await say(session, text)
    fake.script = [AuthenticationError("No key.")]
    first = session.transcript.turns[0].id
    await ended(session.send(Question("A", replaces=first)))
    assert [turn.prompt for turn in session.transcript.turns] == ["A"]
    assert [turn.prompt for turn in await app.chats.turns("s")] == ["A"]
    await session.turns.show(first)
    assert [turn.prompt for turn in session.transcript.turns] == ["a", "b"]


async def test_deleted_turns_are_gone_and_a_running_one_is_stopped_first(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    await say(session, "a")
    fake.script = ["Half", Pause(asyncio.Event())]
    job = session.send(Question("b"))
    await session.begun(job)
    running = session.transcript.turns[-1].id
    await session.turns.delete(running)
    assert job.state == "cancelled"
    await session.turns.delete(session.transcript.turns[0].id)
    assert session.transcript.turns == []
    assert await app.chats.turns("s") == []
    with pytest.raises(UsageError, match="no longer"):
        await ended(session.send(Question(None, replaces=running)))


async def test_model_and_options_stay_with_the_session(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    await session.configure(
        model="fake/scripted", options={"temperature": 0.5, "system": "Be brief."}
    )
    name = session.name
    del session
    app.model = "fake/other"
    again = await app.sessions.open(name)
    await say(again, "a")
    request = fake.requests[-1]
    assert request.model == "scripted"
    assert request.temperature == 0.5
    assert [message.role for message in request.messages] == ["system", "user"]


async def test_a_new_session_is_named_after_its_first_question(
    app: Parllama, fake: FakeProvider
) -> None:
    session = await app.sessions.new()
    events = listen(app, session)
    await say(
        session, "Why is\nthe sky blue, and not green or any other colour at all?"
    )
    assert session.name == "Why is the sky blue, and not green or any other…"
    assert any(isinstance(event, SessionChanged) for event in events)
    assert [info.name for info in await app.chats.sessions()] == [session.name]
    other = await app.sessions.new()
    await say(other, "Why is the sky blue, and not green or any other colour at all?")
    assert other.name == f"{session.name} 2"


async def test_a_session_that_was_named_keeps_its_name(
    app: Parllama, fake: FakeProvider
) -> None:
    session = await app.sessions.new()
    await session.rename("  ideas ")
    await say(session, "a")
    assert session.name == "ideas"
    assert await app.sessions.open("ideas") is session


async def test_two_sessions_cannot_have_one_name(
    app: Parllama, session: Session
) -> None:
    await say(session, "a")
    other = await app.sessions.open("other")
    with pytest.raises(UsageError, match="already"):
        await other.rename("s")
    del session
    with pytest.raises(UsageError, match="already"):
        await other.rename("s")
    with pytest.raises(UsageError, match="needs a name"):
        await other.rename(" ")
    assert other.name == "other"
    assert await app.sessions.open("other") is other


async def test_a_deleted_session_is_gone_with_all_its_turns(
    app: Parllama, session: Session
) -> None:
    await say(session, "secret")
    events = listen(app, session)
    await session.delete()
    assert events[-1] == SessionDeleted(session.id)
    assert await app.chats.sessions() == []
    assert (await app.sessions.open("s")).transcript.turns == []


async def test_a_question_without_a_model_is_neither_sent_nor_saved(
    app: Parllama, session: Session
) -> None:
    app.model = None
    job = session.send(Question("a"))
    with pytest.raises(NoModelError):
        await session.begun(job)
    assert session.transcript.turns == []
    assert not session.answering


async def test_cost_and_usage_count_deleted_turns_too(
    app: Parllama, session: Session
) -> None:
    await say(session, "a")
    await say(session, "b")
    await session.turns.delete(session.transcript.turns[0].id)
    assert session.transcript.usage == Usage(40, 10)
    assert session.transcript.context_tokens == 35
    info = await app.chats.session("s")
    assert info is not None
    assert (info.usage, info.turns) == (Usage(40, 10), 1)


async def test_a_turn_that_cannot_be_saved_stays_in_the_transcript(
    app: Parllama, fake: FakeProvider, session: Session, home: Path
) -> None:
    await say(session, "a")
    gate = asyncio.Event()
    fake.script = lambda request: [Pause(gate), *echo(request)]
    # Another process locks the file from now on.
    app.store._connection.execute("PRAGMA busy_timeout = 1")
    holder = sqlite3.connect(home / "data" / "parllama.db", isolation_level=None)
    begin = app.chats.begin

    def lock_first(*arguments: object) -> object:
        holder.execute("BEGIN EXCLUSIVE")
        return begin(*arguments)

    app.chats.begin = lock_first
    job = session.send(Question("b"))
    await session.begun(job)
    lost = session.transcript.turns[-1]
    assert lost.id < 0
    gate.set()
    answer = await ended(job)
    assert "not kept on disk" in answer.footer
    assert shown(session) == ["a -> [a|1]", "b -> [b|3]"]
    holder.execute("ROLLBACK")
    holder.close()
    app.chats.begin = begin
    # Asked again, it is saved.
    await ended(session.send(Question(None, replaces=lost.id)))
    assert [turn.prompt for turn in await app.chats.turns("s")] == ["a", "b"]
    assert shown(session) == ["a -> [a|1]", "b -> [b|3]"]


async def test_turns_of_another_kernel_are_read_when_the_session_is_opened(
    app: Parllama, session: Session
) -> None:
    await say(session, "here")
    with own_app() as other:
        other.model = "fake/scripted"
        scripted(other, echo)
        there = await other.sessions.open("s")
        job = other.jobs.start("ask", lambda job: there.ask(Question("there"), job))
        await asyncio.wrap_future(job.future)
        await there.configure(model="fake/other", options={"temperature": 0.5})
    events = listen(app, session)
    await app.sessions.open("s")
    assert shown(session) == ["here -> [here|1]", "there -> [there|3]"]
    assert session.model == "fake/other"
    assert events == [SessionChanged(session.id, reread=True)]


async def test_reading_what_has_not_changed_is_no_event(
    app: Parllama, session: Session
) -> None:
    await say(session, "a")
    await session.load()
    events = listen(app, session)
    # Views do the last whenever they hear that the session has changed.
    await session.load()
    await session.preview(Question("b"))
    await forecast(session)
    assert events == []
    with own_app() as other:
        there = await other.sessions.open("s")
        await there.configure(model="fake/other", options={})
    await forecast(session, "fake/scripted")
    assert events == [SessionChanged(session.id)]
