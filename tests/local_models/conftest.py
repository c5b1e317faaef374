"""Apps whose Ollama is the double, which runs in a thread of the test's process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from tests.own_app import own_app
from tests.servers.ollama import OllamaDouble


@pytest.fixture(scope="session")
def _server() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def server(_server: OllamaDouble) -> OllamaDouble:
    """The double of Ollama, with nothing loaded and an empty record."""
    _server.reset()
    return _server


@pytest.fixture
def app(server: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    monkeypatch.setenv("OLLAMA_HOST", server.host)
    with own_app() as app:
        yield app
