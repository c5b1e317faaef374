"""The doubles that the double's own tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.ollama import OllamaDouble
from tests.servers.ollama.recorded import F16, FAR, SMOL


@pytest.fixture(scope="module")
def _double() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def double(_double: OllamaDouble) -> OllamaDouble:
    _double.reset()
    return _double


@pytest.fixture
def server(double: OllamaDouble) -> OllamaDouble:
    """The double with the models of the server that was recorded, and no others."""
    double.library.models.clear()
    double.library.blobs.clear()
    for model in (SMOL, F16, FAR):
        double.library.add(model)
    return double
