"""Embeddings of an Ollama server: batches, limits, and servers that have none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parllama_nb.errors import (
    BadRequestError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    UsageError,
)
from parllama_nb.events import Progress
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.ollama.provider import Ollama
from parllama_nb.testing import context
from tests.servers.ollama import OllamaDouble

Local = Callable[..., Ollama]


async def error_of(provider: Ollama, model: str, texts: list[str]) -> ParllamaError:
    with pytest.raises(ParllamaError) as caught:
        await provider.embed(model, texts)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value


async def test_many_texts_go_in_few_requests_and_come_in_order(
    local: Local, ollama: OllamaDouble
) -> None:
    told: list[Progress] = []
    texts = [chr(97 + n % 8) for n in range(150)]
    vectors = await local().embed("embeds", texts, told.append)
    assert [vector.index(1.0) for vector in vectors] == [
        (97 + n % 8) % 8 for n in range(150)
    ]
    sent = [len(request.body["input"]) for request in ollama.asked("/api/embed")]
    assert sent == [64, 64, 22]
    assert told[-1].done == told[-1].total == 150


async def test_no_texts_ask_nothing(local: Local, ollama: OllamaDouble) -> None:
    assert await local().embed("embeds", []) == []
    with pytest.raises(UsageError, match="blank"):
        await local().embed("embeds", ["a", " "])
    assert ollama.requests == []


async def test_a_text_that_is_too_long_is_refused_or_cut(
    local: Local, ollama: OllamaDouble
) -> None:
    long = "word " * 9000
    error = await error_of(local(), "embeds", [long])
    assert isinstance(error, ContextLengthError)
    assert "truncate=True" in (error.hint or "")
    (vector,) = await local().embed("embeds", [long], truncate=True)
    assert len(vector) == 8


async def test_a_model_for_chat_is_named_with_one_for_embeddings(
    local: Local, ollama: OllamaDouble
) -> None:
    error = await error_of(local(), "echo", ["a"])
    assert isinstance(error, BadRequestError)
    assert "echo has no embeddings" in error.message
    assert "nomic-embed-text" in (error.hint or "")


async def test_a_model_that_is_not_there_offers_the_nearest(
    local: Local, ollama: OllamaDouble
) -> None:
    error = await error_of(local(), "embed", ["a"])
    assert isinstance(error, ModelNotFoundError)
    assert "ollama/embeds" in (error.hint or "")


async def test_an_old_server_says_since_when_there_are_embeddings() -> None:
    with OllamaDouble(version=(0, 3, 0)) as double:
        environ = {"OLLAMA_HOST": double.host}
        provider = Ollama(SPECS["ollama"], context(environ=environ))
        try:
            error = await error_of(provider, "embeds", ["a"])
        finally:
            await provider.aclose()
    assert isinstance(error, InvalidResponseError)
    assert "0.3.4" in (error.hint or "")
