"""A double of the library, and the library over it with a clock of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.local_models.library.library import PublicLibrary
from parllama_nb.secret import Redactor
from tests.servers.library import LibraryDouble


@pytest.fixture(scope="session")
def _site() -> Iterator[LibraryDouble]:
    with LibraryDouble() as running:
        yield running


@pytest.fixture
def site(_site: LibraryDouble) -> LibraryDouble:
    _site.reset()
    return _site


@pytest.fixture
def clock() -> list[float]:
    return [1_800_000_000.0]


class Libraries:
    """Makes libraries over the double, as each kernel has its own."""

    def __init__(self, site: LibraryDouble, folder: Path, clock: list[float]) -> None:
        self._site, self._folder, self._clock = site, folder, clock
        self.made: list[PublicLibrary] = []

    def __call__(self, **given: Any) -> PublicLibrary:
        given = {
            "base_url": self._site.root,
            "mirrors": {"registry.ollama.ai": self._site.root},
            "folder": lambda: self._folder,
            "now": lambda: self._clock[0],
        } | given
        self.made.append(PublicLibrary(given.pop("redact", Redactor()), **given))
        return self.made[-1]


@pytest.fixture
async def libraries(
    site: LibraryDouble, tmp_path: Path, clock: list[float]
) -> AsyncIterator[Libraries]:
    making = Libraries(site, tmp_path / "library", clock)
    yield making
    for library in making.made:
        await library.aclose()


@pytest.fixture
def library(libraries: Libraries) -> PublicLibrary:
    return libraries()
