"""The progress view's kernel side: what a page sees is the job, at any moment."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import Report
from parllama_nb.errors import ServerError, StoppedError
from parllama_nb.events import JobChanged, Notice, Progress, ProgressChanged
from parllama_nb.jobs import Job
from parllama_nb.secret import Secret
from parllama_nb.widgets._assets import asset
from parllama_nb.widgets.progress.view import ProgressView

from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import pass_time

KEY = "sk-sentinel-2b7e09aa"


@pytest.fixture
def view(page: Page, app: Parllama) -> ProgressView:
    return ProgressView(app, "use embedded/smollm2")


def snapshot(page: Page, view: ProgressView, loop: VirtualLoop) -> dict[str, Any]:
    asked = page.ask(view, "hello")
    pass_time(loop, 0)
    result: dict[str, Any] = page.response(asked)["result"]
    return result


def step(phase: str, done: float = 0) -> ProgressChanged:
    return ProgressChanged("1", Progress(phase, done, 100, "bytes", 5.0, 2.5))


def test_its_parts_are_what_all_share_the_kit_and_its_own(view: ProgressView) -> None:
    names = ("core", "kit", "progress")
    assert view.view.split() == [*names]
    assert view.bundle.split() == [asset(name).hash for name in names]


def test_a_snapshot_holds_all_that_was_heard(
    page: Page, view: ProgressView, loop: VirtualLoop
) -> None:
    view.hear(JobChanged("1", "use", "running"))
    for event in (step("Downloading", 3), step("Verifying"), step("Starting", 7)):
        view.hear(event)
    view.hear(Notice("1", "Trying again."))
    found = snapshot(page, view, loop)
    assert found["title"] == "use embedded/smollm2"
    assert found["state"] == "running"
    assert found["phases"] == ["Downloading", "Verifying"]
    assert found["progress"]["phase"] == "Starting"
    assert (found["progress"]["rate"], found["progress"]["eta"]) == (5.0, 2.5)
    assert found["notices"] == ["Trying again."]


def test_events_go_on_where_the_snapshot_ends(
    page: Page, view: ProgressView, loop: VirtualLoop
) -> None:
    view.hear(step("Downloading", 1))
    found = snapshot(page, view, loop)
    view.hear(step("Downloading", 2))
    view.hear(Notice("1", "Slow."))
    view.settle(Report("It is **there**."))
    pass_time(loop, 0)
    events = [each for each in page.events if each["seq"] > found["seq"]]
    assert [each["seq"] for each in events] == [1, 2, 3]
    assert [each["event"] for each in events] == ["progress", "notice", "ended"]
    assert events[-1]["data"]["state"] == "done"
    assert "there" in events[-1]["data"]["text"]


def test_what_is_kept_has_a_bound(
    page: Page, view: ProgressView, loop: VirtualLoop
) -> None:
    for number in range(50):
        view.hear(step(f"pulling layer {number}"))
        view.hear(Notice("1", f"notice {number}"))
    found = snapshot(page, view, loop)
    assert found["phases"][-1] == "pulling layer 48"
    assert found["notices"][-1] == "notice 49"
    assert len(found["phases"]) == len(found["notices"]) == 6


@pytest.mark.parametrize(
    ("result", "state", "code"),
    [
        (Report("Done."), "done", None),
        (None, "done", None),
        (StoppedError("Stopped."), "stopped", "cancelled"),
        (ServerError("It broke.", hint="Try again."), "failed", "server"),
    ],
)
def test_the_end_is_told_and_stays(
    page: Page,
    view: ProgressView,
    loop: VirtualLoop,
    result: object,
    state: str,
    code: str | None,
) -> None:
    view.settle(result)
    pass_time(loop, 0)
    found = snapshot(page, view, loop)
    assert found["state"] == state
    assert found.get("error", {}).get("code") == code


def test_stop_cancels_the_job(
    page: Page, app: Parllama, view: ProgressView, loop: VirtualLoop
) -> None:
    async def work(job: Job[None]) -> None:
        await asyncio.Event().wait()

    job = app.jobs.start("wait", work, listener=view.hear)
    view.follow(job)
    pass_time(loop, 0)
    asked = page.ask(view, "stop")
    pass_time(loop, 0.1)
    assert page.response(asked)["result"] == {}
    assert job.state == "cancelled"


def test_stop_before_there_is_a_job_is_answered(
    page: Page, view: ProgressView, loop: VirtualLoop
) -> None:
    asked = page.ask(view, "stop")
    pass_time(loop, 0)
    assert page.response(asked)["result"] == {}


def test_nothing_secret_is_shown(page: Page, app: Parllama, loop: VirtualLoop) -> None:
    app.redact.add(Secret("FAR_API_KEY", KEY))
    view = ProgressView(app, f"pull {KEY}")
    snapshot(page, view, loop)
    view.hear(step(f"Asking with {KEY}"))
    view.hear(Notice("1", f"{KEY} is refused"))
    view.settle(ServerError(f"{KEY} is wrong."))
    pass_time(loop, 0)
    assert KEY not in json.dumps([data for _, _, data, _ in page.sent])
    assert len(page.events) == 3


def test_it_closes_when_nobody_shows_it(
    page: Page, view: ProgressView, loop: VirtualLoop
) -> None:
    snapshot(page, view, loop)
    view.settle(Report("Done."))
    view.close_soon()
    pass_time(loop, 5)
    comm = view.comm.comm_id
    assert comm in page.open()
    page.ask(view, "left")
    pass_time(loop, 5)
    assert comm not in page.open()
