"""A model of the double, and one that is loaded: what lists say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from .layers import Layer, config_of, go_json, manifest_of, text_layer
from .modelfile import modelfile, parameter_lines
from .names import digest_of

__all__ = ["Loaded", "Model"]

_EMBEDDING = 2048
_TOKENS = 128_256


@dataclass(frozen=True)
class Model:
    """One model; `behaviour` is the entry of `ollama.MODELS` that it answers by.

    `weights` is the digest of its largest layer, of `size` bytes; a remote model has
    none. `pulled` says that its manifest came from a registry, whose bytes a model made
    here ends with a newline more. `info` and `tensors` are what its GGUF file says.
    """

    name: str
    behaviour: str = "echo"
    family: str = "llama"
    window: int = 8192
    capabilities: tuple[str, ...] = ("completion",)
    parameters: dict[str, Any] = field(default_factory=dict)
    system: str = ""
    template: str = ""
    licenses: tuple[str, ...] = ()
    messages: tuple[dict[str, Any], ...] = ()
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    adapters: tuple[Layer, ...] = ()
    draft: Layer | None = None
    parent: str = ""
    quantization: str = "Q4_K_M"
    parameter_size: str = "1.2B"
    weights: str = ""
    size: int = 1_321_098_329
    modified: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    remote_host: str = ""
    remote_model: str = ""
    pulled: bool = False
    info: dict[str, Any] = field(default_factory=dict)
    tensors: tuple[dict[str, Any], ...] = ()

    @property
    def remote(self) -> bool:
        return bool(self.remote_host)

    @property
    def layer(self) -> str:
        """The digest of its weights."""
        return self.weights or f"sha256:{digest_of(f'{self.behaviour} {self.size}')}"

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        found = [] if self.remote else [Layer("model", self.layer, self.size)]
        found += self.adapters
        if self.draft:
            found.append(self.draft)
        texts = (
            ("template", self.template),
            ("system", self.system),
            *(("license", text) for text in self.licenses),
            ("params", _json(dict(sorted(self.parameters.items())))),
            ("messages", _json(list(self.messages))),
        )
        return (*found, *(text_layer(kind, text) for kind, text in texts if text))

    @cached_property
    def config(self) -> Layer:
        return text_layer("config", config_of(self))

    @cached_property
    def manifest(self) -> bytes:
        """As a registry has it."""
        return manifest_of(self.config, self.layers, self.parent)

    @cached_property
    def digest(self) -> str:
        """Of its manifest: the same for the same model under another name."""
        return digest_of(self.manifest if self.pulled else self.manifest + b"\n")

    @property
    def total(self) -> int:
        """Bytes of all it is made of."""
        return sum(layer.size for layer in (*self.layers, self.config))

    def details(self, *, lists_all: bool = False, parent: str = "") -> dict[str, Any]:
        told: dict[str, Any] = {
            "parent_model": parent,
            "format": "" if self.remote else "gguf",
            "family": self.family,
            "families": [self.family] if self.family else None,
            "parameter_size": self.parameter_size,
            "quantization_level": self.quantization,
        }
        if lists_all:
            width = self.info.get(f"{self.family}.embedding_length", _EMBEDDING)
            told |= {"context_length": self.window, "embedding_length": width}
        return told

    def listed(self, *, lists_all: bool) -> dict[str, Any]:
        told: dict[str, Any] = {"name": self.name, "model": self.name}
        told |= self._far() | {
            "modified_at": self.modified.isoformat(timespec="microseconds").replace(
                "+00:00", "123Z"
            ),
            "size": self.total,
            "digest": self.digest,
            "details": self.details(lists_all=lists_all, parent=self.parent),
        }
        if lists_all and self.capabilities:
            told["capabilities"] = list(self.capabilities)
        return told

    def shown(self, *, shows_capabilities: bool, verbose: bool) -> dict[str, Any]:
        told: dict[str, Any] = {
            "license": "\n".join(self.licenses),
            "modelfile": modelfile(self),
            "parameters": parameter_lines(self.parameters),
            "template": self.template or "{{ .Prompt }}",
            "system": self.system,
            "details": self.details(parent=self.parent),
            "messages": list(self.messages),
            **self._far(),
            "model_info": self._model_info(verbose=verbose),
        }
        if "vision" in self.capabilities:
            told["projector_info"] = {"general.architecture": "clip"}
        if not self.remote:
            told["tensors"] = self._all_tensors()
        if shows_capabilities:
            told["capabilities"] = list(self.capabilities)
        told["modified_at"] = self.modified.isoformat()
        told["requires"] = self.requires
        # As the server does: what is empty is left out.
        kept = ("details", "model_info")
        return {key: value for key, value in told.items() if value or key in kept}

    def _far(self) -> dict[str, str]:
        if not self.remote:
            return {}
        return {"remote_model": self.remote_model, "remote_host": self.remote_host}

    def _model_info(self, *, verbose: bool) -> dict[str, Any]:
        if self.remote and not self.family:
            return {}
        found = {"general.architecture": self.family, **(self.info or self._invented())}
        for key, value in found.items():
            if isinstance(value, list) and not verbose:
                found[key] = None
        for key in ("general.name", "tokenizer.chat_template"):
            found.pop(key, None)
        return found

    def _invented(self) -> dict[str, Any]:
        family = self.family
        if self.remote:
            return {f"{family}.context_length": self.window}
        found: dict[str, Any] = {
            "general.parameter_count": 1_235_814_432,
            f"{family}.block_count": 16,
            f"{family}.context_length": self.window,
            f"{family}.embedding_length": _EMBEDDING,
            "tokenizer.ggml.tokens": ["<s>", "</s>"],
        }
        if "embedding" in self.capabilities:
            found[f"{family}.pooling_type"] = 1
        return found

    def _all_tensors(self) -> list[dict[str, Any]]:
        kind = self.quantization.removesuffix("_M").removesuffix("_S")
        return list(self.tensors) or [
            {"name": "output_norm.weight", "type": "F32", "shape": [_EMBEDDING]},
            {"name": "token_embd.weight", "type": kind, "shape": [_EMBEDDING, _TOKENS]},
        ]


def _json(value: Any) -> str:
    return go_json(value) if value else ""


@dataclass
class Loaded:
    """A model in memory; `keep` is how many seconds it stays without a request."""

    model: Model
    window: int
    expires: datetime
    keep: float = 300.0

    def listed(self, *, tells_window: bool) -> dict[str, Any]:
        told = {
            "name": self.model.name,
            "model": self.model.name,
            "size": self.model.size,
            "digest": self.model.digest,
            "details": self.model.details(),
            "expires_at": self.expires.isoformat(),
            "size_vram": self.model.size,
        }
        return told | {"context_length": self.window} if tells_window else told
