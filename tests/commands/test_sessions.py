"""%parllama sessions: lists, renames, deletes, encrypts and decrypts conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Notebook
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_line
from parllama_nb.errors import InputError, UsageError
from parllama_nb.events import SessionDeleted
from parllama_nb.secret import Secret

from ..own_app import own_app, result_of, scripted
from ..vaults.weak import PASSWORD, weak_policy


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        scripted(app, ["Secret words."])
        yield app


def do(app: Parllama, line: str, *typed: str) -> str:
    """Returns what a line shows; `typed` are the passwords typed when asked."""
    left = list(typed)

    async def ask(what: str) -> str:
        if not left:
            raise InputError(what)
        return left.pop(0)

    command, params = parse_line(COMMANDS, line)
    values: dict[str, Any] = params.model_dump(exclude_unset=True)
    shown = str(result_of(app, command.name, Notebook("nb", ask=ask), **values))
    assert not left, "not all of it was asked for"
    return shown


def say(app: Parllama, session: str, text: str = "A question") -> None:
    result_of(app, "ask", prompt=text, session=session)


def test_sessions_lists_conversations_with_turns_model_and_encryption(
    app: Parllama,
) -> None:
    assert "No conversation" in do(app, "sessions")
    say(app, "first")
    say(app, "first")
    say(app, "a | b")
    app.vault.create(PASSWORD)
    do(app, "sessions encrypt first")
    app.vault.lock()
    head, *rows = do(app, "sessions list").splitlines()
    assert head.split() == ["name", "turns", "model", "last", "used", "encrypted"]
    assert len(rows) == 2
    (first,) = [row.split() for row in rows if row.startswith("locked-")]
    assert first[1] == "2"
    assert first[-1] == "locked"
    assert "first" not in "".join(rows)
    assert "A question" not in "".join(rows)


def test_a_conversation_is_renamed_wherever_it_is_open(app: Parllama) -> None:
    say(app, "first")
    session = app.runtime.run(app.sessions.open("first"))
    assert "second one" in do(app, 'sessions rename first "second one"')
    assert session.name == "second one"
    say(app, "third")
    with pytest.raises(UsageError, match="already"):
        do(app, "sessions rename third 'second one'")
    assert "third" in do(app, "sessions")


def test_a_conversation_is_deleted_wherever_it_is_open(app: Parllama) -> None:
    say(app, "first")
    session = app.runtime.run(app.sessions.open("first"))
    heard: list[object] = []
    app.events.listen(session.id, heard.append)
    do(app, "sessions delete first")
    assert SessionDeleted(session.id) in heard
    assert "No conversation" in do(app, "sessions")


def test_an_encrypted_conversation_is_renamed_with_the_password_and_deleted_without(
    app: Parllama,
) -> None:
    say(app, "first")
    app.vault.create(PASSWORD)
    do(app, "sessions encrypt first")
    app.vault.lock()
    with pytest.raises(InputError):
        do(app, "sessions rename first second")
    do(app, "sessions rename first second", PASSWORD)
    (turn,) = app.runtime.run(app.chats.turns("second"))
    assert turn.answer.text == "Secret words."
    app.vault.lock()
    do(app, "sessions delete second")
    assert "No conversation" in do(app, "sessions")


def test_encrypting_a_conversation_unlocks_a_locked_vault(app: Parllama) -> None:
    say(app, "first")
    app.vault.create(PASSWORD)
    app.vault.lock()
    with pytest.raises(InputError):
        do(app, "sessions encrypt first")
    shown = do(app, "sessions encrypt first", PASSWORD)
    assert "Its models and times stay readable" in shown
    assert "locked-" in shown
    app.vault.lock()
    assert "no longer encrypted" in do(app, "sessions decrypt first", PASSWORD)
    app.vault.lock()
    say(app, "first")


def test_last_says_that_a_turn_is_encrypted(app: Parllama) -> None:
    say(app, "first", "What is it?")
    app.vault.create(PASSWORD)
    do(app, "sessions encrypt first")
    assert "Secret words." in do(app, "last")
    app.vault.lock()
    say(app, "second", "Else?")
    shown = do(app, "last 2")
    assert shown.count("Secret words.") == 1
    assert "What is it?" not in shown
    assert "encrypted (fake/scripted)" in shown
    assert "%parllama vault unlock" in shown


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sessions encrypt", "encrypt takes the NAME"),
        ("sessions list first", "No conversation has 'first'"),
        ("sessions search", "search takes the WORDS"),
        ("sessions search nothing", "No conversation has 'nothing'"),
        ("sessions folder", "folder takes a NAME and a FOLDER"),
        ("sessions folder nowhere x", "no conversation 'nowhere'"),
        ("sessions tag first", "tag takes a NAME and TAGS"),
        ("sessions pin", "pin takes the NAMES"),
        ("sessions restore nowhere", "was deleted lately"),
        ("sessions list --now", "--now is for delete"),
        ("sessions rename first", "rename takes a NAME and the new one"),
        ("sessions delete", "delete takes the NAMES"),
        ("sessions export", "export takes the NAME"),
        ("sessions export --all a b", "one PATH with --all"),
        ("sessions import", "import takes the PATHS"),
        ("sessions list --force", "--force is for export"),
        ("sessions export first --again", "--again is for import"),
        ("sessions export first --format docx", "no format 'docx'"),
        ("sessions export nowhere", "no conversation 'nowhere'"),
        ("sessions delete nowhere", "no conversation 'nowhere'"),
        ("sessions encrypt nowhere", "no conversation 'nowhere'"),
        ("sessions burn first", "ACTION"),
        ("sessions name", "name takes the NAME"),
        ("sessions name nowhere", "no conversation 'nowhere'"),
        ("sessions summarise first second", "summarise takes the NAME"),
        ("sessions to-prompt nowhere", "no conversation 'nowhere'"),
        ("sessions rename first second -m fake/m", "--model is for name, summarise"),
        ("sessions name first --answers", "--answers is for to-prompt"),
        ("sessions list --submit", "--submit is for to-prompt"),
    ],
)
def test_an_invalid_sessions_line_is_refused_with_the_reason(
    app: Parllama, line: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        do(app, line)


def test_sessions_completes_actions_and_names(app: Parllama) -> None:
    say(app, "first")
    say(app, "with spaces")
    assert complete(COMMANDS, app, "sessions en", cell=False) == ["encrypt"]
    assert complete(COMMANDS, app, "sessions encrypt f", cell=False) == ["first"]
    assert complete(COMMANDS, app, "sessions list ", cell=False) == []
    assert complete(COMMANDS, app, "sessions delete x f", cell=False) == ["first"]
    do(app, "sessions folder first Trips")
    do(app, "sessions tag first work")
    assert complete(COMMANDS, app, "sessions folder first T", cell=False) == ["Trips"]
    assert complete(COMMANDS, app, "sessions untag first w", cell=False) == ["work"]


def test_conversations_are_sorted_into_folders_tagged_and_pinned(app: Parllama) -> None:
    say(app, "first")
    say(app, "second")
    assert "in the folder Big trips" in do(app, "sessions folder first 'Big trips'")
    assert "are b, c" in do(app, "sessions tag first c b")
    assert "first is pinned" in do(app, "sessions pin first")
    head, row, _ = do(app, "sessions").splitlines()
    assert head.split()[:3] == ["name", "folder", "tags"]
    assert row.startswith("★ first")
    assert "Big trips" in row
    assert "b, c" in row
    assert len(do(app, "sessions list big trips").splitlines()) == 2
    assert "are c" in do(app, "sessions untag first b")
    assert "has no tags" in do(app, "sessions untag first c")
    assert "in no folder" in do(app, "sessions folder first")
    assert "no longer pinned" in do(app, "sessions unpin first second")


def test_a_search_shows_where_the_words_are_and_no_known_secret(app: Parllama) -> None:
    say(app, "first", "How are errors handled?")
    shown = do(app, "sessions search ERR hand")
    assert "How are errors handled?" in shown
    assert "first" in shown
    app.redact.add(Secret("KEY", "sk-secret-value-1234"))
    say(app, "second", "The key is sk-secret-value-1234, zebra")
    assert "<Secret KEY>" in do(app, "sessions search zebra")
    assert "sk-secret" not in do(app, "sessions search sk-secret")


def test_a_deleted_conversation_is_restored_or_deleted_for_good(app: Parllama) -> None:
    for name in ("first", "second one", "third"):
        say(app, name)
    shown = do(app, "sessions delete first 'second one'")
    line = '%parllama sessions restore first "second one"'
    assert line in " ".join(shown.split())
    with pytest.raises(UsageError) as caught:
        do(app, "sessions pin first")
    assert "%parllama sessions restore first" in (caught.value.hint or "")
    shown = do(app, "sessions restore")
    assert "first" in shown
    assert "second one" in shown
    assert "third" not in shown
    offered = complete(COMMANDS, app, "sessions restore ", cell=False)
    assert sorted(offered) == ['"second one"', "first"]
    assert "are back" in do(app, 'sessions restore first "second one"')
    assert do(app, "sessions restore") == "Nothing was deleted in the last 7 days."
    do(app, "sessions delete first")
    assert "deleted for good" in do(app, "sessions delete first third --now")
    for name in ("first", "third"):
        with pytest.raises(UsageError, match="was deleted lately"):
            do(app, f"sessions restore {name}")


def test_a_conversation_is_begun_and_copied(app: Parllama) -> None:
    assert "%%parllama --session diary" in do(app, "sessions new diary")
    with pytest.raises(UsageError, match="already"):
        do(app, "sessions new diary")
    say(app, "diary")
    assert "diary (copy)" in do(app, "sessions duplicate diary")
    do(app, "sessions duplicate diary other")
    turns = app.runtime.run(app.chats.turns("other"))
    assert [turn.prompt for turn in turns] == ["A question"]


def test_pl_sessions_is_a_frame_of_all_conversations(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parllama_nb.api.sessions.get_app", lambda: app)
    assert len(pl.sessions()) == 0
    say(app, "first")
    do(app, "sessions tag first work")
    app.vault.create(PASSWORD)
    say(app, "hidden")
    do(app, "sessions encrypt hidden")
    frame = pl.sessions()
    assert list(frame.columns) == [
        *("name", "folder", "tags", "pinned", "model", "turns", "created", "used"),
        *("cost", "tokens", "encrypted", "locked"),
    ]
    assert list(frame["name"]) == ["hidden", "first"]
    assert list(frame["turns"]) == [1, 1]
    assert list(pl.sessions("work")["name"]) == ["first"]
    app.vault.lock()
    locked = pl.sessions().iloc[0]
    assert locked["name"].startswith("locked-")
    assert locked["locked"]
    with pytest.raises(UsageError, match="is a text"):
        pl.sessions(5)  # type: ignore[arg-type]


def test_a_model_names_and_summarises_a_conversation(app: Parllama) -> None:
    other = scripted(app, ["A fine name"], name="other", models=["one", "two"])
    say(app, "s")
    assert "s is now called A fine name" in do(app, "sessions name s -m other/one")
    assert other.requests[-1].model == "one"
    shown = do(app, 'sessions summarise "A fine name" --model other/two')
    assert "goes on from this summary" in shown
    assert other.requests[-1].model == "two"


def test_a_prompt_is_made_of_a_conversation(app: Parllama) -> None:
    say(app, "s", "What is a mean?")
    assert "%%parllama -p mine" in do(app, "sessions to-prompt s mine --submit")
    prompt = app.runtime.run(app.prompts.get("mine"))
    assert prompt.submit
    assert [each.text for each in prompt.messages] == ["What is a mean?"]
    do(app, "sessions to-prompt s both --answers")
    prompt = app.runtime.run(app.prompts.get("both"))
    assert len(prompt.messages) > 1
