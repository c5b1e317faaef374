"""Conversations of the store are exported and imported, one and all."""

from __future__ import annotations

import asyncio
import base64
import errno
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.history.importing import insert
from parllama_nb.chats.history.saved import SavedConversation
from parllama_nb.chats.transfer import files
from parllama_nb.chats.transfer.exporting import Exported
from parllama_nb.chats.transfer.formats import FORMATS
from parllama_nb.chats.transfer.importing import Imported
from parllama_nb.chats.transfer.json_file import read_json, write_json
from parllama_nb.chats.transfer.names import file_names
from parllama_nb.errors import StoreError, UsageError
from parllama_nb.events import Progress
from parllama_nb.prompting.sources.zip_files.names import checked_path
from parllama_nb.providers.messages import DocumentPart, ImagePart, Message, TextPart
from parllama_nb.secret import Secret
from parllama_nb.vaults.errors import VaultLockedError

from ...own_app import own_app, result_of, scripted
from ...prompting.sources.zips import hostile
from ...vaults.weak import PASSWORD, weak_policy
from .conversations import PICTURE, everything, told


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        scripted(app, ["An answer."])
        yield app


def store(app: Parllama, *conversations: SavedConversation) -> None:
    for saved in conversations:
        app.store.call(
            lambda c, saved=saved: insert(c, saved, lambda _: False)
        ).result()


def export(app: Parllama, *names: str, **options: Any) -> Exported:
    place = options.pop("place", None)
    chosen = list(names) or None
    return app.runtime.run(app.conversation_exports.export(chosen, place, **options))


def take(app: Parllama, *paths: str, **options: Any) -> Imported:
    return app.runtime.run(app.conversation_imports.take(paths, **options))


def content(app: Parllama, name: str) -> SavedConversation:
    saved = app.conversation_exports.read(name)
    assert saved is not None
    return saved


def plain(*texts: str, name: str = "plain") -> SavedConversation:
    turns = tuple(told(text, f"Yes: {text}", n) for n, text in enumerate(texts, 1))
    return SavedConversation(name, turns, len(turns) or None, created=1_700_000_000.0)


def test_a_conversation_of_real_turns_is_exported_and_imported_as_it_was(
    app: Parllama,
) -> None:
    for text in ("First", "Second"):
        result_of(app, "ask", prompt=text, session="talk", temperature=0.5)
    before = content(app, "talk")
    assert [turn.options for turn in before.turns] == [{"temperature": 0.5}] * 2
    assert [turn.parent for turn in before.turns] == [None, 1]
    done = export(app, "talk", place="talk.json")
    assert (done.count, done.path) == (1, Path("talk.json"))
    assert take(app, "talk.json", again=True).added == ["talk 2"]
    assert content(app, "talk 2") == replace(before, name="talk 2")
    assert len(app.runtime.run(app.chats.turns("talk 2"))) == 2
    # It goes on from there.
    result_of(app, "ask", prompt="Third", session="talk 2")
    assert [turn.parent for turn in content(app, "talk 2").turns] == [None, 1, 2]


def test_branches_times_and_sums_survive_an_import(app: Parllama) -> None:
    Path("all.json").write_text(write_json(everything()), encoding="utf-8")
    assert take(app, "all.json").added == [everything().name]
    # Columns for these are those of the list of conversations.
    expected = replace(everything(), folder="", tags=(), pinned=False)
    stored = content(app, everything().name)
    assert replace(stored, folder="", tags=(), pinned=False) == expected
    turns = app.runtime.run(app.chats.turns(everything().name))
    assert [turn.prompt for turn in turns] == ["What is this?", "## user\n\nNext?"]


def test_the_same_file_is_not_imported_twice_unless_it_is_asked_for(
    app: Parllama,
) -> None:
    store(app, plain("a", "b"))
    export(app, "plain")
    assert Path("plain.md").exists()
    done = take(app, "plain.md")
    assert done.added == []
    assert [(each.where, each.what) for each in done.present] == [("plain.md", "plain")]
    assert take(app, "plain.md", again=True).added == ["plain 2"]
    # Renamed and continued, it is still there; with another turn in the file it is new.
    assert take(app, "plain.md").added == []
    store(app, plain("a", "b", "c", name="longer"))
    export(app, "longer")
    app.runtime.run(app.session_library.delete("longer"))
    assert take(app, "longer.md").added == ["longer"]


