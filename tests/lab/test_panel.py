"""The control panel in a real JupyterLab, as its users see it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import OpenNotebook
from .lab import Notebook

pytestmark = pytest.mark.lab

_JOBS = """
import asyncio
import parllama_nb as pl
from parllama_nb.events import Progress

async def forever(job):
    job.report(Progress("Fetching", 32e6, 90e6, "bytes"))
    await asyncio.Event().wait()

pl.app().model = "openai/synthetic:20:200"
job = pl.app().jobs.start("pull a-model", forever)
"""

# Keeps the kernel's main thread until it is interrupted.
_BUSY = "import time\nwhile True: time.sleep(0.01)"


def tab(notebook: Notebook, index: int, name: str) -> Locator:
    """Open a tab of the panel in a cell's output; gives what is in it."""
    output = notebook.output(index)
    output.get_by_role("tab", name=name, exact=True).click()
    content = output.get_by_role("tabpanel", name=name, exact=True)
    expect(content.locator(".pl-root > section")).to_be_visible()
    return content


def test_all_tabs_work_while_a_cell_runs(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(_JOBS, "%parllama", _BUSY, "pl.panel()")
    notebook.run(1)
    notebook.run(2)
    notebook.run(4)
    notebook.start(3)
    expect(notebook.cell(3).locator(".jp-InputPrompt")).to_have_text("[*]:")

    chats = [notebook.output(index).locator(".pl-chat") for index in (2, 4)]
    message = chats[0].get_by_role("textbox", name="Message")
    message.fill("Say something.")
    message.press("Enter")
    for each in chats:
        expect(each).to_contain_text("20 tokens")

    jobs = tab(notebook, 2, "Jobs")
    others = tab(notebook, 4, "Jobs")
    for each in (jobs, others):
        expect(each.get_by_text("pull a-model")).to_be_visible()
        expect(each.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "36")
    jobs.get_by_role("button", name="Cancel pull a-model").click()
    for each in (jobs, others):
        pulled = each.get_by_role("listitem").filter(has_text="pull a-model")
        expect(pulled.locator(".pl-job-state")).to_have_text("Cancelled")
        expect(each.get_by_role("button", name=re.compile("^Cancel"))).to_have_count(0)

    settings = tab(notebook, 2, "Settings")
    mirror = tab(notebook, 4, "Settings")
    settings.get_by_label("Temperature").fill("0.3")
    settings.get_by_label("Temperature").press("Enter")
    expect(mirror.get_by_label("Temperature", exact=True)).to_have_value("0.3")
    settings.get_by_label("Temperature", exact=True).fill("9")
    settings.get_by_label("Temperature", exact=True).press("Enter")
    expect(settings.get_by_role("alert")).to_contain_text("less than or equal to 2")
    expect(mirror.get_by_label("Temperature", exact=True)).to_have_value("0.3")
    settings.get_by_label("Temperature", exact=True).press("Escape")
    expect(settings.get_by_role("alert")).to_have_count(0)
    mirror.get_by_role("button", name="Reset Temperature to not set").click()
    expect(settings.get_by_label("Temperature", exact=True)).to_have_value("")

    # The cell has been running all the time.
    expect(notebook.cell(3).locator(".jp-InputPrompt")).to_have_text("[*]:")
    notebook.interrupt()
    assert notebook.errors == []


def test_the_panel_works_in_a_narrow_side_tab(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(_JOBS, "%parllama", width=1200)
    notebook.run(1)
    notebook.run(2)
    tab(notebook, 2, "Jobs")
    notebook.page.evaluate(
        """() => {
            const app = window.jupyterapp;
            app.shell.currentWidget.content.activeCellIndex = 2;
            return app.commands.execute('notebook:create-output-view');
        }"""
    )
    side = notebook.page.locator(".jp-LinkedOutputView")
    expect(side.get_by_text("pull a-model")).to_be_visible()
    side.evaluate("(node) => { node.style.width = '280px'; }")
    side.get_by_role("tab", name="Settings", exact=True).click()
    expect(side.get_by_label("Temperature", exact=True)).to_be_visible()
    # The panel in the notebook is where it was: each view has its own tab.
    expect(notebook.output(2).get_by_text("pull a-model")).to_be_visible()
    assert side.evaluate(
        """(node) => [...node.querySelectorAll('.pl-root *')].every((each) => {
            const { right, width } = each.getBoundingClientRect();
            return !width || right <= node.getBoundingClientRect().right + 1
                || each.closest('[role=tablist]');
        })"""
    )
    assert notebook.errors == []


def test_the_chosen_tab_outlives_a_moved_cell(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("%parllama", "1")
    notebook.run(1)
    tab(notebook, 1, "Settings")
    notebook.page.evaluate(
        """() => {
            const panel = window.jupyterapp.shell.currentWidget;
            panel.content.activeCellIndex = 1;
            return window.jupyterapp.commands.execute('notebook:move-cell-down');
        }"""
    )
    moved = notebook.output(2)
    expect(moved.get_by_role("tab", name="Settings", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    expect(moved.get_by_label("Temperature", exact=True)).to_be_visible()
    assert notebook.errors == []


def test_a_reloaded_page_shows_the_panel_again(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(_JOBS, "%parllama")
    notebook.run(1)
    notebook.run(2)
    tab(notebook, 2, "Jobs")
    notebook.save()
    notebook.reload()
    jobs = tab(notebook, 2, "Jobs")
    expect(jobs.get_by_text("pull a-model")).to_be_visible()
    jobs.get_by_role("button", name="Cancel pull a-model").click()
    expect(jobs.locator(".pl-job-state")).to_have_text("Cancelled")
    assert notebook.errors == []


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 720)])
def test_the_panel_and_its_cell_fit_a_laptops_page(
    open_notebook: OpenNotebook, width: int, height: int
) -> None:
    notebook = open_notebook("%parllama", width=width, height=height)
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('filebrowser:activate')"
    )
    notebook.run(1)
    send = notebook.output(1).get_by_role("button", name="Send")
    expect(send).to_be_visible()
    notebook.page.wait_for_function(
        """() => {
            const pane = document.querySelector(".jp-WindowedPanel-outer");
            const chat = document.querySelector(".pl-chat");
            return chat.closest(".jp-Cell").offsetHeight <= pane.clientHeight
                && chat.offsetHeight > 0.6 * pane.clientHeight;
        }"""
    )
    assert notebook.errors == []


def test_a_key_that_is_typed_into_the_panel_is_in_the_vault_and_in_no_notebook(
    open_notebook: OpenNotebook,
) -> None:
    key = "gsk-sentinel-9b2e61f04d7a"
    notebook = open_notebook(
        "%parllama",
        "import parllama_nb as pl\npl.vault.get('GROQ_API_KEY').reveal()[-4:]",
        _BUSY,
    )
    notebook.run(1)
    providers = tab(notebook, 1, "Providers")
    groq = providers.get_by_role("listitem").filter(
        has=notebook.page.get_by_role("switch", name="Use Groq", exact=True)
    )
    notebook.start(3)
    groq.get_by_role("button", name="Add key").click()
    dialog = notebook.page.get_by_role("dialog", name="Add a key of Groq")
    dialog.get_by_label("GROQ_API_KEY", exact=True).fill(key)
    password = "three unlikely lanterns humming"
    dialog.get_by_label("Password of the new vault", exact=True).fill(password)
    dialog.get_by_label("The same password again", exact=True).fill(password)
    dialog.get_by_role("button", name="Add key").click()
    expect(dialog).to_have_count(0)
    expect(groq.get_by_role("button", name="Add key")).to_have_count(0)
    # The cell has been running all the time.
    expect(notebook.cell(3).locator(".jp-InputPrompt")).to_have_text("[*]:")
    notebook.interrupt()
    # What comes before its error is aborted with it.
    notebook.wait(3)
    assert notebook.run(2)["outputs"][0]["data"]["text/plain"] == f"'{key[-4:]}'"
    saved = notebook.save()
    assert key not in json.dumps(saved)
    assert password not in json.dumps(saved)
    assert notebook.errors == []
