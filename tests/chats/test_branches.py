"""Branches of a conversation: alternatives, walking, going on, changing, deleting."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer
from parllama_nb.chats.history.store import ChatStore
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import AuthenticationError, StreamInterruptedError, UsageError
from parllama_nb.events import SessionChanged, TurnChanged
from parllama_nb.jobs import Job
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    Message,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    Usage,
)
from parllama_nb.store.database import Store
from parllama_nb.store.migrations import MIGRATIONS
from parllama_nb.testing import FakeProvider, Pause

from ..own_app import own_app, scripted
from ..virtual_time import OnLoop


def echo(request: ChatRequest) -> Iterator[object]:
    yield f"[{request.messages[-1].text}|{len(request.messages)}]"
    yield Finish("stop", Usage(10, 5))


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


async def say(session: Session, text: str | None, **more: object) -> Answer:
    return await ended(session.send(Question(text, **more)))  # type: ignore[arg-type]


async def in_cell(app: Parllama, session: Session, text: str, cell: str) -> Answer:
    question = Question(text, cell_id=cell)
    return await ended(app.jobs.start("ask", lambda job: session.ask(question, job)))


def shown(session: Session) -> list[str]:
    return [turn.prompt for turn in session.transcript.turns]


def ids(session: Session) -> list[int]:
    return [turn.id for turn in session.transcript.turns]


async def on_disk(app: Parllama) -> list[str]:
    return [turn.prompt for turn in await app.chats.turns("s")]


async def test_what_an_alternative_is_sent_with_is_what_comes_before_it(
    fake: FakeProvider, session: Session
) -> None:
    for text in "abc":
        await say(session, text)
    await say(session, "B", replaces=ids(session)[1])
    await say(session, "d")
    sent = [message.text for message in fake.requests[-1].messages]
    assert sent == ["a", "[a|1]", "B", "[B|3]", "d"]
    assert session.transcript.turns[-1].parent == ids(session)[1]


async def test_walking_back_shows_the_newest_of_what_followed(
    app: Parllama, session: Session
) -> None:
    for text in "abc":
        await say(session, text)
    first, second, third = ids(session)
    await say(session, "C", replaces=third)
    await say(session, "B", replaces=second)
    assert shown(session) == ["a", "B"]
    events: list[object] = []
    app.events.listen(session.id, events.append)
    await session.turns.show(second)
    assert shown(session) == ["a", "b", "C"] == await on_disk(app)
    assert SessionChanged(session.id, reread=True) in events
    await session.turns.show(first)
    assert shown(session) == ["a", "B"], "the newest of all that follows"


async def test_alternatives_of_a_first_question_are_walked_too(
    session: Session,
) -> None:
    await say(session, "a")
    (first,) = ids(session)
    await say(session, "A", replaces=first)
    (second,) = ids(session)
    assert session.transcript.turns[0].alternatives == (first, second)
    await session.turns.show(first)
    assert shown(session) == ["a"]


async def test_a_turn_that_is_not_there_is_not_shown(session: Session) -> None:
    await say(session, "a")
    with pytest.raises(UsageError, match="no longer"):
        await session.turns.show(99)
    assert shown(session) == ["a"]


async def test_while_it_answers_nobody_walks_or_changes(
    fake: FakeProvider, session: Session
) -> None:
    await say(session, "a")
    fake.script = ["Half", Pause(asyncio.Event())]
    job = session.send(Question("b"))
    await session.begun(job)
    for change in (
        session.turns.show(ids(session)[0]),
        session.turns.amend(1, answer="x"),
    ):
        with pytest.raises(UsageError, match="answering"):
            await change
    session.stop()
    await ended(job)


async def test_a_question_without_an_answer_is_asked_again_in_its_place(
    fake: FakeProvider, session: Session
) -> None:
    fake.script = [AuthenticationError("No key.")]
    await say(session, "a")
    (turn,) = ids(session)
    fake.script = echo
    await say(session, None, replaces=turn)
    (again,) = session.transcript.turns
    assert (again.id, again.alternatives, again.answer.text) == (turn, (), "[a|1]")


async def test_deleting_a_turn_keeps_what_followed_it(
    app: Parllama, session: Session
) -> None:
    for text in "abc":
        await say(session, text)
    await session.turns.delete(ids(session)[1])
    assert shown(session) == ["a", "c"] == await on_disk(app)
    await session.turns.delete(ids(session)[0])
    assert shown(session) == ["c"] == await on_disk(app)
    assert [turn.parent for turn in await app.chats.turns("s")] == [None]
    await session.turns.delete(ids(session)[0])
    assert shown(session) == [] == await on_disk(app)
    await say(session, "d")
    assert shown(session) == ["d"]


async def test_deleting_an_alternative_shows_another_one(
    app: Parllama, session: Session
) -> None:
    for text in "ab":
        await say(session, text)
    first, second = ids(session)
    await say(session, "B", replaces=second)
    await session.turns.delete(ids(session)[1])
    assert ids(session) == [first, second]
    assert session.transcript.turns[1].alternatives == ()
    assert await on_disk(app) == ["a", "b"]


async def test_a_cell_whose_turn_is_on_another_branch_asks_anew_at_the_end(
    app: Parllama, session: Session
) -> None:
    await say(session, "a")
    (first,) = ids(session)
    await in_cell(app, session, "from a cell", "cell")
    await say(session, "A", replaces=first)
    await in_cell(app, session, "from a cell", "cell")
    assert shown(session) == ["A", "from a cell"]
    await session.turns.show(first)
    assert shown(session) == ["a", "from a cell"]
    assert [turn.cell_id for turn in session.transcript.turns] == [None, None]


async def test_a_number_of_a_turn_counts_those_that_lead_to_it(
    session: Session,
) -> None:
    for text in "abc":
        await say(session, text)
    answer = await say(session, "B", replaces=ids(session)[1])
    assert answer.turn == 2
    assert (await say(session, "C")).turn == 3


# going on


def cut(request: ChatRequest) -> Iterator[object]:
    """Think and say a little, and be cut off."""
    yield ThinkingDelta("Hm. ")
    yield TextDelta("One, ")
    yield Finish("length", Usage(10, 2))


async def test_an_answer_goes_on_where_it_ended(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    fake.script = cut
    await say(session, "Count.")
    (turn,) = session.transcript.turns
    fake.script = [ThinkingDelta("Now. "), TextDelta("two."), Finish("stop", Usage(15))]
    gone_on = await say(session, None, replaces=turn.id, continues=True)
    sent = [(each.role, each.text) for each in fake.requests[-1].messages]
    assert sent[:2] == [("user", "Count."), ("assistant", "One, ")]
    assert sent[2][0] == "user"
    assert "Go on exactly where it ends" in sent[2][1]
    assert gone_on.parts == (
        ThinkingPart("Hm. "),
        TextPart("One, "),
        ThinkingPart("Now. "),
        TextPart("two."),
    )
    assert gone_on.notes == ("continued",)
    (now,) = session.transcript.turns
    assert (now.id, now.prompt, now.answer.text) == (turn.id, "Count.", "One, two.")
    assert (await app.chats.turns("s"))[0].answer == now.answer


async def test_what_an_answer_had_is_on_disk_while_it_goes_on(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    fake.script = cut
    await say(session, "Count.")
    (turn,) = session.transcript.turns
    gate = asyncio.Event()
    fake.script = [Pause(gate), TextDelta("two."), Finish("stop")]
    job = session.send(Question(None, replaces=turn.id, continues=True))
    await session.begun(job)
    (now,) = await app.chats.turns("s")
    assert (now.state, now.answer.text, now.answer.thinking) == (
        "streaming",
        "One, ",
        "Hm. ",
    )
    assert session.live is not None
    assert session.live.answer.text == "One, "
    gate.set()
    await ended(job)
    (now,) = await app.chats.turns("s")
    assert now.answer.text == "One, two."


@pytest.mark.parametrize("failure", [AuthenticationError("No."), None])
async def test_an_answer_that_could_not_go_on_is_as_it_was(
    app: Parllama,
    fake: FakeProvider,
    session: Session,
    failure: AuthenticationError | None,
) -> None:
    fake.script = cut
    await say(session, "Count.")
    (turn,) = session.transcript.turns
    fake.script = [failure] if failure else [Pause(asyncio.Event())]
    job = session.send(Question(None, replaces=turn.id, continues=True))
    await session.begun(job)
    if failure is None:
        session.stop()
    await ended(job)
    (now,) = session.transcript.turns
    assert (now.answer, now.finish_reason) == (turn.answer, "length")
    assert now.error is failure
    assert await app.chats.turns("s") == [turn]


async def test_an_answer_that_broke_off_while_it_went_on_keeps_all_that_came(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    fake.script = cut
    await say(session, "Count.")
    (turn,) = session.transcript.turns
    fake.script = [TextDelta("two"), StreamInterruptedError("Lost.")]
    await say(session, None, replaces=turn.id, continues=True)
    (now,) = await app.chats.turns("s")
    assert (now.answer.text, now.finish_reason) == ("One, two", "error")


# changing


async def test_a_changed_answer_is_what_later_questions_are_sent_with(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    fake.script = cut
    await say(session, "Count.")
    (turn,) = ids(session)
    events: list[object] = []
    app.events.listen(session.id, events.append)
    await session.turns.amend(turn, answer="One.")
    assert events == [TurnChanged(session.id, turn)]
    (now,) = session.transcript.turns
    assert now.answer.parts == (ThinkingPart("Hm. "), TextPart("One."))
    assert now.edited is not None
    assert await app.chats.turns("s") == [now]
    await say(session, "More.")
    sent = [each.text for each in fake.requests[-1].messages]
    assert sent == ["Count.", "One.", "More."]


async def test_a_changed_question_is_not_asked(
    app: Parllama, fake: FakeProvider, session: Session
) -> None:
    await say(session, "a")
    await session.turns.amend(ids(session)[0], question="A")
    assert shown(session) == ["A"] == await on_disk(app)
    assert len(fake.requests) == 1
    with pytest.raises(UsageError, match="no longer"):
        await session.turns.amend(99, answer="x")


async def test_the_answer_of_a_killed_kernel_is_settled_by_a_change(
    app: Parllama, fake: FakeProvider, session: Session, tmp_path: Path
) -> None:
    await say(session, "a")
    (turn,) = ids(session)
    with sqlite3.connect(app.store._path()) as connection:
        connection.execute("UPDATE turn SET state = 'streaming', answer = NULL")
        connection.execute("INSERT INTO chunk VALUES (?, 0, 'text', 'Hal')", (turn,))
    connection.close()
    await session.load()
    await session.turns.amend(turn, answer="Half")
    (now,) = await app.chats.turns("s")
    assert (now.state, now.answer.text) == ("settled", "Half")


# the database


async def test_turns_of_an_older_database_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        for script in MIGRATIONS[:6]:
            old.executescript(script)
        old.execute("PRAGMA user_version = 6")
        for name in ("s", "t"):
            old.execute(
                "INSERT INTO session (id, name, created) VALUES (?, ?, 0)", (name, name)
            )
        asked = '[{"role": "user", "parts": [{"type": "text", "text": "%s"}]}]'
        answer = '{"role": "assistant", "parts": []}'
        for number, name in enumerate("stsst"):
            old.execute(
                """
                INSERT INTO turn
                    (session_id, model, options, question, state, answer, created)
                VALUES (?, 'm', '{}', ?, 'settled', ?, 0)
                """,
                (name, asked % number, answer),
            )
        old.execute("INSERT INTO chunk VALUES (5, 0, 'text', 'kept')")
    old.close()
    store = Store(lambda: path)
    try:
        chats = ChatStore(store)
        turns = await chats.turns("s")
        assert [(turn.id, turn.parent, turn.prompt) for turn in turns] == [
            (1, None, "0"),
            (3, 1, "2"),
            (4, 3, "3"),
        ]
        assert [turn.prompt for turn in await chats.turns("t")] == ["1", "4"]
        assert all(turn.alternatives == () for turn in turns)
        assert Message("assistant", ()) == turns[0].answer
        # What refers to a turn is still there, and goes with it.
        read = "SELECT turn_id FROM chunk UNION ALL SELECT seq FROM sqlite_sequence"
        assert store.call(lambda c: c.execute(read).fetchall()).result() == [(5,), (5,)]
        await chats.take_out("t", 5)
        assert store.call(lambda c: c.execute(read).fetchall()).result() == [(5,)]
    finally:
        store.close()
