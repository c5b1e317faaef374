"""The bytes of attachments in the database: apart, once, encrypted, and gone."""

from __future__ import annotations

import base64
import hashlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama
from parllama_nb.chats.history.attachments import is_reference, references_in
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import ServerError
from parllama_nb.providers.messages import (
    DocumentPart,
    ImagePart,
    Message,
    Part,
    TextPart,
)
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.testing import FakeProvider
from parllama_nb.vaults.errors import VaultLockedError

from ...attachments.files import png
from ...own_app import own_app, scripted
from ...vaults.weak import PASSWORD, weak_policy

SENTINEL = b"sentinel of a private picture 5c2e"


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        yield app


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app)


def image(data: bytes, kind: str = "image/png") -> ImagePart:
    return ImagePart(f"data:{kind};base64,{base64.b64encode(data).decode()}")


def document(data: bytes) -> DocumentPart:
    url = f"data:application/pdf;base64,{base64.b64encode(data).decode()}"
    return DocumentPart("Its text.", "1", title="a.pdf", data=url)


def opened(app: Parllama, name: str = "talk") -> Session:
    return app.runtime.run(app.sessions.open(name))


def say(app: Parllama, text: str | None, *parts: Part, **more: Any) -> Any:
    """Ask in the conversation, which stays what the app has of it."""
    question = Question(text, attached=parts, **more)
    session = opened(app, more.pop("conversation", None) or "talk")
    return app.jobs.start("ask", lambda job: session.ask(question, job)).result()


def rows(app: Parllama, query: str) -> list[Any]:
    found = app.store.call(lambda c: c.execute(query).fetchall()).result()
    assert found is not None
    return found


def stored(app: Parllama) -> int:
    return int(rows(app, "SELECT count(*) FROM attachment")[0][0])


def images_of(message: Message) -> list[bytes]:
    parts = [part for part in message.parts if isinstance(part, ImagePart)]
    return [base64.b64decode(part.url.partition(",")[2]) for part in parts]


def test_four_large_images_of_a_question_survive_a_restart() -> None:
    data = [random.Random(n).randbytes(4_500_000) for n in range(4)]
    with own_app() as app:
        scripted(app)
        app.model = "fake/scripted"
        say(app, "What are they?", *map(image, data))
        say(app, "And now?")
        assert stored(app) == 4
        # The row of the turn has none of it.
        ((length,),) = rows(app, "SELECT max(length(question)) FROM turn")
        assert length < 1_000
    with own_app() as app:
        provider = scripted(app)
        app.model = "fake/scripted"
        say(app, "And again?")
        first, *_ = provider.requests[-1].messages
        assert images_of(first) == data
        turn, *_ = app.runtime.run(app.chats.turns("talk"))
        assert turn.prompt == "What are they?"


def test_whoever_shows_a_conversation_does_not_read_the_bytes(
    app: Parllama, fake: FakeProvider
) -> None:
    say(app, "What is it?", image(png()), document(b"%PDF-"))
    statements: list[str] = []

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(statements.append)

    app.store.call(trace).result()
    _, (turn,) = app.runtime.run(app.chats.load("talk"))
    assert statements
    assert not any("FROM attachment" in each for each in statements)
    (message,) = turn.question
    picture, pdf, _ = message.parts
    assert isinstance(picture, ImagePart)
    assert isinstance(pdf, DocumentPart)
    assert is_reference(picture.url)
    assert is_reference(pdf.data)
    assert (pdf.text, pdf.title) == ("Its text.", "a.pdf")
    # Nor does the conversation hold them in memory.
    held = opened(app).transcript.turns[-1].question
    assert references_in(held) == references_in(turn.question)


