"""Where there is no front end: nbclient, nbconvert, papermill's way, a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from ..providers.embedded.model import cache_of_tests, demo_model
from .conftest import KEY

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(
    server: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kernel started by somebody else finds."""
    prepare(server, tmp_path, monkeypatch)


def prepare(server: str, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OPENAI_BASE_URL": server,
        "OPENAI_API_KEY": KEY,
        "OLLAMA_HOST": "127.0.0.1:9",
        "IPYTHONDIR": str(work / "ipython"),
        "PYTHONPATH": os.fspath(ROOT),
    }.items():
        monkeypatch.setenv(name, value)


def execute(*cells: str, allow_errors: bool = False) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    NotebookClient(
        notebook, kernel_name="python3", timeout=120, allow_errors=allow_errors
    ).execute()
    return notebook


@pytest.fixture(scope="module")
def saved(
    server: str, tmp_path_factory: pytest.TempPathFactory
) -> nbformat.NotebookNode:
    """A notebook of two answers, run by nbclient."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        base = tmp_path_factory.mktemp("nbclient")
        monkeypatch.setenv("PARLLAMA_NB_HOME", str(base / "home"))
        prepare(server, base, monkeypatch)
        return execute(
            "%load_ext parllama_nb",
            "%%parllama openai/synthetic:60:100\nGo on.",
            "%%parllama openai/synthetic:60:1000\nGo on.",
        )


def test_nbclient_saves_markdown_and_no_widget(saved: nbformat.NotebookNode) -> None:
    for cell in saved.cells[1:]:
        (output,) = cell.outputs
        assert set(output.data) == {"text/markdown", "text/plain"}
        assert "60 tokens" in output.data["text/markdown"]
    assert "widgets" not in saved.metadata
    assert KEY not in json.dumps(saved)


def test_a_saved_cell_costs_little_beside_its_text(
    saved: nbformat.NotebookNode,
) -> None:
    (output,) = saved.cells[1].outputs
    text = output.data["text/plain"]
    assert len(json.dumps(saved.cells[1])) - 2 * len(text) < 2000


@pytest.mark.usefixtures("environment")
def test_a_failing_cell_stops_the_run_with_one_line() -> None:
    with pytest.raises(CellExecutionError) as caught:
        execute("%load_ext parllama_nb", "%%parllama openai/fault-401-echo\nHi.")
    assert caught.value.ename == "AuthenticationError"
    assert "OPENAI_API_KEY" in caught.value.evalue
    assert KEY not in str(caught.value)


@pytest.mark.embedded
@pytest.mark.usefixtures("environment")
def test_the_quickstart_runs_and_converts(home: Path) -> None:
    demo_model()
    home.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache_of_tests())
    notebook = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", 4)
    NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kinds = [output.output_type for cell in code for output in cell.outputs]
    assert kinds == [*["display_data"] * 5, "execute_result"]
    assert "embedded/smollm2" in code[1].outputs[0].data["text/markdown"]
    assert "prompt haiku v1" in code[5].outputs[0].data["text/markdown"]
    result = code[-1].outputs[0].data["text/plain"]
    assert "'tokens'" in result
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "sky" in page
    assert "Error displaying widget" not in page


@pytest.mark.embedded
@pytest.mark.usefixtures("environment")
def test_the_notebook_that_compares_runs_and_converts(home: Path) -> None:
    demo_model()
    home.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache_of_tests())
    notebook = nbformat.read(ROOT / "notebooks" / "compare.ipynb", 4)
    NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    side_by_side, picked = code[1].outputs[0].data, code[2].outputs[0].data
    assert "2 of 2 answered" in side_by_side["text/markdown"]
    assert "embedded/smollm2 (2)" in side_by_side["text/markdown"]
    assert "application/vnd.jupyter.widget-view+json" not in side_by_side
    assert "turn 1" in picked["text/markdown"]
    assert "temperature=1" in code[4].outputs[-1].data["text/plain"]
    assert "exact" in code[5].outputs[-1].data["text/plain"]
    assert "image/png" in code[6].outputs[-1].data
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "Error displaying widget" not in page


@pytest.mark.usefixtures("environment")
def test_a_terminal_shows_text(tmp_path: Path) -> None:
    script = tmp_path / "session.ipy"
    script.write_text(
        "%load_ext parllama_nb\n"
        "run = get_ipython().run_cell_magic\n"
        "run('parllama', 'openai/echo -o a', 'Say {{this}}.')\n"
        "print(type(a).__name__, a.finish_reason)\n"
        "%parllama ask -m openai/fault-401-echo Hi.\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Say {{this}}." in done.stdout
    assert "openai/echo" in done.stdout
    assert "Answer stop" in done.stdout
    shown = done.stdout + done.stderr
    assert "AuthenticationError: " in shown
    assert "Traceback" not in shown
    assert KEY not in shown
