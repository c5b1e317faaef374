"""Encrypted conversations: no trace of them on disk, and what a locked vault means."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, wait
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.history.encryption import ENCRYPTED_COLUMNS, turn_context
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import (
    AuthenticationError,
    ServerError,
    StoreError,
    UsageError,
)
from parllama_nb.events import AnswerDelta
from parllama_nb.paths import directory
from parllama_nb.providers.messages import Finish, ThinkingDelta, Usage
from parllama_nb.store.database import Store
from parllama_nb.testing import FakeProvider, Pause
from parllama_nb.vaults.errors import (
    VaultDamagedError,
    VaultLockedError,
    VaultMissingError,
)

from ...eventually import eventually
from ...own_app import own_app, result_of, scripted
from ...vaults.weak import PASSWORD, weak_policy

# With a letter that JSON escapes.
SENTINEL = "sentinel über a private talk 93d1"


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        yield app


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    ends = Finish("stop", Usage(10, 5))
    return scripted(app, [ThinkingDelta(SENTINEL), f"Answer: {SENTINEL}", ends])


@pytest.fixture
def unlocked(app: Parllama) -> None:
    app.vault.create(PASSWORD)


def forms(text: str) -> list[bytes]:
    """Return the encodings that a text may have in a file, unless encrypted."""
    encodings = []
    for spelt in (text, json.dumps(text)[1:-1]):
        raw = spelt.encode()
        encodings += [raw, raw.hex().encode(), spelt.encode("utf-16-le")]
        # Base64 of it, at any offset in a longer text.
        encodings += [base64.b64encode(b"." * n + raw)[4:-8] for n in range(3)]
    return encodings


def traces(home: Path) -> list[str]:
    """Return the files that hold the sentinel in some form."""
    return sorted(
        path.name
        for path in home.rglob("*")
        if path.is_file() and any(f in path.read_bytes() for f in forms(SENTINEL))
    )


def opened(app: Parllama, name: str = "diary") -> Session:
    return app.runtime.run(app.sessions.open(name))


def say(app: Parllama, session: Session, text: str, cell: str | None = None) -> Any:
    question = Question(text, cell_id=cell, system=f"Be {SENTINEL}.")
    job = app.jobs.start("ask", lambda job: session.ask(question, job))
    return job.result()


def do(app: Parllama, action: str, name: str | None = None, **more: Any) -> str:
    values = {"action": action, **more} | ({} if name is None else {"words": (name,)})
    return str(result_of(app, "sessions", **values))


def texts(app: Parllama, name: str = "diary") -> list[tuple[str, str]]:
    turns = app.runtime.run(app.chats.turns(name))
    return [(turn.prompt, turn.answer.text) for turn in turns]


class Held:
    """An answer whose first part has come, and that ends when it is released."""

    def __init__(
        self, app: Parllama, fake: FakeProvider, session: Session, cell: str | None
    ) -> None:
        self.app = app

        async def gate() -> asyncio.Event:
            return asyncio.Event()

        self.gate = app.runtime.run(gate())
        came: asyncio.Event = app.runtime.run(gate())
        fake.script = [f"Half: {SENTINEL}", Pause(self.gate), f" Rest: {SENTINEL}"]

        def hear(event: object) -> None:
            if isinstance(event, AnswerDelta):
                came.set()

        question = Question(f"Hold {SENTINEL}", cell_id=cell)
        self.job = app.jobs.start(
            "ask", lambda job: session.ask(question, job), listener=hear
        )

        async def begun() -> None:
            await came.wait()

        app.runtime.run(begun())
        app.store.call(lambda _: None).result()

    def let_go(self) -> Any:
        self.app.runtime.loop.call_soon_threadsafe(self.gate.set)
        return self.job.result()


@pytest.fixture
def hold(app: Parllama, fake: FakeProvider) -> Callable[[Session, str | None], Held]:
    return lambda session, cell=None: Held(app, fake, session, cell)


def test_encryption_leaves_no_trace_of_a_conversation_in_any_file(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    session = opened(app)
    options = {"system": SENTINEL, "temperature": 0.5}
    app.runtime.run(session.configure(model="fake/scripted", options=options))
    for number in range(8):
        say(app, session, f"{number} {SENTINEL} " * 40)
    fake.script = [f"Half: {SENTINEL}", ServerError(SENTINEL, hint=SENTINEL)]
    say(app, session, "fails")
    before = app.runtime.run(app.chats.load("diary"))
    assert traces(home)
    do(app, "encrypt", "diary")
    assert traces(home) == []
    info, turns = app.runtime.run(app.chats.load("diary"))
    assert turns == before[1]
    assert info is not None
    assert before[0] is not None
    assert info.encrypted
    assert info.options == before[0].options == options
    assert str(turns[-1].error) == f"{SENTINEL} {SENTINEL}"
    app.close()
    assert traces(home) == []


def test_an_answer_in_an_encrypted_conversation_is_encrypted_while_it_streams(
    app: Parllama,
    unlocked: None,
    home: Path,
    hold: Callable[..., Held],
) -> None:
    session = opened(app)
    say(app, session, SENTINEL)
    do(app, "encrypt", "diary")
    held = hold(session)
    (count,) = app.store.call(
        lambda c: c.execute("SELECT count(*) FROM chunk").fetchone()
    ).result() or (0,)
    assert count == 1
    assert traces(home) == []
    assert texts(app)[-1] == (f"Hold {SENTINEL}", f"Half: {SENTINEL}")
    held.let_go()
    assert traces(home) == []
    assert texts(app)[-1][1] == f"Half: {SENTINEL} Rest: {SENTINEL}"


def test_an_answer_under_way_is_encrypted_with_its_conversation(
    app: Parllama, unlocked: None, home: Path, hold: Callable[..., Held]
) -> None:
    session = opened(app)
    held = hold(session)
    assert traces(home)
    do(app, "encrypt", "diary")
    assert traces(home) == []
    held.let_go()
    assert traces(home) == []
    assert texts(app)[0][1] == f"Half: {SENTINEL} Rest: {SENTINEL}"


def test_an_answer_outlasts_a_lock_but_the_next_question_does_not_begin(
    app: Parllama, unlocked: None, home: Path, hold: Callable[..., Held]
) -> None:
    session = opened(app)
    say(app, session, "first")
    do(app, "encrypt", "diary")
    held = hold(session)
    app.vault.lock()
    answer = held.let_go()
    assert answer.text == f"Half: {SENTINEL} Rest: {SENTINEL}"
    assert answer.notes == ()
    assert (answer.session, answer.turn) == ("diary", 2)
    assert traces(home) == []
    with pytest.raises(VaultLockedError, match="vault unlock"):
        say(app, session, "next")
    with pytest.raises(VaultLockedError, match="vault unlock"):
        opened(app)
    with pytest.raises(VaultLockedError):
        result_of(app, "ask", prompt="next", session="diary")
    with pytest.raises(VaultLockedError):
        app.runtime.run(app.chats.load("diary"))
    app.vault.unlock(PASSWORD)
    assert texts(app)[-1][1] == answer.text
    assert len(texts(app)) == 2


def test_a_conversation_encrypted_by_another_kernel_is_not_written_unencrypted(
    app: Parllama, unlocked: None, home: Path, hold: Callable[..., Held]
) -> None:
    held = hold(opened(app))
    with own_app() as other:
        other.vault.policy = weak_policy()
        other.vault.unlock(PASSWORD)
        do(other, "encrypt", "diary")
    app.vault.lock()
    assert traces(home) == []
    answer = held.let_go()
    assert answer.text == f"Half: {SENTINEL} Rest: {SENTINEL}"
    assert any("not kept on disk: The vault is locked." in n for n in answer.notes)
    assert traces(home) == []
    app.vault.unlock(PASSWORD)
    assert texts(app) == [(f"Hold {SENTINEL}", f"Half: {SENTINEL}")]


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_failed_retry_restores_the_earlier_answer_encrypted(
    app: Parllama,
    fake: FakeProvider,
    unlocked: None,
    home: Path,
    when: str,
) -> None:
    session = opened(app)
    say(app, session, f"Why {SENTINEL}?", "cell")
    before = texts(app)
    if when == "before":
        do(app, "encrypt", "diary")

    async def gate() -> asyncio.Event:
        return asyncio.Event()

    waits: asyncio.Event = app.runtime.run(gate())
    fake.script = [Pause(waits), AuthenticationError("Down.")]
    question = Question("again", cell_id="cell")
    job = app.jobs.start("ask", lambda job: session.ask(question, job))

    app.runtime.run(session.begun(job))
    if when == "meanwhile":
        do(app, "encrypt", "diary")
    app.vault.lock()
    app.runtime.loop.call_soon_threadsafe(waits.set)
    wait([job.future])
    assert traces(home) == []
    app.vault.unlock(PASSWORD)
    assert texts(app) == before


def test_a_failed_retry_restores_an_encrypted_answer_of_a_killed_kernel(
    app: Parllama, fake: FakeProvider, unlocked: None, hold: Callable[..., Held]
) -> None:
    session = opened(app)
    held = hold(session, "cell")
    do(app, "encrypt", "diary")
    fake.script = [AuthenticationError("Down.")]
    with own_app() as other:
        other.vault.policy = weak_policy()
        other.vault.unlock(PASSWORD)
        other.model = "fake/scripted"
        scripted(other, [AuthenticationError("Down.")])
        say(other, opened(other), "again", "cell")
        assert texts(other) == [(f"Hold {SENTINEL}", f"Half: {SENTINEL}")]
    held.job.cancel()
    wait([held.job.future])


def test_a_decrypted_conversation_is_complete(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    session = opened(app)
    say(app, session, SENTINEL)
    before = app.runtime.run(app.chats.load("diary"))
    do(app, "encrypt", "diary")
    do(app, "encrypt", "diary")
    do(app, "decrypt", "diary")
    do(app, "decrypt", "diary")
    assert app.runtime.run(app.chats.load("diary")) == before
    assert traces(home)


def test_a_conversation_is_readable_after_the_vault_key_is_rotated(
    app: Parllama, fake: FakeProvider, unlocked: None
) -> None:
    session = opened(app)
    say(app, session, SENTINEL)
    before = texts(app)
    do(app, "encrypt", "diary")
    app.vault.rotate(PASSWORD)
    assert texts(app) == before


def test_an_encrypted_text_decrypts_in_its_own_place_only(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    session = opened(app)
    for _ in range(2):
        say(app, session, SENTINEL)
    do(app, "encrypt", "diary")
    with sqlite3.connect(home / "data" / "parllama.db") as connection:
        connection.execute(
            "UPDATE turn SET answer = (SELECT answer FROM turn WHERE id = 1)"
        )
    connection.close()
    with pytest.raises(VaultDamagedError):
        texts(app)
    with sqlite3.connect(home / "data" / "parllama.db") as connection:
        connection.execute("UPDATE turn SET answer = NULL, question = '[]'")
    connection.close()
    with pytest.raises(VaultDamagedError):
        texts(app)


def test_a_comparison_that_follows_an_encrypted_conversation_is_encrypted(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    session = opened(app)
    say(app, session, SENTINEL)
    do(app, "encrypt", "diary")
    question = Question(SENTINEL, conversation="diary")

    async def compare() -> None:
        side = app.comparisons.begin(question, ["fake/scripted", "fake/scripted"])
        for column in side.columns:
            assert column.job is not None
            await asyncio.wrap_future(column.job.future)

    app.runtime.run(compare())
    assert traces(home) == []
    turns = app.runtime.run(app.chats.newest(3))
    assert [turn.answer.text for turn in turns] == [f"Answer: {SENTINEL}"] * 3


def test_questions_of_encrypted_conversations_are_not_listed(
    app: Parllama, fake: FakeProvider, unlocked: None
) -> None:
    say(app, opened(app), SENTINEL)
    say(app, opened(app, "other"), "else")
    do(app, "encrypt", "diary")
    assert app.runtime.run(app.chats.questions(9)) == ["else"]


def test_a_failed_purge_is_reported_and_encrypting_again_repeats_it(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    say(app, opened(app), SENTINEL)
    # So that the purge does not wait for the reader.
    app.store.call(lambda c: c.execute("PRAGMA busy_timeout = 0").fetchone()).result()
    other = sqlite3.connect(home / "data" / "parllama.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM turn").fetchone()
    with pytest.raises(StoreError, match="is encrypted, but"):
        do(app, "encrypt", "diary")
    assert "parllama.db-wal" in traces(home)
    other.execute("ROLLBACK")
    other.close()
    do(app, "encrypt", "diary")
    assert traces(home) == []


def test_the_list_of_jobs_has_no_question_of_an_encrypted_conversation(
    app: Parllama, fake: FakeProvider, unlocked: None
) -> None:
    session = opened(app)

    async def send() -> Any:
        return session.send(Question(SENTINEL))

    job = app.runtime.run(send())
    job.result()
    assert SENTINEL in job.title
    changes: list[Any] = []
    app.events.listen(job.id, changes.append)
    app.runtime.run(session.encrypt())
    assert [each.title for each in changes] == ["chat again"]
    assert SENTINEL not in str(result_of(app, "jobs"))


def test_what_a_kernel_leaves_that_is_killed_before_the_purge_goes_with_the_next(
    app: Parllama, fake: FakeProvider, unlocked: None, tmp_path: Path
) -> None:
    say(app, opened(app), SENTINEL)

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("parllama_nb.chats.history.store.purged", killed)
        with pytest.raises(CancelledError):
            app.runtime.run(app.chats.encrypt("diary"))
    # The files as they are now are those that a killed kernel leaves.
    left = tmp_path / "left"
    shutil.copytree(directory("data"), left)
    assert traces(left) == ["parllama.db-wal"]
    store = Store(lambda: left / "parllama.db")
    store.check().result()
    assert traces(left) == []
    store.close()


def test_encrypting_without_a_vault_changes_nothing(
    app: Parllama, fake: FakeProvider, home: Path
) -> None:
    say(app, opened(app), SENTINEL)
    with pytest.raises(VaultMissingError, match="vault create"):
        do(app, "encrypt", "diary")
    assert texts(app) == [(SENTINEL, f"Answer: {SENTINEL}")]


def rows(home: Path, table: str) -> list[dict[str, Any]]:
    query = f"SELECT * FROM {table}"  # noqa: S608 - of this file
    with sqlite3.connect(home / "data" / "parllama.db") as connection:
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(query)]
    connection.close()
    return found


def test_title_folder_tags_and_usage_of_an_encrypted_conversation_are_not_readable(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    name, library = f"About {SENTINEL}", app.session_library
    say(app, opened(app, name), SENTINEL)
    app.runtime.run(library.file(name, f"Folder {SENTINEL}"))
    app.runtime.run(library.tag(name, [SENTINEL]))
    app.runtime.run(library.search(SENTINEL))
    assert traces(home)
    do(app, "encrypt", name)
    assert traces(home) == []
    say(app, opened(app, name), SENTINEL)
    assert traces(home) == []
    (session,) = rows(home, "session")
    assert session["name"].startswith("locked-")
    hidden = ("folder", "tags", "cost", "input_tokens", "output_tokens")
    assert [session[each] for each in hidden] == ["", "[]", None, 0, 0]
    for turn in rows(home, "turn"):
        for column in ENCRYPTED_COLUMNS:
            assert str(turn[column] or "pl-sealed:").startswith("pl-sealed:"), column
    (info,) = app.runtime.run(library.sessions())
    assert (info.name, info.folder, info.tags, info.turns) == (
        name,
        f"Folder {SENTINEL}",
        (SENTINEL,),
        2,
    )
    assert info.usage == Usage(20, 10)
    app.vault.lock()
    (locked,) = app.runtime.run(library.sessions())
    assert (locked.name, locked.locked, locked.turns) == (session["name"], True, 2)
    assert SENTINEL not in repr(locked)


def test_the_name_of_an_encrypted_conversation_finds_it_while_the_vault_is_locked(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    say(app, opened(app), SENTINEL)
    do(app, "encrypt", "diary")
    (session,) = rows(home, "session")
    app.vault.lock()
    with own_app() as other:
        other.vault.policy = weak_policy()
        other.model = "fake/scripted"
        scripted(other)
        for name in ("diary", session["name"]):
            with pytest.raises(VaultLockedError):
                result_of(other, "ask", prompt="next", session=name)
        with pytest.raises(VaultLockedError):
            other.runtime.run(other.session_library.file("diary", "x"))
        assert len(rows(home, "session")) == len(rows(home, "turn")) == 1
        with pytest.raises(UsageError, match="already"):
            other.runtime.run(opened(other, "other").rename("diary"))


def test_title_and_handle_open_the_same_conversation(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    say(app, opened(app), SENTINEL)
    do(app, "encrypt", "diary")
    handle = opened(app).handle
    assert opened(app, handle) is opened(app)
    with own_app() as other:
        other.vault.policy = weak_policy()

        async def known(name: str) -> Session:
            session = await other.sessions.known(name)
            session.lock("The vault is locked.")
            return session

        by_handle = other.runtime.run(known(handle))
        assert by_handle.name == handle
        other.vault.unlock(PASSWORD)
        assert opened(other, handle) is by_handle
        assert by_handle.name == "diary"
        assert opened(other, "diary") is by_handle


def test_a_conversation_that_was_encrypted_by_an_earlier_version_is_completed(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    name = f"About {SENTINEL}"
    say(app, opened(app, name), SENTINEL)
    before = app.runtime.run(app.chats.load(name))
    do(app, "encrypt", name)
    own_id, decrypt = rows(home, "session")[0]["id"], app.vault.open_text
    rows_of_turn = rows(home, "turn")

    def as_before(connection: sqlite3.Connection) -> None:
        connection.execute(
            """
            UPDATE session SET sealed = 1, name = ?, about = NULL, title_hash = NULL,
                input_tokens = 10, output_tokens = 5
            """,
            (name,),
        )
        connection.execute("DELETE FROM session_spent")
        for column in ("usage", "timing"):
            context = turn_context(own_id, 1, column)
            text = rows_of_turn[0][column]
            update = f"UPDATE turn SET {column} = ?"  # noqa: S608 - of this file
            connection.execute(update, (decrypt(text, context),))

    app.store.call(as_before).result()
    assert app.runtime.run(app.chats.turns(name)) == before[1]
    assert traces(home)
    app.vault.lock()
    app.vault.unlock(PASSWORD)

    async def completed() -> None:
        while app.sessions._unlocking:
            await asyncio.wait(app.sessions._unlocking)

    app.runtime.run(completed())
    eventually(lambda: traces(home) == [])
    info, turns = app.runtime.run(app.chats.load(name))
    assert before[0] is not None
    assert info is not None
    assert (info.usage, info.name) == (before[0].usage, name)
    assert turns == before[1]


def test_the_sums_of_an_encrypted_conversation_count_deleted_answers(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    session = opened(app)
    say(app, session, "readable")
    do(app, "encrypt", "diary")
    for _ in range(20):
        say(app, session, SENTINEL)
    app.runtime.run(session.turns.delete(3))
    info = app.runtime.run(app.chats.session("diary"))
    assert info is not None
    assert (info.usage, info.turns) == (Usage(210, 105), 20)
    assert len(rows(home, "session_spent")) < 12
    do(app, "decrypt", "diary")
    info = app.runtime.run(app.chats.session("diary"))
    assert info is not None
    assert info.usage == Usage(210, 105)


def test_an_encrypted_conversation_is_searched_while_the_vault_is_unlocked(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    say(app, opened(app, "Sentinel trip"), SENTINEL)
    do(app, "encrypt", "Sentinel trip")
    found = app.runtime.run(app.session_library.search("UBER talk"))
    assert [(hit.session, hit.turn) for hit in found.hits] == [("Sentinel trip", 1)]
    found = app.runtime.run(app.session_library.search("trip"))
    assert [(hit.session, hit.turn) for hit in found.hits] == [("Sentinel trip", None)]
    assert traces(home) == []
    app.vault.lock()
    for query in ("talk", "trip"):
        assert app.runtime.run(app.session_library.search(query)).hits == ()


def test_a_copy_of_an_encrypted_conversation_is_encrypted(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    say(app, opened(app), SENTINEL)
    do(app, "encrypt", "diary")
    name = app.runtime.run(app.session_library.duplicate("diary"))
    assert name == "diary (copy)"
    assert traces(home) == []
    assert texts(app, name) == texts(app)
    app.vault.lock()
    with pytest.raises(VaultLockedError):
        texts(app, name)


def test_an_encrypted_conversation_is_deleted_and_restored_while_it_is_locked(
    app: Parllama, fake: FakeProvider, unlocked: None, home: Path
) -> None:
    say(app, opened(app), SENTINEL)
    do(app, "encrypt", "diary")
    library = app.session_library
    app.vault.lock()
    app.runtime.run(library.delete("diary"))
    assert app.runtime.run(library.sessions()) == []
    (gone,) = app.runtime.run(library.deleted())
    assert gone.locked
    assert gone.name == gone.handle
    assert gone.name.startswith("locked-")
    restored = app.runtime.run(library.restore("diary"))
    assert restored.startswith("locked-")
    app.vault.unlock(PASSWORD)
    assert len(texts(app)) == 1
    app.runtime.run(library.delete("diary"))
    (gone,) = app.runtime.run(library.deleted())
    assert (gone.name, gone.handle, gone.locked) == ("diary", restored, False)
    say(app, opened(app), "Another of the name")
    app.runtime.run(library.restore("diary"))
    names = sorted(info.name for info in app.runtime.run(library.sessions()))
    assert names == ["diary", "diary (restored)"]
