"""The double that its own tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.ollama import OllamaDouble


@pytest.fixture(scope="module")
def _double() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def double(_double: OllamaDouble) -> OllamaDouble:
    _double.reset()
    return _double
