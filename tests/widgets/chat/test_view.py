"""The chat view's kernel side: what a page sees is the session, at any moment."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.errors import AuthenticationError, StreamInterruptedError
from parllama_nb.events import Progress
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    TextWasThinking,
    ThinkingDelta,
    Usage,
)
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.secret import Secret
from parllama_nb.testing import FakeProvider, Pause
from parllama_nb.widgets.chat.view import ChatView

from ...own_app import scripted
from ...vaults.weak import PASSWORD, weak_policy
from ...virtual_time import VirtualLoop
from .. import room as shared
from ..recording import Page

KEY = "sk-sentinel-55ab01"


class Shown(shared.Shown):
    """What a page shows of a conversation."""

    def show(self, snapshot: dict[str, Any]) -> None:
        self.session = snapshot["session"]
        self.turns = {turn["id"]: dict(turn) for turn in snapshot["turns"]}
        self.earlier = snapshot["earlier"]
        self.attached = snapshot["attached"]["attachments"]

    def change(self, event: str, data: dict[str, Any]) -> None:
        match event:
            case "turn":
                self.turns[data["id"]] = dict(data)
            case "removed":
                for turn in data["turns"]:
                    self.turns.pop(turn, None)
            case "session":
                self.session = data
            case "attachments":
                self.attached = data["attachments"]
            case "models" | "default" | "tabs":
                pass
            case _:
                self.change_answer(self.turns[data["turn"]], event, data)

    @property
    def said(self) -> list[tuple[str, str, str]]:
        turns = sorted(self.turns.values(), key=lambda turn: turn["id"])
        return [(turn["question"], turn["text"], turn["state"]) for turn in turns]

    @property
    def thoughts(self) -> dict[int, str]:
        return {turn: each["thinking"] for turn, each in self.turns.items()}


def echo(request: ChatRequest) -> Iterator[object]:
    yield f"[{request.messages[-1].text}]"
    yield Finish("stop", Usage(10, 5))


class Room(shared.Room):
    """A session, and views that show it."""

    def __init__(self, app: Parllama, page: Page, loop: VirtualLoop) -> None:
        super().__init__(app, page, loop)
        self.fake = scripted(app, echo)

    def session(self, name: str = "s") -> Session:
        return self.run(self.app.sessions.open(name))

    def view(self, name: str = "s") -> ChatView:
        view = ChatView(self.app, self.session(name))
        self.pass_time()
        return view

    def wait(self, view: ChatView) -> None:
        """Wait until the session is not answering."""
        self.over(view.session.id, lambda: view.session.answering)

    def say(self, view: ChatView, text: str) -> None:
        self.result(view, "send", text=text)
        self.wait(view)

    def say_in_cell(self, session: Session, text: str) -> None:
        job = self.app.jobs.start("ask", lambda job: session.ask(Question(text), job))

        async def ended() -> None:
            await asyncio.wrap_future(job.future)

        self.run(ended())

    def heard(self, view: ChatView, event: str, count: int = 1) -> None:
        """Wait until a view has been told something so many times."""

        self.until(
            lambda: sum(each["event"] == event for each in self.events(view)) >= count
        )

    def shown(self, view: ChatView) -> Shown:
        """What the page of a view shows by now."""
        return Shown(self.result(view, "hello"))

    def events(self, view: ChatView) -> list[dict[str, Any]]:
        """What a view was told, in order."""
        return [
            data["content"]
            for comm, kind, data, _ in self.page.sent
            if comm == view.comm.comm_id
            and kind == "comm_msg"
            and data.get("method") == "custom"
            and data["content"]["type"] == "event"
        ]

    def catch_up(self, view: ChatView, shown: Shown) -> Shown:
        for event in self.events(view):
            shown.hear(event)
        return shown


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> Room:
    return Room(app, page, loop)


def test_a_question_is_asked_streamed_and_settled(room: Room) -> None:
    gate = asyncio.Event()
    room.fake.script = lambda request: [Pause(gate), *echo(request)]
    view = room.view()
    shown = room.shown(view)
    assert shown.said == []
    room.result(view, "send", text="Why?")
    assert room.catch_up(view, shown).said == [("Why?", "", "waiting")]
    gate.set()
    room.wait(view)
    assert room.catch_up(view, shown).said == [("Why?", "[Why?]", "done")]
    (turn,) = shown.turns.values()
    assert "fake/scripted" in turn["footer"]
    assert "10 → 5 tokens" in turn["footer"]
    assert shown.session["context_tokens"] == 15
    kinds = [event["event"] for event in room.events(view)]
    assert kinds.index("turn") < kinds.index("delta") < kinds.index("settled")
    assert kinds.count("turn") == 1


def do_something(
    room: Room, chance: random.Random, view: ChatView, number: int
) -> None:
    session = view.session
    ids = [turn.id for turn in session.transcript.turns]
    match chance.choice(["send", "send", "retry", "edit", "delete", "cell", "stop"]):
        case "cell":
            question = Question(f"c{number}", cell_id=chance.choice("xyz"))
            room.app.jobs.start("ask", lambda job: session.ask(question, job))
        case "send":
            room.ask(view, "send", text=f"q{number}")
        case "edit" if ids:
            room.ask(view, "edit", turn=chance.choice(ids), text=f"e{number}")
        case "retry" | "delete" as method if ids:
            room.ask(view, method, turn=chance.choice(ids))
        case _:
            room.ask(view, "stop")


@pytest.mark.parametrize("seed", range(30))
def test_two_views_and_a_cell_show_the_same_at_any_moment(
    room: Room, seed: int
) -> None:
    chance = random.Random(seed)

    def script(request: ChatRequest) -> Iterator[object]:
        yield ThinkingDelta("hm ")
        for number in range(chance.randrange(6)):
            yield Pause(chance.choice([0.0, 0.03, 0.1]))
            yield f"{number} "
            if chance.random() < 0.1:
                yield TextWasThinking()
        if chance.random() < 0.3:
            yield StreamInterruptedError("Lost.")

    room.fake.script = script
    views = [room.view(), room.view()]
    pages = [room.shown(view) for view in views]
    for number in range(12):
        do_something(room, chance, chance.choice(views), number)
        if chance.random() < 0.3:
            # A page is loaded again.
            at = chance.randrange(2)
            pages[at] = room.shown(views[at])
        room.pass_time(chance.choice([0, 0.05, 0.5]))
    for view in views:
        room.wait(view)
    room.pass_time(5)
    for view, shown in zip(views, pages, strict=True):
        room.catch_up(view, shown)
    fresh = room.shown(views[0])
    assert pages[0].said == pages[1].said == fresh.said
    assert pages[0].thoughts == pages[1].thoughts == fresh.thoughts
    stored = room.run(room.app.chats.turns("s"))
    assert [turn["question"] for turn in fresh.turns.values()] == [
        turn.prompt for turn in stored
    ]
    assert [turn["text"] for turn in fresh.turns.values()] == [
        turn.answer.text for turn in stored
    ]


def test_a_page_loaded_again_in_mid_answer_goes_on(room: Room) -> None:
    gate = asyncio.Event()
    room.fake.script = ["Half ", Pause(gate), "and half."]
    view = room.view()
    room.shown(view)
    room.result(view, "send", text="q")
    room.pass_time(1)
    shown = room.shown(view)
    assert shown.said == [("q", "Half ", "streaming")]
    gate.set()
    room.wait(view)
    assert room.catch_up(view, shown).said == [("q", "Half and half.", "done")]


def test_bytes_on_the_wire_grow_with_the_answer(room: Room) -> None:
    text = "word " * 2000
    room.fake.script = [text[at : at + 50] for at in range(0, len(text), 50)]
    view = room.view()
    room.shown(view)
    before = len(json.dumps(room.page.messages))
    room.say(view, "q")
    sent = len(json.dumps(room.page.messages)) - before
    assert sent < 1.6 * len(text) + 4000


def test_while_nobody_shows_it_nothing_is_sent(room: Room) -> None:
    view = room.view()
    room.shown(view)
    room.result(view, "left")
    room.pass_time(1)
    before = len(room.events(view))
    session = view.session
    room.say_in_cell(session, "q")
    room.pass_time(1)
    assert len(room.events(view)) == before
    # Opened again, it has lost nothing.
    assert room.shown(view).said == [("q", "[q]", "done")]


def test_a_second_question_is_refused_with_a_word_and_the_first_goes_on(
    room: Room,
) -> None:
    gate = asyncio.Event()
    room.fake.script = lambda request: [Pause(gate), *echo(request)]
    first, second = room.view(), room.view()
    room.result(first, "send", text="a")
    refused = room.ask(second, "send", text="b")["error"]
    assert refused["message"] == "This conversation is answering already."
    gate.set()
    room.wait(first)
    assert room.shown(second).said == [("a", "[a]", "done")]


def test_two_views_of_a_session_come_to_rest(room: Room) -> None:
    views = [room.view(), room.view()]
    for view in views:
        room.shown(view)
    room.say(views[0], "One?")
    room.result(views[1], "set_options", options={"system": "Be brief."})
    # Each finds out what its next question would leave out.
    room.pass_time(5)
    told = len(room.page.events)
    room.pass_time(5)
    assert len(room.page.events) == told


def test_without_a_model_the_view_says_how_to_get_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.app.model = None
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    view = room.view()
    room.shown(view)
    refused = room.ask(view, "send", text="q")["error"]
    assert refused["code"] == "no-model"
    assert "%parllama use embedded/smollm2" in refused["hint"]
    room.pass_time(10)
    told = [event for event in room.events(view) if event["event"] == "default"]
    assert told[-1]["data"]["error"]["code"] == "no-model"
    assert room.shown(view).said == []


def test_a_failed_retry_keeps_the_answer_and_tells_why(room: Room) -> None:
    view = room.view()
    shown = room.shown(view)
    room.say(view, "q")
    (turn,) = view.session.transcript.turns
    room.fake.script = [AuthenticationError("No key.", hint="Set one.")]
    room.result(view, "retry", turn=turn.id)
    room.wait(view)
    assert room.catch_up(view, shown).said == [("q", "[q]", "done")]
    assert shown.turns[turn.id]["error"]["hint"] == "Set one."


def test_what_a_slow_model_does_is_told_while_it_waits(room: Room) -> None:
    gate = asyncio.Event()
    room.fake.script = [Progress("Loading", 1, 2), Pause(gate), "Done."]
    view = room.view()
    room.shown(view)
    room.result(view, "send", text="q")
    room.pass_time(1)
    shown = room.shown(view)
    (turn,) = shown.turns.values()
    assert (turn["state"], turn["progress"]["phase"]) == ("waiting", "Loading")
    gate.set()
    room.wait(view)


def test_a_long_session_opens_with_its_end_and_is_read_on_demand(room: Room) -> None:
    session = room.session()
    view = room.view()
    for number in range(70):
        room.say_in_cell(session, f"q{number}")
    shown = room.shown(view)
    assert [question for question, _, _ in shown.said] == [
        f"q{n}" for n in range(40, 70)
    ]
    assert shown.earlier == 40
    first = min(shown.turns)
    page = room.result(view, "earlier", before=first)["turns"]
    assert [turn["question"] for turn in page] == [f"q{n}" for n in range(10, 40)]


def test_a_page_of_turns_is_no_larger_than_a_message_should_be(room: Room) -> None:
    room.fake.script = ["x" * 90_000]
    view = room.view()
    for number in range(4):
        room.say(view, f"q{number}")
    shown = room.shown(view)
    assert [question for question, _, _ in shown.said] == ["q2", "q3"]
    assert shown.earlier == 2


def test_a_long_question_comes_without_its_end_and_whole_when_asked_for(
    room: Room,
) -> None:
    text = "a very long question " * 5000
    view = room.view()
    room.fake.script = ["ok"]
    room.say(view, text)
    (turn,) = room.shown(view).turns.values()
    assert len(turn["question"]) == 16_000
    assert turn["question_length"] == len(text)
    whole = room.result(view, "read", turn=turn["id"])
    assert whole == {"question": text, "text": "ok", "thinking": ""}


def test_model_and_options_are_set_for_all_views(room: Room) -> None:
    first, second = room.view(), room.view()
    shown = room.shown(second)
    room.result(first, "set_model", name="Fake/scripted")
    room.result(first, "set_options", options={"temperature": 0.5, "system": "Brief."})
    assert room.catch_up(second, shown).session["model"] == "fake/scripted"
    assert shown.session["options"] == {"temperature": 0.5, "system": "Brief."}
    refused = room.ask(first, "set_model", name="nothing")["error"]
    assert "provider/model" in refused["message"]
    refused = room.ask(first, "set_options", options={"temperature": 9})["error"]
    assert refused["code"] == "usage"
    room.result(first, "set_model", name="")
    assert "model" not in room.catch_up(second, shown).session


def test_sessions_are_opened_renamed_and_deleted_in_the_view(room: Room) -> None:
    view = room.view()
    shown = room.shown(view)
    room.say(view, "in s")
    room.result(view, "new")
    assert room.catch_up(view, shown).said == []
    assert shown.session["name"] == "New chat"
    room.say(view, "Why?")
    assert room.catch_up(view, shown).session["name"] == "Why?"
    room.result(view, "rename", name="kept")
    listed = room.result(view, "sessions")["sessions"]
    assert [each["name"] for each in listed] == ["kept", "s"]
    room.result(view, "open", name="s")
    assert room.catch_up(view, shown).said == [("in s", "[in s]", "done")]
    room.result(view, "remove")
    room.pass_time(1)
    # The other tab is shown.
    assert room.catch_up(view, shown).said == [("Why?", "[Why?]", "done")]
    assert [each["name"] for each in room.result(view, "sessions")["sessions"]] == [
        "kept"
    ]


def test_questions_asked_before_are_offered(room: Room) -> None:
    view = room.view()
    for text in ("a", "b"):
        room.say(view, text)
    assert room.result(view, "inputs") == {"inputs": ["b", "a"]}


def test_a_draft_outlives_its_page_until_it_is_sent(room: Room) -> None:
    view = room.view()
    room.result(view, "draft", text="half a quest")
    assert room.result(view, "hello")["draft"] == "half a quest"
    room.say(view, "half a question")
    assert room.result(view, "hello")["draft"] == ""


def test_a_slow_provider_holds_up_no_other(room: Room) -> None:
    class Slow(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            await asyncio.sleep(1e9)
            return []

    scripted(room.app, name="slow", local=True, kind=Slow)
    scripted(room.app, name="quick", local=True, models=["a", "b"])
    view = room.view()
    room.shown(view)
    known = {g["provider"]: g for g in room.result(view, "models")["groups"]}
    assert known["slow"]["listing"]
    assert "openai" not in known  # it has no key
    room.heard(view, "models", len(known))
    told = {
        event["data"]["provider"]: event["data"]
        for event in room.events(view)
        if event["event"] == "models"
    }
    assert [each["id"] for each in told["quick"]["models"]] == ["quick/a", "quick/b"]
    assert told["slow"]["problem"] == "silent for 5 s"
    assert not told["slow"]["listing"]


def test_the_window_of_the_model_is_told_once_it_is_known(room: Room) -> None:
    class Known(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            return [ModelInfo("known", "m", context_window=8192)]

    scripted(room.app, echo, name="known", kind=Known)
    view = room.view()
    shown = room.shown(view)
    room.result(view, "set_model", name="known/m")
    room.say(view, "q")
    room.heard(view, "models")
    room.pass_time()
    assert room.catch_up(view, shown).session["context_window"] == 8192


def test_what_the_next_question_leaves_out_is_told_before_it_is_asked(
    room: Room,
) -> None:
    class Short(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            return [ModelInfo("short", "m", context_window=2048)]

    # Without counts, since these would be of no such conversation.
    scripted(room.app, ["word " * 120], name="short", models=["m"], kind=Short)
    view = room.view()
    shown = room.shown(view)
    room.result(view, "set_model", name="short/m")
    for number in range(8):
        room.say(view, f"{number} " + "word " * 120)
    room.heard(view, "models")
    room.pass_time()
    room.until(lambda: bool(room.catch_up(view, shown).session["left_out"]))
    words = room.catch_up(view, shown).session["left_out"]
    assert words.startswith("The first ")
    assert words.endswith("reads 2,048 tokens and 1,024 are kept for the answer.")
    fresh = room.view()
    again = room.shown(fresh)
    room.until(lambda: bool(room.catch_up(fresh, again).session["left_out"]))


def test_a_conversation_that_no_page_shows_is_not_read_for_what_it_leaves_out(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Short(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            return [ModelInfo("short", "m", context_window=2048)]

    scripted(room.app, ["word " * 120], name="short", models=["m"], kind=Short)
    views = [room.view() for _ in range(4)]
    for view in views:
        room.shown(view)
        room.result(view, "left")
    session, real, loads = views[0].session, room.app.chats.load, []

    async def load(name: str, limit: int | None = None) -> Any:
        loads.append(limit)
        return await real(name, limit)

    room.run(room.app.model_lists.get(["short"]))
    room.run(session.configure(model="short/m", options={}))
    for number in range(8):
        room.say_in_cell(session, f"{number} " + "word " * 120)
    room.pass_time(5)
    monkeypatch.setattr(room.app.chats, "load", load)
    room.say_in_cell(session, "word " * 120)
    room.pass_time(5)
    # Once, for the question itself.
    assert loads.count(None) == 1
    # A page that comes later is told.
    shown = room.shown(views[2])
    assert shown.session["left_out"] == ""
    room.until(lambda: bool(room.catch_up(views[2], shown).session["left_out"]))


@pytest.mark.parametrize("text", ["", "   \n", "x" * 4_000_001])
def test_what_is_no_question_is_refused(room: Room, text: str) -> None:
    view = room.view()
    assert room.ask(view, "send", text=text)["error"]["code"] == "usage"
    assert room.shown(view).said == []


def test_nothing_secret_is_told_or_kept_in_the_state(room: Room) -> None:
    room.app.redact.add(Secret("FAKE_API_KEY", KEY))
    room.fake.script = [AuthenticationError(f"Wrong key {KEY}.", hint=f"Not {KEY}.")]
    view = room.view()
    room.shown(view)
    room.say(view, "q")
    room.shown(view)
    assert KEY not in json.dumps(room.page.messages)
    assert KEY not in json.dumps(view.get_state(), default=str)
    assert "q" not in list(view.get_state().values())


def test_closing_the_view_leaves_the_session(room: Room) -> None:
    view = room.view()
    session = view.session
    room.say(view, "q")
    view.close()
    room.say_in_cell(session, "r")
    assert room.shown(room.view()).said == [("q", "[q]", "done"), ("r", "[r]", "done")]


def test_an_encrypted_conversation_goes_on_in_its_view_while_the_vault_is_unlocked(
    room: Room,
) -> None:
    vault = room.app.vault
    vault.policy = weak_policy()
    vault.create(PASSWORD)
    view = room.view()
    shown = room.shown(view)
    room.say(view, "before")
    assert not view.snapshot().session.encrypted
    room.result(view, "encrypt")
    assert view.snapshot().session.encrypted
    room.say(view, "after")
    said = [("before", "[before]", "done"), ("after", "[after]", "done")]
    assert room.catch_up(view, shown).said == said
    vault.lock()
    refused = room.ask(view, "send", text="locked")["error"]
    assert refused["code"] == "vault-locked"
    assert refused["hint"] == "%parllama vault unlock"
    vault.unlock(PASSWORD)
    room.until(lambda: not view.session.locked)
    assert room.catch_up(view, shown).said == said
    room.say(view, "again")
    assert room.catch_up(view, shown).said[-1] == ("again", "[again]", "done")
    assert view.snapshot().session.encrypted
    room.result(view, "decrypt")
    assert not view.snapshot().session.encrypted
    vault.lock()
    room.say(view, "locked")


def test_an_encrypted_conversation_is_called_after_its_question_to_its_reader_only(
    room: Room,
) -> None:
    room.app.vault.policy = weak_policy()
    room.app.vault.create(PASSWORD)
    view = room.view()
    room.result(view, "new")
    room.run(view.session.encrypt())
    room.say(view, "My secret")
    assert view.session.name == "My secret"
    (info,) = room.run(room.app.chats.sessions())
    assert (info.name, info.encrypted, info.locked) == ("My secret", True, False)
    room.app.vault.lock()
    (info,) = room.run(room.app.chats.sessions())
    assert info.name.startswith("locked-")
    assert info.locked


def test_a_preview_shows_what_a_draft_would_send_and_sends_nothing(room: Room) -> None:
    view = room.view()
    shown = room.shown(view)
    room.say(view, "One?")
    room.result(view, "set_options", options={"system": "Be brief."})
    room.app.redact.add(Secret("KEY", KEY))
    found = room.result(view, "preview", text=f"Two, {KEY}?")
    assert [each["role"] for each in found["messages"]] == [
        *("system", "user", "assistant", "user"),
    ]
    assert found["messages"][-1]["text"] == "Two, <Secret KEY>?"
    assert KEY not in json.dumps(found)
    empty = room.result(view, "preview", text="")
    assert empty["messages"][-1] == {"number": 4, "role": "user", "text": ""} | {
        "attached": []
    }
    assert len(room.fake.requests) == 1
    assert len(room.catch_up(view, shown).said) == 1
