"""Mentions of the notebook in a chat: offered, shown, sent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.prompting.kernel_names import KernelNames
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.providers.messages import DocumentPart, ImagePart, Message
from parllama_nb.testing import FakeProvider, Pause
from parllama_nb.widgets.chat import view as chat_view
from parllama_nb.widgets.chat.view import ChatView
from tests.eventually import eventually
from tests.own_app import own_app, scripted

from ...prompting.describing.values import figure
from ..recording import Page

SECRET = "sentinel-b7Qz-4711-kfp"
SPACE: dict[str, Any] = {
    "frame": pd.DataFrame({"a": [1, 2]}),
    "drawn": figure(),
    "api_key": SECRET,
}


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.model = "fake/scripted"
        yield app


@pytest.fixture
def provider(app: Parllama) -> FakeProvider:
    return scripted(app)


@pytest.fixture
def chat(
    page: Page,
    app: Parllama,
    provider: FakeProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ChatView]:
    del provider
    names = KernelNames(lambda: SPACE)
    monkeypatch.setattr(chat_view, "kernel_names", lambda: names)
    view = ChatView(app, app.runtime.run(app.sessions.new()))
    ask(page, view, "hello")
    yield view
    view.close()


def ask(page: Page, view: ChatView, method: str, **params: Any) -> dict[str, Any]:
    asked = page.ask(view, method, **params)
    eventually(lambda: page.responses(asked))
    return page.response(asked)


def test_names_of_the_notebook_are_offered_without_secrets(
    page: Page, chat: ChatView
) -> None:
    offered = ask(page, chat, "names", typed="")["result"]["offers"]
    assert [each["text"] for each in offered] == ["drawn", "frame"]
    assert offered[1]["about"] == "DataFrame 2 \N{MULTIPLICATION SIGN} 1"


def test_what_a_text_mentions_is_shown_with_its_tokens(
    page: Page, chat: ChatView
) -> None:
    text = "@frame @drawn @api_key @nope"
    shown = ask(page, chat, "mentions", text=text)["result"]["mentions"]
    frame, drawn, secret, nothing = shown
    assert frame["path"] == "frame"
    assert 0 < frame["tokens"] < 340
    assert drawn["picture"]
    assert drawn["tokens"] > 768
    assert "not described" in secret["problem"]
    assert "no such variable" in nothing["problem"]


def test_a_question_is_sent_with_what_it_mentions(
    page: Page, chat: ChatView, provider: FakeProvider
) -> None:
    assert "error" not in ask(page, chat, "send", text="Explain @frame, @drawn, @nope.")
    eventually(lambda: not chat.session.answering)
    message = provider.requests[-1].messages[-1]
    document, *_ = [part for part in message.parts if isinstance(part, DocumentPart)]
    assert document.id == "@frame"
    assert "DataFrame, 2 rows x 1 column" in document.text
    assert any(isinstance(part, ImagePart) for part in message.parts)
    assert message.text == "Explain @frame, @drawn, @nope."
    assert SECRET not in repr(message)


def test_the_preview_holds_what_is_sent_of_a_mention(
    page: Page, chat: ChatView
) -> None:
    sent = ask(page, chat, "preview", text="Explain @frame")["result"]
    assert "DataFrame, 2 rows x 1 column" in repr(sent)


def test_an_edited_question_is_sent_with_what_its_new_text_mentions(
    page: Page, chat: ChatView, provider: FakeProvider
) -> None:
    ask(page, chat, "send", text="Explain @drawn")
    eventually(lambda: not chat.session.answering)
    (turn,) = chat.session.transcript.turns
    ask(page, chat, "edit", turn=turn.id, text="Explain @frame")
    eventually(lambda: not chat.session.answering and len(provider.requests) > 1)
    message = provider.requests[-1].messages[-1]
    documents = [part for part in message.parts if isinstance(part, DocumentPart)]
    assert [each.id for each in documents] == ["@frame"]
    assert not any(isinstance(part, ImagePart) for part in message.parts)


class Slow:
    """A value of the notebook that takes its time to say what it is."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def __repr__(self) -> str:
        self.asked.set()
        self.go.wait(20)
        return "slow"


