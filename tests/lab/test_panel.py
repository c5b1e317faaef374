"""The control panel in a real JupyterLab, as its users see it."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, expect

from .conftest import OpenNotebook
from .lab import Notebook, Server

pytestmark = pytest.mark.lab

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


def tab(notebook: Notebook, index: int, name: str) -> Locator:
    """Open a tab of the panel in a cell's output; gives what is in it."""
    output = notebook.output(index)
    output.get_by_role("tab", name=name, exact=True).click()
    content = output.get_by_role("tabpanel", name=name, exact=True)
    expect(content.locator(".pl-root")).to_be_visible(timeout=10_000)
    return content


def test_a_saved_panel_reads_as_text_once_its_kernel_is_gone(
    open_notebook: OpenNotebook, lab: Server
) -> None:
    notebook = open_notebook("%parllama", "%parllama")
    notebook.run(1)
    tab(notebook, 1, "Jobs")
    saved = notebook.save()
    (output,) = saved["cells"][1]["outputs"]
    model_id = output["data"][VIEW]["model_id"]
    widgets = saved["metadata"]["widgets"][STATE]["state"]
    assert list(widgets) == [model_id]
    assert len(json.dumps(saved["metadata"]["widgets"])) < 1500
    assert notebook.errors == []

    for session in lab.api("sessions"):
        lab.delete(f"sessions/{session['id']}")
    reader = Notebook(lab, notebook.page.context.new_page(), notebook.path)
    expect(reader.output(1)).to_contain_text("%parllama opens a new one")
    expect(reader.page.get_by_text("Error displaying widget")).to_have_count(0)

    # A newer panel is saved beside it, and what is no longer shown goes.
    reader.start(0)
    reader.run(2)
    tab(reader, 2, "Jobs")
    both = reader.save()["metadata"]["widgets"][STATE]["state"]
    assert len(both) == 2
    reader.clear(1)
    assert {*reader.save()["metadata"]["widgets"][STATE]["state"]} == {*both} - {
        model_id
    }
    assert reader.errors == []
