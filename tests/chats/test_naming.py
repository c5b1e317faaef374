"""Names of conversations that a model gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.naming import name_in
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import UsageError
from parllama_nb.providers.messages import ChatRequest
from parllama_nb.testing import FakeProvider

from ..own_app import own_app, scripted
from ..vaults.weak import PASSWORD, weak_policy

NAME = "Reading CSV files in pandas"


def answers(request: ChatRequest) -> list[str]:
    naming = request.messages[0].text.startswith("You name conversations")
    return [f'Name: "{NAME}."'] if naming else ["Use read_csv."]


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        app.settings.update({"chat.name_by_model": True})
        yield app


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app, answers, models=("scripted", "namer"))


def new(app: Parllama) -> Session:
    return app.runtime.run(app.sessions.new())


def ask(app: Parllama, session: Session, text: str = "How do I read a CSV?") -> None:
    async def send() -> Any:
        return session.send(Question(text))

    app.runtime.run(send()).result()


def named(app: Parllama) -> list[Any]:
    """Wait for the jobs that name something; returns them."""
    jobs = [job for job in app.jobs.list() if job.title.startswith("name ")]
    for job in jobs:
        job.future.exception(timeout=30)
    return jobs


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (NAME, NAME),
        (f'"{NAME}."\n\nThis name says...', NAME),
        (f"**Title: {NAME}**", NAME),
        ("  # Ideen f\u00fcr  Gerichte ", "Ideen f\u00fcr Gerichte"),
        ("\u201eK\u00fcche\u201c", "K\u00fcche"),
        ("", ""),
        ("I'm sorry, I cannot name this.", ""),
        ("Here is a name for it:", ""),
        ("a b c d e f g h i j k", ""),
        ("x" * 81, ""),
    ],
)
def test_a_name_is_found_in_an_answer(answer: str, name: str) -> None:
    assert name_in(answer) == name


def test_a_new_conversation_is_named_after_its_first_answer_only(
    app: Parllama, fake: FakeProvider
) -> None:
    session = new(app)
    ask(app, session)
    assert len(named(app)) == 1
    assert session.name == NAME
    ask(app, session)
    assert len(named(app)) == 1
    assert "How do I read a CSV?" in fake.requests[1].messages[-1].text
    assert [each.name for each in app.runtime.run(app.chats.sessions())] == [NAME]


def test_a_taken_name_gets_a_number(app: Parllama, fake: FakeProvider) -> None:
    for _ in range(2):
        ask(app, new(app))
        named(app)
    names = {each.name for each in app.runtime.run(app.chats.sessions())}
    assert names == {NAME, f"{NAME} 2"}
    del fake


def test_the_model_of_the_settings_names(app: Parllama, fake: FakeProvider) -> None:
    app.settings.update({"chat.naming_model": "fake/namer"})
    ask(app, new(app))
    named(app)
    assert [request.model for request in fake.requests] == ["scripted", "namer"]


def test_what_the_user_has_named_or_encrypted_keeps_its_name(
    app: Parllama, fake: FakeProvider
) -> None:
    mine = app.runtime.run(app.sessions.open("mine"))
    ask(app, mine)
    renamed = new(app)
    app.runtime.run(renamed.rename("renamed"))
    ask(app, renamed)
    app.vault.create(PASSWORD)
    encrypted = new(app)
    app.runtime.run(encrypted.encrypt())
    ask(app, encrypted)
    assert named(app) == []
    assert len(fake.requests) == 3


def test_a_failed_name_leaves_the_first_question_as_the_name(app: Parllama) -> None:
    scripted(app, lambda r: ["Sorry."] if "name" in r.messages[-1].text else ["A."])
    session = new(app)
    ask(app, session)
    (job,) = named(app)
    assert job.state == "failed"
    assert "answered no name" in str(job.error)
    assert session.name == "How do I read a CSV?"


def test_a_conversation_is_named_when_the_user_asks_for_it(
    app: Parllama, fake: FakeProvider
) -> None:
    app.settings.update({"chat.name_by_model": False})
    session = app.runtime.run(app.sessions.open("mine"))

    def name() -> str:
        return app.jobs.start(
            "naming", lambda job: app.sessions.named_by_model(session, job)
        ).result()

    with pytest.raises(UsageError, match="no answer yet"):
        name()
    ask(app, session)
    assert name() == NAME == session.name
    app.vault.create(PASSWORD)
    app.runtime.run(session.encrypt())
    with pytest.raises(UsageError, match="encrypted"):
        name()
    del fake
