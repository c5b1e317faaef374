"""The models that an Ollama server recommends: a short list, for what fits."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from ...errors import ProviderError
from ...providers.ollama.client import OllamaClient

__all__ = ["Recommendation", "recommended"]

_PATH = "/api/experimental/model-recommendations"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A model that Ollama recommends; None or "" where it does not say.

    `memory` is how many bytes of graphics memory it takes, `plan` which subscription a
    cloud model requires.
    """

    model: str
    description: str = ""
    context: int | None = None
    memory: int | None = None
    plan: str = ""


async def recommended(client: OllamaClient) -> tuple[Recommendation, ...]:
    """Return what a server recommends; () from one that is too old to.

    Raises:
        ProviderError: the server did not answer as expected.

    """
    try:
        answer = await client.call("GET", _PATH)
    except ProviderError as error:
        if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
            return ()
        raise
    listed = answer.get("recommendations")
    entries = listed if isinstance(listed, list) else []
    return tuple(each for each in map(_recommendation, entries) if each is not None)


def _recommendation(entry: object) -> Recommendation | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("model"), str):
        return None
    return Recommendation(
        entry["model"],
        str(entry.get("description") or ""),
        _count(entry.get("context_length")),
        _count(entry.get("vram_bytes")),
        str(entry.get("required_plan") or ""),
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None
