"""The compare view's kernel side: what a page sees is the comparison, at any moment."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.comparisons.comparison import Comparison
from parllama_nb.errors import ServerError
from parllama_nb.events import ComparisonBegun, Progress
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    TextWasThinking,
    ThinkingDelta,
    Usage,
)
from parllama_nb.secret import Secret
from parllama_nb.testing import Pause
from parllama_nb.widgets.compare.view import CompareView

from ...own_app import scripted
from ...virtual_time import VirtualLoop
from .. import room as shared
from ..recording import Page

KEY = "sk-sentinel-91cd77"


class Shown(shared.Shown):
    """What a page shows of a comparison."""

    columns: dict[int, dict[str, Any]]

    def show(self, snapshot: dict[str, Any]) -> None:
        self.columns = {each["id"]: dict(each) for each in snapshot["columns"]}

    def change(self, event: str, data: dict[str, Any]) -> None:
        match event:
            case "deltas":
                for delta in data["deltas"]:
                    self.change_answer(self.columns[delta["column"]], "delta", delta)
            case "column":
                self.columns[data["id"]] = dict(data)
            case "settled":
                self.change_answer(self.columns[data["column"]], event, data)
            case "removed":
                del self.columns[data["column"]]
            case "waits" | "notice" | "models":
                pass
            case other:
                raise AssertionError(other)

    @property
    def said(self) -> list[tuple[int, str, str]]:
        return [(n, c["text"], c["thinking"]) for n, c in sorted(self.columns.items())]


def is_so(side: Comparison) -> list[tuple[int, str, str]]:
    return [(c.id, c.live.text, c.live.thinking) for c in side.columns]


class Room(shared.Room):
    """An app with comparisons, and views that show them."""

    def begin(self, *models: str, prompt: str = "Why?") -> Comparison:
        async def begin() -> Comparison:
            return self.app.comparisons.begin(
                Question(prompt, conversation="nb", follows=False), models
            )

        return self.run(begin())

    def wait(self, side: Comparison) -> None:
        """Wait until every column has settled."""
        self.over(side.id, lambda: side.running)

    def view(self, side: Comparison) -> CompareView:
        view = CompareView(self.app, side)
        self.pass_time()
        return view

    def events(self, name: str) -> list[dict[str, Any]]:
        return [e["data"] for e in self.page.events if e["event"] == name]


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> Room:
    return Room(app, page, loop)


def answers(text: str, seconds: float = 0.0) -> list[Any]:
    return [Pause(seconds), text, Finish("stop", Usage(3, 5))]


def talks(request: ChatRequest) -> Iterator[object]:
    for n in range(60):
        yield Pause(0.01)
        yield ThinkingDelta(f"t{n} ") if n < 10 else f"w{n} "
    yield Finish("stop", Usage(3, 60))


def thinks_aloud(request: ChatRequest) -> Iterator[object]:
    for number, event in enumerate(talks(request)):
        yield event
        if number == 70:
            yield TextWasThinking()


def do_something(
    room: Room, view: CompareView, shown: Shown, chance: random.Random
) -> None:
    """What users do, and time that passes."""
    columns = sorted(shown.columns)
    match chance.randrange(7):
        case 0:
            shown.take(room.result(view, "snapshot"))
        case 1 if len(columns) < 6:
            room.result(view, "add", model="c/scripted")
        case 2 if columns:
            what = chance.choice(["stop", "rerun", "remove"])
            room.ask(view, what, column=chance.choice(columns))
        case _:
            room.pass_time(chance.random() / 10)


@pytest.mark.parametrize("seed", range(6))
def test_a_page_shows_what_is_so_whenever_it_looks(room: Room, seed: int) -> None:
    chance = random.Random(seed)
    for name, script in (("a", talks), ("b", thinks_aloud), ("c", talks)):
        scripted(room.app, script, name=name)
    side = room.begin("a/scripted", "b/scripted")
    view, shown = room.view(side), Shown()
    room.pass_time(chance.random() / 5)
    shown.take(room.result(view, "hello"))
    for _ in range(30):
        do_something(room, view, shown, chance)
        for event in room.page.events:
            shown.hear(event)  # those it has heard are dropped
        assert shown.said == is_so(side)
    room.result(view, "stop")
    room.wait(side)
    for event in room.page.events:
        shown.hear(event)
    assert shown.said == is_so(side)


def test_deltas_of_several_columns_share_a_message(room: Room) -> None:
    for name in ("a", "b", "c", "d"):
        scripted(room.app, talks, name=name)
    side = room.begin(*(f"{name}/scripted" for name in "abcd"))
    view = room.view(side)
    room.result(view, "hello")
    room.wait(side)
    deltas = room.events("deltas")
    # 0.6 s at 25 messages a second, and one before each column settles.
    assert len(deltas) <= 0.6 * 25 + 6
    assert max(len(message["deltas"]) for message in deltas) >= 4
    total = sum(len(d["text"]) for m in deltas for d in m["deltas"])
    assert total <= sum(len(c.live.text) + len(c.live.thinking) for c in side.columns)


def test_a_column_that_settles_does_not_bring_its_text_again(room: Room) -> None:
    scripted(room.app, answers("All of it."))
    side = room.begin("fake/scripted")
    view = room.view(side)
    room.result(view, "hello")
    room.wait(side)
    (last,) = room.events("settled")
    assert last["state"] == "done"
    assert "text" not in last
    assert (last["input_tokens"], last["output_tokens"]) == (3, 5)


def test_the_view_of_a_cell_shows_what_its_job_begins(room: Room) -> None:
    scripted(room.app, answers("Good.", 1))
    view = CompareView(room.app, models=("fake/scripted", "x/y"))
    before = room.result(view, "hello")
    assert (before["model"], before["columns"]) == ("fake/scripted, x/y", [])
    assert not before["lasting"]
    side = room.begin("fake/scripted", "nowhere/y")
    view.hear(ComparisonBegun("1", side.id))
    room.wait(side)
    shown = Shown()
    shown.take(before)
    for event in room.page.events:
        shown.hear(event)
    assert [c["state"] for c in shown.columns.values()] == ["done", "failed"]
    assert shown.columns[2]["error"]["code"] == "unknown-provider"
    assert room.events("notice")[-1]["text"] == "2 of 2 have answered"


def test_a_page_that_is_not_heard_is_told_how_many_have_answered(room: Room) -> None:
    scripted(room.app, answers("Good.", 2))
    side = room.begin("fake/scripted", "nowhere/y")
    room.view(side)
    room.wait(side)
    assert room.page.events[0]["event"] == "snapshot"
    assert room.events("notice")[-1]["text"] == "2 of 2 have answered"


def test_stop_before_anything_was_asked_stops_the_job(room: Room) -> None:
    view = CompareView(room.app, models=("a/b", "c/d"))

    async def work(job: Any) -> None:
        await asyncio.Event().wait()

    job = room.app.jobs.start("compare", work)
    view.follow(job)
    room.pass_time()
    room.result(view, "stop")
    room.pass_time()
    assert job.state == "cancelled"


def test_what_cannot_be_done_is_an_error_of_its_request(room: Room) -> None:
    scripted(room.app, [Pause(1000)])
    side = room.begin("fake/scripted")
    view = room.view(side)
    errors = [
        room.ask(view, "rerun", column=1)["error"],
        room.ask(view, "pick", column=1)["error"],
        room.ask(view, "remove", column=7)["error"],
        room.ask(view, "ask", text="Else?")["error"],
        room.ask(view, "ask", text="  ")["error"],
        room.ask(view, "pick")["error"],
    ]
    assert {error["code"] for error in errors} == {"usage"}
    assert all(error["message"] for error in errors)


def test_its_models_are_asked_something_else_in_new_columns(room: Room) -> None:
    fake = scripted(room.app, answers("Good."))
    side = room.begin("fake/scripted", "fake/scripted")
    view = room.view(side)
    room.result(view, "hello")
    room.wait(side)
    room.result(view, "ask", text="Else?")
    now = room.app.comparisons.last
    assert now is not None
    assert now is not side
    room.wait(now)
    assert fake.requests[-1].messages[-1].text == "Else?"
    snapshot = room.result(view, "snapshot")
    assert snapshot["prompt"] == "Else?"
    assert [c["text"] for c in snapshot["columns"]] == ["Good.", "Good."]
    assert [column.live.text for column in side.columns] == ["Good.", "Good."]


def test_an_empty_one_is_filled_and_asked(room: Room) -> None:
    scripted(room.app, answers("Good."))
    side = room.app.comparisons.empty("nb")
    view = room.view(side)
    room.result(view, "hello")
    refused = room.ask(view, "ask", text="Why?")["error"]
    assert refused["message"] == "There is no model to ask."
    room.result(view, "add", model="fake/scripted")
    room.result(view, "add", model="fake/scripted")
    room.result(view, "add", model="fake/scripted")
    room.result(view, "remove", column=2)
    states = [c["state"] for c in room.result(view, "snapshot")["columns"]]
    assert states == ["idle", "idle"]
    assert room.app.comparisons.last is None
    room.result(view, "ask", text="Why?")
    now = room.app.comparisons.last
    assert now is not None
    room.wait(now)
    columns = room.result(view, "snapshot")["columns"]
    assert [c["text"] for c in columns] == ["Good.", "Good."]


def test_the_picked_answer_goes_on_in_a_chat_with_its_model(room: Room) -> None:
    scripted(room.app, answers("From a."), name="a")
    scripted(room.app, answers("From b."), name="b")
    side = room.begin("a/scripted", "b/scripted")
    view = room.view(side)
    room.result(view, "hello")
    room.wait(side)
    assert room.result(view, "pick", column=1) == {"session": "nb", "turn": 1}
    shown = room.result(view, "chat", column=2)
    assert shown["session"] == "nb"
    assert shown["model_id"] in room.page.open()
    again = room.result(view, "chat", column=2)
    assert again["model_id"] == shown["model_id"]
    session = room.run(room.app.sessions.open("nb"))
    assert session.model == "b/scripted"
    assert [turn.answer.text for turn in session.transcript.turns] == ["From b."]
    view.close()
    room.pass_time()
    assert shown["model_id"] not in room.page.open()


def test_nothing_is_sent_while_nobody_shows_it(room: Room) -> None:
    scripted(room.app, talks)
    side = room.begin("fake/scripted")
    view = room.view(side)
    room.pass_time(0.4)
    room.result(view, "hello")
    room.result(view, "left")
    before = len(room.page.events)
    room.wait(side)
    assert len(room.page.events) == before
    assert room.result(view, "hello")["columns"][0]["text"] == side.columns[0].live.text


def test_a_column_tells_what_it_waits_for(room: Room) -> None:
    gate = asyncio.Event()
    scripted(room.app, [Pause(gate), Progress("Loading", 1, 2), Pause(1), "x"])
    side = room.begin("fake/scripted")
    view = room.view(side)
    room.result(view, "hello")
    gate.set()
    room.wait(side)
    (waits,) = room.events("waits")
    assert waits["progress"]["phase"] == "Loading"


def test_no_secret_is_sent(room: Room) -> None:
    room.app.redact.add(Secret("FAR_API_KEY", KEY))
    scripted(room.app, [ServerError(f"Bad {KEY}.", hint=f"Not {KEY}.")])
    scripted(room.app, answers("Good."), name="good")
    side = room.begin("fake/scripted", "good/scripted")
    view = room.view(side)
    room.result(view, "hello")
    room.wait(side)
    room.result(view, "snapshot")
    assert "Bad" in str(room.page.messages)
    assert KEY not in str(room.page.sent)


def test_a_preview_is_of_a_column_and_of_what_is_typed(room: Room) -> None:
    fake = scripted(room.app, name="other")
    side = room.begin("fake/scripted", "other/scripted")
    view = room.view(side)
    room.wait(side)
    before = len(fake.requests)
    asked = room.result(view, "preview", column=2, text="")
    typed = room.result(view, "preview", column=2, text="And now?")
    assert asked["model"] == typed["model"] == "other/scripted"
    assert asked["messages"][-1]["text"] == "Why?"
    assert typed["messages"][-1]["text"] == "And now?"
    missing = room.ask(view, "preview", column=9, text="")["error"]
    assert "no column 9" in missing["message"]
    assert len(fake.requests) == before
