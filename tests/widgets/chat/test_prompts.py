"""Prompts of the library in a chat: offered, chosen, asked with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.providers.messages import Message
from parllama_nb.testing import FakeProvider
from parllama_nb.vaults.vault import Vault
from parllama_nb.widgets.chat.view import ChatView
from tests.eventually import eventually
from tests.own_app import own_app, scripted

from ...vaults.weak import PASSWORD, weak_policy
from ..recording import Page


class Chat:
    """A chat and the page that shows it."""

    def __init__(self, page: Page, app: Parllama, view: ChatView) -> None:
        self.page, self.app, self.view = page, app, view

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        asked = self.page.ask(self.view, method, **params)
        eventually(lambda: self.page.responses(asked))
        return self.page.response(asked)

    def choose(self, name: str) -> dict[str, Any]:
        """Choose a prompt; what the page is told of it."""
        assert "error" not in self.ask("choose_prompt", name=name)
        return self.chosen

    @property
    def chosen(self) -> dict[str, Any]:
        told = [each["data"] for each in self.page.events if each["event"] == "prompt"]
        last: dict[str, Any] = told[-1]
        return last

    def sent(self, provider: FakeProvider) -> list[tuple[str, str]]:
        """The messages of the last request, once it is answered."""
        eventually(lambda: not self.view.session.answering)
        return [(each.role, each.text) for each in provider.requests[-1].messages]


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.model = "fake/scripted"
        yield app


@pytest.fixture
def provider(app: Parllama) -> FakeProvider:
    return scripted(app)


@pytest.fixture
def chat(page: Page, app: Parllama, provider: FakeProvider) -> Iterator[Chat]:
    del provider
    for each in (
        Prompt(
            "summarize",
            (Message.of("system", "Summarize in {{lang}}."),),
            variables=(Variable("lang"),),
        ),
        Prompt("say hello", (Message.of("user", "Say hello."),), submit=True),
        Prompt(
            "translate",
            (Message.of("user", "Translate: {{input}}"),),
            variables=(Variable("input"),),
        ),
    ):
        app.runtime.run(app.prompts.add(each))
    session = app.runtime.run(app.sessions.new())
    chat = Chat(page, app, ChatView(app, session))
    chat.ask("hello")
    yield chat
    chat.view.close()


def test_prompts_are_offered_and_found_by_the_kernel(chat: Chat) -> None:
    offered = chat.ask("prompts", query="")["result"]
    assert offered["total"] == 3
    assert [each["name"] for each in offered["prompts"]] == [
        "say hello",
        "summarize",
        "translate",
    ]
    assert len(chat.ask("prompts", query="trans")["result"]["prompts"]) == 1


def test_a_prompt_asks_with_its_values_and_its_system_prompt_stays(
    chat: Chat, provider: FakeProvider
) -> None:
    chosen = chat.choose("summarize")
    assert (chosen["version"], chosen["asks"]) == (1, False)
    assert [each["name"] for each in chosen["variables"]] == ["lang"]
    lacking = chat.ask("send", text="Arma", prompt={"values": {}})
    assert lacking["error"]["field"] == "lang"
    # It is still chosen, and nothing was asked.
    assert chat.view.snapshot().prompt is not None
    assert provider.requests == []
    chat.ask("send", text="Arma", prompt={"values": {"lang": "Latin"}})
    assert chat.sent(provider) == [("system", "Summarize in Latin."), ("user", "Arma")]
    assert chat.chosen["name"] == ""
    assert chat.view.session.options["system"] == "Summarize in Latin."
    chat.ask("send", text="More")
    assert chat.sent(provider)[0] == ("system", "Summarize in Latin.")
    assert chat.sent(provider)[-1] == ("user", "More")


def test_a_prompt_that_asks_by_itself_needs_no_text(
    chat: Chat, provider: FakeProvider
) -> None:
    chosen = chat.choose("say hello")
    assert chosen["asks"]
    assert chosen["submit"]
    chat.ask("send", text="", prompt={"values": {}})
    assert chat.sent(provider) == [("user", "Say hello.")]
    assert "system" not in chat.view.session.options


def test_what_is_typed_is_the_input_of_a_prompt_that_takes_one(
    chat: Chat, provider: FakeProvider
) -> None:
    assert chat.choose("translate")["takes_input"]
    empty = chat.ask("send", text=" ", prompt={"values": {}})
    assert empty["error"]["hint"] == "Type what it is for."
    chat.ask("send", text="Hi", prompt={"values": {}})
    assert chat.sent(provider) == [("user", "Translate: Hi")]


def test_a_text_that_begins_with_a_slash_is_sent_as_it_is(
    chat: Chat, provider: FakeProvider
) -> None:
    chat.ask("send", text="/etc/hosts is empty")
    assert chat.sent(provider) == [("user", "/etc/hosts is empty")]
    assert chat.ask("send", text="  ")["error"]["message"] == "The question is empty."


def test_a_chosen_prompt_is_let_go_or_stays_with_its_tab(
    chat: Chat,
) -> None:
    chat.choose("summarize")
    assert chat.choose("")["name"] == ""
    chat.choose("summarize")
    first = chat.view.session
    chat.ask("new")
    assert chat.view.snapshot().prompt is None
    assert chat.ask("choose_prompt", name="none")["error"]["code"] == "usage"
    # A page that still shows it is told, and nothing is asked without it.
    lost = chat.ask("send", text="x", prompt={"values": {}})
    assert lost["error"]["message"] == "No prompt is chosen."
    chat.choose("say hello")
    chat.ask("show_tab", id=first.id)
    shown = chat.ask("hello")["result"]["prompt"]
    assert shown["name"] == "summarize"
    # Asked where it was typed, though another tab is shown by now.
    second = next(each for each in chat.view.tabs if each is not first)
    chat.ask("send", tab=second.id, text="", prompt={"values": {}})
    eventually(lambda: not second.answering)
    assert [each.prompt for each in second.transcript.turns] == ["Say hello."]
    assert chat.ask("hello")["result"]["prompt"] == shown
    chat.ask("show_tab", id=second.id)
    assert not chat.ask("hello")["result"].get("prompt")


def test_a_prompt_that_is_chosen_while_another_tab_is_shown_is_not_carried_there(
    chat: Chat, app: Parllama
) -> None:
    chat.ask("send", text="One?")
    first = chat.view.session
    app.runtime.run(app.sessions.begin("second"))
    chat.ask("open", name="second")
    chosen = chat.page.ask(chat.view, "choose_prompt", name="summarize")
    # The library is still being read.
    chat.ask("show_tab", id=first.id)
    eventually(lambda: chat.page.responses(chosen))
    assert "prompt" not in chat.ask("snapshot")["result"]


SENTINEL = "sentinel of a private prompt 5e0c"


def encrypted(app: Parllama) -> Vault:
    """A vault, and a prompt that is encrypted with it."""
    app.vault.policy = weak_policy()
    app.vault.create(PASSWORD)
    prompt = Prompt(
        "diary",
        (Message.of("user", f"{SENTINEL}: {{{{mood}}}}"),),
        description=SENTINEL,
        variables=(Variable("mood", default=SENTINEL),),
    )
    app.runtime.run(app.prompts.add(prompt))
    app.runtime.run(app.prompts.encrypt("diary"))
    return app.vault


def test_an_encrypted_prompt_that_is_chosen_locks_with_the_vault(
    chat: Chat, app: Parllama, provider: FakeProvider
) -> None:
    vault = encrypted(app)
    assert chat.choose("diary")["description"] == SENTINEL
    sent = len(chat.page.messages)
    vault.lock()
    eventually(lambda: chat.chosen["locked"])
    assert chat.chosen["name"] == "diary"
    refused = chat.ask("send", text="", prompt={"values": {}})
    assert refused["error"]["code"] == "vault-locked"
    assert SENTINEL not in repr(chat.ask("snapshot"))
    assert SENTINEL not in repr(chat.page.messages[sent:])
    vault.unlock(PASSWORD)
    eventually(lambda: not chat.chosen["locked"])
    assert chat.chosen["description"] == SENTINEL
    assert "error" not in chat.ask("send", text="", prompt={"values": {"mood": "good"}})
    assert chat.sent(provider) == [("user", f"{SENTINEL}: good")]


def test_an_encrypted_prompt_is_chosen_by_its_name_while_the_vault_is_locked(
    chat: Chat, app: Parllama
) -> None:
    vault = encrypted(app)
    vault.lock()
    chosen = chat.choose("diary")
    assert (chosen["name"], chosen["version"], chosen["locked"]) == ("diary", 1, True)
    assert SENTINEL not in repr(chat.page.messages)
    vault.unlock(PASSWORD)
    eventually(lambda: not chat.chosen["locked"])
    assert [each["name"] for each in chat.chosen["variables"]] == ["mood"]


def test_a_locked_prompt_that_was_deleted_meanwhile_is_chosen_no_more(
    chat: Chat, app: Parllama
) -> None:
    vault = encrypted(app)
    chat.choose("diary")
    vault.lock()
    eventually(lambda: chat.chosen["locked"])
    app.runtime.run(app.prompts.delete(["diary"]))
    vault.unlock(PASSWORD)
    eventually(lambda: chat.chosen["name"] == "")


def test_a_prompt_in_clear_stays_chosen_when_the_vault_locks(
    chat: Chat, app: Parllama
) -> None:
    vault = encrypted(app)
    chosen = chat.choose("summarize")
    heard = len(chat.page.events)
    vault.lock()
    eventually(lambda: any(e["event"] == "lock" for e in chat.page.events[heard:]))
    assert chat.chosen == chosen
