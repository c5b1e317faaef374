"""An encrypted conversation that is open when the vault locks: gone, and back again."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.providers.messages import ChatRequest, Finish, Usage
from parllama_nb.testing import Pause
from parllama_nb.vaults.vault import Vault
from parllama_nb.widgets.chat.view import ChatView

from ...vaults.weak import PASSWORD, weak_policy
from ...virtual_time import VirtualLoop
from ..recording import Page
from ..sealing import seal
from .test_view import Room, Shown

SENTINEL = "sentinel of a private talk 2f7a"


def echo(request: ChatRequest) -> Iterator[object]:
    yield f"[{request.messages[-1].text}]"
    yield Finish("stop", Usage(10, 5))


class LockedRoom(Room):
    """A vault, and a view of an encrypted conversation."""

    def __init__(self, app: Parllama, page: Page, loop: VirtualLoop) -> None:
        super().__init__(app, page, loop)
        self.fake.script = echo
        self.vault: Vault = app.vault
        self.vault.policy = weak_policy()
        self.vault.create(PASSWORD)
        self.diary = self.view("diary")
        self.run(self.diary.session.encrypt())

    def lock(self) -> None:
        self.vault.lock()
        self.until(lambda: bool(self.diary.session.locked))

    def unlock(self) -> None:
        if self.vault.state == "locked":
            self.vault.unlock(PASSWORD)
        self.until(lambda: not self.diary.session.locked)

    def toggle(self, chance: random.Random) -> None:
        """Lock and unlock the vault, a few times or not at all."""
        for _ in range(chance.randrange(4)):
            if self.vault.state == "locked":
                self.vault.unlock(PASSWORD)
            else:
                self.vault.lock()
            self.pass_time(chance.choice([0.0, 0.01, 0.1]))

    def responded(self, request: str) -> None:
        self.until(lambda: bool(self.page.responses(request)))

    def said_since(self, number: int) -> str:
        """All that the page was sent after so many messages."""
        return json.dumps(self.page.messages[number:])


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> LockedRoom:
    return LockedRoom(app, page, loop)


def texts(view: ChatView) -> str:
    """What a view and its session hold in memory."""
    transcript = view.session.transcript
    held = view._composer.draft, view._composer.prompts.current
    return repr((held, view.session.options, transcript.turns, vars(transcript)))


def test_nothing_of_it_is_sent_or_held_once_the_vault_is_locked(
    room: LockedRoom,
) -> None:
    view = room.diary
    shown = room.shown(view)
    for number in range(3):
        room.say(view, f"{SENTINEL} {number}")
    room.result(view, "set_options", options={"system": SENTINEL})
    room.result(view, "draft", text=f"draft of {SENTINEL}")
    said = room.catch_up(view, shown).said
    assert len(said) == 3
    assert SENTINEL in texts(view)
    sent = len(room.page.messages)
    room.lock()
    assert SENTINEL not in texts(view)
    room.catch_up(view, shown)
    assert (shown.said, shown.earlier) == ([], 0)
    assert shown.session["locked"] == "The vault is locked."
    assert shown.session["turns"] == 3
    again = room.shown(view)
    assert again.said == []
    first = min(turn for turn in range(1, 4))
    for method, params in {
        "snapshot": {},
        "read": {"turn": first},
        "earlier": {"before": 4},
        "preview": {"text": "Hi."},
        "send": {"text": "Hi."},
        "inputs": {},
        "sessions": {},
        "models": {"refresh": False},
        "set_options": {"options": {"temperature": 0.5}},
        "decrypt": {},
    }.items():
        response = room.ask(view, method, **params)
        if method not in {"snapshot", "inputs", "sessions", "models"}:
            assert response["error"]["code"] == "vault-locked", method
    # A page that was typing when it heard of the lock sends its draft yet.
    room.result(view, "draft", text=f"draft of {SENTINEL}")
    assert SENTINEL not in texts(view)
    room.pass_time(5)
    assert SENTINEL not in room.said_since(sent)
    jobs = [job.title for job in room.app.jobs.list()]
    assert SENTINEL not in repr(jobs)
    room.unlock()
    assert room.catch_up(view, shown).said == said
    assert shown.session["options"] == {"system": SENTINEL}
    assert shown.session["locked"] == ""


def test_it_is_unlocked_in_the_view_itself(room: LockedRoom) -> None:
    view = room.diary
    shown = room.shown(view)
    room.say(view, SENTINEL)
    room.lock()
    key = room.result(view, "sealing_key")
    box = seal(key, "unlock", {"password": PASSWORD})
    assert room.result(view, "unlock", sealed=box)["state"] == "unlocked"
    room.until(lambda: not view.session.locked)
    assert room.catch_up(view, shown).said == [(SENTINEL, f"[{SENTINEL}]", "done")]


def test_a_conversation_in_clear_is_not_touched(room: LockedRoom) -> None:
    other = room.view("notes")
    shown = room.shown(other)
    room.say(other, "in clear")
    said = room.catch_up(other, shown).said
    room.lock()
    assert room.catch_up(other, shown).said == said
    assert shown.session["locked"] == ""
    room.say(other, "more")
    assert len(room.catch_up(other, shown).said) == 2


@pytest.mark.parametrize("settles", ["while it is locked", "afterwards"])
def test_an_answer_under_way_goes_on_unseen_and_is_whole_afterwards(
    room: LockedRoom, settles: str
) -> None:
    view, first, gate = room.diary, asyncio.Event(), asyncio.Event()
    more = f"{SENTINEL}, "
    room.fake.script = ["seen, ", Pause(first), more, Pause(gate), "and over."]
    shown = room.shown(view)
    room.result(view, "send", text="Go on.")
    room.pass_time(1)
    assert room.catch_up(view, shown).said == [("Go on.", "seen, ", "streaming")]
    room.lock()
    sent = len(room.page.messages)
    first.set()
    room.pass_time(5)
    assert room.catch_up(view, shown).said == []
    assert shown.session["answering"]
    if settles == "while it is locked":
        gate.set()
        room.wait(view)
        room.pass_time(1)
    assert SENTINEL not in room.said_since(sent)
    room.unlock()
    if settles == "afterwards":
        seen = [("Go on.", f"seen, {SENTINEL}, ", "streaming")]
        assert room.catch_up(view, shown).said == seen
        gate.set()
        room.wait(view)
    whole = [("Go on.", f"seen, {SENTINEL}, and over.", "done")]
    assert room.catch_up(view, shown).said == whole
    stored = room.run(room.app.chats.turns("diary"))
    assert [turn.answer.text for turn in stored] == [f"seen, {SENTINEL}, and over."]
    room.fake.script = echo
    room.say(view, "Once more.")
    assert room.catch_up(view, shown).said[-1] == ("Once more.", "[Once more.]", "done")


def test_a_turn_that_begins_in_the_moment_of_the_lock_is_followed_later(
    room: LockedRoom,
) -> None:
    view, gate = room.diary, asyncio.Event()
    room.fake.script = ["one ", Pause(gate), "two"]
    shown = room.shown(view)
    # Locked before the turn is on disk: nobody has heard of it then.
    asked = room.page.ask(view, "send", text=SENTINEL)
    # The page is told nothing in this moment.
    while view.session.live is None:
        room.pass_time()
    assert not view.session.live.id
    view.session.lock("The vault is locked.")
    room.until(lambda: bool(room.page.responses(asked)))
    assert room.catch_up(view, shown).said == []
    room.run(view.session.unlock())
    assert [each[0] for each in room.catch_up(view, shown).said] == [SENTINEL]
    gate.set()
    room.wait(view)
    assert room.catch_up(view, shown).said == [(SENTINEL, "one two", "done")]


def test_an_answer_that_is_written_only_at_its_end_stays_in_the_page(
    room: LockedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, gate = room.diary, asyncio.Event()
    room.fake.script = ["one ", Pause(gate), "two"]
    shown = room.shown(view)
    store = room.app.sessions._services.store
    begin = store.begin

    def begin_locked(*values: Any) -> Any:
        room.vault.lock()
        return begin(*values)

    monkeypatch.setattr(store, "begin", begin_locked)
    room.result(view, "send", text=SENTINEL)
    room.until(lambda: bool(view.session.locked))
    room.unlock()
    assert room.catch_up(view, shown).said == [(SENTINEL, "one ", "streaming")]
    gate.set()
    room.wait(view)
    assert room.catch_up(view, shown).said == [(SENTINEL, "one two", "done")]


def test_a_locked_conversation_is_opened_as_locked(room: LockedRoom) -> None:
    room.say(room.diary, SENTINEL)
    room.lock()
    view = room.view("notes")
    shown = room.shown(view)
    sent = len(room.page.messages)
    room.result(view, "open", name="diary")
    assert room.catch_up(view, shown).said == []
    # The title is encrypted, too.
    assert shown.session["name"].startswith("locked-")
    assert shown.session["locked"] == "The vault is locked."
    assert shown.session["encrypted"]
    assert SENTINEL not in room.said_since(sent)
    room.unlock()
    assert room.catch_up(view, shown).said == [(SENTINEL, f"[{SENTINEL}]", "done")]
    assert shown.session["name"] == "diary"


def test_one_that_nobody_holds_in_this_kernel_is_opened_as_locked(
    room: LockedRoom,
) -> None:
    room.say(room.diary, SENTINEL)
    room.result(room.diary, "open", name="notes")
    room.vault.lock()
    room.pass_time(0.1)
    room.result(room.diary, "open", name="diary")
    assert room.diary.session.locked == "The vault is locked."
    assert room.shown(room.diary).said == []
    room.unlock()
    assert len(room.shown(room.diary).said) == 1


class HeldBack:
    """The store's `load`, whose result waits until a test hands it on."""

    def __init__(self, room: LockedRoom, monkeypatch: pytest.MonkeyPatch) -> None:
        store = room.app.sessions._services.store
        self._load = store.load
        self.read, self.go = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(store, "load", self)

    async def __call__(self, *values: Any) -> Any:
        result = await self._load(*values)
        self.read.set()
        await self.go.wait()
        return result


