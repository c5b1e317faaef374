"""JupyterLab, Chromium and the demo model, shared by the tests of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..providers.embedded.model import cache_of_tests
from ..servers.openai_sse import OpenAIDouble
from .lab import Notebook, Server, chromium, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KEY = "sk-sentinel-lab-2f7c41d9a85e"

OpenNotebook = Callable[..., Notebook]


@pytest.fixture(scope="session")
def double() -> Iterator[OpenAIDouble]:
    """The double of the OpenAI wire format, for speeds and faults on demand."""
    with OpenAIDouble() as started:
        yield started


@pytest.fixture(scope="session")
def lab(
    tmp_path_factory: pytest.TempPathFactory, double: OpenAIDouble
) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("lab") / "root"
    root.mkdir()
    home = root.parent / "home"
    home.mkdir()
    (home / "cache").symlink_to(cache_of_tests())
    server = Server(
        root,
        {
            "PARLLAMA_NB_HOME": str(home),
            "OPENAI_BASE_URL": double.url,
            "OPENAI_API_KEY": KEY,
            "OLLAMA_HOST": "127.0.0.1:9",
            "PYTHONPATH": os.fspath(Path(__file__).parents[2]),
        },
    )
    yield server
    server.close()


# For a module and no longer: while Playwright runs, its event loop runs on the main
# thread, and tests of other modules want one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def open_notebook(
    lab: Server, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[OpenNotebook]:
    """Opens notebooks of some cells, each in a browser context of its own."""
    contexts = []

    def open_it(*cells: str, width: int = 1100, height: int = 900) -> Notebook:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        name = f"{request.node.name.partition('[')[0]}-{len(contexts)}.ipynb"
        path = write_notebook(lab.root / name, "%load_ext parllama_nb", *cells)
        notebook = Notebook(lab, context.new_page(), path)
        notebook.run(0)
        return notebook

    yield open_it
    for context in contexts:
        context.close()
    for session in lab.api("sessions"):
        lab.delete(f"sessions/{session['id']}")
    # What a test has set and said is not the next one's.
    for kept in ("config", "data", "state"):
        shutil.rmtree(lab.root.parent / "home" / kept, ignore_errors=True)