def test_all_conversations_go_into_an_archive_with_an_index_and_come_back(
    app: Parllama, tmp_path: Path
) -> None:
    odd = [
        "a/b",
        "A/B",
        "con",
        "x" * 300,
        "…",
        "\uff1awide",
        "\u200b",
        "über.md",
        "index",
    ]
    store(app, *(plain(f"q{n}", name=name) for n, name in enumerate(odd)))
    done = export(app, place="all.zip")
    assert done.count == len(odd)
    with zipfile.ZipFile("all.zip") as archive:
        names = archive.namelist()
        index = archive.read("index.md").decode()
    assert len(names) == len(odd) + 1
    assert all(checked_path(name) == name for name in names)
    assert index.count(".md)") == len(odd)
    for info in app.runtime.run(app.chats.sessions()):
        app.runtime.run(app.session_library.delete(info.name))
    imported = take(app, "all.zip")
    assert imported.problems == []
    assert imported.others == 0
    assert len(imported.added) == len(odd)
    assert {"a/b", "A/B", "con", "…"} <= {*imported.added}


@pytest.mark.parametrize("name", ["markdown", "json", "notebook", "html"])
def test_a_folder_of_each_format_is_written(app: Parllama, name: str) -> None:
    store(app, plain("a", name="one"), plain("b", name="two"))
    kind = FORMATS[name]
    done = export(app, place="out", kind=kind)
    assert {each.name for each in done.path.iterdir()} == {
        f"one{kind.suffix}",
        f"two{kind.suffix}",
        "index.md",
    }
    if kind.read is None:
        with pytest.raises(UsageError, match="No conversation is in there"):
            take(app, "out")
    else:
        assert len(take(app, "out", again=True).added) == 2


def test_nothing_is_overwritten_unless_that_is_forced(app: Parllama) -> None:
    store(app, plain("a", name="one"), plain("b", name="two"))
    Path("one.md").write_text("mine")
    with pytest.raises(UsageError, match=r"'one\.md' exists already"):
        export(app, "one")
    with pytest.raises(UsageError, match="exists already"):
        export(app, place=".")
    assert Path("one.md").read_text() == "mine"
    assert not Path("two.md").exists()
    export(app, "one", force=True)
    assert Path("one.md").read_text().startswith("---\n")


def test_a_place_says_what_is_written(app: Parllama) -> None:
    store(app, plain("a", name="one"), plain("b", name="two"))
    Path("dir").mkdir()
    assert export(app, "one", place="x.html").path == Path("x.html")
    assert export(app, "one", place="dir").path == Path("dir/one.md")
    assert export(app, "one", place="new/").path == Path("new/one.md")
    assert export(app, "one", place="bare").path == Path("bare.md")
    assert export(app, "one", "two", place="both").path == Path("both")
    assert {each.name for each in Path("both").iterdir()} == {
        "one.md",
        "two.md",
        "index.md",
    }
    with pytest.raises(UsageError, match="is one file, and there are 2"):
        export(app, place="x.md")
    with pytest.raises(UsageError, match="name of a file of Markdown"):
        export(app, "one", place="x.md", kind=FORMATS["html"])
    with pytest.raises(UsageError, match="no conversation 'nowhere'"):
        export(app, "nowhere")
    archive = export(app).path
    assert archive.name.startswith("conversations-")
    assert zipfile.is_zipfile(archive)


