"""The control panel: each tab is made when it is opened, once, and ends with it."""

from __future__ import annotations

import asyncio

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import UsageError
from parllama_nb.widgets._base import AnyView
from parllama_nb.widgets.jobs.view import JobsView
from parllama_nb.widgets.panel import view as control_panel
from parllama_nb.widgets.panel.view import TABS, ControlPanel, Tab

from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import answer, pass_time


@pytest.fixture
def panel(page: Page, app: Parllama) -> ControlPanel:
    return ControlPanel(app, "nb")


def opened(page: Page, panel: AnyView, loop: VirtualLoop, tab: str = "jobs") -> str:
    return str(answer(page, panel, loop, "open", tab=tab)["result"]["model_id"])


def test_a_panel_says_which_tabs_there_are_and_makes_none(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    tabs = answer(page, panel, loop, "hello")["result"]["tabs"]
    assert tabs == [{"name": tab.name, "title": tab.title} for tab in TABS]
    pass_time(loop, 10)
    # Itself, and the layout that all views share.
    assert len(page.open()) == 2


def test_a_tab_is_made_once_whoever_asks(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    asked = [page.ask(panel, "open", tab="jobs") for _ in range(3)]
    pass_time(loop)
    ids = {page.response(request)["result"]["model_id"] for request in asked}
    assert ids == {opened(page, panel, loop)}
    assert ids < page.open()


def test_every_tab_of_the_table_opens(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    ids = [opened(page, panel, loop, tab.name) for tab in TABS]
    assert len(set(ids)) == len(TABS)
    assert {*ids} < page.open()


def test_two_panels_have_views_of_their_own(
    page: Page, app: Parllama, panel: ControlPanel, loop: VirtualLoop
) -> None:
    other = ControlPanel(app, "nb")
    assert opened(page, panel, loop) != opened(page, other, loop)


def test_an_unknown_tab_is_an_error(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    error = answer(page, panel, loop, "open", tab="attic")["error"]
    assert error["message"] == "The panel has no tab 'attic'."
    assert answer(page, panel, loop, "open")["error"]["code"] == "usage"


def test_a_tab_that_cannot_be_made_says_why_and_may_be_asked_for_again(
    page: Page,
    app: Parllama,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = []

    async def brittle(app: Parllama, notebook: str) -> AnyView:
        tries.append(notebook)
        if len(tries) == 1:
            message = "Not yet."
            raise UsageError(message, hint="Again.")
        return JobsView(app)

    monkeypatch.setattr(control_panel, "TABS", (Tab("jobs", "Jobs", brittle),))
    panel = ControlPanel(app, "nb")
    error = answer(page, panel, loop, "open", tab="jobs")["error"]
    assert (error["message"], error["hint"]) == ("Not yet.", "Again.")
    assert opened(page, panel, loop) in page.open()


def test_a_tab_that_takes_its_time_is_made_once_and_for_whoever_still_asks(
    page: Page,
    app: Parllama,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    async def slow(app: Parllama, notebook: str) -> AnyView:
        await asyncio.sleep(5)
        made.append(notebook)
        return JobsView(app)

    monkeypatch.setattr(control_panel, "TABS", (Tab("jobs", "Jobs", slow),))
    panel = ControlPanel(app, "nb")
    first, second = (page.ask(panel, "open", tab="jobs") for _ in range(2))
    pass_time(loop)
    page.cancel(panel, first)
    pass_time(loop, 10)
    assert page.response(first)["error"]["code"] == "cancelled"
    assert page.response(second)["result"]["model_id"] in page.open()
    assert made == ["nb"]


def test_a_tab_that_comes_when_the_panel_is_closed_goes_with_it(
    page: Page,
    app: Parllama,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def slow(app: Parllama, notebook: str) -> AnyView:
        await asyncio.sleep(5)
        return JobsView(app)

    monkeypatch.setattr(control_panel, "TABS", (Tab("jobs", "Jobs", slow),))
    panel = ControlPanel(app, "nb")
    page.ask(panel, "open", tab="jobs")
    pass_time(loop)
    panel.close()
    pass_time(loop, 30)
    assert len(page.open()) == 1  # the shared layout


def test_a_view_that_was_closed_is_made_anew(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    first = opened(page, panel, loop)
    panel._views["jobs"].result().close()
    second = opened(page, panel, loop)
    assert first != second
    assert second in page.open()


def test_closing_the_panel_closes_what_it_made(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    opened(page, panel, loop)
    child = panel._views["jobs"].result()
    page.ask(child, "hello")
    pass_time(loop)
    panel.close()
    page.ask(child, "left")
    pass_time(loop, 10)
    assert len(page.open()) == 1  # the shared layout


def test_what_is_shown_elsewhere_outlives_the_panel_until_it_is_left(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    child = opened(page, panel, loop)
    view = panel._views["jobs"].result()
    for _ in range(2):
        page.ask(view, "hello")
    page.ask(view, "left")
    panel.close()
    pass_time(loop, 60)
    assert child in page.open()
    page.ask(view, "left")
    pass_time(loop, 60)
    assert child not in page.open()


def test_a_panel_nobody_shows_keeps_no_tabs_and_opens_them_again(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    answer(page, panel, loop, "hello")
    first = opened(page, panel, loop)
    answer(page, panel, loop, "left")
    pass_time(loop, 10)
    assert first not in page.open()
    answer(page, panel, loop, "hello")
    assert opened(page, panel, loop) in page.open()


def test_a_panel_shown_twice_keeps_its_tabs_while_one_is_left(
    page: Page, panel: ControlPanel, loop: VirtualLoop
) -> None:
    answer(page, panel, loop, "hello")
    answer(page, panel, loop, "hello")
    first = opened(page, panel, loop)
    answer(page, panel, loop, "left")
    assert opened(page, panel, loop) == first


def test_a_panel_shows_itself_and_reads_as_text(panel: ControlPanel) -> None:
    bundle = panel._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "%parllama" in data["text/plain"]
    # The loader's source is in no repr.
    assert len(repr(panel)) < 80
