"""A pull or a push as its server tells it: layers, bytes, and how far they are.

A line of the stream says of one layer `digest`, `total` and `completed`, or names a
step: https://docs.ollama.com/api/pull. Layers come one after the other, so the total
grows until the last has begun; a layer is complete once another line follows that is
not its own, though its last line says less, and a small one may have no line at all.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...events import Layer, Progress
from ...progress_rate import RateMeter

__all__ = ["Transfer", "short_digest"]

_SHORT = 12
"""Characters of a digest that Ollama shows itself."""


def short_digest(digest: str) -> str:
    """Return a digest as Ollama shows it: twelve characters, without `sha256:`."""
    return digest.rpartition(":")[2][:_SHORT]


class Transfer:
    """Reads the lines of one stream; `title` is what is done: "Downloading"."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.succeeded = False
        self._begun = time.monotonic()
        self._ended: float | None = None
        self._layers: dict[str, Layer] = {}
        self._began_at: dict[str, float] = {}
        self._meter = RateMeter()

    def read(self, line: Mapping[str, Any]) -> Progress:
        """Return the progress after one more line of the stream."""
        status = str(line.get("status") or "")
        digest = str(line.get("digest") or "")
        total = _amount(line.get("total"))
        if status == "success":
            self.succeeded = True
            self._ended = time.monotonic()
        if not digest or not total:
            self._complete("")
            return self._step(status)
        self._complete(digest)
        done = min(_amount(line.get("completed")), total)
        name = short_digest(digest)
        if digest not in self._layers:
            # The first line of a layer says what was there before.
            self._began_at[digest] = done
        self._layers[digest] = Layer(name, done, total)
        return self.progress()

    def progress(self) -> Progress:
        """Return how far all layers are."""
        layers = tuple(self._layers.values())
        done = sum(layer.done for layer in layers)
        total = sum(layer.total for layer in layers)
        # Measured by what has travelled: a layer that was there before is no speed.
        left = total - done
        moved = Progress(self.title, self.moved, self.moved + left, "bytes")
        measured = self._meter.annotate(moved)
        return Progress(
            self.title,
            done,
            total or None,
            "bytes",
            measured.rate,
            measured.eta,
            layers,
        )

    @property
    def moved(self) -> int:
        """Bytes that have travelled, without those that were there before."""
        layers = self._layers.items()
        return int(sum(max(0, each.done - self._began_at[key]) for key, each in layers))

    @property
    def seconds(self) -> float:
        """How long the stream took, until now or its success; above 0."""
        end = time.monotonic() if self._ended is None else self._ended
        return max(0.001, end - self._begun)

    @property
    def size(self) -> int:
        """Bytes of all layers that are known."""
        return int(sum(layer.total for layer in self._layers.values()))

    def _complete(self, but: str) -> None:
        for digest, layer in self._layers.items():
            if digest != but:
                self._layers[digest] = replace(layer, done=layer.total)

    def _step(self, status: str) -> Progress:
        """Return the progress of a step without bytes: "verifying sha256 digest"."""
        layers = tuple(self._layers.values())
        text = f"{status[:1].upper()}{status[1:]}" or self.title
        if not layers:
            return Progress(text)
        return Progress(text, self.size, self.size, "bytes", layers=layers)


def _amount(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
