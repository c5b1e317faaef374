"""Pulls in real kernels: shown while they run, stopped, and followed by two cells."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.ollama import OllamaDouble

from .page import Page, View

pytestmark = pytest.mark.kernel


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        double.step = 0.05
        yield double


@pytest.fixture
def kernel(own: Page, ollama: OllamaDouble) -> Page:
    own.hasten_arrival()
    # The library, which is asked for near names, is out of reach.
    environment = {"OLLAMA_HOST": ollama.host, "HTTPS_PROXY": "http://127.0.0.1:9"}
    code = f"import os; os.environ |= {environment!r}"
    assert own.run(code).status == "ok"
    return own


def progress_views(page: Page) -> list[View]:
    return [
        view for view in page.views.values() if "progress" in view.state.get("view", "")
    ]


def told(view: View) -> list[dict[str, object]]:
    return [each["data"] for each in view.events if each["event"] == "progress"]


def test_a_pull_shows_its_layers_and_settles_into_what_is_here(kernel: Page) -> None:
    run = kernel.run("%parllama pull llama3.2:1b")
    assert run.status == "ok", run.text
    (output,) = run.outputs
    assert "**llama3.2:1b** is here: 1.3 GB" in output["data"]["text/markdown"]
    (view,) = progress_views(kernel)
    layers = [each["layers"] for each in told(view) if each.get("layers")]
    assert layers
    assert layers[-1][0]["total"] == 1_321_082_688
    # Ten a second at most, whatever the server sends.
    assert len(told(view)) <= 2 + 10 * run.seconds
    # The list of models has followed, and jobs has it once.
    assert "llama3.2:1b" in kernel.run("%parllama models ollama").text
    assert kernel.run("%parllama jobs").text.count("pull llama3.2:1b") == 1


def test_an_interrupt_ends_the_pull_at_the_server(
    kernel: Page, ollama: OllamaDouble
) -> None:
    ollama.step = 0.5
    run = kernel.start("%parllama pull llama3.2:1b")
    kernel.until(lambda: any(map(told, progress_views(kernel))))
    kernel.interrupt()
    kernel.wait(run, seconds=20)
    assert run.error is not None
    assert run.error["ename"] == "StoppedError"
    (asked,) = ollama.asked("/api/pull")
    kernel.until(lambda: asked.ended == "disconnected")


def test_a_pull_in_the_background_leaves_the_kernel_free(kernel: Page) -> None:
    begun = kernel.run("%parllama pull llama3.2:1b --background")
    assert begun.status == "ok", begun.text
    assert kernel.run("21 * 2").text == "42"
    (view,) = progress_views(kernel)
    kernel.until(lambda: view.events and view.events[-1]["event"] == "ended")
    assert view.events[-1]["data"]["state"] == "done"


def test_a_pull_from_python_shows_its_progress_in_the_cell(kernel: Page) -> None:
    run = kernel.run("import parllama_nb as pl; pl.pull('tiny')")
    assert run.status == "ok", run.text
    assert "**tiny** is here" in run.outputs[0]["data"]["text/markdown"]
    failed = kernel.run("pl.pull('nosuch')")
    assert failed.error is not None
    assert failed.error["ename"] == "ModelNotFoundError"
    assert len(failed.error["traceback"]) <= 1


def test_a_modelfile_in_a_cell_makes_a_model(kernel: Page) -> None:
    made = kernel.run(
        "%%parllama create mario\nFROM echo\nPARAMETER seed 7\nSYSTEM You are {Mario}."
    )
    assert made.status == "ok", made.text
    assert "**mario** is made" in made.outputs[0]["data"]["text/markdown"]
    shown = kernel.run("import parllama_nb as pl; print(pl.show('mario').system)")
    assert shown.text.strip() == "You are {Mario}."
    wrong = kernel.run("%%parllama create luigi\nFORM echo")
    assert wrong.error is not None
    assert "Did you mean FROM?" in wrong.error["evalue"]
