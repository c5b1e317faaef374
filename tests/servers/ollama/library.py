"""What the double of Ollama has: models, blobs, a disk, and what it pulls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .layers import Layer
from .models import Model
from .names import MODELS_PATH, blob_path, canonical, digest_of
from .registry import MIB, Fault, registry, sized

__all__ = ["Blob", "CutError", "Library", "RefusedError", "Step"]

Step = dict[str, Any] | None
"""A line, or nothing where the server is silent."""

_TICKS = 8
"""Lines that the server writes while a large layer comes or goes."""

_QUICK = MIB
"""Layers below this size come between two lines."""

_TLS = "tls: first record does not look like a TLS handshake"
_REFUSED = "proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused"


class RefusedError(Exception):
    """The server gives up; the message is its own. `status` counts before any line."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class CutError(Exception):
    """The server is gone in the middle of a task."""


@dataclass
class Blob:
    """A file by its digest; of a large one only the beginning is kept."""

    size: int
    head: bytes = b""


@dataclass
class Library:
    """The models there are, and what was fetched of those that are pulled.

    `room` is how many bytes the disk still takes (None: any number). `registry` is what
    can be pulled; what is pushed is found there afterwards. `offline` says that nothing
    beyond this machine can be reached.
    """

    seed: list[Model]
    models: dict[str, Model] = field(init=False)
    blobs: dict[str, Blob] = field(init=False)
    partial: dict[str, int] = field(init=False)
    registry: dict[str, Model] = field(init=False)
    room: int | None = field(init=False)
    offline: bool = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.models = {canonical(m.name).lower(): m for m in self.seed}
        self.blobs = {}
        self.partial = {}
        self.registry = registry()
        self.room = None
        self.offline = False
        self._fetching: set[str] = set()
        self._failed: set[str] = set()
        for model in self.seed:
            self._keep(model)

    def find(self, name: str) -> Model | None:
        return self.models.get(canonical(name).lower())

    def add(self, model: Model) -> None:
        # As the server does: an existing name keeps its spelling.
        known = self.find(model.name)
        name = known.name if known else canonical(model.name)
        self._keep(model)
        self.models[canonical(name).lower()] = replace(
            model, name=name, modified=self._now()
        )

    def copy(self, source: Model, destination: str) -> None:
        self.write(f"{MODELS_PATH}/manifests/{destination}", len(source.manifest))
        self.add(replace(source, name=canonical(destination)))

    def remove(self, name: str) -> bool:
        """Remove a model, and the layers that no other one has."""
        model = self.models.pop(canonical(name).lower(), None)
        if model is None:
            return False
        used = {digest for other in self.models.values() for digest in _digests(other)}
        for digest in _digests(model) - used:
            self.blobs.pop(digest, None)
        return True

    def listed(self) -> list[Model]:
        return sorted(self.models.values(), key=lambda m: m.modified, reverse=True)

    def write(self, path: str, size: int) -> None:
        """Take room on the disk, as far as there is some."""
        if self.room is None:
            return
        taken = min(size, self.room)
        self.room -= taken
        if taken < size:
            raise RefusedError(500, f"write {path}: no space left on device")

    def available(self, name: str) -> Model | None:
        """What the registry has by that name."""
        return self.registry.get(name.lower()) or sized(name)

    def pulling(self, name: str, *, insecure: bool = False) -> Iterator[Step]:
        """The steps of a pull; one that was stopped goes on where it was."""
        name = canonical(name)
        yield {"status": "pulling manifest"}
        fault = Fault.of(name)
        refusal = self._unreached("Get", name, "manifests", insecure=insecure)
        refusal = refusal or fault.refusal
        source = self.available(name)
        if refusal or source is None:
            message = f"pull model manifest: {refusal or 'file does not exist'}"
            raise RefusedError(500, message)
        for layer in (*source.layers, source.config):
            yield from self._fetch(layer, name, fault)
            if fault.breaks:
                raise RefusedError(500, fault.breaks)
        yield {"status": "verifying sha256 digest"}
        if fault.spoils:
            self.blobs.pop(source.layer, None)
            got = f"want {source.layer}, got sha256:{digest_of('spoilt')}"
            message = f"digest mismatch, file must be downloaded again: {got}"
            raise RefusedError(500, message)
        known = self.find(name)
        yield {"status": "writing manifest"}
        self.add(replace(source, name=name))
        if known and set(known.layers) - set(source.layers):
            yield {"status": "removing unused layers"}
        yield {"status": "success"}

    def _fetch(self, layer: Layer, name: str, fault: Fault) -> Iterator[Step]:
        """Fetch a layer. Several who want it share one download, which one moves on."""
        digest, size = layer.digest, layer.size
        line = {"status": f"pulling {digest[7:19]}", "digest": digest, "total": size}
        if digest in self.blobs:
            yield {**line, "completed": size}
            return
        ticks = 1 if size < _QUICK else fault.ticks or _TICKS
        told, moves = 0, False
        try:
            while digest not in self.blobs:
                if digest not in self._fetching:
                    self._fetching.add(digest)
                    moves = True
                if moves:
                    self._fetch_more(layer, -(-size // ticks))
                if digest in self.blobs:
                    return
                told += 1
                yield {**line, "completed": self.partial[digest]}
                if told == fault.cut_after and name not in self._failed:
                    self._failed.add(name)
                    raise CutError
                while told == fault.stands_after:
                    yield {**line, "completed": self.partial[digest]}
        finally:
            if moves:
                self._fetching.discard(digest)

    def _fetch_more(self, layer: Layer, size: int) -> None:
        done = self.partial.setdefault(layer.digest, 0)
        more = min(layer.size - done, size)
        self.write(f"{blob_path(layer.digest)}-partial", more)
        self.partial[layer.digest] += more
        if done + more == layer.size:
            self.blobs[layer.digest] = Blob(self.partial.pop(layer.digest))

    def pushing(self, name: str, *, insecure: bool = False) -> Iterator[Step]:
        """The steps of a push; what is there already goes in one."""
        yield {"status": "retrieving manifest"}
        try:
            model = self.find(name)
        except ValueError:
            yield {"status": "couldn't retrieve manifest"}
            full = f"registry.ollama.ai/library/{name}:latest"
            raise RefusedError(500, f"unqualified name: {full}") from None
        name = canonical(name)
        if model is None:
            yield {"status": "couldn't retrieve manifest"}
            path = _manifest_path(name)
            raise RefusedError(500, f"open {path}: no such file or directory")
        layers = (*model.layers, model.config)
        refusal = "" if "/" in name else "unauthorized: access denied"
        first = f"blobs/{layers[0].digest}"
        refusal = self._unreached("Head", name, first, insecure=insecure) or refusal
        if refusal := refusal or Fault.of(name).refusal:
            raise RefusedError(500, refusal)
        there = {layer for known in self.registry.values() for layer in known.layers}
        for layer in layers:
            line = {"status": f"pushing {layer.digest[7:19]}", "digest": layer.digest}
            ticks = 1 if layer in there or layer.size < _QUICK else _TICKS
            for tick in range(1, ticks + 1):
                done = layer.size * tick // ticks
                yield {**line, "total": layer.size, "completed": done}
        yield {"status": "pushing manifest"}
        self.registry[name.lower()] = replace(model, pulled=True)
        yield {"status": "success"}

    def _unreached(self, method: str, name: str, what: str, *, insecure: bool) -> str:
        """Why the registry can't be asked: it is too far, or here and of plain http."""
        host, namespace, rest = _parts(name)
        here = host.startswith(("127.0.0.1", "localhost"))
        if here and not insecure:
            why = _TLS
        elif self.offline and not here:
            why = _REFUSED
        else:
            return ""
        model, _, tag = rest.rpartition(":")
        place = f"{what}/{tag}" if what == "manifests" else what
        address = json.dumps(f"https://{host}/v2/{namespace}/{model}/{place}")
        return f"{method} {address}: {why}"

    def _keep(self, model: Model) -> None:
        for layer in (*model.layers, model.config):
            self.blobs.setdefault(layer.digest, Blob(layer.size))

    def _now(self) -> datetime:
        """Later than all there is, so that the order of the list tells."""
        times = [m.modified for m in self.models.values()]
        newest = max(times, default=datetime(2026, 1, 1, tzinfo=UTC))
        return newest + timedelta(hours=1)


def _digests(model: Model) -> set[str]:
    return {layer.digest for layer in (*model.layers, model.config)}


def _parts(name: str) -> tuple[str, str, str]:
    """The host, the namespace, and the model with its tag."""
    *before, rest = name.split("/")
    host, namespace = (["registry.ollama.ai", "library"][: 2 - len(before)]) + before
    return host, namespace, rest


def _manifest_path(name: str) -> str:
    host, namespace, rest = _parts(name)
    return f"{MODELS_PATH}/manifests/{host}/{namespace}/{rest.replace(':', '/')}"
