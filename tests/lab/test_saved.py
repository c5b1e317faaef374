"""Views in a notebook that is opened again without the kernel that made them."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from .conftest import OpenNotebook
from .lab import Notebook, Server

pytestmark = pytest.mark.lab

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"

_VIEWS = {
    "%parllama chat --session ideas": (".pl-chat", "%parllama chat --session ideas"),
    "%parllama": (".pl-panel", "%parllama opens a new one"),
    "%parllama compare": (".pl-compare", "%parllama compare shows it again"),
    "%%parllama openai/synthetic:5000:20 --background\nGo on.": (
        ".pl-answer",
        "%parllama last shows what had arrived",
    ),
}
"""What opens a view, its root, and what is to be read once its kernel is gone."""


def test_saved_views_read_as_text_once_their_kernel_is_gone(
    open_notebook: OpenNotebook, lab: Server
) -> None:
    notebook = open_notebook("%%parllama openai/echo openai/echo\nHi.", *_VIEWS)
    notebook.run(1)
    for index, (root, _) in enumerate(_VIEWS.values(), 2):
        notebook.run(index)
        expect(notebook.output(index).locator(root)).to_be_visible()
    saved = notebook.save()
    ids = [
        output["data"][VIEW]["model_id"]
        for cell in saved["cells"][2:]
        for output in cell["outputs"]
    ]
    assert {*saved["metadata"]["widgets"][STATE]["state"]} == {*ids}
    assert len(json.dumps(saved["metadata"]["widgets"])) < 700 * len(ids)
    assert notebook.errors == []

    for session in lab.api("sessions"):
        lab.delete(f"sessions/{session['id']}")
    reader = Notebook(lab, notebook.page.context.new_page(), notebook.path)
    for index, (_, text) in enumerate(_VIEWS.values(), 2):
        expect(reader.output(index)).to_contain_text(text)
    expect(reader.page.get_by_text("Error displaying widget")).to_have_count(0)
    expect(reader.page.get_by_text("Loading widget")).to_have_count(0)

    # A newer view is saved beside them, and what is no longer shown is not.
    reader.start(0)
    reader.run(3)
    expect(reader.output(3).locator(".pl-panel")).to_be_visible()
    reader.clear(2)
    left = reader.save()["metadata"]["widgets"][STATE]["state"]
    assert len(left) == len(ids) - 1
    assert {*left} >= {*ids[2:]}
    assert reader.errors == []
