"""A page that is loaded while a cell runs: it is answered, and the cell goes on."""

from __future__ import annotations

import pytest

from .page import Page, Run

pytestmark = pytest.mark.kernel

_BUSY = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)"


def busy(page: Page) -> Run:
    """A cell that runs until it is interrupted."""
    run = page.start(_BUSY)
    page.until(lambda: run.outputs)
    return run


def over(page: Page, run: Run) -> None:
    page.interrupt()
    page.wait(run)


def test_it_gets_what_it_asks_for_while_the_cell_runs(
    page_with_subshells: Page,
) -> None:
    page = page_with_subshells
    page.run("%parllama chat")
    run = busy(page)
    asked = [
        page.request("kernel_info_request", {}),
        page.request("comm_info_request", {"target_name": "jupyter.widget"}),
    ]
    for _ in range(2):
        control = page.request_states()
        page.until(lambda control=control: page.states(control))  # type: ignore[misc]
        assert {*(page.states(control) or {})} >= {*page.views}
    page.until(lambda: all(map(page.answered, asked)))
    # What is not for a new page waits, in its order.
    later = page.start("'later'")
    last = page.request("kernel_info_request", {})
    page.until(lambda: page.answered(last))
    assert run.reply is None
    assert later.reply is None
    over(page, run)
    assert page.value("1 + 1") == "2"


def test_it_gets_the_states_when_the_cell_ends_wherever_they_are_asked(
    page: Page,
) -> None:
    page.run("%parllama chat")
    run = busy(page)
    control = page.request_states()
    over(page, run)
    page.until(lambda: page.states(control))
    assert {*(page.states(control) or {})} >= {*page.views}


def test_what_nobody_has_signed_is_not_signed_for_it(page_with_subshells: Page) -> None:
    page = page_with_subshells
    page.run("%parllama chat")
    run = busy(page)
    session = page.client.session
    key, session.key = session.key, b"another"
    forged = page.request("kernel_info_request", {})
    session.key = key
    genuine = page.request("kernel_info_request", {})
    page.until(lambda: page.answered(genuine))
    assert not page.answered(forged)
    over(page, run)
    assert not page.answered(forged)
