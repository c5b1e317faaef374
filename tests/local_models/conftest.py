"""Apps whose Ollama is the double, which runs in a thread of the test's process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.local_models.library.library import PublicLibrary
from parllama_nb.providers.ollama.names import REGISTRY
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
        # Out of reach: a test that needs the library starts its own.
        nowhere = "http://127.0.0.1:9"
        app.local_models.ollama.library = PublicLibrary(
            app.redact, base_url=nowhere, mirrors={REGISTRY: nowhere}
        )
        yield app