def test_the_functions_give_the_bytes(
    app: Parllama, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parllama_nb.api.conversations.get_app", lambda: app)
    say(app, "What is it?", image(png()), document(b"%PDF-1"))
    (turn,) = pl.conversation("talk").turns
    assert turn.question[0].parts[:2] == (image(png()), document(b"%PDF-1"))


def test_the_same_bytes_are_there_once_in_a_conversation(
    app: Parllama, fake: FakeProvider
) -> None:
    say(app, "A?", image(png()), image(png()))
    say(app, "B?", image(png()))
    assert stored(app) == 1
    # Of another, nobody can tell by the rows that it has the same.
    say(app, "C?", image(png()), conversation="other")
    assert stored(app) == 2


def test_a_retry_and_an_alternative_have_the_same_attachments(
    app: Parllama, fake: FakeProvider
) -> None:
    first = say(app, "A?", image(png()))
    assert first.error is None
    say(app, None, replaces=opened(app).transcript.turns[-1].id)
    assert images_of(fake.requests[-1].messages[-1]) == [png()]
    say(app, "Another?", replaces=opened(app).transcript.turns[-1].id)
    assert images_of(fake.requests[-1].messages[-1]) == [png()]
    assert stored(app) == 1
    assert rows(app, "SELECT count(*) FROM turn_attachment") == [(3,)]


def test_attachments_go_with_the_last_turn_that_has_them(
    app: Parllama, fake: FakeProvider
) -> None:
    say(app, "A?", image(png()))
    say(app, "B?", image(png()), image(png(500)))
    session = opened(app)
    first, second = (turn.id for turn in session.transcript.turns)
    app.runtime.run(session.turns.delete(second))
    assert rows(app, "SELECT length(data) FROM attachment") == [(len(png()),)]
    app.runtime.run(session.turns.delete(first))
    assert stored(app) == 0
    say(app, "C?", image(png()))
    app.runtime.run(opened(app).delete(now=True))
    assert stored(app) == 0


def test_a_cell_that_runs_again_has_its_new_attachments_alone(
    app: Parllama, fake: FakeProvider
) -> None:
    say(app, "A?", image(png()), cell_id="c")
    say(app, "A?", image(png(500)), cell_id="c")
    assert rows(app, "SELECT length(data) FROM attachment") == [(500,)]


def test_a_try_that_fails_costs_no_attachment(
    app: Parllama, fake: FakeProvider
) -> None:
    say(app, "A?", image(png()), cell_id="c")
    fake.script = [ServerError("down")]
    app.engine.retry = RetryPolicy(retries=0)
    say(app, "A?", image(png(500)), cell_id="c")
    assert rows(app, "SELECT length(data) FROM attachment") == [(len(png()),)]
    fake.script = ["Yes."]
    say(app, "And?")
    assert images_of(fake.requests[-1].messages[0]) == [png()]


def test_an_attachment_that_is_gone_is_named_and_ends_nothing(
    app: Parllama, fake: FakeProvider
) -> None:
    say(app, "A?", image(png()), document(b"%PDF-"))
    app.store.call(lambda c: c.execute("DELETE FROM attachment")).result()
    answer = say(app, "And?")
    assert answer.error is None
    gone, pdf, _ = fake.requests[-1].messages[0].parts
    assert gone == TextPart("[An image that is no longer there.]")
    assert pdf == DocumentPart("Its text.", "1", title="a.pdf")


def test_a_turn_of_before_with_its_bytes_in_the_row_is_still_read(
    app: Parllama, fake: FakeProvider
) -> None:
    import json

    say(app, "A?", image(png()))
    whole = json.dumps([Message("user", (image(png()), TextPart("A?"))).to_dict()])
    app.store.call(
        lambda c: c.execute("UPDATE turn SET question = ?", (whole,))
    ).result()
    say(app, "And?")
    assert images_of(fake.requests[-1].messages[0]) == [png()]


# encrypted


def traces(home: Path) -> list[str]:
    """Return the files that hold the sentinel, or what tells its bytes."""
    secret = SENTINEL * 50
    forms = [SENTINEL, hashlib.sha256(secret).digest()]
    # Base64 of it, at any offset.
    forms += [base64.b64encode(b"." * n + SENTINEL)[4:-8] for n in range(3)]
    return sorted(
        path.name
        for path in home.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    )


SECRET = image(SENTINEL * 50)
SECRET_FILE = document(SENTINEL * 50)


def encrypt(app: Parllama, action: str = "encrypt") -> None:
    session = opened(app)
    app.runtime.run(session.encrypt() if action == "encrypt" else session.decrypt())


@pytest.mark.parametrize("when", ["before", "after"])
def test_no_file_holds_an_attachment_of_an_encrypted_conversation(
    app: Parllama, fake: FakeProvider, home: Path, when: str
) -> None:
    app.vault.create(PASSWORD)
    opened(app)
    if when == "before":
        encrypt(app)
    say(app, "A?", SECRET, SECRET_FILE)
    say(app, "B?", SECRET)
    if when == "after":
        # Else the search below would find nothing, whatever was there.
        assert traces(home)
        encrypt(app)

    assert traces(home) == []
    assert set(rows(app, "SELECT digest, typeof(data) FROM attachment")) == {
        (None, "text")
    }
    say(app, "And?")
    assert images_of(fake.requests[-1].messages[0]) == [SENTINEL * 50]
    app.vault.lock()
    assert traces(home) == []


def test_a_conversation_that_is_decrypted_has_its_attachments_plain_again(
    app: Parllama, fake: FakeProvider
) -> None:
    app.vault.create(PASSWORD)
    opened(app)
    encrypt(app)
    # The same bytes twice, which plain are there once.
    say(app, "A?", SECRET)
    say(app, "B?", SECRET)
    encrypt(app, "decrypt")
    app.vault.lock()
    assert {kind for (kind,) in rows(app, "SELECT typeof(data) FROM attachment")} == {
        "blob"
    }
    say(app, "And?")
    first, _, second, *_ = fake.requests[-1].messages
    assert images_of(first) == images_of(second) == [SENTINEL * 50]


def test_a_locked_vault_gives_no_attachment(app: Parllama, fake: FakeProvider) -> None:
    app.vault.create(PASSWORD)
    opened(app)
    encrypt(app)
    say(app, "A?", SECRET)
    held = opened(app).transcript.turns[-1].question
    app.vault.lock()
    with pytest.raises(VaultLockedError):
        app.runtime.run(app.chats.filled(held))


def test_an_answer_that_is_picked_brings_a_copy_of_the_attachments(
    app: Parllama, fake: FakeProvider
) -> None:
    question = Question("A?", attached=(image(png()),), conversation="talk")
    job = app.jobs.start("compare", lambda job: compared(app, question, job))
    job.result()
    say(app, "And?")
    assert images_of(fake.requests[-1].messages[0]) == [png()]


async def compared(app: Parllama, question: Question, job: Any) -> None:
    comparison = app.comparisons.begin(question, ["fake/scripted"])
    await comparison.outcome(job)
    await comparison.pick(comparison.columns[0].id)


def test_a_reference_to_another_conversation_becomes_one_to_a_copy(
    app: Parllama, fake: FakeProvider
) -> None:
    app.vault.create(PASSWORD)
    opened(app)
    encrypt(app)
    say(app, "A?", SECRET)
    (turn,) = app.runtime.run(app.chats.turns("talk"))
    part = turn.question[0].parts[0]
    assert isinstance(part, ImagePart)
    assert is_reference(part.url)

    say(app, "B?", part, conversation="other")

    (other,) = app.runtime.run(app.chats.turns("other"))
    assert references_in(other.question) != references_in(turn.question)
    app.runtime.run(opened(app).delete(now=True))
    app.vault.lock()
    (message,) = app.runtime.run(app.chats.filled(other.question))
    assert images_of(message) == [SENTINEL * 50]


@pytest.mark.parametrize("again", [False, True])
def test_a_deleted_turn_that_is_put_back_has_its_attachments(
    app: Parllama, fake: FakeProvider, again: bool
) -> None:
    session = opened(app)
    say(app, "What is this?", image(png(2)))
    say(app, "And now?")
    removed = app.runtime.run(
        app.chats.take_out("talk", session.transcript.turns[0].id)
    )
    assert removed is not None
    assert stored(app) == 0
    if again:
        say(app, "The same once more.", image(png(2)))
    assert app.runtime.run(app.chats.put_back(removed))
    say(app, "And again?")
    sent = [data for each in fake.requests[-1].messages for data in images_of(each)]
    assert sent == [png(2)] * (2 if again else 1)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_copy_of_a_conversation_has_attachments_of_its_own(
    app: Parllama, fake: FakeProvider, *, encrypted: bool
) -> None:
    say(app, "A?", image(png()))
    if encrypted:
        app.vault.create(PASSWORD)
        app.runtime.run(opened(app).encrypt())
    app.runtime.run(app.session_library.duplicate("talk", "copy"))
    assert stored(app) == 2
    app.runtime.run(opened(app).delete(now=True))
    assert stored(app) == 1
    say(
        app,
        None,
        replaces=opened(app, "copy").transcript.turns[-1].id,
        conversation="copy",
    )
    assert images_of(fake.requests[-1].messages[-1]) == [png()]
