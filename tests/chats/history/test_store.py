"""Conversations on disk: order, replacement, reading back, failures to write."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.chats.history.reading import Turn, earlier_messages
from parllama_nb.chats.history.rows import NewTurn
from parllama_nb.chats.history.store import ChatStore
from parllama_nb.chats.history.writing import TurnWriter
from parllama_nb.commands import Notebook
from parllama_nb.errors import (
    ParllamaError,
    ServerError,
    StoreError,
    StreamInterruptedError,
    UsageError,
)
from parllama_nb.events import Event, Notice
from parllama_nb.providers.messages import (
    ChatRequest,
    FinishReason,
    ImagePart,
    Message,
    TextPart,
    ThinkingPart,
    Usage,
    parts_of,
)
from parllama_nb.store.database import Store
from parllama_nb.store.migrations import MIGRATIONS

from ...own_app import own_app, result_of, scripted


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(lambda: path)
    yield store
    store.close()


@pytest.fixture
def chats(store: Store) -> ChatStore:
    return ChatStore(store)


def failed(error: StoreError) -> None:
    raise AssertionError(error)


def begin(
    chats: ChatStore,
    question: str,
    *,
    session: str | None = "s",
    cell: str | None = None,
    system: str | None = None,
    on_failure: Any = failed,
) -> TurnWriter:
    messages = [Message.of("user", question)]
    if system is not None:
        messages.insert(0, Message.of("system", system))
    request = ChatRequest("m", tuple(messages))
    turn = NewTurn("fake/m", request, tuple(messages), session, cell)
    return chats.begin(turn, on_failure)


def answer(
    text: str,
    *,
    reason: FinishReason = "stop",
    error: ParllamaError | None = None,
    thinking: str = "",
) -> Answer:
    return Answer(
        parts_of(text, thinking),
        "fake/m",
        reason,
        Timing(0, 0.1, 1.0),
        usage=Usage(3, 4),
        error=error,
    )


async def add_turn(chats: ChatStore, question: str, text: str, **more: Any) -> Answer:
    return await begin(chats, question, **more).settle(answer(text))


async def texts(chats: ChatStore, cell: str | None = None, name: str = "s") -> str:
    """Return what is read of a session: u:question a:answer ..."""
    turns = await chats.turns(name)
    before = next((turn.id for turn in turns if turn.cell_id == (cell or "")), None)
    messages = earlier_messages(turns, before)
    return " ".join(f"{message.role[0]}:{message.text}" for message in messages)


async def test_a_turn_is_read_back_as_it_was(chats: ChatStore) -> None:
    record = begin(chats, "Why?", cell="c1", system="Be brief.")
    record.append("thinking", "hm")
    record.append("text", "Because")
    settled = await record.settle(answer("Because.", thinking="hm"))
    assert (settled.session, settled.turn) == ("s", 1)
    assert settled.text == "Because."
    assert await chats.turns("s") == [
        Turn(
            id=1,
            state="settled",
            model="fake/m",
            question=(Message.of("system", "Be brief."), Message.of("user", "Why?")),
            answer=Message("assistant", (ThinkingPart("hm"), TextPart("Because."))),
            finish_reason="stop",
            cell_id="c1",
            usage=Usage(3, 4),
            timing=Timing(0, 0.1, 1.0),
        )
    ]


async def test_a_conversation_outlives_the_kernel(chats: ChatStore, path: Path) -> None:
    await add_turn(chats, "q1", "a1")
    again = Store(lambda: path)
    try:
        assert await texts(ChatStore(again)) == "u:q1 a:a1"
    finally:
        again.close()


async def test_turns_before_a_cell_are_those_sent_along(chats: ChatStore) -> None:
    for number in (1, 2, 3):
        await add_turn(chats, f"q{number}", f"a{number}", cell=f"c{number}")
    assert await texts(chats, "c1") == ""
    assert await texts(chats, "c2") == "u:q1 a:a1"
    assert await texts(chats, "c3") == "u:q1 a:a1 u:q2 a:a2"
    assert await texts(chats, "new") == "u:q1 a:a1 u:q2 a:a2 u:q3 a:a3"
    assert await texts(chats, None) == "u:q1 a:a1 u:q2 a:a2 u:q3 a:a3"


async def test_running_a_cell_again_replaces_its_turn_in_place(
    chats: ChatStore,
) -> None:
    for number in (1, 2, 3):
        await add_turn(chats, f"q{number}", f"a{number}", cell=f"c{number}")
    again = await add_turn(chats, "q2 again", "a2 again", cell="c2")
    assert again.turn == 2
    assert await texts(chats) == "u:q1 a:a1 u:q2 again a:a2 again u:q3 a:a3"


async def test_a_turn_without_a_cell_is_added(chats: ChatStore) -> None:
    places = [(await add_turn(chats, f"q{n}", f"a{n}")).turn for n in range(3)]
    assert places == [1, 2, 3]
    assert await texts(chats) == "u:q0 a:a0 u:q1 a:a1 u:q2 a:a2"


async def test_the_same_cell_in_another_session_adds_a_turn(
    chats: ChatStore,
) -> None:
    await add_turn(chats, "q", "in s", cell="c1")
    await add_turn(chats, "q", "in t", cell="c1", session="t")
    assert await texts(chats) == "u:q a:in s"
    assert await texts(chats, name="t") == "u:q a:in t"
    assert await texts(chats, name="u") == ""


async def test_questions_on_their_own_have_no_session(
    chats: ChatStore, store: Store
) -> None:
    one = await add_turn(chats, "q", "a", session=None, cell="c1")
    two = await add_turn(chats, "q", "b", session=None, cell="c1")
    assert {one.session, one.turn, two.session, two.turn} == {None}
    counted = store.call(
        lambda connection: connection.execute(
            "SELECT count(*), count(DISTINCT session_id), count(cell_id) FROM turn"
        ).fetchone()
    )
    assert counted.result() == (2, 2, 0)


async def test_a_turn_that_never_settled_is_read_from_its_chunks(
    chats: ChatStore,
) -> None:
    record = begin(chats, "q", cell="c1")
    pieces = [("thinking", "h"), ("thinking", "m"), ("text", "Half"), ("text", " an")]
    for kind, text in pieces:
        record.append(kind, text)  # type: ignore[arg-type]
    (turn,) = await chats.turns("s")
    assert turn.state == "streaming"
    assert turn.finish_reason is None
    assert (turn.answer.text, turn.answer.thinking) == ("Half an", "hm")
    assert await texts(chats) == "u:q a:Half an"


async def test_a_turn_whose_text_was_thinking_is_read_so_before_it_settles(
    chats: ChatStore,
) -> None:
    record = begin(chats, "q", cell="c1")
    record.append("text", "I add.\n")
    await chats.turns("s")  # so that the piece is on disk
    record.append("text", "More.")
    record.recast("I add.\nMore.")
    record.append("text", "Four.")
    (turn,) = await chats.turns("s")
    assert (turn.answer.text, turn.answer.thinking) == ("Four.", "I add.\nMore.")


async def test_chunks_are_deleted_when_the_answer_settles(
    chats: ChatStore, store: Store
) -> None:
    record = begin(chats, "q")
    for number in range(30):
        record.append("text", str(number))
    await record.settle(answer("all of it"))
    left = store.call(
        lambda connection: connection.execute("SELECT count(*) FROM chunk").fetchone()
    )
    assert left.result() == (0,)
    assert await texts(chats) == "u:q a:all of it"


async def test_running_a_cell_again_removes_its_old_answer_at_once(
    chats: ChatStore,
) -> None:
    old = begin(chats, "q", cell="c1")
    old.append("text", "old, killed")
    await add_turn(chats, "q2", "old, settled", cell="c2")
    begin(chats, "q", cell="c1").append("text", "new")
    begin(chats, "q2", cell="c2")
    assert [turn.answer.text for turn in await chats.turns("s")] == ["new", ""]
    assert [turn.state for turn in await chats.turns("s")] == ["streaming"] * 2


async def test_a_cell_run_again_while_it_streams_keeps_the_newer_answer(
    chats: ChatStore,
) -> None:
    old = begin(chats, "old", cell="c1")
    old.append("text", "old 1")
    new = begin(chats, "new", cell="c1")
    new.append("text", "new 1")
    old.append("text", "old 2")
    new.append("text", "new 2")
    (turn,) = await chats.turns("s")
    assert turn.answer.text == "new 1new 2"
    await new.settle(answer("new"))
    await old.settle(answer("old"))
    assert await texts(chats) == "u:new a:new"


async def test_a_turn_without_an_answer_is_not_sent_to_the_model(
    chats: ChatStore,
) -> None:
    await add_turn(chats, "q1", "a1")
    broken = answer("", reason="error", error=StreamInterruptedError("no answer"))
    await begin(chats, "q2").settle(broken)
    await add_turn(chats, "q3", " \n")
    begin(chats, "q4").append("thinking", "only thoughts")
    assert await texts(chats) == "u:q1 a:a1"


async def test_a_partial_answer_is_sent_to_the_model(chats: ChatStore) -> None:
    broken = answer("Half", reason="error", error=StreamInterruptedError("cut"))
    await begin(chats, "q1").settle(broken)
    await begin(chats, "q2").settle(answer("Stopped", reason="cancelled"))
    assert await texts(chats) == "u:q1 a:Half u:q2 a:Stopped"


async def test_system_prompts_and_thinking_are_not_sent_again(chats: ChatStore) -> None:
    record = begin(chats, "q1", system="You are a pirate.")
    await record.settle(answer("Arr.", thinking="a pirate says"))
    messages = earlier_messages(await chats.turns("s"))
    assert messages == [Message.of("user", "q1"), Message.of("assistant", "Arr.")]


async def test_an_image_in_a_question_is_read_back(chats: ChatStore) -> None:
    parts = (TextPart("What is it?"), ImagePart("data:image/png;base64,AAAA"))
    question = (Message("user", parts),)
    new = NewTurn("fake/m", ChatRequest("m", question), question, "s")
    await chats.begin(new, failed).settle(answer("A dot."))
    earlier = earlier_messages(await chats.turns("s"))
    assert (await chats.filled(earlier))[0].parts == parts


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("emoji 👩‍🔬 and \u0000 and \r\n", id="odd"),
        pytest.param("'; DROP TABLE turn; --", id="sql"),
        pytest.param("x" * 3_000_000, id="long"),
    ],
)
async def test_any_text_is_read_back_unchanged(chats: ChatStore, text: str) -> None:
    record = begin(chats, text, cell="c1", on_failure=failed)
    record.append("text", text)
    (turn,) = await chats.turns("s")
    assert turn.answer.text == text
    await record.settle(answer(text))
    (turn,) = await chats.turns("s")
    assert (turn.question[0].text, turn.answer.text) == (text, text)


# failures to write


def fill_the_disk(store: Store) -> None:
    """As if the disk were full from now on."""

    def limit(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    store.call(limit).result()


def free_the_disk(store: Store) -> None:
    store.call(
        lambda connection: connection.execute("PRAGMA max_page_count = 1000000")
    ).result()


LONG = "x" * 50_000


async def test_a_full_disk_is_reported_once_and_the_answer_goes_on(
    chats: ChatStore, store: Store
) -> None:
    failures: list[StoreError] = []
    record = begin(chats, "q", on_failure=failures.append)
    assert await chats.turns("s")
    fill_the_disk(store)
    for _ in range(20):
        record.append("text", LONG)
    settled = await record.settle(answer(LONG))
    assert settled.text == LONG
    assert "not kept on disk" in settled.footer
    (error,) = failures
    assert "full" in error.message
    assert error.hint
    assert "\n" not in str(error)


async def test_after_a_failed_write_no_further_piece_is_written(
    chats: ChatStore, store: Store
) -> None:
    failures: list[StoreError] = []
    record = begin(chats, "q", on_failure=failures.append)
    assert await chats.turns("s")
    fill_the_disk(store)
    record.append("text", LONG)
    await chats.turns("s")
    free_the_disk(store)
    # If the file were locked, each try would wait for seconds.
    record.append("text", "later")
    (turn,) = await chats.turns("s")
    assert turn.answer.text == ""
    assert len(failures) == 1


async def test_a_turn_that_could_not_begin_has_no_session_in_its_answer(
    chats: ChatStore, store: Store
) -> None:
    await add_turn(chats, "q1", "a1")
    fill_the_disk(store)
    failures: list[StoreError] = []
    record = begin(chats, LONG, on_failure=failures.append)
    await chats.turns("s")
    free_the_disk(store)
    settled = await record.settle(answer("a2"))
    assert len(failures) == 1
    assert (settled.session, settled.turn) in {(None, None), ("s", 2)}
    is_saved = await texts(chats) == f"u:q1 a:a1 u:{LONG} a:a2"
    assert is_saved == (settled.turn == 2)


async def test_a_failed_piece_does_not_lose_the_settled_answer(
    chats: ChatStore, store: Store
) -> None:
    failures: list[StoreError] = []
    record = begin(chats, "q", on_failure=failures.append)
    assert await chats.turns("s")
    fill_the_disk(store)
    record.append("text", LONG)
    free_the_disk(store)
    settled = await record.settle(answer("all of it"))
    assert (settled.session, settled.turn) == ("s", 1)
    assert len(failures) == 1
    assert await texts(chats) == "u:q a:all of it"


class _NotOurs(type(Path())):  # type: ignore[misc]
    """A file of another owner, which everybody may write."""

    def chmod(self, mode: int, *, follow_symlinks: bool = True) -> None:
        raise PermissionError(1, "Operation not permitted")


async def test_a_file_of_another_owner_does_not_lose_the_answer(
    path: Path,
) -> None:
    store = Store(lambda: _NotOurs(path))
    failures: list[StoreError] = []
    try:
        record = begin(ChatStore(store), "q", on_failure=failures.append)
        record.append("text", "a")
        settled = await record.settle(answer("a"))
    finally:
        store.close()
    assert settled.text == "a"
    assert len(failures) <= 1
    assert (settled.turn is None) == bool(failures)


def test_a_question_is_answered_even_if_no_database_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("PARLLAMA_NB_HOME", str(blocked))
    received: list[Event] = []
    with own_app() as app:
        scripted(app, ["a", "b", "c"])
        result = result_of(
            app, "ask", listener=received.append, prompt="hi", model="fake/scripted"
        )
    assert result.text == "abc"
    assert result.error is None
    assert result.footer.count("not kept on disk") == 1
    assert str(blocked) in result.footer
    assert not any(isinstance(event, Notice) for event in received)


def test_a_conversation_goes_on_in_memory_if_no_database_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("PARLLAMA_NB_HOME", str(blocked))
    with own_app() as app:
        provider = scripted(app, lambda request: [f"to {request.messages[-1].text}"])

        def ask(prompt: str, cell: str) -> str:
            answer = result_of(
                app,
                "ask",
                Notebook("nb", cell_id=cell),
                prompt=prompt,
                model="fake/scripted",
                session="s",
            )
            assert answer.footer.count("not kept on disk") == 1
            return " ".join(m.text for m in provider.requests[-1].messages)

        assert ask("one", "c1") == "one"
        gc.collect()
        assert ask("two", "c2") == "one to one two"
        assert ask("1", "c1") == "1"
        assert ask("three", "c3") == "two to two 1 to 1 three"


def test_a_conversation_that_another_process_has_locked_is_an_error_and_not_empty(
    home: Path,
) -> None:
    with own_app() as app:
        provider = scripted(app)
        app.store.check().result()
        assert app.store._connection is not None
        app.store._connection.execute("PRAGMA busy_timeout = 1")
        holder = sqlite3.connect(home / "data" / "parllama.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            result_of(app, "ask", prompt="hi", model="fake/scripted", session="s")
        holder.close()
        assert provider.requests == []


NOTHING = answer("", reason="error", error=StreamInterruptedError("Far: no."))


async def test_a_failed_retry_keeps_the_earlier_answer(
    chats: ChatStore,
) -> None:
    await add_turn(chats, "first", "good", cell="c1")
    await begin(chats, "second", cell="c1").settle(NOTHING)
    assert await texts(chats) == "u:first a:good"
    await add_turn(chats, "third", "better", cell="c1")
    assert await texts(chats) == "u:third a:better"


async def test_a_late_failure_does_not_overwrite_the_answer_of_a_newer_run(
    chats: ChatStore,
) -> None:
    await add_turn(chats, "first", "good", cell="c1")
    failing = begin(chats, "second", cell="c1")
    await add_turn(chats, "third", "newest", cell="c1")
    await failing.settle(NOTHING)
    assert await texts(chats) == "u:third a:newest"


async def test_a_page_of_turns_is_read_from_the_end(chats: ChatStore) -> None:
    for number in range(10):
        await add_turn(chats, f"q{number}", f"a{number}")
    last = await chats.turns("s", limit=3)
    assert [turn.prompt for turn in last] == ["q7", "q8", "q9"]
    before = await chats.turns("s", before=last[0].id, limit=3)
    assert [turn.prompt for turn in before] == ["q4", "q5", "q6"]


async def test_cost_and_error_of_an_answer_are_read_back(
    chats: ChatStore,
) -> None:
    error = StreamInterruptedError("Lost.", hint="Again.")
    broken = replace(answer("Half", reason="error", error=error), cost=0.25)
    await begin(chats, "q").settle(replace(broken, notes=("a note",)))
    (turn,) = await chats.turns("s")
    assert isinstance(turn.error, StreamInterruptedError)
    assert (turn.error.message, turn.error.hint) == ("Lost.", "Again.")
    assert (turn.cost, turn.usage, turn.notes) == (0.25, Usage(3, 4), ("a note",))
    assert turn.to_answer() == replace(broken, notes=("a note",))


async def test_sessions_are_listed_by_last_use_with_cost_and_tokens(
    chats: ChatStore,
) -> None:
    for name in ("old", "new", "old"):
        record = begin(chats, "q", session=name)
        await record.settle(replace(answer("a"), cost=0.5))
    await add_turn(chats, "nameless", "a", session=None)
    infos = await chats.sessions()
    assert [(info.name, info.turns, info.cost) for info in infos] == [
        ("old", 2, 1.0),
        ("new", 1, 0.5),
    ]
    assert infos[0].usage == Usage(6, 8)
    assert await chats.session("nowhere") is None


async def test_model_and_options_of_a_session_are_read_back(chats: ChatStore) -> None:
    await chats.configure("s", "fake/m", {"temperature": 0.5})
    await add_turn(chats, "q", "a")
    info = await chats.session("s")
    assert info is not None
    assert (info.model, info.options, info.turns) == ("fake/m", {"temperature": 0.5}, 1)


async def test_a_renamed_session_keeps_its_turns_and_names_are_unique(
    chats: ChatStore,
) -> None:
    await add_turn(chats, "q", "a")
    await add_turn(chats, "q", "a", session="other")
    with pytest.raises(UsageError, match="already"):
        await chats.rename("s", "other")
    await chats.rename("s", "renamed")
    assert await texts(chats, name="renamed") == "u:q a:a"
    assert await chats.turns("s") == []


async def test_turns_are_deleted_from_their_own_session_only(chats: ChatStore) -> None:
    await add_turn(chats, "q1", "a1")
    await add_turn(chats, "q2", "a2")
    await add_turn(chats, "other", "a", session="other")
    (other,) = await chats.turns("other")
    first, second = await chats.turns("s")
    for each in (first, other):
        await chats.take_out("s", each.id)
    assert [turn.id for turn in await chats.turns("s")] == [second.id]
    assert len(await chats.turns("other")) == 1


async def test_a_deleted_session_leaves_nothing_in_the_file(
    chats: ChatStore, store: Store, path: Path
) -> None:
    sentinel = "sentinel-7d1f"
    record = begin(chats, sentinel)
    record.append("text", sentinel)
    await record.settle(answer(sentinel))
    await chats.library.delete("s", now=True)
    store.close()
    assert sentinel.encode() not in await asyncio.to_thread(path.read_bytes)


async def test_questions_are_listed_once_each_and_the_newest_first(
    chats: ChatStore,
) -> None:
    for text in ("a", "b", "a", "x" * 10_000):
        await add_turn(chats, text, "...")
    await add_turn(chats, "elsewhere", "...", session=None, system="Be brief.")
    assert await chats.questions(3) == ["elsewhere", "a", "b"]


async def test_a_failed_retry_restores_the_answer_of_a_killed_kernel(
    chats: ChatStore, path: Path
) -> None:
    record = begin(chats, "q", cell="c")
    record.append("text", "Half")
    await record.begun()
    await begin(chats, "q", cell="c").settle(
        answer("", reason="error", error=ServerError("Down."))
    )
    (turn,) = await chats.turns("s")
    assert turn.answer.text == "Half"


def test_the_migration_to_sums_counts_the_turns_there_are(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        for statement in MIGRATIONS[0].split(";"):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO session VALUES ('i', 's', 1.0)")
        usage = '{"input_tokens": 7, "output_tokens": null}'
        connection.execute(
            "INSERT INTO turn (session_id, model, options, state, question, usage,"
            " created) VALUES ('i', 'm', '{}', 'settled', '[]', ?, 1.0)",
            (usage,),
        )
    store = Store(lambda: path)
    try:
        info = asyncio.run(ChatStore(store).session("s"))
    finally:
        store.close()
    assert info is not None
    assert info.usage == Usage(7, 0)


def test_a_damaged_file_is_named_and_ends_no_call_without_a_word(
    chats: ChatStore, store: Store, path: Path
) -> None:
    for each in "abc":
        asyncio.run(add_turn(chats, each, each * 3000))
    store.close()
    content = bytearray(path.read_bytes())
    # Half of a text, as a page of zeros makes it.
    at = content.index(b"c" * 1000)
    content[at : at + 3] = b'"\x01"'
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"x\.db is damaged") as caught:
        asyncio.run(chats.turns("s"))
    assert "recover" in str(caught.value.hint)
    store.close()
    content[4096:8192] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"x\.db is damaged"):
        asyncio.run(chats.sessions())


async def test_turns_of_a_damaged_file_that_lead_to_one_another_end_nothing(
    chats: ChatStore, store: Store
) -> None:
    for each in "abc":
        await add_turn(chats, each, each)
    store.call(lambda c: c.execute("UPDATE turn SET parent = 3 WHERE id = 1")).result()
    assert len(await chats.turns("s")) == 3
    assert await chats.show("s", 1)
    assert await chats.take_out("s", 2) is not None
    await add_turn(chats, "d", "d")


def test_a_killed_process_loses_no_message_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    # On its own: it forks, which a process with threads must not.
    program = [sys.executable, "-m", "tests.chats.history.killed", "12", str(tmp_path)]
    root = Path(__file__).parents[3]
    done = subprocess.run(
        program, cwd=root, capture_output=True, text=True, check=True, timeout=120
    )
    kills, _, acknowledged, gone = done.stdout.strip().split(", ")
    assert kills == "12 kills"
    assert int(acknowledged.split()[0]) > 12
    assert gone == "0 lost"
