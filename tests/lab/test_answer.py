"""An answer in a real JupyterLab: streaming, stopping, settling, reopening."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from .conftest import KEY, OpenNotebook
from .lab import Notebook, Server

pytestmark = pytest.mark.lab

VIEW = "application/vnd.jupyter.widget-view+json"
QUESTION = "Explain in two sentences why the sky is blue."


# How long the streaming text was, each time it had changed.
_WATCH = """() => {
    window.lengths = [];
    const look = () => {
        const text = document.querySelector('.pl-streaming .pl-markdown');
        const length = text ? text.textContent.length : 0;
        if (length && length !== window.lengths.at(-1)) window.lengths.push(length);
        requestAnimationFrame(look);
    };
    look();
}"""


def kinds(cell: dict[str, object]) -> list[str]:
    outputs: list[dict[str, object]] = cell["outputs"]  # type: ignore[assignment]
    return [str(output["output_type"]) for output in outputs]


def markdown(cell: dict[str, object]) -> str:
    outputs: list[dict[str, dict[str, object]]] = cell["outputs"]  # type: ignore[assignment]
    text = outputs[0]["data"]["text/markdown"]
    return "".join(text) if isinstance(text, list) else str(text)


@pytest.mark.embedded
def test_a_real_model_streams_settles_and_reads_without_a_kernel(
    open_notebook: OpenNotebook, lab: Server
) -> None:
    notebook = open_notebook(
        f"%%parllama embedded/smollm2 -t 0 --seed 1 --max-tokens 200\n{QUESTION}"
    )
    notebook.page.evaluate(_WATCH)
    notebook.start(1)
    notebook.wait(1)
    lengths = notebook.page.evaluate("() => window.lengths")
    assert len(lengths) > 3, "the answer came in one piece"
    assert lengths == sorted(lengths)
    cell = notebook.state(1)
    assert kinds(cell) == ["display_data"]
    assert "sky" in markdown(cell)
    assert "embedded/smollm2" in markdown(cell)
    expect(notebook.output(1).locator(".jp-RenderedMarkdown")).to_contain_text("sky")
    expect(notebook.output(1).locator(".pl-answer")).to_have_count(0)

    saved = notebook.save()
    assert VIEW not in json.dumps(saved)
    assert "widgets" not in saved["metadata"]
    assert notebook.errors == []

    for session in lab.api("sessions"):
        lab.delete(f"sessions/{session['id']}")
    reader = Notebook(lab, notebook.page.context.new_page(), notebook.path)
    reader.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
    )
    expect(reader.output(1)).to_contain_text("sky")
    expect(reader.page.get_by_text("Error displaying widget")).to_have_count(0)
    assert reader.errors == []


def test_stop_is_obeyed_while_the_cell_runs(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        "%%parllama openai/synthetic:5000:100 -o answer\nGo on.",
        "answer.finish_reason, len(answer.text) > 50",
    )
    notebook.start(1)
    view = notebook.output(1).locator(".pl-answer")
    expect(view).to_contain_text("stream", timeout=30_000)
    notebook.page.wait_for_function(
        "() => document.querySelector('.pl-answer').innerText.length > 200"
    )
    view.get_by_role("button", name="Stop answering").click()
    notebook.wait(1, seconds=30)
    cell = notebook.state(1)
    assert kinds(cell) == ["display_data", "error"]
    assert cell["outputs"][1]["traceback"] == []
    assert "stopped" in markdown(cell)
    result = notebook.run(2)["outputs"][0]["data"]["text/plain"]
    assert result == "('cancelled', True)"


def test_a_background_answer_streams_while_other_cells_run(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        "%%parllama openai/synthetic:5000:100 --background\nGo on.", "6 * 7"
    )
    notebook.run(1)
    view = notebook.output(1).locator(".pl-answer")
    expect(view).to_contain_text("stream", timeout=30_000)
    assert notebook.run(2)["outputs"][0]["data"]["text/plain"] == "42"
    view.get_by_role("button", name="Stop answering").click()
    expect(notebook.output(1).locator(".jp-RenderedMarkdown")).to_contain_text(
        "stopped", timeout=30_000
    )


def test_an_error_is_one_line_and_holds_no_key(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("%%parllama openai/fault-401-echo\nHi.")
    cell = notebook.run(1)
    assert kinds(cell) == ["display_data", "error"]
    shown = notebook.output(1)
    expect(shown).to_contain_text("AuthenticationError")
    expect(shown).to_contain_text("OPENAI_API_KEY")
    assert KEY not in json.dumps(notebook.save())
    assert KEY not in notebook.page.content()


def test_a_restarted_kernel_leaves_a_readable_notebook(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook("%%parllama openai/synthetic:5000:100\nGo on.")
    notebook.start(1)
    view = notebook.output(1).locator(".pl-answer")
    expect(view).to_contain_text("stream", timeout=30_000)
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
    )
    notebook.wait_for_idle()
    expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)
    expect(notebook.output(1)).to_contain_text("stream")


@pytest.mark.parametrize("second", [False, True], ids=["loaded-again", "second-page"])
def test_a_page_that_comes_while_a_cell_runs_goes_on_and_settles(
    open_notebook: OpenNotebook, lab: Server, second: bool
) -> None:
    notebook = open_notebook("%%parllama openai/synthetic:5000:20\nGo on.", "%parllama")
    notebook.run(2)
    notebook.start(1)
    expect(notebook.output(1).locator(".pl-answer")).to_contain_text("stream")
    notebook.save()
    page = notebook.page.context.new_page() if second else notebook.page
    page.goto(f"{lab.url}/doc/tree/{notebook.path.name}?token={lab.token}&reset")
    view = page.locator(".pl-answer")
    expect(view).to_contain_text("stream")
    # So does every other view of ours.
    expect(page.locator(".pl-panel .pl-chat")).to_be_visible()
    view.get_by_role("button", name="Stop answering").click()
    late = Notebook(lab, page, notebook.path)
    expect(late.output(1).locator(".jp-RenderedMarkdown")).to_contain_text("stopped")
    expect(view).to_have_count(0)
    assert kinds(late.state(1)) == ["display_data"]
    late.clear(2)
    saved = late.save()
    assert VIEW not in json.dumps(saved)
    assert "widgets" not in saved["metadata"]
    assert late.errors == []


def test_a_page_loaded_again_goes_on_with_a_background_answer(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook("%%parllama openai/synthetic:500:100 --background\nGo on.")
    notebook.run(1)
    expect(notebook.output(1).locator(".pl-answer")).to_contain_text("stream")
    notebook.save()
    notebook.reload()
    expect(notebook.output(1).locator(".pl-answer")).to_contain_text("stream")
    settled = notebook.output(1).locator(".jp-RenderedMarkdown")
    expect(settled).to_contain_text("500 tokens", timeout=60_000)
    assert len(settled.inner_text()) > 1000
    assert notebook.errors == []


def test_prompts_in_a_report_are_words_and_not_html(
    open_notebook: OpenNotebook,
) -> None:
    hostile = "<script>window.pwned = 1</script> ![x](https://x.example/p.png) | `a`"
    notebook = open_notebook(
        f"%%parllama openai/echo\n{hostile}", "%parllama jobs", "%parllama last 5"
    )
    asked: list[str] = []
    notebook.page.on("request", lambda request: asked.append(request.url))
    for index in (1, 2, 3):
        notebook.run(index)
    expect(notebook.output(2)).to_contain_text("window.pwned")
    expect(notebook.output(3)).to_contain_text("window.pwned")
    assert notebook.page.evaluate("() => window.pwned") is None
    assert not [url for url in asked if "x.example" in url]


def test_one_page_fetches_the_bundle_once(open_notebook: OpenNotebook) -> None:
    cells = [f"%%parllama openai/synthetic:20:200\nNumber {n}." for n in range(3)]
    notebook = open_notebook(*cells)
    received: list[int] = []
    notebook.watch_frames(received)
    for index in range(1, 4):
        notebook.run(index)
    bundles = [size for size in received if size > 100_000]
    assert len(bundles) <= 1, received


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_view_is_readable_in_a_narrow_window(
    open_notebook: OpenNotebook, theme: str
) -> None:
    notebook = open_notebook("%%parllama openai/synthetic-md:300:60\nGo on.", width=520)
    notebook.theme(theme)
    notebook.start(1)
    view = notebook.output(1).locator(".pl-answer")
    expect(view.locator("pre").first).to_be_visible(timeout=30_000)
    wider = view.evaluate("element => element.scrollWidth - element.clientWidth")
    assert wider <= 0
    ink = view.evaluate("element => getComputedStyle(element).color")
    paper = view.evaluate("element => getComputedStyle(element).backgroundColor")
    assert ink != paper
