"""Embeddings of an Ollama server: https://docs.ollama.com/api/embed.

`/api/embed` takes many texts at once, since 0.3.4. The older `/api/embeddings` takes
one text and cuts it silently, so it is not used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...errors import (
    BadRequestError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
)
from ...events import Progress
from ..accounting import note_read
from ..embeddings import checked_vectors
from ..single_flight import Report
from ..token_counts import count_of
from .client import OllamaClient

__all__ = ["embedded"]

_AT_ONCE = 64
"""Texts in a request: so many are lost where one is cancelled, or fails."""

_NO_EMBEDDINGS = re.compile(r"does not support embed", re.IGNORECASE)


async def embedded(
    client: OllamaClient,
    model: str,
    texts: Sequence[str],
    report: Report,
    *,
    truncate: bool,
) -> list[list[float]]:
    """Return a vector for each text.

    Raises:
        ProviderError: see `Ollama.embed`.

    """
    vectors: list[list[float]] = []
    phase = f"Embedding with {model}"
    for begin in range(0, len(texts), _AT_ONCE):
        report(Progress(phase, begin, len(texts), "items"))
        some = texts[begin : begin + _AT_ONCE]
        failure: ProviderError | None = None
        try:
            vectors += await _request(client, model, some, truncate=truncate)
        except ModelNotFoundError:
            raise
        except ProviderError as error:
            failure = _explained(error, client, model)
        if failure is not None:
            raise failure
    report(Progress(phase, len(texts), len(texts), "items"))
    return checked_vectors(vectors, len(texts), client.endpoint.label)


async def _request(
    client: OllamaClient, model: str, texts: Sequence[str], *, truncate: bool
) -> list[list[float]]:
    body = {"model": model, "input": list(texts), "truncate": truncate}
    # The model may have to be loaded first, which takes as long as for an answer.
    limit = client.timeouts.first_token
    answer: dict[str, object] = {}
    async for each in client.objects("/api/embed", body, model=model, stall=limit):
        answer = each
    note_read(count_of(answer.get("prompt_eval_count")))
    label = client.endpoint.label
    return checked_vectors(answer.get("embeddings"), len(texts), label)


def _explained(error: ProviderError, client: OllamaClient, model: str) -> ProviderError:
    """Return an error with what to do about it where the server does not say."""
    line = client.endpoint.line
    if _NO_EMBEDDINGS.search(error.message):
        text = line(f"{model} has no embeddings: it is made for chat.")
        hint = (
            "Use a model for embeddings; `%parllama pull nomic-embed-text` fetches one."
        )
        return BadRequestError(text, hint=hint, status=error.status)
    if isinstance(error, ContextLengthError):
        error.hint = (
            "Split the texts into shorter ones, or have them cut: truncate=True."
        )
    elif isinstance(error, InvalidResponseError) and "no such API" in error.message:
        error.hint = "Embeddings need Ollama 0.3.4 or newer."
    return error
