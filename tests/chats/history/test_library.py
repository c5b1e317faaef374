"""All conversations: listed, searched, put in folders, copied, deleted and restored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.chats.history import search
from parllama_nb.chats.history.library import SessionLibrary
from parllama_nb.chats.history.rows import NewTurn
from parllama_nb.chats.history.store import ChatStore
from parllama_nb.errors import UsageError
from parllama_nb.providers.messages import ChatRequest, Message, Usage, parts_of
from parllama_nb.store.database import Store


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


@pytest.fixture
def library(chats: ChatStore) -> SessionLibrary:
    return chats.library


async def say(
    chats: ChatStore,
    question: str,
    text: str = "Because.",
    name: str = "s",
    **more: Any,
) -> int:
    asked = (Message.of("user", question),)
    turn = NewTurn("fake/m", ChatRequest("m", asked), asked, name, **more)
    writer = chats.begin(turn)
    timing = Timing(0, 0.1, 1.0)
    answer = Answer(parts_of(text, ""), "fake/m", "stop", timing, usage=Usage(3, 4))
    await writer.settle(answer)
    return writer.id


async def found(library: SessionLibrary, query: str) -> list[tuple[str, int | None]]:
    result = await library.search(query)
    assert result.complete
    return [(hit.session, hit.turn) for hit in result.hits]


async def names(library: SessionLibrary, query: str = "") -> list[str]:
    return [info.name for info in await library.sessions(query)]


async def test_sessions_are_listed_pinned_first_then_by_use(
    chats: ChatStore, library: SessionLibrary
) -> None:
    for name in ("old", "middle", "new"):
        await say(chats, "Why?", name=name)
    await library.pin("old", pinned=True)
    assert await names(library) == ["old", "new", "middle"]
    await library.pin("old", pinned=False)
    await say(chats, "Again?", name="middle")
    infos = await library.sessions()
    assert [(info.name, info.turns) for info in infos] == [
        *(("middle", 2), ("new", 1), ("old", 1)),
    ]
    assert infos[0].usage == Usage(6, 8)


async def test_folder_and_tags_are_kept_and_found(
    chats: ChatStore, library: SessionLibrary
) -> None:
    for name in ("one", "two"):
        await say(chats, "Why?", name=name)
    assert await library.file("one", " Work   trips ") == "Work trips"
    assert await library.tag("one", ["Über", "b", "über"]) == ("b", "Über")
    assert await library.tag("one", ["c"], ["B"]) == ("c", "Über")
    (info,) = await library.sessions("trips")
    assert (info.folder, info.tags) == ("Work trips", ("c", "Über"))
    assert await names(library, "uber one") == ["one"]
    assert await names(library, "fake/m") == []
    assert await library.folders() == ["Work trips"]
    await library.file("one", "")
    assert await library.folders() == []


@pytest.mark.parametrize("tag", ["", "  ", "a,b", "x" * 41])
async def test_a_tag_that_is_none_is_refused(
    chats: ChatStore, library: SessionLibrary, tag: str
) -> None:
    await say(chats, "Why?")
    with pytest.raises(UsageError, match="is not a tag"):
        await library.tag("s", [tag])


async def test_an_unknown_name_is_refused_and_the_nearest_offered(
    chats: ChatStore, library: SessionLibrary
) -> None:
    await say(chats, "Why?", name="diary")
    for change in (
        library.file("dairy", "x"),
        library.tag("dairy", ["x"]),
        library.pin("dairy", pinned=True),
        library.duplicate("dairy"),
    ):
        with pytest.raises(UsageError, match="There is no conversation") as caught:
            await change
        assert caught.value.hint == "Did you mean diary?"


async def test_questions_and_answers_are_found_by_beginnings_of_words(
    chats: ChatStore, library: SessionLibrary
) -> None:
    first = await say(chats, "What is a Jägerschnitzel?", "A *dish* of veal.")
    second = await say(chats, "And a schnitzel?", "A dish, too.")
    assert await found(library, "jagersch") == [("s", first)]
    assert await found(library, "DISH VEAL") == [("s", first)]
    assert await found(library, '"a dish"') == [("s", second), ("s", first)]
    assert await found(library, '"dish of veal"') == [("s", first)]
    assert await found(library, "nitzel") == []
    assert await found(library, "veal nothing") == []
    for odd in ("", " ", '"', "(", "a OR", "*", "NEAR(", "x:y", "日本", "\ud800"):
        assert await found(library, odd) == []


async def test_a_hit_shows_the_words_around_what_was_looked_for(
    chats: ChatStore, library: SessionLibrary
) -> None:
    await say(chats, "Why?", f"{'word ' * 50}\nthe Ünusual needle{' word' * 50}")
    (hit,) = (await library.search("unusu")).hits
    assert hit.snippet[1] == "Ünusu"
    assert hit.snippet[0].startswith("…word")
    assert hit.snippet[0].endswith("the ")
    assert hit.snippet[2].startswith("al needle word")
    assert hit.snippet[2].endswith("…")
    assert all(len(piece) < 200 for piece in hit.snippet)


async def test_titles_come_before_texts_and_better_texts_first(
    chats: ChatStore, library: SessionLibrary
) -> None:
    best = await say(chats, "zebra zebra", "zebra", name="animals")
    worse = await say(chats, "one zebra among " + "many others " * 40, name="more")
    await say(chats, "Why?", name="The Zebra")
    assert await found(library, "zebra") == [
        *(("The Zebra", None), ("animals", best), ("more", worse)),
    ]


async def test_without_fts5_texts_are_found_all_the_same(
    chats: ChatStore, library: SessionLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = await say(chats, "What is a Jägerschnitzel?", "A dish.")
    monkeypatch.setattr(
        search, "_TABLE", search._TABLE.replace("USING fts5", "USING fts55")
    )
    assert await found(library, "jager dish") == [("s", turn)]
    await library.delete("s", now=True)
    assert await found(library, "jager") == []


@pytest.mark.parametrize("indexed", [True, False])
async def test_an_answer_that_never_settled_is_found(
    chats: ChatStore,
    library: SessionLibrary,
    monkeypatch: pytest.MonkeyPatch,
    *,
    indexed: bool,
) -> None:
    if not indexed:
        monkeypatch.setattr(search, "_TABLE", "CREATE VIRTUAL TABLE x USING fts55 (y)")
    asked = (Message.of("user", "A horse?"),)
    writer = chats.begin(NewTurn("fake/m", ChatRequest("m", asked), asked, "s"))
    writer.append("text", "Half a ze")
    writer.append("text", "bra, ")
    # As the kernel leaves it that is killed now.
    await chats.turns("s")
    for query in ("zebra", "horse zebra", "HALF"):
        assert await found(library, query) == [("s", writer.id)]
    assert await found(library, "donkey") == []
    timing = Timing(0, 0.1, 1.0)
    await writer.settle(Answer(parts_of("A donkey.", ""), "fake/m", "stop", timing))
    assert await found(library, "zebra") == []
    assert await found(library, "donkey") == [("s", writer.id)]


async def test_what_changes_leaves_the_index_at_once(
    chats: ChatStore, library: SessionLibrary
) -> None:
    one = await say(chats, "alpha", "beta")
    two = await say(chats, "gamma", "delta", cell_id="c")
    assert await found(library, "alpha") == [("s", one)]
    await chats.amend("s", one, question="omega")
    assert await found(library, "alpha") == []
    assert await found(library, "omega") == [("s", one)]
    await say(chats, "epsilon", "zeta", cell_id="c")
    assert await found(library, "gamma") == []
    assert await found(library, "epsilon") == [("s", two)]
    await chats.take_out("s", one)
    assert await found(library, "omega") == []
    await library.delete("s")
    assert await found(library, "epsilon") == []
    await library.restore("s")
    assert await found(library, "epsilon") == [("s", two)]


async def test_a_search_without_patience_says_that_it_is_not_complete(
    chats: ChatStore, library: SessionLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parllama_nb.chats.history.library._AT_ONCE", 1)
    for _ in range(5):
        await say(chats, "alpha")
    result = await library.search("alpha", patience=0)
    assert not result.complete
    assert len(result.hits) == 1
    assert len((await library.search("alpha")).hits) == 5


async def test_a_deleted_session_is_gone_and_restored(
    chats: ChatStore, library: SessionLibrary
) -> None:
    await say(chats, "Why?")
    before = await chats.turns("s")
    await library.delete("s")
    assert await names(library) == []
    assert await chats.turns("s") == []
    assert await chats.newest(5) == []
    assert await chats.questions(5) == []
    with pytest.raises(UsageError, match="restore s"):
        await library.pin("s", pinned=True)
    assert await library.restore("s") == "s"
    assert await chats.turns("s") == before


async def test_deleted_sessions_are_listed_the_latest_first_and_once_per_name(
    chats: ChatStore, library: SessionLibrary
) -> None:
    assert await library.deleted() == []
    for name in ("s", "t", "u", "s"):
        await say(chats, "Why?", name=name)
        await library.delete(name)
    await library.delete("u", now=True)
    found = await library.deleted()
    assert [each.name for each in found] == ["s", "t"]
    assert found[0].deleted > found[1].deleted
    assert not any(each.handle or each.locked for each in found)
    await library.restore("s")
    assert [each.name for each in await library.deleted()] == ["t", "s"]


async def test_the_name_of_a_deleted_session_is_free_at_once(
    chats: ChatStore, library: SessionLibrary
) -> None:
    await say(chats, "First")
    await library.delete("s")
    await say(chats, "Second")
    assert await library.restore("s") == "s (restored)"
    assert [turn.prompt for turn in await chats.turns("s (restored)")] == ["First"]
    assert [turn.prompt for turn in await chats.turns("s")] == ["Second"]
    with pytest.raises(UsageError, match="was deleted lately"):
        await library.restore("s")


@pytest.mark.parametrize("restorable", [False, True])
async def test_a_session_that_is_deleted_for_good_leaves_no_trace(
    chats: ChatStore, library: SessionLibrary, path: Path, *, restorable: bool
) -> None:
    sentinel = "sentinel7d1f"
    for _ in range(30):
        await say(chats, f"{sentinel} one", f"{sentinel} two", name=sentinel)
        await library.search(sentinel)
    if restorable:
        await library.delete(sentinel)
    await library.delete(sentinel, now=True)
    with pytest.raises(UsageError):
        await library.restore(sentinel)
    for file in path.parent.iterdir():
        assert sentinel.encode() not in file.read_bytes(), file


async def test_after_seven_days_a_deleted_session_is_gone_for_good(
    chats: ChatStore, library: SessionLibrary, store: Store
) -> None:
    for name in ("s", "t"):
        await say(chats, "Why?", name=name)
    await library.delete("s")
    store.call(
        lambda c: c.execute("UPDATE session SET deleted = deleted - 7.1 * 86400")
    ).result()
    with pytest.raises(UsageError, match="7 days"):
        await library.restore("s")
    await library.delete("t")
    count = store.call(lambda c: c.execute("SELECT count(*) FROM turn").fetchone())
    assert count.result() == (1,)


async def test_a_copy_has_all_branches_and_its_own_turns(
    chats: ChatStore, library: SessionLibrary
) -> None:
    first = await say(chats, "one")
    await say(chats, "two")
    await say(chats, "other two", alternative_to=2)
    await library.file("s", "Work")
    await library.tag("s", ["x"])
    assert await library.duplicate("s") == "s (copy)"
    assert await library.duplicate("s") == "s (copy 2)"
    shown = await chats.turns("s (copy)")
    assert [turn.prompt for turn in shown] == ["one", "other two"]
    assert len(shown[1].alternatives) == 2
    assert {turn.id for turn in shown}.isdisjoint({1, 2, 3})
    info = await chats.session("s (copy)")
    assert info is not None
    assert (info.folder, info.tags, info.turns) == ("Work", ("x",), 3)
    assert info.usage == Usage(0, 0)
    assert [each.answer for each in shown] == [
        each.answer for each in await chats.turns("s")
    ]
    await chats.show("s (copy)", shown[1].alternatives[0])
    assert [turn.prompt for turn in await chats.turns("s")] == ["one", "other two"]
    assert await library.duplicate("s", "short", turn=first) == "short"
    assert [turn.prompt for turn in await chats.turns("short")] == ["one"]
    with pytest.raises(UsageError, match="already"):
        await library.duplicate("s", "short")
    with pytest.raises(UsageError, match="no longer"):
        await library.duplicate("s", turn=99)


async def test_places_count_the_turns_of_a_branch_after_others_were_deleted(
    chats: ChatStore,
) -> None:
    async def place(question: str) -> int | None:
        asked = (Message.of("user", question),)
        turn = NewTurn("fake/m", ChatRequest("m", asked), asked, "s")
        answer = Answer(parts_of("x", ""), "fake/m", "stop", Timing(0, None, 0.0))
        return (await chats.begin(turn).settle(answer)).turn

    assert [await place(each) for each in "abc"] == [1, 2, 3]
    await chats.take_out("s", 2)
    assert await place("d") == 3
    await chats.show("s", 1)
    assert await place("e") == 4


async def test_a_database_of_an_earlier_version_lists_its_sessions(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parllama_nb.store.migrations import MIGRATIONS

    monkeypatch.setattr("parllama_nb.store.database.MIGRATIONS", MIGRATIONS[:7])
    old = Store(lambda: path)
    old.call(
        lambda c: c.execute(
            "INSERT INTO session (id, name, created) VALUES ('i', 'diary', 5), "
            "('j', 'empty', 3)"
        )
    ).result()
    for when in (10.0, 20.0):
        old.call(
            lambda c, when=when: c.execute(
                """
                INSERT INTO turn (session_id, model, options, state, question, answer,
                    created)
                VALUES ('i', 'fake/m', '{}', 'settled',
                    '[{"role": "user", "parts": [{"type": "text", "text": "Why?"}]}]',
                    '{"role": "assistant", "parts": []}', ?)
                """,
                (when,),
            )
        ).result()
    old.close()
    monkeypatch.undo()
    store = Store(lambda: path)
    library = ChatStore(store).library
    infos = await library.sessions()
    assert [(each.name, each.used, each.turns) for each in infos] == [
        *(("diary", 20.0, 2), ("empty", 3.0, 0)),
    ]
    assert await found(library, "why") == [("diary", 2), ("diary", 1)]
    store.close()
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