@pytest.mark.parametrize("place", ["out", "out.zip", "one.md"])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(
    app: Parllama, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(app, plain("a", name="one"), plain("b", name="two"))
    Path("one.md").write_text("mine")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.Staged, "take_place", lambda self, **_: full())
    names = ["one"] if place == "one.md" else []
    with pytest.raises(UsageError, match="No space left on device") as caught:
        export(app, *names, place=place, force=True)
    assert caught.value.hint == "Nothing was changed. Name another place."
    assert [each.name for each in Path().iterdir()] == ["one.md"]
    assert Path("one.md").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_named(app: Parllama) -> None:
    store(app, plain("a", name="one"))
    Path("file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        export(app, "one", place="file/one.md")


def test_known_secrets_are_replaced_in_files_names_and_the_index(
    app: Parllama,
) -> None:
    app.redact.add(Secret("OPENAI_API_KEY", "sk-sentinel-1234567890"))
    store(app, plain("my sk-sentinel-1234567890", name="key sk-sentinel-1234567890"))
    for kind in FORMATS.values():
        done = export(app, place=kind.name, kind=kind)
        assert done.redacted == 3
        for path in done.path.iterdir():
            assert "sentinel" not in path.name
            assert "sentinel" not in path.read_text()


def test_an_encrypted_conversation_is_exported_only_on_demand_and_unlocked(
    app: Parllama,
) -> None:
    store(app, plain("secret words", name="diary"), plain("b", name="open"))
    app.vault.create(PASSWORD)
    app.runtime.run(app.chats.encrypt("diary"))
    with pytest.raises(UsageError, match="'diary' is encrypted"):
        export(app, "diary")
    done = export(app, place="all")
    assert (done.count, done.left, done.encrypted) == (1, 1, 0)
    app.vault.lock()
    with pytest.raises(VaultLockedError):
        export(app, "diary", decrypted=True)
    assert not Path("diary.md").exists()
    app.vault.unlock(PASSWORD)
    done = export(app, "diary", decrypted=True)
    assert done.encrypted == 1
    assert "secret words" in Path("diary.md").read_text()
    # It is known to be there, though its texts cannot be compared.
    app.vault.lock()
    export_again = Path("diary.json")
    saved = plain("secret words", name="diary")
    export_again.write_text(write_json(saved))
    (there,) = take(app, "diary.json").present
    assert there.what.startswith("locked-")


PDF = f"data:application/pdf;base64,{base64.b64encode(b'%PDF-1.7 its bytes').decode()}"


def attached() -> SavedConversation:
    """A conversation whose two questions have the same picture and a document."""
    parts = (ImagePart(PICTURE), DocumentPart("Its text", "1", data=PDF))
    question = (Message("user", (TextPart("What is it?"), *parts)),)
    turns = (replace(told("", f"Yes {n}", n), question=question) for n in (1, 2))
    return SavedConversation("album", tuple(turns), 2, created=1_700_000_000.0)


def told_parts(saved: SavedConversation) -> list[tuple[Message, ...]]:
    return [turn.question for turn in saved.turns]


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("name", ["markdown", "json", "notebook"])
def test_attachments_leave_with_their_bytes_and_come_back_into_their_table(
    app: Parllama, name: str, encrypted: bool
) -> None:
    store(app, attached())
    if encrypted:
        app.vault.create(PASSWORD)
        app.runtime.run(app.chats.encrypt("album"))
    kind = FORMATS[name]
    export(app, "album", kind=kind, attachments=True, decrypted=encrypted)
    if encrypted:
        app.vault.lock()
    done = take(app, f"album{kind.suffix}", again=True)
    assert done.notes == []
    (copy,) = done.added
    assert told_parts(content(app, copy)) == told_parts(attached())
    # The same bytes once, and none of them in the rows of turns.
    rows = app.store.call(
        lambda c: c.execute(
            """
            SELECT count(*), (
                SELECT max(length(question)) FROM turn WHERE session_id = session.id
            ) FROM attachment JOIN session ON session.id = session_id WHERE name = ?
            """,
            (copy,),
        ).fetchone()
    ).result()
    assert rows is not None
    assert rows[0] == 2
    assert rows[1] < 500
    # The second import finds the first one by what it holds.
    assert take(app, f"album{kind.suffix}").added == []


def test_pictures_are_in_a_page_and_out_of_markdown_unless_they_are_asked_for(
    app: Parllama,
) -> None:
    store(app, attached())
    export(app, "album", place="album.html")
    assert Path("album.html").read_text().count(PICTURE) == 2
    done = export(app, "album", place="album.md")
    text = Path("album.md").read_text()
    assert done.images == 2
    assert "base64" not in text
    assert "PNG, " in text
    assert "Its text" in text


def test_a_file_gets_no_attachment_of_another_conversation(app: Parllama) -> None:
    store(app, attached())
    ((stored,),) = (
        app.store.call(
            lambda c: c.execute("SELECT id FROM attachment LIMIT 1").fetchall()
        ).result()
        or ()
    )
    reference = f"data:application/pdf;attachment,{stored}"
    part = DocumentPart("Its text", "1", data=reference)
    turn = replace(told("", "b"), question=(Message("user", (part,)),))
    hostile = SavedConversation("hostile", (turn,), 1)
    Path("hostile.json").write_text(write_json(hostile))
    take(app, "hostile.json")
    ((message,),) = told_parts(content(app, "hostile"))
    assert message.parts == (replace(part, data=""),)


def test_files_that_cannot_be_read_are_named_and_the_others_imported(
    app: Parllama,
) -> None:
    folder = Path("in")
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "good.json").write_text(write_json(plain("a", name="good")))
    (folder / "bad.json").write_text("{")
    (folder / "new.json").write_text(
        json.dumps({"format": "parllama_nb conversation", "version": 2})
    )
    (folder / "binary.md").write_bytes(b"\x81\x82" * 100)
    (folder / "notes.md").write_text("# Notes")
    (folder / ".hidden.json").write_text("{")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    done = take(app, "in")
    assert done.added == ["good"]
    assert [each.where for each in done.problems] == [
        "bad.json",
        "binary.md",
        "new.json",
    ]
    assert done.others == 1
    with pytest.raises(UsageError, match=r"'bad\.json' is not read\. It is not JSON"):
        take(app, "in/bad.json")
    with pytest.raises(UsageError, match="no file or folder 'nowhere'"):
        take(app, "in", "nowhere")


