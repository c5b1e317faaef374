"""Prompts of the library that are made of conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.as_prompt import add_prompt
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import FieldError, UsageError
from parllama_nb.prompting.library.prompt import Prompt

from ..own_app import own_app, scripted
from ..vaults.weak import PASSWORD, weak_policy


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.model = "fake/scripted"
        scripted(app, ["An answer."])
        app.runtime.run(app.memory.save("never in a prompt"))
        yield app


def ask(app: Parllama, session: Session, text: str, **more: Any) -> None:
    async def send() -> Any:
        return session.send(Question(text, **more))

    app.runtime.run(send()).result()


def made(app: Parllama, session: Session, name: str = "", **how: bool) -> Prompt:
    return app.runtime.run(add_prompt(app.chats, app.prompts, session, name, **how))


def texts(prompt: Prompt) -> list[tuple[str, str]]:
    return [(each.role, each.text) for each in prompt.messages]


def test_a_prompt_has_the_system_prompt_and_the_questions(app: Parllama) -> None:
    session = app.runtime.run(app.sessions.open("My Chat"))
    ask(app, session, "One {{x}}", system="Be kind.")
    ask(app, session, "Two")
    prompt = made(app, session)
    assert prompt.name == "My Chat"
    assert texts(prompt) == [
        ("system", "Be kind."),
        ("user", "One {{x}}"),
        ("user", "Two"),
    ]
    assert app.runtime.run(app.prompts.get("my chat")) == prompt
    assert prompt.render().messages[1].text == "One {{x}}"


def test_answers_are_taken_along_if_they_are_wanted(app: Parllama) -> None:
    session = app.runtime.run(app.sessions.open("s"))
    ask(app, session, "One")
    app.runtime.run(session.configure(model=None, options={"system": "Of the chat"}))
    prompt = made(app, session, "Given", answers=True, submit=True)
    assert (prompt.name, prompt.submit) == ("Given", True)
    assert texts(prompt) == [
        ("system", "Of the chat"),
        ("user", "One"),
        ("assistant", "An answer."),
    ]


def test_a_derived_name_that_is_taken_gets_a_number_and_a_given_one_is_refused(
    app: Parllama,
) -> None:
    session = app.runtime.run(app.sessions.open("/notes/a.ipynb"))
    ask(app, session, "One")
    names = [made(app, session).name for _ in range(3)]
    assert names == ["notes/a.ipynb", "notes/a.ipynb 2", "notes/a.ipynb 3"]
    with pytest.raises(FieldError, match="already"):
        made(app, session, "NOTES/a.ipynb")


def test_a_very_long_name_of_a_conversation_is_cut(app: Parllama) -> None:
    session = app.runtime.run(app.sessions.open("n" * 300))
    ask(app, session, "One")
    assert [len(made(app, session).name) for _ in range(2)] == [95, 97]


def test_what_has_no_question_or_is_encrypted_is_refused(app: Parllama) -> None:
    session = app.runtime.run(app.sessions.open("s"))
    with pytest.raises(UsageError, match="no question yet"):
        made(app, session)
    ask(app, session, "One")
    app.vault.create(PASSWORD)
    app.runtime.run(session.encrypt())
    with pytest.raises(UsageError, match="encrypted") as caught:
        made(app, session)
    assert caught.value.hint == "First: %parllama sessions decrypt s"
