"""Real kernels, of the ipykernel versions whose ways with threads differ."""

from __future__ import annotations

import itertools
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


def _start(version: str, server: str, home: Path, work: Path) -> Page:
    work.mkdir(parents=True)
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
    loaded = page.run("%load_ext parllama_nb")
    assert loaded.status == "ok", loaded.text
    assert loaded.outputs == []
    return page


@pytest.fixture
def start_page(server: str, home: Path, tmp_path: Path) -> Iterator[StartPage]:
    """Starts fresh kernels of any version, for tests that kill or unload."""
    pages: list[Page] = []

    def start(version: str) -> Page:
        pages.append(_start(version, server, home, tmp_path / f"kernel-{len(pages)}"))
        return pages[-1]

    yield start
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def _kernels(
    server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Page]]:
    """One kernel of each version, made as good as new for every test."""
    started: dict[str, Page] = {}
    base = tmp_path_factory.mktemp("kernels")
    homes = (base / f"home-{number}" for number in itertools.count())

    def get(version: str) -> Page:
        if version not in started:
            started[version] = _start(version, server, next(homes), base / version)
        page = started[version]
        page.forget(next(homes))
        return page

    yield get
    for page in started.values():
        page.close()


@pytest.fixture(params=VERSIONS)
def page(request: pytest.FixtureRequest, _kernels: Callable[[str], Page]) -> Page:
    """A kernel of each version in turn."""
    return _kernels(request.param)


@pytest.fixture(params=VERSIONS[1:])
def page_with_subshells(
    request: pytest.FixtureRequest, _kernels: Callable[[str], Page]
) -> Page:
    """A kernel of each version that can hear a view while a cell runs."""
    return _kernels(request.param)


@pytest.fixture
def own(_kernels: Callable[[str], Page]) -> Page:
    """A kernel of the tests' own ipykernel."""
    return _kernels("own")
