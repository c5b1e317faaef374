"""JupyterLab, Chromium and the demo model, shared by the tests of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ..providers.embedded.model import cache_of_tests
from ..servers.openai_sse import OpenAIDouble
from .lab import Notebook, Server, chromium, close_documents, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

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


# For this folder and no longer: while Playwright runs, its event loop runs on the main
# thread, and tests of other folders want one of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # The usual five seconds are short beside another worker.
    expect.set_options(timeout=30_000)
    with chromium() as started:
        yield started


# Of all and not of a test: what Lab is made of is fetched and compiled once.
@pytest.fixture(scope="package")
def context(browser: Browser) -> BrowserContext:
    return browser.new_context()


@pytest.fixture
def open_notebook(
    lab: Server, context: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[OpenNotebook]:
    """Opens notebooks of some cells, each in a kernel of its own.

    The first is opened in the page that the test before has used, as users do.
    """
    opened: list[Notebook] = []

    def open_it(*cells: str, width: int = 1100, height: int = 900) -> Notebook:
        name = f"{request.node.name.partition('[')[0]}-{len(opened)}.ipynb"
        path = write_notebook(lab.root / name, "%load_ext parllama_nb", *cells)
        # It starts while the page is loaded.
        lab.start_kernel(path)
        shared = [] if opened else context.pages
        page = shared[0] if shared else context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        notebook = Notebook(lab, page, path)
        opened.append(notebook)
        notebook.run(0)
        return notebook

    yield open_it
    for page in context.pages:
        # What went wrong in a page is not the next test's.
        if page is not context.pages[0] or any(each.errors for each in opened):
            page.close()
        else:
            close_documents(page)
    for session in lab.api("sessions"):
        lab.delete(f"sessions/{session['id']}")
    # What a test has set and said is not the next one's.
    for kept in ("config", "data", "state"):
        shutil.rmtree(lab.root.parent / "home" / kept, ignore_errors=True)
