"""A client of an Ollama server, and what it reports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from parllama_nb.events import Progress
from parllama_nb.providers.ollama.client import OllamaClient
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor, Secret
from tests.servers.blob_sink import BlobSink
from tests.servers.ollama import OllamaDouble

Connect = Callable[..., OllamaClient]


class Reports(list[Progress]):
    """All progress, in order; to be called with each."""

    def __call__(self, progress: Progress) -> None:
        self.append(progress)

    @property
    def phases(self) -> list[str]:
        """The phases, each once."""
        return list(dict.fromkeys(progress.phase for progress in self))


@pytest.fixture
def report() -> Reports:
    return Reports()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes clients that are closed at the end."""
    made: list[OllamaClient] = []

    def make(url: str, *, key: str | None = None, stall: float = 60.0) -> OllamaClient:
        timeouts = Timeouts(connect=5.0, stall=stall)
        secret = Secret("OLLAMA_API_KEY", key) if key else None
        made.append(OllamaClient(url, secret, timeouts, Redactor(), "Ollama"))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def sink() -> Iterator[BlobSink]:
    with BlobSink() as server:
        yield server
