"""A summary begins a new branch of a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.chats.summary import summarise
from parllama_nb.errors import ConnectionFailedError, StoppedError, UsageError
from parllama_nb.providers.messages import ChatRequest, DocumentPart, ImagePart
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.testing import Pause

from ..own_app import own_app, scripted

IMAGE = ImagePart("data:image/png;base64,AAAA")


def answers(request: ChatRequest) -> list[str]:
    asked = request.messages[-1].text
    return ["The summary."] if asked.startswith("Summarise") else [f"A of {asked}"]


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.model = "fake/scripted"
        app.engine.retry = RetryPolicy(backoff=0.01)
        yield app


def ask(app: Parllama, session: Session, question: Question) -> Any:
    async def send() -> Any:
        return session.send(question)

    return app.runtime.run(send()).result()


def summarised(app: Parllama, session: Session) -> Any:
    job = app.jobs.start("summarise", lambda job: summarise(session, app.chats, job))
    return job.result()


def prompts(app: Parllama) -> list[str]:
    return [turn.prompt for turn in app.runtime.run(app.chats.turns("s"))]


def test_a_conversation_goes_on_from_its_summary_and_loses_nothing(
    app: Parllama,
) -> None:
    fake = scripted(app, answers)
    session = app.runtime.run(app.sessions.open("s"))
    ask(app, session, Question("one", attached=(IMAGE,), system="Be kind."))
    ask(app, session, Question("two"))
    before = app.runtime.run(app.chats.turns("s"))
    summary = summarised(app, session)
    assert summary.text == "The summary."
    sent = fake.requests[-1].messages
    assert [each.text for each in sent[:-1]] == [
        "Be kind.",
        "one",
        "A of one",
        "two",
        "A of two",
    ]
    # What was attached is sent once, and stays in the new branch.
    assert [IMAGE in each.parts for each in sent] == [False] * 5 + [True]
    ask(app, session, Question("three"))
    assert [each.text for each in fake.requests[-1].messages[-2:]] == [
        "The summary.",
        "three",
    ]
    assert prompts(app)[1:] == ["three"]
    app.runtime.run(session.turns.show(before[0].id))
    assert prompts(app) == ["one", "two"]


def test_a_summary_is_made_of_what_the_first_question_mentioned_too(
    app: Parllama,
) -> None:
    fake = scripted(app, answers)
    session = app.runtime.run(app.sessions.open("s"))
    frame = DocumentPart("5 rows", "@df")
    ask(app, session, Question("What is @df?", attached=(frame,)))
    summarised(app, session)
    sent = fake.requests[-1].messages
    assert [frame in each.parts for each in sent] == [True, False, False]


def test_a_summary_that_fails_leaves_the_conversation_as_it_was(
    app: Parllama,
) -> None:
    fake = scripted(app, answers)
    session = app.runtime.run(app.sessions.open("s"))
    ask(app, session, Question("one"))
    ask(app, session, Question("two"))
    for script, error in (
        ([ConnectionFailedError("Fake is down.")], ConnectionFailedError),
        (["  "], UsageError),
    ):
        fake.script = script
        with pytest.raises(error):
            summarised(app, session)
        assert prompts(app) == ["one", "two"]
        assert [turn.prompt for turn in session.transcript.turns] == ["one", "two"]


def test_a_summary_that_fails_shows_the_branch_that_was_shown(app: Parllama) -> None:
    fake = scripted(app, answers)
    session = app.runtime.run(app.sessions.open("s"))
    ask(app, session, Question("one"))
    ask(app, session, Question("two"))
    first, last = app.runtime.run(app.chats.turns("s"))
    ask(app, session, Question("other", replaces=first.id))
    app.runtime.run(session.turns.show(last.id))
    fake.script = [ConnectionFailedError("Fake is down.")]
    with pytest.raises(ConnectionFailedError):
        summarised(app, session)
    assert prompts(app) == ["one", "two"]
    assert [turn.prompt for turn in session.transcript.turns] == ["one", "two"]


def test_an_answer_under_way_is_not_summed_up_half_finished(app: Parllama) -> None:
    gate = asyncio.Event()
    fake = scripted(app, lambda _: ["Half ", Pause(gate), "and half."])
    session = app.runtime.run(app.sessions.open("s"))

    async def begun() -> Any:
        job = session.send(Question("one"))
        await session.begun(job)
        return job

    job = app.runtime.run(begun())
    with pytest.raises(UsageError, match="answering already") as refused:
        summarised(app, session)
    assert refused.value.hint == "Wait for the answer, or stop it."
    app.runtime.loop.call_soon_threadsafe(gate.set)
    assert job.result().text == "Half and half."
    assert len(fake.requests) == 1
    assert prompts(app) == ["one"]
    fake.script = answers
    summarised(app, session)
    assert [each.text for each in fake.requests[-1].messages[:-1]] == [
        "one",
        "Half and half.",
    ]


def test_a_summary_that_is_stopped_before_it_begins_leaves_the_conversation(
    app: Parllama,
) -> None:
    fake = scripted(app, answers)
    session = app.runtime.run(app.sessions.open("s"))
    ask(app, session, Question("one"))
    fake.script = [Pause(3600.0)]
    job = app.jobs.start("summarise", lambda job: summarise(session, app.chats, job))
    while not fake.open:
        app.runtime.run(asyncio.sleep(0.01))
    job.cancel()
    with pytest.raises(StoppedError):
        job.result()
    assert prompts(app) == ["one"]


def test_an_empty_conversation_has_no_summary(app: Parllama) -> None:
    with pytest.raises(UsageError, match="nothing to summarise"):
        summarised(app, app.runtime.run(app.sessions.open("s")))
