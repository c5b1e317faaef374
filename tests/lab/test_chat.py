"""A chat in a real JupyterLab, with a real model."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import OpenNotebook
from .lab import Notebook

pytestmark = pytest.mark.lab


def chat(notebook: Notebook, index: int) -> Locator:
    view = notebook.output(index).locator(".pl-chat")
    expect(view).to_be_visible(timeout=30_000)
    return view


def ask(view: Locator, text: str) -> None:
    box = view.get_by_role("textbox", name="Message")
    box.fill(text)
    box.press("Enter")


def wait_for_growth(notebook: Notebook) -> None:
    """Wait until the newest answer is longer than it is now."""
    length = """[...document.querySelectorAll('.pl-chat .pl-markdown')]
        .at(-1).innerText.length"""
    before = notebook.page.evaluate(f"() => {length}")
    notebook.page.wait_for_function(
        f"before => {length} > before", arg=before, timeout=60_000
    )


def set_options(view: Locator, temperature: str, longest: str) -> None:
    view.get_by_role("button", name="Chat menu").click()
    view.get_by_role("menuitem", name="Instructions").click()
    view.get_by_label("Temperature").fill(temperature)
    view.get_by_label("Longest answer").fill(longest)
    view.get_by_role("button", name="Apply").click()


@pytest.mark.embedded
def test_a_real_model_answers_stops_and_is_asked_again(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use embedded/smollm2", "%parllama chat --session real"
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    set_options(view, temperature="0", longest="40")
    ask(view, "What is the capital of France?")
    footer = view.locator(".pl-footer")
    expect(footer).to_contain_text("embedded/smollm2", timeout=60_000)
    expect(view.locator(".pl-markdown")).to_contain_text(re.compile(r"\w+ \w+"))

    set_options(view, temperature="0", longest="")
    ask(view, "Write a very long story about a fox, at least two thousand words.")
    answer = view.locator(".pl-markdown").nth(1)
    expect(answer).to_contain_text(re.compile(r"(\w+\W+){20}"), timeout=60_000)
    view.get_by_role("button", name="Stop answering").click()
    expect(footer.nth(1)).to_contain_text("stopped")
    kept = answer.inner_text()

    last = view.locator(".pl-turn").nth(1)
    last.hover()
    last.get_by_role("button", name="Ask again").click()
    expect(view.get_by_role("button", name="Stop answering")).to_be_visible()
    expect(answer).not_to_have_text(kept)
    expect(answer).to_contain_text(" ", timeout=60_000)

    notebook.save()
    notebook.reload()
    view = chat(notebook, 2)
    expect(view.locator(".pl-question")).to_have_count(2)
    # It goes on, or was over by then; either way it is whole and can be stopped.
    stop = view.get_by_role("button", name="Stop answering")
    if stop.count():
        wait_for_growth(notebook)
        stop.click()
    expect(view.locator(".pl-footer")).to_have_count(2, timeout=60_000)
    assert notebook.errors == []


def test_a_page_loaded_again_in_mid_answer_goes_on(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use openai/synthetic:5000:60", "%parllama chat --session reload"
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    ask(view, "Go on.")
    expect(view.locator(".pl-markdown")).to_contain_text("stream", timeout=30_000)
    notebook.save()
    notebook.reload()
    view = chat(notebook, 2)
    stop = view.get_by_role("button", name="Stop answering")
    expect(stop).to_be_visible()
    wait_for_growth(notebook)
    stop.click()
    expect(view.locator(".pl-footer")).to_contain_text("stopped", timeout=30_000)
    assert notebook.errors == []


def test_chat_and_cells_are_one_conversation_while_a_cell_runs(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use openai/echo",
        "%parllama chat",
        "import time\nwhile True: time.sleep(0.01)",
        "%%parllama -c\nIn a cell.",
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    notebook.start(3)
    ask(view, "In the chat.")
    expect(view.locator(".pl-markdown")).to_contain_text("In the chat.")
    assert notebook.state(3)["execution_count"] is None
    notebook.interrupt()
    # What comes before its error is aborted with it.
    notebook.wait(3)
    notebook.run(4)
    expect(view.locator(".pl-question")).to_have_text(["In the chat.", "In a cell."])
    expect(view.get_by_text("asked in a cell")).to_be_visible()


def test_keys_typed_in_the_chat_are_not_the_notebooks(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook("%parllama use openai/echo", "%parllama chat")
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    box = view.get_by_role("textbox", name="Message")
    box.click()
    # Each of these is a command of JupyterLab's: delete, insert above, to Markdown.
    box.press_sequentially("ddaam1")
    box.press("Shift+Enter")
    box.press_sequentially("x")
    assert box.input_value() == "ddaam1\nx"
    box.press("Control+z")
    assert box.input_value() != "ddaam1\nx"
    box.press("Control+Shift+z")
    assert box.input_value() == "ddaam1\nx"
    view.get_by_role("button", name="Chat menu").click()
    view.get_by_role("menuitem", name="Instructions").click()
    area = view.get_by_role("textbox", name="Instructions")
    area.press_sequentially("a")
    area.press("Enter")
    area.press_sequentially("b")
    assert area.input_value() == "a\nb"
    cells = notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.model.cells.length"
    )
    assert cells == 3


def test_nothing_that_was_said_is_saved_in_the_notebook(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%parllama use openai/echo", "%parllama chat --session private"
    )
    notebook.run(1)
    notebook.run(2)
    view = chat(notebook, 2)
    ask(view, "sentinel-3fa9")
    expect(view.locator(".pl-footer")).to_be_visible(timeout=30_000)
    assert "sentinel-3fa9" not in json.dumps(notebook.save())
