"""A conversation that is open in two kernels, one of which renames or deletes it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import UsageError
from parllama_nb.events import Event, SessionDeleted
from parllama_nb.testing import FakeProvider
from parllama_nb.vaults.errors import VaultLockedError

from ..eventually import eventually
from ..own_app import own_app, scripted
from ..vaults.weak import PASSWORD, weak_policy


@pytest.fixture
async def app() -> AsyncIterator[Parllama]:
    with own_app() as app:
        app.model = "fake/scripted"
        app.vault.policy = weak_policy()
        yield app


@pytest.fixture
async def other(app: Parllama) -> AsyncIterator[Parllama]:
    """The other kernel, on the same database."""
    with own_app() as other:
        other.model = "fake/scripted"
        other.vault.policy = weak_policy()
        yield other


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app, ["Yes."])


@pytest.fixture
def elsewhere(other: Parllama) -> FakeProvider:
    return scripted(other, ["Yes."])


async def say(session: Session, text: str) -> Answer:
    job = session.send(Question(text))
    return await asyncio.wrap_future(job.future)


async def say_in_cell(app: Parllama, conversation: str, text: str) -> Answer:
    """Ask as a cell does that names its conversation."""
    question = Question(text, conversation=conversation)
    job = app.jobs.start("ask", lambda job: app.sessions.ask(question, job))
    return await asyncio.wrap_future(job.future)


def sent(fake: FakeProvider) -> list[str]:
    return [message.text for message in fake.requests[-1].messages]


def prompts(session: Session) -> list[str]:
    return [turn.prompt for turn in session.transcript.turns]


async def stored(app: Parllama) -> dict[str, list[str]]:
    return {
        info.name: [turn.prompt for turn in await app.chats.turns(info.name)]
        for info in await app.chats.sessions()
    }


@pytest.fixture
async def two(
    app: Parllama, other: Parllama, fake: FakeProvider, elsewhere: FakeProvider
) -> tuple[Session, Session]:
    """A conversation of one turn, as both kernels have it."""
    here = await app.sessions.open("Trip")
    await say(here, "one")
    return here, await other.sessions.open("Trip")


async def encrypt(session: Session, app: Parllama, other: Parllama) -> None:
    """Encrypt a session of `app`, while the vault is unlocked in both kernels."""
    app.vault.create(PASSWORD)
    other.vault.unlock(PASSWORD)
    await session.encrypt()


async def test_a_conversation_that_is_renamed_elsewhere_goes_on(
    app: Parllama, two: tuple[Session, Session], elsewhere: FakeProvider
) -> None:
    here, there = two
    await here.rename("Journey")
    await say(await app.sessions.open("Trip"), "another of the old name")
    await say(there, "two")
    assert sent(elsewhere) == ["one", "Yes.", "two"]
    assert there.name == "Journey"
    await there.turns.amend(there.transcript.turns[0].id, question="first")
    await there.configure(model="fake/other", options={})
    assert await stored(app) == {
        "Trip": ["another of the old name"],
        "Journey": ["first", "two"],
    }
    assert (await app.sessions.open("Journey")).model == "fake/other"
    await there.delete()
    assert set(await stored(app)) == {"Trip"}


async def test_a_conversation_is_one_under_both_of_its_names(
    other: Parllama, two: tuple[Session, Session]
) -> None:
    here, there = two
    await here.rename("Journey")
    assert await other.sessions.open("Journey") is there
    assert there.name == "Journey"


async def test_the_old_name_of_a_conversation_is_free_in_both_kernels(
    app: Parllama, other: Parllama, two: tuple[Session, Session]
) -> None:
    here, there = two
    await here.rename("Journey")
    await say_in_cell(other, "Trip", "two")
    assert there.name == "Journey"
    assert await stored(app) == {"Journey": ["one"], "Trip": ["two"]}


async def test_a_question_while_it_is_renamed_knows_what_was_said(
    two: tuple[Session, Session], fake: FakeProvider
) -> None:
    here, _ = two
    renaming = asyncio.ensure_future(here.rename("Journey"))
    await asyncio.sleep(0)
    await say(here, "two")
    await renaming
    assert sent(fake) == ["one", "Yes.", "two"]
    assert (here.name, prompts(here)) == ("Journey", ["one", "two"])


async def test_a_conversation_that_is_deleted_elsewhere_begins_anew(
    app: Parllama, two: tuple[Session, Session], elsewhere: FakeProvider
) -> None:
    here, there = two
    await here.delete()
    await say(there, "two")
    assert sent(elsewhere) == ["two"]
    assert await stored(app) == {"Trip": ["two"]}
    # The one that was deleted has not changed.
    assert await app.session_library.restore("Trip") == "Trip (restored)"
    assert (await stored(app))["Trip (restored)"] == ["one"]


@pytest.mark.parametrize("now", [False, True])
@pytest.mark.parametrize("by_cell", [False, True])
async def test_an_encrypted_one_that_is_deleted_elsewhere_is_never_stored_in_clear(
    app: Parllama,
    other: Parllama,
    two: tuple[Session, Session],
    *,
    now: bool,
    by_cell: bool,
) -> None:
    here, there = two
    await encrypt(here, app, other)
    await there.load()
    assert there.encrypted
    heard: list[Event] = []
    other.events.listen(there.id, heard.append)
    await here.delete(now=now)
    text = "sentinel-4d1c"
    asking = say_in_cell(other, "Trip", text) if by_cell else say(there, text)
    with pytest.raises(UsageError, match="was deleted"):
        await asking
    assert SessionDeleted(there.id) in heard
    assert there.deleted
    assert await stored(app) == {}


async def test_an_encrypted_one_that_is_renamed_elsewhere_stays_encrypted(
    app: Parllama, other: Parllama, two: tuple[Session, Session], home: Path
) -> None:
    here, there = two
    await encrypt(here, app, other)
    await there.load()
    await here.rename("Journey")
    await say(there, "sentinel-4d1c")
    assert there.name == "Journey"
    assert await stored(app) == {"Journey": ["one", "sentinel-4d1c"]}
    app.store.close()
    other.store.close()
    with sqlite3.connect(home / "data" / "parllama.db") as database:
        dump = "\n".join(database.iterdump())
    assert "sentinel-4d1c" not in dump


async def test_one_that_is_encrypted_elsewhere_locks_with_the_vault(
    app: Parllama, other: Parllama, two: tuple[Session, Session]
) -> None:
    here, there = two
    await encrypt(here, app, other)
    assert prompts(there) == ["one"]
    other.vault.lock()
    await asyncio.to_thread(eventually, lambda: there.locked)
    assert prompts(there) == []
    assert there.shown_name == here.handle


async def test_one_that_is_encrypted_elsewhere_while_the_vault_is_locked(
    app: Parllama, other: Parllama, two: tuple[Session, Session]
) -> None:
    here, there = two
    app.vault.create(PASSWORD)
    other.vault.lock()
    await here.encrypt()
    with pytest.raises(VaultLockedError):
        await say(there, "two")
    assert there.locked
    assert prompts(there) == []


async def test_new_conversations_of_two_kernels_are_two(
    app: Parllama, other: Parllama, fake: FakeProvider, elsewhere: FakeProvider
) -> None:
    here, there = await app.sessions.new(), await other.sessions.new()
    assert here.name == there.name
    await here.configure(model="fake/costly", options={"system": "You are a pirate."})
    await there.load()
    assert there.model is None
    await say(there, "What is it?")
    assert sent(elsewhere) == ["What is it?"]
    await say(here, "And here?")
    await say(here, "And now?")
    assert fake.requests[-1].model == "costly"
    assert sent(fake)[0] == "You are a pirate."
    assert await stored(app) == {
        "What is it?": ["What is it?"],
        "And here?": ["And here?", "And now?"],
    }


@pytest.mark.parametrize("how", ["rename", "encrypt"])
async def test_a_new_conversation_that_is_named_or_encrypted_first(
    app: Parllama,
    other: Parllama,
    fake: FakeProvider,
    elsewhere: FakeProvider,
    how: str,
) -> None:
    here, there = await app.sessions.new(), await other.sessions.new()
    app.vault.create(PASSWORD)
    other.vault.unlock(PASSWORD)
    for session, name in ((here, "One"), (there, "Two")):
        await session.configure(model="fake/costly", options={"temperature": 0.5})
        await (session.rename(name) if how == "rename" else session.encrypt())
    await say(here, "What?")
    await say(there, "Why?")
    for session in (here, there):
        await session.load()
        assert session.encrypted is (how == "encrypt")
        assert (session.model, session.options["temperature"]) == ("fake/costly", 0.5)
    names = ("One", "Two") if how == "rename" else ("What?", "Why?")
    assert await stored(app) == {names[0]: ["What?"], names[1]: ["Why?"]}