def test_what_a_file_may_not_set_is_left_out_and_said(app: Parllama) -> None:
    turn = told("a", "b")
    fetched = ImagePart("http://169.254.169.254/latest")
    asked = Message("user", (*turn.question[0].parts, fetched))
    hostile_turn = replace(turn, question=(asked,), answer=Message.of("system", "b"))
    saved = SavedConversation(
        "x\ny\x1b[31m" + "z" * 500,
        (hostile_turn,),
        1,
        model="nonsense",
        options={"temperature": "hot", "base_url": "http://evil.test", "seed": 3},
    )
    Path("x.json").write_text(write_json(saved))
    done = take(app, "x.json")
    (name,) = done.added
    assert name.startswith("x y[31mzzz")
    assert len(name) == 200
    stored = content(app, name)
    assert stored.options == {"seed": 3}
    assert stored.model is None
    assert stored.turns[0].answer.role == "assistant"
    assert [part.type for part in stored.turns[0].question[0].parts] == ["text"]
    (note,) = done.notes
    assert "'temperature', 'base_url'" in note.what
    assert "1 image is no data" in note.what
    # It is listed, and can be asked.
    assert "zzz" in str(result_of(app, "sessions"))
    result_of(app, "ask", prompt="go on", session=name)


def test_a_conversation_that_cannot_be_written_is_not_there_in_part(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parllama_nb.chats.history import importing

    Path("x.json").write_text(write_json(plain("a", "b", "c")))
    written = importing._insert_turn
    count = 0

    def failing(*arguments: Any) -> int:
        nonlocal count
        count += 1
        if count == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(*arguments)

    monkeypatch.setattr(importing, "_insert_turn", failing)
    with pytest.raises(StoreError, match="No space left"):
        take(app, "x.json")
    assert app.runtime.run(app.chats.sessions()) == []


def test_a_name_that_only_an_open_conversation_has_is_not_given_away(
    app: Parllama,
) -> None:
    session = app.runtime.run(app.sessions.new())
    Path("x.json").write_text(write_json(plain("a", name=session.name)))
    assert take(app, "x.json").added == [f"{session.name} 2"]


def test_hostile_archives_are_refused_in_one_line(app: Parllama) -> None:
    for what, data in hostile():
        Path("bad.zip").write_bytes(data)
        with pytest.raises(UsageError) as caught:
            take(app, "bad.zip")
        assert "\n" not in caught.value.message, what


def test_an_archive_of_one_text_over_and_over_is_no_bomb_to_us(app: Parllama) -> None:
    store(app, plain("a" * 1_000_000, name="long"), plain("b", name="short"))
    export(app, place="all.zip")
    assert len(take(app, "all.zip", again=True).added) == 2


def test_an_export_tells_its_progress_and_can_be_stopped(app: Parllama) -> None:
    store(app, *(plain(f"q{n}", name=f"n{n}") for n in range(20)))
    seen: list[Progress] = []
    export(app, place="all", report=seen.append)
    assert [each.done for each in seen] == [*range(20), 20]
    assert {(each.total, each.unit) for each in seen} == {(20, "items")}

    async def stopped() -> None:
        loop = asyncio.get_running_loop()

        def report(progress: Progress) -> None:
            if progress.done == 3:
                loop.call_soon_threadsafe(task.cancel)
                # Not before the event is set, which the next one looks at.
                while not task.cancelling():
                    pass

        exports = app.conversation_exports
        task = asyncio.ensure_future(exports.export(None, "half", report=report))
        with pytest.raises(asyncio.CancelledError):
            await task

    app.runtime.run(stopped())
    assert {each.name for each in Path().iterdir()} == {"all"}


def test_a_notebooks_own_conversation_gets_the_name_of_the_notebook() -> None:
    names = ["/notes/of/ann/diary.ipynb", "/notes/diary.ipynb (copy)", "x/y"]
    expected = ["diary.md", "diary (copy).md"]
    assert file_names(names, ".md")[:2] == expected


def test_file_names_differ_on_every_system_and_suit_an_archive() -> None:
    names = [
        "a",
        "A",
        "a 2",
        "con",
        "..",
        "",
        "x:y",
        "ﬁ",
        "fi",
        "\u202eabc",
        "é",
        "e\u0301",
    ]
    results = file_names(names, ".md", taken=["index.md"])
    assert len({result.casefold() for result in results}) == len(names)
    assert all(checked_path(result) == result for result in results)
    assert file_names(["index"], ".md", taken=["index.md"]) == ["index 2.md"]
    many = file_names(["same"] * 5000, ".md")
    assert (many[0], many[-1]) == ("same.md", "same 5000.md")


def test_an_export_and_an_import_work_as_functions_of_the_package(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    import parllama_nb as pl
    from parllama_nb.api import conversations

    monkeypatch.setattr(conversations, "get_app", lambda: app)
    store(app, plain("a", name="one"))
    path = pl.conversation("one").export("x.json")
    saved = read_json(path.read_text())
    assert saved == content(app, "one")
    assert pl.export_sessions(names="one", format="html") == Path("one.html")
    assert pl.export_sessions("all.zip") == Path("all.zip")
    assert pl.import_sessions(path) == []
    assert pl.import_sessions(path, "all.zip", again=True) == ["one 2", "one 3"]


def test_an_archive_that_is_made_here_can_be_made_elsewhere(app: Parllama) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("chats/a.json", write_json(plain("a", name="one")))
        archive.writestr("chats/read me.txt", "hello")
    Path("other.zip").write_bytes(data.getvalue())
    assert take(app, "other.zip").added == ["one"]


def test_a_page_gets_the_file_of_a_conversation_and_gives_one_back(
    app: Parllama,
) -> None:
    store(app, plain("a", name="one: two"))
    kind = FORMATS["json"]
    exports, imports = app.conversation_exports, app.conversation_imports
    name, data, done = app.runtime.run(exports.file("one: two", kind=kind))
    assert (name, done.count) == ("one_ two.json", 1)
    assert read_json(data.decode()) == content(app, "one: two")
    taken = imports.take_file("one.json", data, again=True)
    assert app.runtime.run(taken).added == ["one: two 2"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("one.json", data)
    taken = imports.take_file("x.zip", archive.getvalue(), again=True)
    assert app.runtime.run(taken).added == ["one: two 3"]
    with pytest.raises(UsageError, match=r"'x\.json' is not read"):
        app.runtime.run(imports.take_file("x.json", b"{"))
    with pytest.raises(UsageError, match="No conversation is in there"):
        app.runtime.run(imports.take_file("x.exe", data))
    assert list(Path().iterdir()) == []
