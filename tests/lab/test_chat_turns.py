"""The turns of a chat in a real JupyterLab: code to a new cell, alternatives kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import OpenNotebook
from .lab import Notebook
from .test_chat import ask, chat, set_options, wait_for_growth

pytestmark = pytest.mark.lab

CODE = "print('</script><img src=x onerror=alert(1)>')  # ${x} {{y}}"


def sources(notebook: Notebook) -> list[str]:
    found: list[str] = notebook.page.evaluate(
        """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
            .map(cell => cell.sharedModel.getSource())"""
    )
    return found


def to_new_cell(view: Locator) -> None:
    view.get_by_role("button", name="To a new cell").first.click()
    expect(view.locator(".pl-copy", has_text="Inserted below")).to_be_visible()


def test_a_block_of_code_becomes_a_cell_below_that_is_saved_and_undone(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use openai/echo", "%parllama chat --session code", "last = 1"
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    ask(view, f"```python\n{CODE}\n```")
    expect(view.locator(".pl-footer")).to_be_visible(timeout=30_000)
    before = sources(notebook)
    to_new_cell(view)
    expected = [*before[:3], CODE, *before[3:]]
    assert sources(notebook) == expected
    assert notebook.state(3)["execution_count"] is None
    saved = notebook.save()["cells"]
    assert ["".join(cell["source"]) for cell in saved] == expected
    notebook.page.evaluate(
        """() => {
            window.jupyterapp.shell.currentWidget.content.mode = 'command';
            return window.jupyterapp.commands.execute('notebook:undo-cell-action');
        }"""
    )
    assert sources(notebook) == before
    # The chat is where it was.
    expect(view.locator(".pl-question")).to_have_count(1)
    assert notebook.errors == []


def test_a_block_of_code_in_the_panel_becomes_a_cell_below_the_panel(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook("%parllama use openai/echo", "%parllama panel", "last = 1")
    notebook.run(1)
    notebook.run(2)
    panel = notebook.output(2)
    panel.get_by_role("tab", name="Chat").click()
    view = chat(notebook, 2)
    ask(view, "```bash\nls -l\n```")
    expect(view.locator(".pl-footer")).to_be_visible(timeout=30_000)
    before = sources(notebook)
    to_new_cell(view)
    assert sources(notebook) == [*before[:3], "%%bash\nls -l", *before[3:]]
    assert notebook.errors == []


def test_alternatives_outlive_the_page_and_are_walked_in_the_next(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use openai/echo", "%parllama chat --session branches"
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    for text in ("First.", "Second."):
        ask(view, text)
        expect(view.locator(".pl-footer").last).to_be_visible(timeout=30_000)
        expect(view.locator(".pl-markdown").last).to_contain_text(text)
    first = view.locator(".pl-turn").first
    first.hover()
    first.get_by_role("button", name="Edit question").click()
    box = first.get_by_role("textbox", name="Edit question")
    box.fill("Another first.")
    box.press("Enter")
    expect(view.locator(".pl-question")).to_have_text(["Another first."])
    expect(view.locator(".pl-footer")).to_be_visible(timeout=30_000)
    notebook.save()
    notebook.reload()
    view = chat(notebook, 2)
    expect(view.locator(".pl-question")).to_have_text(["Another first."])
    view.get_by_role("button", name="Earlier alternative").click()
    expect(view.locator(".pl-question")).to_have_text(["First.", "Second."])
    # Its keys are the chat's, and not those of the notebook.
    view.get_by_role("textbox", name="Message").focus()
    notebook.page.keyboard.press("Control+f")
    field = view.get_by_role("textbox", name="Find in this chat")
    field.press_sequentially("second")
    expect(view.locator(".pl-find-count")).to_have_text("1 of 1 turn")
    expect(notebook.page.locator(".jp-DocumentSearch-overlay")).to_have_count(0)
    assert notebook.errors == []


@pytest.mark.embedded
def test_a_real_models_answer_goes_on_and_is_compared_with_another_of_its_own(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use embedded/smollm2", "%parllama chat --session goes-on"
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    set_options(view, temperature="0", longest="24")
    ask(view, "Write a very long story about a fox, at least two thousand words.")
    footer = view.locator(".pl-footer")
    expect(footer).to_contain_text("cut at the token limit", timeout=60_000)
    kept = view.locator(".pl-markdown").inner_text().strip()
    view.get_by_role("button", name="Continue", exact=True).click()
    wait_for_growth(notebook)
    expect(footer).to_contain_text("continued", timeout=60_000)
    whole = view.locator(".pl-markdown").inner_text()
    assert whole.startswith(kept)
    assert len(whole) > len(kept) + 20

    view.get_by_role("button", name="More for this answer").click()
    view.get_by_role("menuitem", name="Ask another model").click()
    dialog = notebook.page.get_by_role("dialog")
    dialog.get_by_label("Temperature").fill("1.5")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    columns = view.locator(".pl-column")
    expect(columns).to_have_count(2)
    expect(columns.nth(0).locator(".pl-markdown")).to_have_text(
        re.compile(re.escape(kept[:20]))
    )
    expect(columns.nth(1).locator(".pl-footer")).to_be_visible(timeout=60_000)
    columns.nth(0).get_by_role("button", name="Keep this").click()
    expect(columns).to_have_count(0)
    expect(view.locator(".pl-markdown")).to_have_text(whole, use_inner_text=True)
    pager = view.get_by_role("group", name="Alternatives")
    expect(pager).to_contain_text("1")
    pager.get_by_role("button", name="Next alternative").click()
    expect(view.locator(".pl-markdown")).not_to_have_text(whole)
    assert notebook.errors == []
