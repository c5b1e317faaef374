"""Mentions of the notebook in a chat: offered, shown, sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from parllama_nb.application import Parllama
from parllama_nb.prompting.kernel_names import KernelNames
from parllama_nb.providers.messages import DocumentPart, ImagePart
from parllama_nb.testing import FakeProvider
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
