"""The models in the memory of an Ollama server: how large, where, and until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...providers.ollama.client import OllamaClient, entries_of
from . import verbs

__all__ = ["RunningModel", "running"]

_FRACTION = re.compile(r"(\.\d{6})\d+")


@dataclass(frozen=True, slots=True)
class RunningModel:
    """A model in memory; None where its server does not say.

    `size` is in bytes, and `size_vram` those of them on a GPU. `context_window` is in
    tokens. `until` is when it is unloaded if nobody asks it; None is never, or unknown.
    """

    provider: str
    name: str
    size: int | None = None
    size_vram: int | None = None
    context_window: int | None = None
    until: datetime | None = None
    digest: str = ""

    @property
    def id(self) -> str:
        """The name a user types: `provider/model`."""
        return f"{self.provider}/{self.name}"

    @property
    def gpu_share(self) -> float | None:
        """The share of the model on a GPU, from 0 to 1."""
        if not self.size or self.size_vram is None:
            return None
        return min(1.0, self.size_vram / self.size)

    @property
    def processor(self) -> str:
        """Where it runs, as Ollama writes it: `100% GPU`, `41%/59% CPU/GPU`, `CPU`."""
        share = self.gpu_share
        if share is None:
            return ""
        gpu = round(100 * share)
        if gpu in (0, 100):
            return "100% GPU" if gpu else "100% CPU"
        return f"{100 - gpu}%/{gpu}% CPU/GPU"


async def running(client: OllamaClient, provider: str) -> list[RunningModel]:
    """Return the models in a server's memory, the one used last first.

    Raises:
        UsageError: the server is too old to say.
        ProviderError: it did not answer as expected.

    """
    entries = entries_of(await verbs.call(client, "GET", "/api/ps"))
    return [_running(provider, entry) for entry in entries]


def _running(provider: str, entry: Mapping[str, Any]) -> RunningModel:
    return RunningModel(
        provider=provider,
        name=str(entry["name"]),
        size=_amount(entry.get("size")),
        size_vram=_amount(entry.get("size_vram")),
        context_window=_amount(entry.get("context_length")) or None,
        until=_time(entry.get("expires_at")),
        digest=str(entry.get("digest") or ""),
    )


def _amount(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _time(value: object) -> datetime | None:
    """Return a time of Go's JSON, which has nanoseconds; None if it is no real one."""
    try:
        time = datetime.fromisoformat(_FRACTION.sub(r"\1", str(value)))
    except ValueError:
        return None
    # A model that stays has the last time there is, or the first one.
    far = time.year <= 1 or time.year >= 2200  # noqa: PLR2004
    return None if far else time.replace(tzinfo=time.tzinfo or UTC)
