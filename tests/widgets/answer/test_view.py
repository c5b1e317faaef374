"""The answer view's kernel side: what a page sees is the answer, at any moment."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.commands import COMMANDS, Call, Notebook
from parllama_nb.errors import ServerError, StoreError, StreamInterruptedError
from parllama_nb.events import (
    AnswerDelta,
    AnswerDone,
    AnswerRecast,
    JobChanged,
    Notice,
    Progress,
    ProgressChanged,
)
from parllama_nb.jobs import Job
from parllama_nb.providers.messages import Finish, ThinkingDelta, Usage, parts_of
from parllama_nb.secret import Secret
from parllama_nb.testing import FakeProvider, Pause
from parllama_nb.widgets.answer.view import AnswerView

from ...own_app import scripted
from ...virtual_time import VirtualLoop
from .. import room
from ..recording import Page
from ..room import pass_time

KEY = "sk-sentinel-c09d41b2"
WHOLE = Answer(parts_of("Yes."), "fake/m", "stop", Timing(0.0, 0.1, 1.0))


class Shown(room.Shown):
    """What a page shows of an answer."""

    answer: dict[str, Any]

    def show(self, snapshot: dict[str, Any]) -> None:
        self.answer = dict(snapshot)

    def change(self, event: str, data: dict[str, Any]) -> None:
        self.change_answer(self.answer, event, data)


@pytest.fixture
def view(page: Page, app: Parllama) -> AnswerView:
    return AnswerView(app, "fake/m")


def snapshot(page: Page, view: AnswerView, loop: VirtualLoop) -> dict[str, Any]:
    asked = page.ask(view, "snapshot")
    pass_time(loop, 0)
    result: dict[str, Any] = page.response(asked)["result"]
    return result


@pytest.mark.parametrize("seed", range(60))
def test_a_snapshot_and_what_follows_is_the_whole_at_any_moment(
    page: Page, view: AnswerView, loop: VirtualLoop, seed: int
) -> None:
    chance = random.Random(seed)
    whole, came = {"text": "", "thinking": ""}, ""
    notice, progress, begun = "", None, False
    hellos: list[str] = []
    for number in range(chance.randrange(1, 60)):
        match chance.choice(
            ["delta"] * 5 + ["notice", "progress", "ask", "time", "recast"]
        ):
            case "delta":
                kind: Any = chance.choice(["text", "text", "thinking"])
                text = f"{number} "
                whole[kind] += text
                came += text
                notice, progress, begun = "", None, True
                view.hear(AnswerDelta("1", kind, text))
            case "notice":
                notice = f"notice {number}"
                view.hear(Notice("1", notice))
            case "progress":
                step = Progress("Loading", number, 100, "bytes", 5.0, 2.5)
                progress = progress if begun else step
                view.hear(ProgressChanged("1", step))
            case "recast":
                view.hear(AnswerRecast("1"))
                came = came.rstrip()
                whole = {"text": "", "thinking": came}
            case "ask":
                # Not answered at once: events may come before the response.
                method = chance.choice(["hello", "snapshot"]) if hellos else "hello"
                hellos.append(page.ask(view, method))
            case "time":
                pass_time(loop, chance.choice([0, 0, 0.2]))
    hellos.append(page.ask(view, "hello"))
    pass_time(loop, 0)
    for asked in hellos:
        # A page takes the response first, then the events it had kept or gets.
        shown = Shown(page.response(asked)["result"])
        for event in page.events:
            shown.hear(event)
        assert {name: shown.answer[name] for name in whole} == whole
        assert shown.answer["notice"] == notice
        assert (shown.answer.get("progress") is None) == (progress is None)
        assert shown.answer["state"] == ("streaming" if begun else "waiting")
    numbers = [event["seq"] for event in page.events]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("seed", range(20))
def test_a_page_that_only_listens_sees_the_whole(
    page: Page, view: AnswerView, loop: VirtualLoop, seed: int
) -> None:
    chance = random.Random(seed)
    whole = ""
    for number in range(40):
        whole += f"{number} "
        view.hear(AnswerDelta("1", "text", f"{number} "))
        pass_time(loop, chance.choice([0, 0.01, 0.05]))
    pass_time(loop, 1)
    first, *later = page.events
    assert first["event"] == "snapshot"
    shown = Shown(first["data"])
    for event in later:
        shown.hear(event)
    assert shown.answer["text"] == whole


def test_what_is_sent_grows_with_the_answer_and_not_with_its_square(
    page: Page, view: AnswerView, loop: VirtualLoop
) -> None:
    page.ask(view, "hello")
    pass_time(loop, 0)

    def size() -> int:
        return len(json.dumps(page.messages))

    def hear(count: int) -> int:
        before = size()
        for _ in range(count):
            view.hear(AnswerDelta("1", "text", "word "))
        return size() - before

    few = hear(100)
    hear(1000)
    assert hear(100) < 1.1 * few


def test_the_first_text_clears_what_was_said_while_waiting(
    page: Page, view: AnswerView, loop: VirtualLoop
) -> None:
    view.hear(ProgressChanged("1", Progress("Loading", 1, 2, "items")))
    view.hear(Notice("1", "Trying again."))
    waiting = snapshot(page, view, loop)
    assert waiting["progress"]["phase"] == "Loading"
    assert waiting["notice"] == "Trying again."
    view.hear(AnswerDelta("1", "text", "a"))
    streaming = snapshot(page, view, loop)
    assert "progress" not in streaming
    assert streaming["notice"] == ""
    view.hear(ProgressChanged("1", Progress("Too late")))
    assert "progress" not in snapshot(page, view, loop)


def test_what_is_of_no_interest_is_not_sent(
    page: Page, view: AnswerView, loop: VirtualLoop
) -> None:
    page.ask(view, "hello")
    pass_time(loop, 0)
    view.hear(JobChanged("1", "ask", "running"))
    view.hear(AnswerDone("1"))
    assert page.events == []


@pytest.mark.parametrize(
    ("result", "state", "code"),
    [
        pytest.param(WHOLE, "done", None, id="whole"),
        pytest.param(
            Answer(parts_of("Ha"), "fake/m", "cancelled", Timing(0, 0.1, 1)),
            "stopped",
            None,
            id="stopped",
        ),
        pytest.param(
            Answer(
                parts_of("Ha"),
                "fake/m",
                "error",
                Timing(0, 0.1, 1),
                error=StreamInterruptedError("Cut."),
            ),
            "failed",
            "cut",
            id="broke off",
        ),
        pytest.param(ServerError("Down."), "failed", "server", id="error"),
        pytest.param(None, "done", None, id="nothing"),
    ],
)
def test_how_it_ended_is_told_and_kept(
    page: Page,
    view: AnswerView,
    loop: VirtualLoop,
    result: Any,
    state: str,
    code: str | None,
) -> None:
    page.ask(view, "hello")
    pass_time(loop, 0)
    view.settle(result)
    pass_time(loop, 0)
    (event,) = page.events
    assert event["event"] == "settled"
    for told in (event["data"], snapshot(page, view, loop)):
        assert told["state"] == state
        assert told.get("error", {}).get("code") == code
        assert told["footer"] == (result.footer if isinstance(result, Answer) else "")


def test_a_page_that_comes_when_all_is_over_sees_all(
    page: Page, view: AnswerView, loop: VirtualLoop
) -> None:
    view.hear(AnswerDelta("1", "text", "Yes."))
    view.settle(WHOLE)
    pass_time(loop, 0)
    shown = snapshot(page, view, loop)
    assert (shown["text"], shown["state"]) == ("Yes.", "done")
    assert shown["footer"] == WHOLE.footer


def test_an_error_is_shown_without_its_secret(
    page: Page, app: Parllama, view: AnswerView, loop: VirtualLoop
) -> None:
    app.redact.add(Secret("FAR_API_KEY", KEY))
    page.ask(view, "hello")
    pass_time(loop, 0)
    error = StoreError(f"{KEY} is wrong.", hint=f"Not {KEY}.")
    view.settle(error)
    pass_time(loop, 0)
    told = json.dumps(page.messages)
    assert KEY not in told
    assert "<Secret FAR_API_KEY> is wrong." in told


# a whole run


def ask(app: Parllama, view: AnswerView, prompt: str) -> Job[Any]:
    command = COMMANDS["ask"]
    params = command.validated({"prompt": prompt, "model": "fake/scripted"})
    job = app.jobs.start(
        "ask",
        lambda job: command.run(params, Call(app, Notebook("nb"), job)),
        listener=view.hear,
    )
    view.follow(job)
    return job


def finish(loop: VirtualLoop, job: Job[Any]) -> Any:
    return loop.run_until_complete(asyncio.wrap_future(job.future, loop=loop))


def test_an_answer_is_seen_whole_by_a_page_that_joins_in_the_middle(
    page: Page, app: Parllama, view: AnswerView, loop: VirtualLoop
) -> None:
    script: list[Any] = [ThinkingDelta("hm "), Pause(0.2)]
    for number in range(40):
        script += [f"w{number} ", Pause(0.03)]
    scripted(app, [*script, Finish("stop", Usage(3, 40))])
    asked: list[str] = []
    for at in (0.05, 0.5, 0.61, 1.0):
        loop.call_later(at, lambda: asked.append(page.ask(view, "hello")))
    answer = finish(loop, ask(app, view, "hi"))
    view.settle(answer)
    pass_time(loop, 0)
    for request_id in asked:
        shown = Shown(page.response(request_id)["result"])
        for event in page.events:
            shown.hear(event)
        assert shown.answer["text"] == answer.text
        assert shown.answer["thinking"] == "hm "
        assert shown.answer["state"] == "done"
        assert shown.answer["footer"] == answer.footer


def test_stop_stops_the_answer_and_keeps_its_beginning(
    page: Page, app: Parllama, view: AnswerView, loop: VirtualLoop
) -> None:
    provider = scripted(app, ["Half", " an", Pause(60), "never"])
    job = ask(app, view, "hi")
    asked: list[str] = []
    loop.call_later(0.5, lambda: asked.append(page.ask(view, "stop")))
    loop.call_later(0.6, lambda: asked.append(page.ask(view, "stop")))
    answer = finish(loop, job)
    pass_time(loop, 1)
    assert (answer.text, answer.finish_reason) == ("Half an", "cancelled")
    assert [page.response(request_id)["result"] for request_id in asked] == [{}, {}]
    assert provider.open == 0


def test_stop_of_what_is_over_is_harmless(
    page: Page, app: Parllama, view: AnswerView, loop: VirtualLoop
) -> None:
    scripted(app, ["Yes."])
    job = ask(app, view, "hi")
    answer = finish(loop, job)
    asked = page.ask(view, "stop")
    pass_time(loop, 1)
    assert page.response(asked)["result"] == {}
    assert (answer.finish_reason, job.state) == ("stop", "done")


def test_the_state_saved_with_a_notebook_holds_no_text_and_no_secret(
    page: Page,
    app: Parllama,
    view: AnswerView,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAR_API_KEY", KEY)
    app.keychain.find("FAR_API_KEY")
    scripted(
        app, [ThinkingDelta("thoughtful"), f"answered {KEY}", ServerError(f"No {KEY}.")]
    )
    answer = finish(loop, ask(app, view, "questioned"))
    view.settle(answer)
    pass_time(loop, 0)
    state = {**view.get_state(), **view.layout.get_state()}
    opened = [data for _, kind, data, _ in page.sent if kind == "comm_open"]
    for saved in (state, opened):
        text = json.dumps(saved, default=str)
        for word in (KEY, "questioned", "answered", "thoughtful"):
            assert word not in text
    updates = [data for *_, data, _ in page.sent if data.get("method") == "update"]
    assert updates == []


def test_two_views_of_two_answers_do_not_mix(
    page: Page, app: Parllama, loop: VirtualLoop
) -> None:
    def script(request: Any) -> list[Any]:
        word = request.messages[-1].text
        return [step for _ in range(20) for step in (word, Pause(0.03))]

    provider = scripted(app, script)
    assert isinstance(provider, FakeProvider)
    views = [AnswerView(app, "fake/m") for _ in range(2)]
    jobs = [ask(app, view, word) for view, word in zip(views, "ab", strict=True)]
    answers = [finish(loop, job) for job in jobs]
    for view, answer, word in zip(views, answers, "ab", strict=True):
        assert answer.text == word * 20
        assert snapshot(page, view, loop)["text"] == word * 20


def test_the_output_that_replaces_the_view_is_told_and_can_be_asked_for(
    page: Page, view: AnswerView, loop: VirtualLoop
) -> None:
    assert room.answer(page, view, loop, "output")["result"] == {"data": {}}
    output = {"text/markdown": "**Yes.**", "text/plain": "Yes."}
    view.replaced_by(lambda: output)
    pass_time(loop, 0)
    states = [data["state"] for *_, data, _ in page.sent if data.get("state")]
    assert states[-1] == {"settled": True}
    assert room.answer(page, view, loop, "output")["result"] == {"data": output}


@pytest.mark.parametrize("asked_again", [False, True])
def test_an_error_that_nobody_sees_is_settled_unless_it_was_asked_again(
    page: Page, view: AnswerView, loop: VirtualLoop, *, asked_again: bool
) -> None:
    called: list[str] = []
    page.ask(view, "hello")
    view.offer(lambda: called.append("again"), unseen=lambda: called.append("unseen"))
    pass_time(loop, 1)
    if asked_again:
        page.ask(view, "again")
    page.ask(view, "left")
    pass_time(loop, 10)
    assert called == ["again" if asked_again else "unseen"]
