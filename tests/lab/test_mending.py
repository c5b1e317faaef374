"""A cell that misses its key, in JupyterLab: one click leads to the vault and back."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from .conftest import KEY, OpenNotebook

pytestmark = pytest.mark.lab

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PASSWORD = "correct horse battery staple 7"

_LOCKED = f"""
import os, tempfile
os.environ["PARLLAMA_NB_HOME"] = tempfile.mkdtemp()
key = os.environ.pop("OPENAI_API_KEY")
import parllama_nb as pl
pl.vault.create({PASSWORD!r})
pl.vault.set("OPENAI_API_KEY", key)
pl.vault.lock()
"""


def test_a_cell_without_its_key_asks_again_in_its_own_output(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        _LOCKED, "%%parllama openai/echo -o answer\nHi there.", "print(answer.text)"
    )
    notebook.run(1)
    notebook.run(2)
    output = notebook.output(2)
    unlock = output.get_by_role("button", name="Unlock the vault")
    expect(unlock).to_have_count(1)
    expect(output.locator(".pl-answer:visible")).to_have_count(1)
    saved = notebook.save()
    shown, error = saved["cells"][2]["outputs"]
    text = "".join(shown["data"]["text/plain"])
    assert text.startswith("AuthenticationError: OpenAI: there is no key.")
    assert error["ename"] == "AuthenticationError"
    # Whoever opens the notebook without its kernel reads the same.
    (state,) = saved["metadata"]["widgets"][STATE]["state"].values()
    assert "OpenAI: there is no key." in state["state"]["value"]

    unlock.click()
    field = notebook.page.get_by_role("dialog").get_by_label(
        "Password of the vault", exact=True
    )
    field.fill(PASSWORD)
    field.press("Enter")
    expect(output).to_contain_text("Hi there.")
    expect(output.locator(".pl-answer")).to_have_count(0)
    # What was raised is no longer so.
    expect(output).not_to_contain_text("AuthenticationError")
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("Hi there.")
    saved = notebook.save()
    (settled,) = saved["cells"][2]["outputs"]
    settled = settled["data"]
    assert VIEW not in settled
    assert "Hi there." in "".join(settled["text/markdown"])
    assert "widgets" not in saved["metadata"]
    said = json.dumps(saved["cells"][2:])
    assert KEY not in said
    assert PASSWORD not in said
    assert notebook.errors == []
