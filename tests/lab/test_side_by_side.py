"""Several answers side by side in a real JupyterLab."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from .conftest import OpenNotebook

pytestmark = pytest.mark.lab

QUESTION = "Explain in two sentences why the sky is blue."

# The lengths of both texts, each time one had changed.
_WATCH = """() => {
    window.lengths = [];
    const look = () => {
        const texts = [...document.querySelectorAll('.pl-column .pl-markdown')];
        const now = texts.map((text) => text.textContent.length);
        if (now.length === 2 && String(now) !== String(window.lengths.at(-1)))
            window.lengths.push(now);
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.embedded
def test_a_real_model_twice_streams_settles_and_goes_on(
    open_notebook: OpenNotebook,
) -> None:
    models = "embedded/smollm2 embedded/smollm2"
    notebook = open_notebook(
        f"%%parllama {models} -t 0.9 --max-tokens 120 -o both\n{QUESTION}",
        "%parllama compare",
        "len(both), both.frame()['text'].str.len().min() > 20",
    )
    notebook.page.evaluate(_WATCH)
    notebook.start(1)
    notebook.wait(1)
    lengths = notebook.page.evaluate("() => window.lengths")
    # Both grew, and neither waited for the other.
    assert sum(first > 0 and second > 0 for first, second in lengths) > 3
    first, second = lengths[0]
    assert lengths[-1][0] > first
    assert lengths[-1][1] > second
    cell = notebook.state(1)
    (output,) = cell["outputs"]
    markdown = "".join(output["data"]["text/markdown"])
    assert "2 of 2 answered" in markdown
    assert "embedded/smollm2 (2)" in markdown
    expect(notebook.output(1).locator(".pl-compare")).to_have_count(0)

    notebook.run(2)
    view = notebook.output(2).locator(".pl-compare")
    expect(view.locator(".pl-column-done")).to_have_count(2)
    view.get_by_role("button", name="Differences").click()
    expect(view.locator(".pl-differences-text ins").first).to_be_visible()
    view.get_by_role("button", name="Continue in chat").nth(1).click()
    chat = view.locator(".pl-compare-chat")
    expect(chat.get_by_role("textbox", name="Message")).to_be_visible()
    expect(chat).to_contain_text("sky")
    result = notebook.run(3)["outputs"][0]["data"]["text/plain"]
    assert "(2, " in result
    assert "True" in result
    saved = json.dumps(notebook.save())
    assert saved.count("application/vnd.jupyter.widget-view+json") == 1
    assert notebook.errors == []


def test_columns_are_stopped_added_and_picked_while_the_cell_runs(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%%parllama openai/synthetic:5000:100 openai/synthetic:150:100 nowhere/x -o all"
        "\nGo on.",
        "[answer.finish_reason for answer in all]",
        "%parllama compare pick 2",
    )
    notebook.start(1)
    view = notebook.output(1).locator(".pl-compare")
    first = view.get_by_role("group", name="Answer of openai/synthetic:5000:100")
    expect(first).to_contain_text("stream", timeout=30_000)
    expect(view.get_by_role("alert")).to_contain_text("nowhere")
    box = view.get_by_role("combobox", name="Add a model")
    box.fill("openai/synthetic:60:100")
    notebook.page.keyboard.press("Enter")
    expect(view.locator(".pl-column")).to_have_count(4)
    first.focus()
    notebook.page.keyboard.press("Escape")
    notebook.wait(1, seconds=30)
    (output,) = notebook.state(1)["outputs"]
    markdown = "".join(output["data"]["text/markdown"])
    assert "2 of 4 answered" in markdown
    assert "failed: nowhere/x" in markdown
    reasons = notebook.run(2)["outputs"][0]["data"]["text/plain"]
    assert reasons == "['cancelled', 'stop', 'error', 'stop']"
    picked = notebook.run(3)["outputs"][0]["data"]["text/markdown"]
    assert "turn 1" in "".join(picked)
    assert notebook.errors == []
