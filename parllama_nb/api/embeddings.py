"""`pl.embed`: texts as vectors, by a model of Ollama or of the embedded engine."""

from __future__ import annotations

from collections.abc import Sequence

from ..application import get_app
from ..errors import UsageError
from ..jobs import Job
from ..notebook.live_cell import run_shown
from ..providers.accounting import occasion

__all__ = ["embed"]


def embed(
    texts: str | Sequence[str], model: str, *, truncate: bool = False
) -> list[list[float]]:
    """Return a vector for each text; all have the same length.

    Args:
        texts: the texts, or one.
        model: `provider/model`, such as `ollama/nomic-embed-text` or one that was added
            to the embedded engine.
        truncate: cut a text that is too long for the model, else it is an error.

    Raises:
        UsageError: no model is named, or a text is none.
        ProviderError: the model has no embeddings, or its provider makes none.

    """
    app = get_app()
    given = [texts] if isinstance(texts, str) else [*texts]
    if not model:
        message = "embed needs the name of a model."
        raise UsageError(message, hint='pl.embed(texts, "ollama/nomic-embed-text")')

    async def work(job: Job[list[list[float]]]) -> list[list[float]]:
        provider, name = await app.choose(model)
        with occasion("embed", notice=job.notice):
            return await provider.embed(name, given, job.report, truncate=truncate)

    found: list[list[float]] = run_shown(app, f"embed with {model}", work)
    return found
