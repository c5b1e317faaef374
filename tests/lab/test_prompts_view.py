"""The prompt library in JupyterLab: written, found, used in the panel's chat."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import OpenNotebook

pytestmark = pytest.mark.lab


def test_a_prompt_is_written_and_asks_in_the_chat_of_the_panel(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook("%parllama use openai/echo", "%parllama")
    notebook.run(1)
    notebook.run(2)
    page, panel = notebook.page, notebook.output(2)
    panel.get_by_role("tab", name="Prompts", exact=True).click()
    view = panel.get_by_role("region", name="Prompt library")
    view.get_by_role("button", name="Write one").click()
    form = view.get_by_role("region", name="New prompt")
    form.get_by_label("Name", exact=True).fill("shorten")
    form.get_by_label("Text of message 1").press_sequentially("Use {{n}} words.")
    form.get_by_label("Text of message 1").press("Enter")
    form.get_by_label("Text of message 1").press_sequentially("Be kind.")
    form.get_by_role("button", name="Declare {{n}}").click()
    form.get_by_role("button", name="Add", exact=True).click()
    prompt = view.get_by_role("region", name="Prompt shorten")
    prompt.get_by_label("n", exact=True).fill("three")
    prompt.get_by_label("Your text").fill("one two three")
    expect(prompt.get_by_role("region", name="System prompt")).to_contain_text(
        "Use three words."
    )
    prompt.get_by_role("button", name="Use in chat").click()
    chat = panel.get_by_role("tabpanel", name="Chat", exact=True)
    expect(chat.get_by_text("prompt shorten v1")).to_be_visible()
    message = chat.get_by_role("textbox", name="Message")
    expect(message).to_have_value("one two three")
    message.press("Enter")
    expect(chat.get_by_text("prompt shorten v1", exact=True)).to_have_count(0)
    # Once more, by its name.
    message.press_sequentially("/sho")
    page.get_by_role("option", name="shorten").wait_for()
    message.press("Enter")
    expect(chat.get_by_text("prompt shorten v1", exact=True)).to_be_visible()
    assert notebook.errors == []
