"""The view of the memory: what it tells, and what can be asked of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import ConnectionFailedError
from parllama_nb.memories.memory import LONGEST
from parllama_nb.store.database import written
from parllama_nb.testing import FakeProvider, Pause
from parllama_nb.widgets.memory.view import MemoryView

from ...own_app import own_app, scripted
from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import Room, Shown

BEFORE = "- Lives in Lyon\n- Has a cat named Mia"


class ShownMemory(Shown):
    memory: dict[str, Any]

    def show(self, snapshot: dict[str, Any]) -> None:
        self.memory = snapshot["memory"]

    def change(self, event: str, data: dict[str, Any]) -> None:
        assert event == "memory"
        self.memory = data


class MemoryRoom(Room):
    def __init__(self, app: Parllama, page: Page, loop: VirtualLoop) -> None:
        super().__init__(app, page, loop)
        self.view = MemoryView(app)
        self.run(app.memory.save(BEFORE))
        self.shown = ShownMemory(self.result(self.view, "hello"))
        self._heard = 0

    @property
    def memory(self) -> dict[str, Any]:
        events = [each for each in self.page.events if each["event"] == "memory"]
        for event in events[self._heard :]:
            self.shown.hear(event)
        self._heard = len(events)
        return self.shown.memory

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        return self.result(self.view, method, **params)

    def fails(self, method: str, **params: Any) -> dict[str, Any]:
        error: dict[str, Any] = self.ask(self.view, method, **params)["error"]
        return error


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app, [f"{BEFORE}\n- Has a dog called Rex"])


@pytest.fixture
def room(
    app: Parllama, page: Page, loop: VirtualLoop, fake: FakeProvider
) -> MemoryRoom:
    del fake
    return MemoryRoom(app, page, loop)


def test_a_page_begins_with_all_of_the_memory(room: MemoryRoom) -> None:
    assert room.memory == {
        "text": BEFORE,
        "revision": 1,
        "on": True,
        "can_undo": True,
        "can_redo": False,
        "longest": LONGEST,
        "working": "",
    }


def test_what_is_saved_undone_and_redone_is_told_to_all_pages(room: MemoryRoom) -> None:
    room.do("save", text="new", revision=1)
    assert (room.memory["text"], room.memory["revision"]) == ("new", 2)
    room.do("undo", revision=2)
    assert room.memory["text"] == BEFORE
    assert room.memory["can_redo"]
    room.do("redo", revision=3)
    assert room.memory["text"] == "new"


def test_what_another_kernel_saves_is_told_and_not_overwritten(
    room: MemoryRoom,
) -> None:
    with own_app() as other:
        other.runtime.run(other.memory.save("theirs"))
        other.settings.update({"memory.enabled": False})
    room.until(lambda: room.memory["text"] == "theirs" and not room.memory["on"])
    error = room.fails("save", text="mine", revision=1)
    assert error["code"] == "changed-elsewhere"
    assert room.fails("undo", revision=1)["code"] == "changed-elsewhere"
    room.do("save", text="mine", revision=1, over=True)
    assert room.memory["text"] == "mine"


def test_the_switch_is_the_setting(room: MemoryRoom, app: Parllama) -> None:
    room.do("switch", on=False)
    assert not room.memory["on"]
    assert app.settings.current.memory.enabled is False
    room.run(_update(app))
    room.until(lambda: bool(room.memory["on"]))


async def _update(app: Parllama) -> None:
    app.settings.update({"memory.enabled": True})


def test_what_is_typed_is_kept_for_a_page_that_is_loaded_again(
    room: MemoryRoom,
) -> None:
    room.do("draft", text="half", revision=1)
    draft = {"text": "half", "revision": 1}
    assert room.do("hello")["draft"] == draft
    room.do("save", text="half done", revision=1)
    assert "draft" not in room.do("hello")
    room.do("draft", text="more", revision=2)
    room.do("draft", revision=2)
    assert "draft" not in room.do("hello")


def test_a_proposal_comes_with_its_lines_and_is_accepted(room: MemoryRoom) -> None:
    room.do("rewrite", verb="remember", text="my dog is called Rex")
    room.until(lambda: "proposal" in room.memory and not room.memory["working"])
    proposal = room.memory["proposal"]
    assert proposal["lines"][-1] == {"mark": "+", "text": "- Has a dog called Rex"}
    assert (proposal["model"], proposal["note"]) == ("fake/scripted", "")
    room.do("accept")
    assert room.memory["text"].endswith("Rex")
    assert "proposal" not in room.memory


def test_a_proposal_of_before_a_change_is_stale_and_can_be_rejected(
    room: MemoryRoom,
) -> None:
    room.do("rewrite", verb="forget", text="cat", plain=True)
    room.until(lambda: "proposal" in room.memory)
    assert not room.memory["proposal"]["stale"]
    room.do("save", text=f"{BEFORE}\n- New", revision=1)
    assert room.memory["proposal"]["stale"]
    assert room.fails("accept")["code"] == "changed-elsewhere"
    room.do("reject")
    assert "proposal" not in room.memory
    assert room.fails("reject")["code"] == "usage"


def test_a_model_under_way_blocks_nothing_and_can_be_stopped(
    room: MemoryRoom, fake: FakeProvider
) -> None:
    fake.script = ["- L", Pause(asyncio.Event())]
    room.do("rewrite", verb="remember", text="tea")
    assert room.memory["working"] == "remember tea"
    room.do("save", text="meanwhile", revision=1)
    assert room.memory["text"] == "meanwhile"
    assert room.fails("rewrite", verb="forget", text="x")["code"] == "usage"
    room.do("stop")
    room.until(lambda: not room.memory["working"])
    assert not {"proposal", "failure"} & room.memory.keys()


def test_what_cannot_be_proposed_says_why(room: MemoryRoom, fake: FakeProvider) -> None:
    fake.script = [ConnectionFailedError("Fake is down.")]
    room.do("rewrite", verb="forget", text="my boat")
    room.until(lambda: "failure" in room.memory)
    assert room.memory["failure"]["message"].startswith("Fake is down. No line")
    assert "Nothing" not in room.fails("rewrite", verb="forget", text=" ")["message"]


def test_a_text_that_is_too_long_names_its_field(room: MemoryRoom) -> None:
    error = room.fails("save", text="x" * (LONGEST + 1), revision=1)
    assert error["field"] == "text"
    assert room.memory["text"] == BEFORE


def test_a_database_that_cannot_be_read_is_said(
    room: MemoryRoom, app: Parllama
) -> None:
    room.run(written(app.store.call(lambda c: c.execute("DROP TABLE memory"))))
    room.until(lambda: "problem" in room.memory)
    assert room.memory["problem"]["code"] == "store"


def test_a_closed_view_listens_no_more(room: MemoryRoom, app: Parllama) -> None:
    room.view.close()
    room.pass_time(5)
    told = len(room.page.events)
    room.run(app.memory.save("after"))
    room.pass_time(5)
    assert len(room.page.events) == told
