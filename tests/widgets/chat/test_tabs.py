"""The chat's tabs, and what it can do with all conversations."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.secret import Secret
from parllama_nb.testing import Pause
from parllama_nb.widgets.chat.view import ChatView

from ...vaults.weak import PASSWORD, weak_policy
from ...virtual_time import VirtualLoop
from ..recording import Page
from .test_view import Room, echo


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> Room:
    return Room(app, page, loop)


def tabs(room: Room, view: ChatView) -> list[str]:
    """Return the names of the tabs; the one that is shown has a star."""
    data: dict[str, Any] = room.result(view, "hello")["tabs"]
    current = data["current"]
    return [f"{each['name']}{'*' * (each['id'] == current)}" for each in data["tabs"]]


def tab(room: Room, view: ChatView, name: str) -> str:
    data = room.result(view, "hello")["tabs"]["tabs"]
    return str(next(each["id"] for each in data if each["name"] == name))


def refused(room: Room, view: ChatView, method: str, **params: Any) -> str:
    return str(room.ask(view, method, **params)["error"]["message"])


def listed(room: Room, view: ChatView) -> dict[str, dict[str, Any]]:
    entries = room.result(view, "sessions")["sessions"]
    return {each["name"]: each for each in entries}


def test_each_conversation_that_is_opened_gets_a_tab(room: Room) -> None:
    view = room.view()
    assert tabs(room, view) == ["s*"]
    room.say(view, "One?")
    room.result(view, "new")
    assert tabs(room, view) == ["s", "New chat*"]
    room.say(view, "Two?")
    assert tabs(room, view) == ["s", "Two?*"]
    room.result(view, "open", name="s")
    assert tabs(room, view) == ["s*", "Two?"]
    assert room.shown(view).said == [("One?", "[One?]", "done")]
    room.result(view, "show_tab", id=tab(room, view, "Two?"))
    assert room.shown(view).said == [("Two?", "[Two?]", "done")]


def test_a_new_conversation_that_nobody_used_leaves_no_tab(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    room.result(view, "new")
    room.result(view, "open", name="s")
    assert tabs(room, view) == ["s*"]
    room.result(view, "new")
    room.result(view, "draft", text="An idea")
    room.result(view, "open", name="s")
    assert tabs(room, view) == ["s*", "New chat"]


def test_a_closed_tab_keeps_its_conversation(room: Room) -> None:
    view = room.view()
    for question in ("One?", "Two?"):
        room.say(view, question)
        room.result(view, "new")
    room.say(view, "Three?")
    assert tabs(room, view) == ["s", "Two?", "Three?*"]
    room.result(view, "close_tab", id=tab(room, view, "s"))
    room.result(view, "close_tab", id=tab(room, view, "Three?"))
    assert tabs(room, view) == ["Two?*"]
    room.result(view, "close_tab", id=tab(room, view, "Two?"))
    assert tabs(room, view) == ["New chat*"]
    assert set(listed(room, view)) == {"s", "Two?", "Three?"}
    room.result(view, "open", name="s")
    assert [each[0] for each in room.shown(view).said] == ["One?"]


def test_each_tab_keeps_its_draft_also_for_a_page_loaded_again(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    room.result(view, "draft", text="More of one")
    room.result(view, "new")
    assert room.result(view, "hello")["draft"] == ""
    room.result(view, "draft", text="Something new")
    room.result(view, "open", name="s")
    assert room.result(view, "hello")["draft"] == "More of one"
    room.result(view, "show_tab", id=tab(room, view, "New chat"))
    assert room.result(view, "hello")["draft"] == "Something new"


def test_a_draft_belongs_to_the_tab_that_it_was_typed_in(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    first = tab(room, view, "s")
    room.result(view, "new")
    room.result(view, "draft", text="Something new")
    # The page has left this tab, and saves what it held there.
    room.result(view, "draft", tab=first, text="More of one")
    assert room.result(view, "hello")["draft"] == "Something new"
    room.result(view, "show_tab", id=first)
    assert room.result(view, "hello")["draft"] == "More of one"
    room.result(view, "close_tab", id=tab(room, view, "New chat"))
    room.result(view, "draft", tab="closed", text="Nowhere")
    assert room.result(view, "hello")["draft"] == "More of one"


def test_a_question_is_asked_in_the_tab_that_it_was_typed_in(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    first = view.session
    room.result(view, "new")
    # The page had not been shown the new tab yet.
    room.result(view, "send", tab=first.id, text="Two?")
    for method, params in {
        "retry": {},
        "edit": {"text": "Three?"},
        "continue": {},
    }.items():
        room.over(first.id, lambda: first.answering)
        turn = first.transcript.turns[-1].id
        room.result(view, method, tab=first.id, turn=turn, **params)
    room.over(first.id, lambda: first.answering)
    assert not view.session.transcript.turns
    assert [each.prompt for each in first.transcript.turns] == ["One?", "Three?"]
    assert len(room.fake.requests) == 5
    closed = refused(room, view, "send", tab="closed", text="Three?")
    assert closed == "The conversation is closed."


def test_a_refused_question_is_the_draft_of_its_tab_before_what_was_typed_since(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = room.view()
    room.say(view, "One?")
    first = view.session
    room.result(view, "new")
    second = view.session
    room.app.model = None
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    asked = room.page.ask(view, "send", tab=second.id, text="Two?")
    room.result(view, "draft", tab=second.id, text="And")
    room.result(view, "show_tab", id=first.id)
    room.until(lambda: bool(room.page.responses(asked)))
    assert room.page.response(asked)["error"]["code"] == "no-model"
    assert room.result(view, "hello")["draft"] == ""
    room.result(view, "show_tab", id=second.id)
    assert room.result(view, "hello")["draft"] == "Two?\n\nAnd"


def test_a_draft_stays_while_another_question_is_asked_again(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    (turn,) = view.session.transcript.turns
    room.result(view, "draft", text="Something more")
    room.result(view, "retry", turn=turn.id)
    room.wait(view)
    assert room.result(view, "hello")["draft"] == "Something more"


def test_a_tab_tells_that_its_conversation_answers_or_is_renamed(room: Room) -> None:
    view = room.view()
    shown = room.shown(view)
    gate = asyncio.Event()
    room.fake.script = lambda request: [Pause(gate), *echo(request)]
    room.result(view, "send", text="One?")
    first = view.session
    room.result(view, "new")
    room.catch_up(view, shown)

    def told() -> dict[str, Any]:
        events = [each for each in room.events(view) if each["event"] == "tabs"]
        return {each["name"]: each["answering"] for each in events[-1]["data"]["tabs"]}

    assert room.result(view, "hello")["tabs"]["tabs"][0]["answering"]
    gate.set()
    room.until(lambda: told() == {"s": False, "New chat": False})
    room.run(first.rename("Renamed"))
    room.until(lambda: told() == {"Renamed": False, "New chat": False})


def test_a_deleted_conversation_closes_its_tab_and_can_be_restored(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    room.result(view, "new")
    room.say(view, "Two?")
    room.result(view, "forget_session", name="s")
    assert tabs(room, view) == ["Two?*"]
    room.result(view, "remove")
    assert tabs(room, view) == ["New chat*"]
    assert listed(room, view) == {}
    deleted = room.result(view, "sessions")["deleted"]
    assert [each["title"] for each in deleted] == ["Two?", "s"]
    for name in ("s", "Two?"):
        assert room.result(view, "restore_session", name=name) == {"name": name}
    assert set(listed(room, view)) == {"s", "Two?"}
    assert room.result(view, "sessions")["deleted"] == []
    room.result(view, "forget_session", name="s", now=True)
    assert "was deleted lately" in refused(room, view, "restore_session", name="s")


def test_conversations_are_sorted_and_copied_without_being_open(room: Room) -> None:
    view = room.view()
    room.say(view, "One?")
    room.result(view, "file_session", name="s", folder="Work")
    room.result(view, "tag_session", name="s", tags=["a", "b"])
    room.result(view, "tag_session", name="s", tags=["b", "c"])
    room.result(view, "pin_session", name="s", pinned=True)
    assert room.result(view, "duplicate_session", name="s") == {"name": "s (copy)"}
    room.result(view, "rename_session", name="s", new="t")
    entries = listed(room, view)
    assert entries["t"]["tags"] == entries["s (copy)"]["tags"] == ["b", "c"]
    assert (entries["t"]["folder"], entries["t"]["pinned"]) == ("Work", True)
    assert view.session.name == "t"


def test_a_search_leads_to_the_turn_also_in_another_branch(room: Room) -> None:
    view = room.view()
    room.say(view, "First zebra?")
    (turn,) = view.session.transcript.turns
    room.result(view, "edit", turn=turn.id, text="Another animal?")
    room.wait(view)
    room.result(view, "new")
    found = room.result(view, "search_sessions", query="zebr")
    (hit,) = found["hits"]
    assert (hit["session"], hit["turn"]) == ("s", turn.id)
    assert "zebr" in hit["snippet"]
    room.result(view, "open", name="s", turn=turn.id)
    assert [each[0] for each in room.shown(view).said] == ["First zebra?"]
    room.app.redact.add(Secret("KEY", "zebra?]"))
    (hit,) = room.result(view, "search_sessions", query="zebr")["hits"]
    assert "zebra?]" not in "".join(hit["snippet"])


def test_locked_conversations_are_listed_as_such_and_not_searched(room: Room) -> None:
    room.app.vault.policy = weak_policy()
    room.app.vault.create(PASSWORD)
    view = room.view()
    room.say(view, "My secret")
    room.result(view, "encrypt_session", name="s")
    assert room.result(view, "search_sessions", query="secret")["hits"]
    room.app.vault.lock()
    room.until(lambda: view.session.locked != "")
    (entry,) = listed(room, view).values()
    assert entry["locked"]
    assert entry["name"].startswith("locked-")
    assert entry["tags"] == []
    found = room.result(view, "search_sessions", query="secret")
    assert (found["hits"], found["locked"]) == ([], 1)
    assert tabs(room, view) == [f"{entry['name']}*"]
    assert "locked" in refused(
        room, view, "file_session", name=entry["name"], folder="x"
    )
    room.app.vault.unlock(PASSWORD)
    room.until(lambda: view.session.locked == "")
    assert tabs(room, view) == ["s*"]
    room.result(view, "decrypt_session", name="s")
    assert not listed(room, view)["s"]["encrypted"]


def test_the_draft_of_another_tab_goes_when_its_conversation_locks(room: Room) -> None:
    room.app.vault.policy = weak_policy()
    room.app.vault.create(PASSWORD)
    view = room.view()
    room.say(view, "One?")
    room.result(view, "encrypt")
    private = view.session
    room.result(view, "draft", text="A private thought")
    room.result(view, "new")
    room.result(view, "draft", text="Open")
    room.app.vault.lock()
    room.until(lambda: private.locked != "")
    room.app.vault.unlock(PASSWORD)
    room.until(lambda: private.locked == "")
    room.result(view, "open", name="s")
    assert room.result(view, "hello")["draft"] == ""


def test_what_a_view_saves_has_no_title_of_an_encrypted_conversation(
    room: Room,
) -> None:
    room.app.vault.policy = weak_policy()
    room.app.vault.create(PASSWORD)
    room.run(room.session("A private title").encrypt())
    view = room.view("A private title")
    assert "private" not in view.without_widgets
    assert f"--session {view.session.handle}" in view.without_widgets
    assert view.session_data().name == "A private title"
