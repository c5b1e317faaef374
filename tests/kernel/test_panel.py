"""The control panel in a real kernel: it opens its tabs while a cell runs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from .page import Page, Run, View

pytestmark = pytest.mark.kernel

WIDGET = "application/vnd.jupyter.widget-view+json"

_START = """
import asyncio
import parllama_nb as pl

async def at_once(job):
    pass

async def forever(job):
    await asyncio.Event().wait()

job = pl.app().jobs.start({title!r}, {work})
"""

# Keeps the kernel's main thread until it is interrupted.
_BUSY = """
import time

end = time.monotonic() + 60
while time.monotonic() < end:
    time.sleep(0.01)
"""


def view_of(page: Page, run: Run) -> View:
    """The view a cell shows."""
    (model_id,) = [
        output["data"][WIDGET]["model_id"]
        for output in run.outputs
        if WIDGET in output.get("data", {})
    ]
    return page.views[model_id]


def opened(page: Page, panel: View, tab: str) -> View:
    model_id = panel.ask("open", {"tab": tab})["result"]["model_id"]
    page.until(lambda: model_id in page.views)
    return page.views[model_id]


def states(view: View) -> dict[str, str]:
    """What a page shows of the jobs, from the last word on each."""
    known: dict[str, Any] = {job["title"]: job for job in view.greeting["jobs"]}
    for event in view.events:
        if event["event"] == "jobs":
            known |= {job["title"]: job for job in event["data"]["changed"]}
    return {title: job["state"] for title, job in known.items()}


@pytest.mark.parametrize(
    "code", ["%parllama", "%parllama panel", "import parllama_nb as pl; pl.panel()"]
)
def test_a_panel_shows_itself_and_reads_as_text(own: Page, code: str) -> None:
    run = own.run(code)
    assert run.status == "ok", run.text
    (output,) = run.outputs
    assert "%parllama help" in output["data"]["text/plain"]
    assert view_of(own, run).parent == {}


def test_a_panel_opens_its_tabs_once_the_cell_is_over(page: Page) -> None:
    panel = view_of(page, page.run("%parllama"))
    assert panel.parent == {}
    names = [tab["name"] for tab in panel.ask("hello")["result"]["tabs"]]
    for name in names:
        assert opened(page, panel, name).ask("hello")["result"]["seq"] >= 0


def test_tabs_open_and_jobs_are_cancelled_while_a_cell_runs(
    page_with_subshells: Page,
) -> None:
    page = page_with_subshells
    panel = view_of(page, page.run("%parllama"))
    title = uuid.uuid4().hex
    page.run(_START.format(title=title, work="forever"))
    busy = page.start(_BUSY)
    jobs = opened(page, panel, "jobs")
    jobs.greeting = jobs.ask("hello")["result"]
    assert states(jobs)[title] == "running"
    (number,) = [job["id"] for job in jobs.greeting["jobs"] if job["title"] == title]
    assert "error" not in jobs.ask("cancel", {"job_id": number})
    page.until(lambda: states(jobs)[title] == "cancelled")
    assert not busy.idle
    page.interrupt()
    page.wait(busy)


def test_two_panels_show_the_same(own: Page) -> None:
    first, second = (view_of(own, own.run("%parllama")) for _ in range(2))
    assert first.comm_id != second.comm_id
    views = [opened(own, panel, "jobs") for panel in (first, second)]
    assert views[0].comm_id != views[1].comm_id
    for view in views:
        view.greeting = view.ask("hello")["result"]
    title = uuid.uuid4().hex
    own.run(_START.format(title=title, work="at_once"))
    for view in views:
        own.until(lambda: states(view).get(title) == "done")  # noqa: B023
    assert states(views[0]) == states(views[1])


def test_an_unopened_tab_costs_nothing(own: Page) -> None:
    before = {*own.views}
    panel = view_of(own, own.run("%parllama"))
    panel.ask("hello")
    assert len(own.views.keys() - before - {panel.comm_id}) <= 1  # the shared layout
