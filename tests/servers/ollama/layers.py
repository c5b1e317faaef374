"""What a model is made of, and its manifest, byte by byte as the server writes them.

Ollama's manifests are those of Docker (image manifest version 2, schema 2) with media
types of its own. Go escapes `<`, `>` and `&`, and ends what an encoder writes with a
newline; digests depend on all of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .names import digest_of

if TYPE_CHECKING:
    from .models import Model

__all__ = ["Layer", "config_of", "go_json", "manifest_of", "text_layer"]

_DOCKER = "application/vnd.docker"
_MANIFEST = f"{_DOCKER}.distribution.manifest.v2+json"


@dataclass(frozen=True)
class Layer:
    """One blob of a model: what it is, its digest (`sha256:...`), its size in bytes."""

    kind: str
    digest: str
    size: int


def text_layer(kind: str, text: str) -> Layer:
    return Layer(kind, f"sha256:{digest_of(text)}", len(text.encode()))


def go_json(value: Any) -> str:
    """JSON as Go's encoder writes it, with its newline."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return _escaped(text) + "\n"


def _escaped(text: str) -> str:
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def config_of(model: Model) -> str:
    """The text of the config layer; its keys are in the order of Go's structure."""
    known = {
        "model_format": "" if model.remote else "gguf",
        "model_family": model.family,
        "model_families": [model.family] if model.family else None,
        "model_type": model.parameter_size,
        "file_type": model.quantization,
    }
    optional = {
        "renderer": model.renderer,
        "parser": model.parser,
        "requires": model.requires,
        "remote_host": model.remote_host,
        "remote_model": model.remote_model,
    }
    if model.remote and model.family:
        optional["capabilities"] = list(model.capabilities)
        optional["context_length"] = model.window
    known |= {key: value for key, value in optional.items() if value}
    if model.draft:
        known["draft"] = {"model_format": "gguf", "architecture": model.family}
    known |= {"architecture": "amd64", "os": "linux"}
    return go_json(known)


def manifest_of(config: Layer, layers: tuple[Layer, ...], parent: str) -> bytes:
    """The manifest; `parent` is the model that the weights are of, if any."""
    listed = []
    for layer in layers:
        told = _told(layer, f"application/vnd.ollama.image.{layer.kind}")
        if parent and layer.kind == "model":
            told["from"] = parent
        listed.append(told)
    told = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _told(config, f"{_DOCKER}.container.image.v1+json"),
        "layers": listed or None,
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _told(layer: Layer, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": layer.digest, "size": layer.size}