def test_what_is_read_again_while_the_vault_locks_once_more_is_not_taken(
    room: LockedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = room.diary
    shown = room.shown(view)
    room.say(view, SENTINEL)
    room.lock()
    held = HeldBack(room, monkeypatch)
    room.vault.unlock(PASSWORD)
    room.run(held.read.wait())
    room.vault.lock()
    room.pass_time(0.1)
    sent = len(room.page.messages)
    held.go.set()
    room.pass_time(1)
    assert view.session.locked
    assert SENTINEL not in texts(view)
    assert SENTINEL not in room.said_since(sent)
    room.unlock()
    assert room.catch_up(view, shown).said == [(SENTINEL, f"[{SENTINEL}]", "done")]
    assert shown.session["name"] == "diary"


def test_one_that_is_being_opened_while_the_vault_locks_is_opened_as_locked(
    room: LockedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.say(room.diary, SENTINEL)
    # Nobody in this kernel knows yet that it is encrypted.
    tab = room.diary.session.id
    room.result(room.diary, "open", name="notes")
    room.result(room.diary, "close_tab", id=tab)
    assert "diary" not in room.app.sessions._open
    held = HeldBack(room, monkeypatch)
    sent = len(room.page.messages)
    asked = room.page.ask(room.diary, "open", name="diary")
    room.run(held.read.wait())
    room.vault.lock()
    room.pass_time(0.1)
    held.go.set()
    room.responded(asked)
    assert room.diary.session.name == "diary"
    assert room.diary.session.locked
    assert SENTINEL not in texts(room.diary)
    assert SENTINEL not in room.said_since(sent)


def test_a_model_that_is_chosen_before_the_options_are_read_again_keeps_them(
    room: LockedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = room.diary
    room.result(view, "set_options", options={"system": SENTINEL})
    room.lock()
    held = HeldBack(room, monkeypatch)
    room.vault.unlock(PASSWORD)
    room.run(held.read.wait())
    asked = room.page.ask(view, "set_model", name="fake/other")
    room.pass_time(0.1)
    held.go.set()
    room.responded(asked)
    assert room.page.response(asked)["error"]["code"] == "usage"
    assert view.session.options == {"system": SENTINEL}
    room.result(view, "set_model", name="fake/other")
    room.run(view.session.load())
    assert view.session.options == {"system": SENTINEL}


def test_no_lock_and_no_unlock_at_any_moment_confuses_what_is_shown(
    room: LockedRoom,
) -> None:
    chance = random.Random(5)

    def script(request: ChatRequest) -> Iterator[object]:
        yield f"[{request.messages[-1].text}"
        for _ in range(chance.randrange(3)):
            yield Pause(chance.choice([0.0, 0.05, 0.3]))
            yield "."
        yield "]"

    room.fake.script = script
    view = room.diary
    shown: Shown = room.shown(view)
    for number in range(60):
        if chance.random() < 0.8:
            room.unlock()
        asked = ""
        if not view.session.answering and not view.session.locked:
            asked = room.page.ask(view, "send", text=f"{SENTINEL} {number}")
            if chance.random() < 0.5:
                room.responded(asked)
        room.toggle(chance)
        if view.session.locked:
            assert room.catch_up(view, shown).said == []
            # What could not be written is nowhere else; it is held, and not shown.
            assert all(turn.id < 0 for turn in view.session.transcript.turns)
        if asked:
            room.responded(asked)
        if chance.random() < 0.7:
            room.wait(view)
    room.unlock()
    room.wait(view)
    stored = room.run(room.app.chats.turns("diary"))
    assert len(stored) > 10
    now: dict[str, Any] = {
        each[0]: each[1:] for each in room.catch_up(view, shown).said
    }
    fresh = {each[0]: each[1:] for each in room.shown(view).said}
    assert {name: now[name] for name in fresh} == fresh
    held = [*stored, *view.session.transcript.unsaved][-30:]
    assert {turn.prompt: (turn.answer.text, "done") for turn in held} == fresh
