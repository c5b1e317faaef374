"""Commands that take a while, in real kernels: shown by how far they are."""

from __future__ import annotations

import pytest

from .page import Page, Run, View

pytestmark = pytest.mark.kernel

_SLOW = """
import asyncio
from parllama_nb.application import get_app
from parllama_nb.events import Progress

async def prepare(model, report):
    for step in range({steps}):
        report(Progress("Loading", step, {steps}, "items"))
        await asyncio.sleep(0.02)

get_app().providers.get("openai").prepare = prepare
"""


def use(page: Page, steps: int) -> Run:
    """Begin to use a model that takes 0.02 s for each of its steps."""
    assert page.run(_SLOW.format(steps=steps)).status == "ok"
    return page.start("%parllama use openai/synthetic")


def view_of(page: Page) -> View:
    (view,) = [view for view in page.views.values() if "_esm" in view.state]
    return view


def test_a_command_settles_into_what_it_gives(own: Page) -> None:
    own.hasten_arrival()
    run = own.wait(use(own, 40))
    assert run.status == "ok", run.text
    (output,) = run.outputs
    assert "openai/synthetic" in output["data"]["text/markdown"]
    assert "application/vnd.jupyter.widget-view+json" not in output["data"]
    view = view_of(own)
    assert view.state["view"] == "core kit progress"
    # Nobody has said hello, so it was told unasked.
    assert view.events[0]["event"] == "snapshot"
    assert view.events[0]["data"]["title"] == "use openai/synthetic"
    assert view.events[-1]["event"] == "ended"
    assert view.events[-1]["data"]["state"] == "done"
    # Ten a second, whatever the work reports.
    told = [event for event in view.events if event["event"] == "progress"]
    assert 1 <= len(told) <= 2 + 10 * run.seconds
    own.until(lambda: view.closed)


def test_stop_in_the_view_is_obeyed_while_the_cell_runs(own: Page) -> None:
    def stop(view: View) -> None:
        view.greeting = view.ask("hello")["result"]
        own.until(lambda: view.events)
        view.ask("stop")

    own.on_view = stop
    run = own.wait(use(own, 3000), seconds=20)
    assert run.status == "error"
    assert run.error is not None
    assert run.error["ename"] == "StoppedError"
    assert run.error["traceback"] == []
    view = view_of(own)
    assert view.greeting["state"] == "running"
    assert view.events[-1]["data"]["state"] == "stopped"
    # One line is left: the error's own.
    left = [output for output in run.outputs if output["output_type"] != "error"]
    assert [output["data"] for output in left] == [{"text/plain": ""}]


def test_an_interrupt_stops_it_too(own: Page) -> None:
    run = use(own, 3000)
    own.until(lambda: any(view.events for view in own.views.values()))
    own.interrupt()
    own.wait(run, seconds=20)
    assert run.error is not None
    assert run.error["ename"] == "StoppedError"
    view = view_of(own)
    own.until(lambda: view.events[-1]["event"] == "ended")
    assert view.events[-1]["data"]["state"] == "stopped"
