"""The view of local models in a real JupyterLab, over a double of Ollama."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from ..servers.ollama import OllamaDouble
from .conftest import OpenNotebook

pytestmark = pytest.mark.lab

# Keeps the kernel's main thread until it is interrupted.
_BUSY = "import time\nwhile True: time.sleep(0.01)"

# Waits until the page has told where its user is, which it does once they pause.
_TOLD = """
import time
from ipywidgets.widgets.widget import _instances

view = next(w for w in _instances.values() if type(w).__name__ == "ModelBrowser")
while view.snapshot().place.filter != "small":
    time.sleep(0.02)
"""

_SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


def _use(double: OllamaDouble) -> str:
    return f'import os\nos.environ["OLLAMA_HOST"] = "{double.host}"'


def test_models_are_pulled_and_talked_to_while_a_cell_runs(
    open_notebook: OpenNotebook, ollama: OllamaDouble
) -> None:
    ollama.reset()
    ollama.step = 0.05
    view, other = "%parllama models --view", "%parllama models echo --view"
    notebook = open_notebook(_use(ollama), view, other, _BUSY)
    for index in (1, 2, 3):
        notebook.run(index)
    notebook.start(4)
    expect(notebook.cell(4).locator(".jp-InputPrompt")).to_have_text("[*]:")
    first, second = notebook.output(2), notebook.output(3)
    expect(second.get_by_role("searchbox", name="Filter models")).to_have_value("echo")

    name = first.get_by_role("combobox", name="Pull a model")
    name.fill("llama3.2:1b")
    name.press("Enter")
    first.get_by_role("button", name="Pull", exact=True).click()
    for each in (first, second):
        expect(each.get_by_text("pull llama3.2:1b").first).to_be_visible()
    expect(first.get_by_text("Done: pull llama3.2:1b.")).to_be_visible()
    first.get_by_role("searchbox", name="Filter models").fill("llama3.2")
    expect(first.get_by_role("checkbox", name="Select llama3.2:1b")).to_be_visible()

    second.get_by_role("button", name="Actions for echo:small").click()
    notebook.page.get_by_role("menuitem", name="Chat with it").click()
    message = second.get_by_role("textbox", name="Message")
    message.fill("one two three")
    message.press("Enter")
    expect(second.locator(".pl-chat")).to_contain_text("3 tokens")
    # The cell has been running all the time.
    expect(notebook.cell(4).locator(".jp-InputPrompt")).to_have_text("[*]:")
    notebook.interrupt()
    assert notebook.errors == []


def test_a_reloaded_page_is_where_it_was(
    open_notebook: OpenNotebook, ollama: OllamaDouble
) -> None:
    ollama.reset()
    notebook = open_notebook(_use(ollama), "%parllama models --view", _TOLD)
    notebook.run(1)
    notebook.run(2)
    view = notebook.output(2)
    view.get_by_role("searchbox", name="Filter models").fill("small")
    notebook.run(3)
    text = notebook.save()["cells"][2]["outputs"][0]["data"]["text/plain"]
    assert "%parllama models" in "".join(text)
    notebook.reload()
    view = notebook.output(2)
    expect(view.get_by_role("searchbox", name="Filter models")).to_have_value("small")
    expect(view.get_by_role("checkbox", name="Select echo:small")).to_be_visible()
    assert notebook.errors == []


@pytest.mark.parametrize("end", ["shutdown()", "restartKernel()"])
def test_a_kernel_that_has_ended_is_said(
    open_notebook: OpenNotebook, ollama: OllamaDouble, end: str
) -> None:
    ollama.reset()
    notebook = open_notebook(_use(ollama), "%parllama models --view")
    notebook.run(1)
    notebook.run(2)
    view = notebook.output(2)
    view.get_by_role("searchbox", name="Filter models").fill("small")
    expect(view.get_by_role("checkbox", name="Select echo:small")).to_be_visible()
    notebook.page.evaluate(f"() => {_SESSION}.{end}")
    expect(view.get_by_text("The kernel of this view has ended.")).to_be_visible()
    # What was known can still be read.
    expect(view.get_by_role("checkbox", name="Select echo:small")).to_be_visible()
    assert notebook.errors == []


def test_in_the_panel_a_chat_opens_in_its_own_tab(
    open_notebook: OpenNotebook, ollama: OllamaDouble
) -> None:
    ollama.reset()
    notebook = open_notebook(_use(ollama), "%parllama")
    notebook.run(1)
    notebook.run(2)
    panel = notebook.output(2)
    panel.get_by_role("tab", name="Models", exact=True).click()
    panel.get_by_role("searchbox", name="Filter models").fill("small")
    panel.get_by_role("button", name="Actions for echo:small").click()
    notebook.page.get_by_role("menuitem", name="Chat with it").click()
    chat = panel.get_by_role("tabpanel", name="Chat", exact=True)
    message = chat.get_by_role("textbox", name="Message")
    message.fill("one two three")
    message.press("Enter")
    expect(chat).to_contain_text("ollama/echo:small · 13 → 3 tokens")
    assert notebook.errors == []
