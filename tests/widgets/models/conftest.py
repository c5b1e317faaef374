"""A view of local models over the real app and the double of Ollama."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.local_models.library.library import PublicLibrary
from parllama_nb.providers.ollama.names import REGISTRY
from parllama_nb.widgets.models.view import ModelBrowser
from tests.own_app import own_app
from tests.servers.ollama import OllamaDouble

from ..recording import Page
from .asking import Browser


@pytest.fixture(scope="module")
def _server() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def server(_server: OllamaDouble) -> OllamaDouble:
    """The double of Ollama, with nothing loaded and an empty record."""
    _server.reset()
    _server.step = 0.001
    return _server


@pytest.fixture
def app(server: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    """An app whose Ollama is the double."""
    monkeypatch.setenv("OLLAMA_HOST", server.host)
    with own_app() as app:
        # Out of reach: a test that needs the library brings its own.
        nowhere = "http://127.0.0.1:9"
        app.local_models.ollama.library = PublicLibrary(
            app.redact, base_url=nowhere, mirrors={REGISTRY: nowhere}
        )
        yield app


@pytest.fixture
def browser(page: Page, app: Parllama) -> Iterator[Browser]:
    """A view that a page shows, its lists there."""
    browser = Browser(page, app, ModelBrowser(app))
    browser.greet()
    yield browser
    browser.view.close()
