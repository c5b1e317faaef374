"""%parllama sessions export and import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS
from parllama_nb.commands.completion import complete
from parllama_nb.errors import InputError, UsageError

from ..own_app import own_app, scripted
from ..vaults.weak import PASSWORD, weak_policy
from .test_sessions import do, say


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    monkeypatch.chdir(tmp_path)
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        scripted(app, ["Secret words."])
        yield app


def test_a_conversation_is_exported_and_imported_on_a_line(app: Parllama) -> None:
    say(app, "my talk")
    assert "my talk is exported to my talk.md." in do(app, 'sessions export "my talk"')
    shown = do(app, 'sessions import "my talk.md"')
    assert "Nothing is new." in shown
    assert "--again" in shown
    shown = do(app, 'sessions import "my talk.md" --again')
    assert shown == "my talk 2 is imported."
    assert "my talk 2" in do(app, "sessions")


def test_the_format_is_that_of_the_option_or_of_the_path(app: Parllama) -> None:
    say(app, "talk")
    do(app, "sessions export talk --format notebook")
    assert Path("talk.ipynb").exists()
    do(app, "sessions export talk page.html")
    assert Path("page.html").read_text().startswith("<!DOCTYPE html>")
    with pytest.raises(UsageError, match="exists already") as caught:
        do(app, "sessions export talk page.html")
    assert caught.value.hint == "--force replaces what exists."
    do(app, "sessions export talk page.html --force")


def test_all_conversations_are_exported_and_imported_on_a_line(app: Parllama) -> None:
    for name in ("one", "two", "three"):
        say(app, name, f"Question of {name}")
    shown = do(app, "sessions export --all out.zip")
    assert shown == "3 conversations are exported to out.zip."
    for name in ("one", "two", "three"):
        do(app, f"sessions delete {name}")
    shown = do(app, "sessions import out.zip")
    assert "3 conversations are imported:" in shown


def test_an_encrypted_conversation_asks_for_the_password_when_it_is_exported(
    app: Parllama,
) -> None:
    say(app, "diary")
    say(app, "open")
    app.vault.create(PASSWORD)
    do(app, "sessions encrypt diary")
    app.vault.lock()
    with pytest.raises(UsageError, match="encrypted") as caught:
        do(app, "sessions export diary")
    assert caught.value.hint is not None
    assert "--decrypted" in caught.value.hint
    shown = do(app, "sessions export --all all")
    assert "1 encrypted conversation are" not in shown
    assert "1 encrypted conversation is left out" in shown
    with pytest.raises(InputError):
        do(app, "sessions export diary --decrypted")
    shown = do(app, "sessions export diary --decrypted", PASSWORD)
    assert "whoever has it can read it" in shown
    assert "Secret words." in Path("diary.md").read_text()


def test_what_is_not_read_is_shown_with_the_reason(app: Parllama) -> None:
    say(app, "talk")
    folder = Path("in")
    folder.mkdir()
    do(app, "sessions export talk in/good.md")
    (folder / "bad.json").write_text("{")
    (folder / "notes.md").write_text("# Notes")
    shown = do(app, "sessions import in --again")
    assert "talk 2 is imported." in shown
    assert "bad.json" in shown
    assert "It is not JSON" in shown
    assert "1 other file has no conversation." in shown
    with pytest.raises(UsageError, match="no file or folder 'nowhere'"):
        do(app, "sessions import nowhere")


def test_export_completes_names_formats_and_leaves_paths_to_ipython(
    app: Parllama,
) -> None:
    say(app, "first")
    assert complete(COMMANDS, app, "sessions ex", cell=False) == ["export"]
    assert complete(COMMANDS, app, "sessions export f", cell=False) == ["first"]
    assert complete(COMMANDS, app, "sessions export first ", cell=False) == []
    line = "sessions export first --format "
    formats = ["markdown", "json", "notebook", "html"]
    assert complete(COMMANDS, app, line, cell=False) == formats
    assert complete(COMMANDS, app, "sessions import ", cell=False) == []
