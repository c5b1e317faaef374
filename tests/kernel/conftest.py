"""Real kernels, of the ipykernel versions whose ways with threads differ."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .page import Page, python_of

KEY = "sk-sentinel-7f3a9c51e2d84b60"
"""The key every kernel here has; it must be nowhere else."""

VERSIONS = ("6.29.5", "7.1.0", "own")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the double of the OpenAI wire format."""
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.openai_sse", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=Path(__file__).parents[2],
        )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline().decode())
    assert found, log.read_text()
    yield found.group()
    process.kill()
    process.wait()
    process.stdout.close()


StartPage = Callable[[str], Page]


@pytest.fixture
def start_page(server: str, home: Path, tmp_path: Path) -> Iterator[StartPage]:
    """Starts kernels of any of the versions; the extension is loaded."""
    pages: list[Page] = []

    def start(version: str) -> Page:
        work = tmp_path / f"kernel-{len(pages)}"
        work.mkdir()
        page = Page(
            python_of(version),
            {
                "PARLLAMA_NB_HOME": str(home),
                "OPENAI_BASE_URL": server,
                "OPENAI_API_KEY": KEY,
                "OLLAMA_HOST": "127.0.0.1:9",
                "IPYTHONDIR": str(work / "ipython"),
                "PYTHONPATH": os.fspath(Path(__file__).parents[2]),
            },
            work,
        )
        pages.append(page)
        loaded = page.run("%load_ext parllama_nb")
        assert loaded.status == "ok", loaded.text
        assert loaded.outputs == []
        return page

    yield start
    for page in pages:
        page.close()


@pytest.fixture(params=VERSIONS)
def page(request: pytest.FixtureRequest, start_page: StartPage) -> Page:
    """A kernel of each version in turn."""
    return start_page(request.param)