class Tabs:
    """A chat with two tabs, the second of which is shown while the first one asks."""

    def __init__(self, page: Page, app: Parllama, chat: ChatView, slow: Slow) -> None:
        self.page, self.app, self.chat, self.slow = page, app, chat, slow
        self.first = chat.session
        self.second = app.runtime.run(app.sessions.begin("second"))

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return ask(self.page, self.chat, method, **params)

    def send(self, text: str, **params: Any) -> str:
        """Send a question that mentions the slow value, and show the other tab."""
        sent = self.page.ask(self.chat, "send", text=text, **params)
        assert self.slow.asked.wait(20)
        # As a page does when a tab is left: its composer is empty.
        self.ask("draft", text="")
        self.ask("open", name="second")
        return sent

    def response(self, sent: str) -> dict[str, Any]:
        """What comes of it once the value has said what it is."""
        self.slow.go.set()
        eventually(lambda: self.page.responses(sent))
        return self.page.response(sent)

    def asked(self, session: Session) -> list[str]:
        eventually(lambda: not session.answering)
        return [turn.prompt for turn in session.transcript.turns]

    def draft(self, session: Session) -> str:
        self.ask("show_tab", id=session.id)
        return str(self.ask("hello")["result"]["draft"])


@pytest.fixture
def tabs(
    page: Page, app: Parllama, chat: ChatView, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Tabs]:
    slow = Slow()
    monkeypatch.setitem(SPACE, "slow", slow)
    yield Tabs(page, app, chat, slow)
    slow.go.set()


def test_a_question_is_asked_where_it_was_typed_also_if_another_tab_is_shown(
    tabs: Tabs,
) -> None:
    # It is new, and nothing is asked yet: its tab stays all the same.
    sent = tabs.send("My @slow?")
    tabs.ask("draft", text="Typed into the second")
    assert "error" not in tabs.response(sent)
    assert tabs.asked(tabs.first) == ["My @slow?"]
    assert tabs.asked(tabs.second) == []
    assert tabs.draft(tabs.second) == "Typed into the second"
    assert tabs.draft(tabs.first) == ""


def test_a_question_that_is_refused_waits_in_the_tab_where_it_was_typed(
    tabs: Tabs, provider: FakeProvider
) -> None:
    gate = asyncio.Event()
    provider.script = [Pause(gate), "ok"]
    sent = tabs.send("My @slow?")

    async def asked_by_another() -> None:
        await tabs.first.begun(tabs.first.send(Question("Another's")))

    tabs.app.runtime.run(asked_by_another())
    refused = tabs.response(sent)["error"]
    assert refused["message"] == "This conversation is answering already."
    assert tabs.draft(tabs.first) == "My @slow?"
    assert tabs.draft(tabs.second) == ""
    tabs.app.runtime.loop.call_soon_threadsafe(gate.set)
    assert tabs.asked(tabs.first) == ["Another's"]


def test_a_question_whose_conversation_is_deleted_meanwhile_is_asked_nowhere(
    tabs: Tabs,
) -> None:
    sent = tabs.send("My @slow?")
    tabs.app.runtime.run(tabs.first.delete())
    refused = tabs.response(sent)["error"]
    assert refused["message"] == (
        "The conversation was deleted before the question was asked."
    )
    assert tabs.asked(tabs.second) == []
    assert tabs.app.runtime.run(tabs.app.chats.turns(tabs.first.name)) == []


def test_a_question_whose_tab_is_closed_meanwhile_is_asked_all_the_same(
    tabs: Tabs,
) -> None:
    sent = tabs.send("My @slow?")
    tabs.ask("close_tab", id=tabs.first.id)
    assert "error" not in tabs.response(sent)
    assert tabs.asked(tabs.first) == ["My @slow?"]
    assert tabs.asked(tabs.second) == []


def test_a_prompt_asks_and_stays_where_it_was_chosen(tabs: Tabs) -> None:
    for name in ("kind", "brief"):
        prompt = Prompt(name, (Message.of("system", f"Be {name}."),))
        tabs.app.runtime.run(tabs.app.prompts.add(prompt))
    tabs.ask("choose_prompt", name="kind")
    sent = tabs.send("My @slow?", prompt={"values": {}})
    tabs.ask("choose_prompt", name="brief")
    assert "error" not in tabs.response(sent)
    assert tabs.asked(tabs.first) == ["My @slow?"]
    assert tabs.first.options["system"] == "Be kind."
    assert "system" not in tabs.second.options
    assert tabs.ask("snapshot")["result"]["prompt"]["name"] == "brief"


def test_an_edited_question_is_asked_in_its_own_conversation(tabs: Tabs) -> None:
    tabs.ask("send", text="One?")
    assert tabs.asked(tabs.first) == ["One?"]
    (turn,) = tabs.first.transcript.turns
    sent = tabs.page.ask(tabs.chat, "edit", turn=turn.id, text="My @slow?")
    assert tabs.slow.asked.wait(20)
    tabs.ask("open", name="second")
    assert "error" not in tabs.response(sent)
    assert tabs.asked(tabs.first) == ["My @slow?"]
