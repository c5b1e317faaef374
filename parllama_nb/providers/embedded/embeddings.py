"""Embeddings of a running engine, over its server's HTTP.

The routes are those of llama.cpp's server: `/v1/embeddings`, which takes texts or their
tokens, and `/tokenize`:
https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import ContextLengthError
from ...events import Progress
from ...secret import Redactor
from ..accounting import note_read
from ..embeddings import checked_vectors
from ..single_flight import Report
from ..token_counts import count_of
from .engine import Engine
from .engine_server import LABEL, EngineServer

__all__ = ["Embedder"]

_AT_ONCE = 16
"""Texts in a request: so many are lost where one is cancelled, or fails."""


class Embedder:
    """Asks one engine that was started for embeddings.

    `patience` is how many seconds a request of some texts may take.
    """

    def __init__(self, engine: Engine, redact: Redactor, patience: float) -> None:
        self._engine = engine
        self._server = EngineServer(engine, redact, patience)

    async def embed(
        self, texts: Sequence[str], report: Report, *, truncate: bool
    ) -> list[list[float]]:
        """Return a vector for each text.

        Raises:
            ContextLengthError: a text is too long, and is not to be cut.
            ProviderError: the engine refused, or ended.

        """
        inputs = [
            await self._input(number, text, truncate=truncate)
            for number, text in enumerate(texts, 1)
        ]
        vectors: list[list[float]] = []
        phase = f"Embedding with {self._engine.load.name}"
        for begin in range(0, len(inputs), _AT_ONCE):
            report(Progress(phase, begin, len(inputs), "items"))
            vectors += await self._embedded(inputs[begin : begin + _AT_ONCE])
        report(Progress(phase, len(inputs), len(inputs), "items"))
        return checked_vectors(vectors, len(inputs), LABEL)

    async def _input(
        self, number: int, text: str, *, truncate: bool
    ) -> str | list[int]:
        """Return a text as it is sent: cut, as tokens, if it is too long and may be."""
        limit = self._engine.load.context
        # A token is a byte at least, and two frame a text.
        if len(text.encode()) <= limit - 2:
            return text
        body = {"content": text, "add_special": True}
        answer = await self._server.post("/tokenize", body)
        found = answer.get("tokens")
        tokens: list[int] = found if isinstance(found, list) else []
        if len(tokens) <= limit:
            return text
        if truncate:
            # With the last one, which ends a text for many models.
            return [*tokens[: limit - 1], tokens[-1]]
        name = self._engine.load.name
        message = (
            f"Text {number} has {len(tokens):,} tokens; {name} embeds at most "
            f"{limit:,} here."
        )
        hint = "Split it into shorter texts, or have it cut: truncate=True."
        error = ContextLengthError(message, hint=hint)
        error.tokens = len(tokens)
        raise error

    async def _embedded(self, inputs: list[str | list[int]]) -> list[list[float]]:
        # The server takes texts and tokens in one list.
        body = {"input": inputs, "encoding_format": "float"}
        answer = await self._server.post("/v1/embeddings", body)
        usage = answer.get("usage")
        if isinstance(usage, dict):
            note_read(count_of(usage.get("prompt_tokens")))
        data = answer.get("data")
        entries = data if isinstance(data, list) else []
        rows = [entry for entry in entries if isinstance(entry, dict)]
        rows.sort(key=lambda row: row.get("index", 0))
        vectors = [row.get("embedding") for row in rows]
        return checked_vectors(vectors, len(inputs), LABEL)
