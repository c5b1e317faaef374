"""pl.pull and pl.show: what they refuse, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import parllama_nb as pl
from tests.servers.ollama import OllamaDouble


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        monkeypatch.setenv("OLLAMA_HOST", double.host)
        yield double


@pytest.mark.parametrize("models", [(), (3,), (["tiny"],), ("tiny", None)])
def test_what_names_no_model_is_not_pulled(
    server: OllamaDouble, models: tuple[Any, ...]
) -> None:
    with pytest.raises(pl.errors.UsageError):
        pl.pull(*models)
    assert server.asked("/api/pull") == []


@pytest.mark.parametrize("model", [3, None, "", "two words"])
def test_what_is_no_name_is_not_shown(server: OllamaDouble, model: Any) -> None:
    with pytest.raises(pl.errors.UsageError):
        pl.show(model)


def test_a_model_is_pulled_and_shown(server: OllamaDouble) -> None:
    pl.pull("tiny")
    assert pl.show("ollama/tiny").id == "ollama/tiny:latest"
