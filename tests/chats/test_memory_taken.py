"""What a conversation takes of the memory: once, for good, and only if it is on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.store.database import written
from parllama_nb.testing import FakeProvider

from ..own_app import own_app, scripted
from ..vaults.weak import PASSWORD, weak_policy

MEMORY = "sentinel: lives in Lyon"


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        app.runtime.run(app.memory.save(MEMORY))
        yield app


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app)


def opened(app: Parllama, name: str = "diary") -> Session:
    return app.runtime.run(app.sessions.open(name))


def ask(app: Parllama, session: Session, text: str = "Q") -> None:
    async def send() -> object:
        return session.send(Question(text))

    app.runtime.run(send()).result()  # type: ignore[attr-defined]


def test_a_conversation_keeps_the_memory_that_it_began_with(
    app: Parllama, fake: FakeProvider
) -> None:
    session = opened(app)
    ask(app, session)
    app.runtime.run(app.memory.save("other"))
    ask(app, session)
    del session
    with own_app() as later:
        later.model = "fake/scripted"
        again = scripted(later)
        ask(later, opened(later))
        assert MEMORY in again.requests[0].messages[0].text
    assert [MEMORY in each.messages[0].text for each in fake.requests] == [True, True]


def test_a_memory_that_is_off_is_not_taken_later(
    app: Parllama, fake: FakeProvider
) -> None:
    app.settings.update({"memory.enabled": False})
    session = opened(app)
    ask(app, session)
    app.settings.update({"memory.enabled": True})
    ask(app, session)
    assert all(each.messages[0].role == "user" for each in fake.requests)
    assert "memory" not in session.options


def test_the_preview_shows_the_memory_and_takes_nothing(
    app: Parllama, fake: FakeProvider
) -> None:
    session = opened(app)
    preview = app.runtime.run(session.preview(Question("Q")))
    assert MEMORY in preview.messages[0].text
    assert session.options == {}
    assert app.runtime.run(app.chats.session("diary")) is None
    del fake


def test_other_options_leave_the_memory_and_an_empty_one_removes_it(
    app: Parllama, fake: FakeProvider
) -> None:
    session = opened(app)
    ask(app, session)
    app.runtime.run(session.configure(model=None, options={"temperature": 0.5}))
    ask(app, session)
    app.runtime.run(session.configure(model=None, options={"memory": ""}))
    ask(app, session)
    assert [each.messages[0].role for each in fake.requests] == [
        "system",
        "system",
        "user",
    ]


def test_a_memory_removed_before_the_first_question_is_not_taken(
    app: Parllama, fake: FakeProvider
) -> None:
    session = opened(app)
    app.runtime.run(session.configure(model=None, options={"memory": ""}))
    ask(app, session)
    assert fake.requests[0].messages[0].role == "user"


def test_without_a_database_a_conversation_has_no_memory(
    app: Parllama, fake: FakeProvider, home: Path
) -> None:
    app.store.close()
    database = next(home.rglob("parllama.db"))
    for each in database.parent.glob("parllama.db*"):
        each.unlink()
    database.mkdir()
    ask(app, opened_without_a_store(app))
    assert fake.requests[0].messages[0].role == "user"


def opened_without_a_store(app: Parllama) -> Session:
    return app.runtime.run(app.sessions._get("diary"))


def test_an_encrypted_conversation_encrypts_the_memory_that_it_took(
    app: Parllama, fake: FakeProvider, home: Path
) -> None:
    app.vault.create(PASSWORD)
    session = opened(app)
    app.runtime.run(session.encrypt())
    ask(app, session)
    assert MEMORY in fake.requests[0].messages[0].text
    # The memory itself is not encrypted: without it there is no trace.
    app.runtime.run(
        written(app.store.call(lambda c: c.execute("DELETE FROM memory_version")))
    )
    app.runtime.run(written(app.store.purge()))
    for path in home.rglob("parllama.db*"):
        assert b"sentinel" not in path.read_bytes()
