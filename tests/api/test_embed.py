"""pl.embed: vectors of texts, and what is said where there are none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import parllama_nb as pl
from tests.servers.ollama import OllamaDouble


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        monkeypatch.setenv("OLLAMA_HOST", double.host)
        yield double


def test_each_text_has_a_vector_of_the_same_length(server: OllamaDouble) -> None:
    vectors = pl.embed(["one", "two", "three"], "ollama/embeds")
    assert len(vectors) == 3
    assert len({len(vector) for vector in vectors}) == 1
    assert pl.embed("one", "ollama/embeds") == vectors[:1]


def test_a_model_made_for_chat_says_so(server: OllamaDouble) -> None:
    with pytest.raises(pl.ParllamaError, match="embeddings") as caught:
        pl.embed("one", "ollama/echo")
    assert "%parllama pull nomic-embed-text" in str(caught.value.hint)


def test_a_model_has_to_be_named() -> None:
    with pytest.raises(pl.errors.UsageError, match="needs the name"):
        pl.embed("one", "")
