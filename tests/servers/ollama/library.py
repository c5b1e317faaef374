"""What the double of Ollama has: its models, its blobs, and what it can pull.

Names, digests, layers and the steps of a pull are as a real server of 0.33 has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .models import Model
from .names import canonical, digest_of, shortest

__all__ = ["REGISTRY", "Library"]

_MIB = 1024 * 1024

REGISTRY: dict[str, tuple[tuple[str, int], ...]] = {
    "llama3.2:1b": (
        ("model", 1_321_082_688),
        ("template", 1429),
        ("license", 7711),
        ("license", 6016),
        ("params", 96),
        ("config", 485),
    ),
    "tiny:latest": (("model", 8 * _MIB), ("template", 320), ("config", 410)),
}
"""What can be pulled, by its layers: what each is, and its size in bytes."""


class Library:
    """The models there are, and what was fetched of those that are pulled."""

    def __init__(self, models: list[Model]) -> None:
        self._seed = models
        self.reset()

    def reset(self) -> None:
        self.models = {canonical(m.name).lower(): m for m in self._seed}
        self.blobs: dict[str, int] = {m.layer: m.size for m in self._seed}
        self.partial: dict[str, int] = {}

    def find(self, name: str) -> Model | None:
        return self.models.get(canonical(name).lower())

    def add(self, model: Model) -> None:
        # As the server does: an existing name keeps its spelling.
        known = self.find(model.name)
        if known:
            model = replace(model, name=known.name)
        self.models[canonical(model.name).lower()] = model

    def remove(self, name: str) -> bool:
        return self.models.pop(canonical(name).lower(), None) is not None

    def listed(self) -> list[Model]:
        return sorted(self.models.values(), key=lambda m: m.modified, reverse=True)

    def pulling(self, name: str) -> Iterator[dict[str, Any]]:
        """The steps of a pull; one that was stopped goes on where it was."""
        name = canonical(name)
        yield {"status": "pulling manifest"}
        layers = REGISTRY.get(name.lower())
        if layers is None:
            yield {"error": "pull model manifest: file does not exist"}
            return
        for kind, size in layers:
            digest = f"sha256:{digest_of(f'{name} {kind} {size}')}"
            told = {"status": f"pulling {digest[7:19]}", "digest": digest}
            told |= {"total": size}  # type: ignore[dict-item]
            if digest not in self.blobs:
                yield told
                step = max(1, -(-size // 8))
                done = self.partial.get(digest, 0)
                while done < size:
                    done = min(size, done + step)
                    self.partial[digest] = done
                    yield {**told, "completed": done}
                self.blobs[digest] = self.partial.pop(digest)
            else:
                yield {**told, "completed": size}
        yield {"status": "verifying sha256 digest"}
        yield {"status": "writing manifest"}
        if self.find(name):
            yield {"status": "removing unused layers"}
        size = sum(size for _, size in layers)
        self.add(Model(name=shortest(name), size=size, modified=_now(self)))
        yield {"status": "success"}

    def pushing(self, name: str) -> Iterator[dict[str, Any]]:
        yield {"status": "retrieving manifest"}
        model = self.find(name)
        if model is None:
            yield {"status": "couldn't retrieve manifest"}
            path = f"registry.ollama.ai/library/{canonical(name).replace(':', '/')}"
            place = f"/usr/share/ollama/.ollama/models/manifests/{path}"
            yield {"error": f"open {place}: no such file or directory"}
            return
        if "/" not in name:
            yield {"error": "unauthorized: access denied"}
            return
        told = {"status": f"pushing {model.layer[7:19]}", "digest": model.layer}
        for eighth in range(1, 9):
            done = model.size * eighth // 8
            yield {**told, "total": model.size, "completed": done}
        yield {"status": "pushing manifest"}
        yield {"status": "success"}

    def creating(self, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        name, quantize = asked["model"], asked.get("quantize")
        if asked.get("files"):
            digest = next(iter(asked["files"].values()))
            yield {"status": "parsing GGUF"}
            if digest not in self.blobs:
                yield {"error": f"blob {digest} not found", "status": 400}
                return
            size = self.blobs[digest]
            base = Model(name=name, size=size, quantization="F16")
            for quarter in range(1, 5):
                yield {
                    "status": "validating GGUF model",
                    "digest": "0" * 19,
                    "total": size,
                    "completed": size * quarter // 4,
                }
            yield {"status": "verifying conversion"}
            yield {"status": f"using existing layer {digest}"}
            yield {"status": "using autodetected template chatml"}
        else:
            found = self.find(asked["from"])
            if found is None:
                yield {"status": "pulling manifest"}
                yield {"error": "pull model manifest: file does not exist"}
                return
            base = replace(found, parent=found.name)
        if quantize:
            if base.quantization not in ("F16", "BF16", "F32"):
                told = "quantization is only supported for F16, BF16 and F32 models"
                yield {"error": told}
                return
            kind = str(quantize).upper()
            for quarter in range(1, 5):
                yield {
                    "status": f"quantizing {base.quantization} model to {kind}",
                    "digest": "0" * 19,
                    "total": base.size,
                    "completed": base.size * quarter // 4,
                }
            yield {"status": "verifying conversion"}
            base = replace(base, quantization=kind, size=base.size // 3)
        if not asked.get("files"):
            yield {"status": f"using existing layer {base.layer}"}
        model = replace(
            base,
            name=shortest(canonical(name)),
            system=asked.get("system") or base.system,
            parameters={**base.parameters, **(asked.get("parameters") or {})},
            modified=_now(self),
        )
        yield {"status": f"creating new layer sha256:{model.digest}"}
        yield {"status": "writing manifest"}
        self.add(model)
        yield {"status": "success"}


def _now(library: Library) -> datetime:
    """Later than all there is, so that the order of the list tells."""
    times = [m.modified for m in library.models.values()]
    return max(times, default=datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(hours=1)
