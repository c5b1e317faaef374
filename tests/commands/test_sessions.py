"""%parllama sessions: lists, renames, deletes, encrypts and decrypts conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Notebook
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_line
from parllama_nb.errors import InputError, UsageError
from parllama_nb.events import SessionDeleted

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
    (first,) = [row.split() for row in rows if row.startswith("first")]
    assert first[1] == "2"
    assert first[-1] == "yes"
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


def test_an_encrypted_conversation_is_renamed_and_deleted_without_the_password(
    app: Parllama,
) -> None:
    say(app, "first")
    app.vault.create(PASSWORD)
    do(app, "sessions encrypt first")
    app.vault.lock()
    do(app, "sessions rename first second")
    app.vault.unlock(PASSWORD)
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
    assert "Its name, models, times and costs stay readable" in shown
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
        ("sessions list first", "list takes no NAME"),
        ("sessions rename first", "rename takes a NAME and the new one"),
        ("sessions delete a b", "delete takes the NAME"),
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
