"""The view of the jobs: what a page shows is what the app knows, at any moment."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.errors import ServerError, StreamInterruptedError
from parllama_nb.events import ALL, Progress
from parllama_nb.jobs import Job
from parllama_nb.providers.messages import parts_of
from parllama_nb.secret import Secret
from parllama_nb.widgets.jobs.view import JobsView

from ...virtual_time import VirtualLoop
from .. import room
from ..recording import Page
from ..room import pass_time

KEY = "sk-sentinel-77aa01de"


class Shown(room.Shown):
    """What a page shows of the jobs."""

    jobs: dict[str, dict[str, Any]]

    def show(self, snapshot: dict[str, Any]) -> None:
        self.jobs = {job["id"]: job for job in snapshot["jobs"]}

    def change(self, event: str, data: dict[str, Any]) -> None:
        assert event == "jobs"
        self.jobs |= {job["id"]: job for job in data["changed"]}
        for job_id in data["forgotten"]:
            self.jobs.pop(job_id, None)

    @property
    def states(self) -> dict[str, str]:
        return {job["title"]: job["state"] for job in self.jobs.values()}


async def forever(job: Job[None]) -> None:
    await asyncio.Event().wait()


async def at_once(job: Job[None]) -> None:
    pass


@pytest.fixture
def view(page: Page, app: Parllama) -> JobsView:
    return JobsView(app)


def greeted(page: Page, view: JobsView, loop: VirtualLoop) -> dict[str, Any]:
    hello = page.ask(view, "hello")
    pass_time(loop, 0.2)
    return page.response(hello)["result"]


def shown(page: Page, view: JobsView, loop: VirtualLoop) -> Shown:
    """What a page that has listened from the start shows now."""
    shown = Shown(greeted(page, view, loop))
    fresh = Shown({**greeted(page, view, loop)})
    for event in page.events:
        shown.hear(event)
    # However a page came to know, it knows the same.
    assert shown.states == fresh.states
    return fresh


def test_the_list_follows_the_jobs(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    assert greeted(page, view, loop)["jobs"] == []
    app.jobs.start("pull a", forever)
    app.jobs.start("pull b", at_once)
    pass_time(loop, 1)
    assert shown(page, view, loop).states == {"pull a": "running", "pull b": "done"}
    app.jobs.get("1").cancel()
    pass_time(loop, 1)
    assert shown(page, view, loop).states == {"pull a": "cancelled", "pull b": "done"}


def test_what_is_too_short_to_be_listed_is_not(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    greeted(page, view, loop)
    app.jobs.start("help", at_once, listed=False)
    pass_time(loop, 1)
    assert page.events == []
    assert shown(page, view, loop).jobs == {}


def test_progress_and_notices_are_shown_while_a_job_runs(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    greeted(page, view, loop)
    ended = asyncio.Event()

    async def work(job: Job[None]) -> None:
        job.report(Progress("Fetching", 3, 9, "bytes"))
        job.notice("Trying again.")
        await ended.wait()

    app.jobs.start("pull", work)
    pass_time(loop, 1)
    (job,) = shown(page, view, loop).jobs.values()
    assert job["progress"] == {
        "phase": "Fetching",
        "done": 3.0,
        "total": 9.0,
        "unit": "bytes",
    }
    assert job["notice"] == "Trying again."
    loop.call_soon(ended.set)
    pass_time(loop, 1)
    (job,) = shown(page, view, loop).jobs.values()
    assert (job["state"], job["notice"], "progress" in job) == ("done", "", False)


def test_a_thousand_changes_are_a_few_messages(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    greeted(page, view, loop)

    async def work(job: Job[None]) -> None:
        for number in range(100):
            job.report(Progress("Counting", number, 100, "items"))
            await asyncio.sleep(0.01)

    for number in range(300):
        app.jobs.start(f"count {number}", work)
    before = len(page.events)
    pass_time(loop, 3)
    # A second of work, ten messages a second, the first and the last.
    assert len(page.events) - before <= 14
    assert set(shown(page, view, loop).states.values()) == {"done"}


def test_how_it_failed_is_told_without_its_secrets(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    app.redact.add(Secret("FAR_API_KEY", KEY))
    greeted(page, view, loop)

    async def ours(job: Job[None]) -> None:
        job.notice(f"{KEY} is tried.")
        await asyncio.sleep(0.5)
        message = f"Far: {KEY} was refused."
        raise ServerError(message, hint=f"Not {KEY}.")

    async def foreign(job: Job[None]) -> None:
        raise ValueError(KEY)

    async def broken_off(job: Job[Answer]) -> Answer:
        job.state = "failed"
        timing = Timing(0.0, 0.1, 1.0)
        return Answer(
            parts_of("So"),
            "fake/m",
            "error",
            timing,
            error=StreamInterruptedError("Far: cut."),
        )

    app.jobs.start(f"ask {KEY}", ours)
    app.jobs.start("foreign", foreign)
    app.jobs.start("broken off", broken_off)
    pass_time(loop, 1)
    jobs = shown(page, view, loop).jobs
    assert [jobs[number]["error"]["code"] for number in "123"] == [
        "server",
        "error",
        "cut",
    ]
    assert jobs["1"]["error"]["message"] == "Far: <Secret FAR_API_KEY> was refused."
    assert KEY not in json.dumps(page.messages)


def test_two_views_cancel_the_same_job_without_harm(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    other = JobsView(app)
    greeted(page, view, loop)
    greeted(page, other, loop)
    app.jobs.start("pull", forever)
    pass_time(loop, 1)
    asked = [page.ask(each, "cancel", job_id="1") for each in (view, other, view)]
    pass_time(loop, 1)
    assert [page.response(request).get("error") for request in asked] == [None] * 3
    assert app.jobs.get("1").state == "cancelled"
    late = page.ask(other, "cancel", job_id="1")
    pass_time(loop, 1)
    assert "error" not in page.response(late)
    assert shown(page, view, loop).states == shown(page, other, loop).states


def test_an_unknown_job_is_said_not_to_be_there(
    page: Page, view: JobsView, loop: VirtualLoop
) -> None:
    asked = page.ask(view, "cancel", job_id="99")
    wrong = page.ask(view, "cancel", job="1")
    pass_time(loop, 1)
    assert page.response(asked)["error"]["message"] == "There is no job 99."
    assert page.response(wrong)["error"]["code"] == "usage"


def test_cancel_all_ends_what_is_listed_and_nothing_else(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    jobs = [app.jobs.start(f"pull {n}", forever) for n in range(5)]
    unseen = app.jobs.start("unseen", forever, listed=False)
    pass_time(loop, 1)
    page.ask(view, "cancel_all")
    pass_time(loop, 1)
    assert {job.state for job in jobs} == {"cancelled"}
    assert unseen.state == "running"


def test_clear_forgets_what_has_ended_in_every_view(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    other = JobsView(app)
    before = Shown(greeted(page, other, loop))
    app.jobs.start("pull", forever)
    app.jobs.start("over", at_once)
    app.jobs.start("unseen", at_once, listed=False)
    pass_time(loop, 1)
    asked = page.ask(view, "clear")
    pass_time(loop, 1)
    assert page.response(asked)["result"] == {"forgotten": 1}
    for event in page.events:
        before.hear(event)
    assert before.states == {"pull": "running"}
    assert shown(page, other, loop).states == {"pull": "running"}


def test_jobs_that_many_newer_ones_push_out_leave_the_list(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    greeted(page, view, loop)
    for number in range(210):
        app.jobs.start(f"job {number}", at_once)
        pass_time(loop, 0)
    pass_time(loop, 1)
    titles = shown(page, view, loop).states
    assert "job 0" not in titles
    assert len(titles) == 201  # 200 had ended when the last was started


def test_a_closed_view_hears_nothing_more(
    page: Page, app: Parllama, view: JobsView, loop: VirtualLoop
) -> None:
    greeted(page, view, loop)
    app.jobs.start("pull", at_once)
    view.close()
    view.close()
    pass_time(loop, 1)
    assert page.events == []
    assert ALL not in app.events._signals
