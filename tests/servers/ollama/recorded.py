"""Models of a real server of 0.33.0-rc2, layer by layer, and lines that it wrote.

Their digests and sizes are its own, so the tests can hold the double to its words.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .models import Model

__all__ = [
    "CONFIG",
    "F16",
    "FAR",
    "NOWHERE",
    "PARAMS",
    "SMOL",
    "TEMPLATE",
    "TLS",
    "WEIGHTS",
    "WRITTEN",
    "existing",
    "new",
    "of",
    "status",
]

_CHATML = """\
{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
"""

SMOL = Model(
    "smol:q4_1",
    template=_CHATML,
    parameters={"stop": ["<|im_start|>", "<|im_end|>"]},
    quantization="Q4_1",
    parameter_size="134.52M",
    weights="sha256:941f309b54caaad6747569ba43712bcde44a2be3bae16c3282ff499c37c54af5",
    size=98_362_432,
    info={"llama.context_length": 8192, "llama.embedding_length": 576},
)
F16 = replace(
    SMOL,
    name="smol:f16",
    quantization="F16",
    weights="sha256:a269e3181fcbb25046f99f64ba8d3c159165b211c2ff4ffca7ba1bb219d2ccd0",
    size=270_885_952,
)
FAR = Model(
    "far",
    family="",
    quantization="",
    parameter_size="",
    capabilities=(),
    remote_host="https://ollama.com:443",
    remote_model="qwen3:8b",
)

WEIGHTS, TEMPLATE, PARAMS, CONFIG = (
    (SMOL.weights, 98_362_432),
    ("sha256:e3b2721cec511e3a627ae0993753abbf5c72cdf4cfcdbc8f5c33ce15c4c4e04b", 102),
    ("sha256:f02dd72bb2423204352eabc5637b44d79d17f109fdb510a7c51455892aa2d216", 59),
    ("sha256:4157c46799c19ced6cac0c50480eb70cd5c096c0a632d8fc68a793e7376dd7bb", 152),
)
"""The layers of SMOL: the digest and the size of each."""

NOWHERE = f"sha256:{'0' * 64}"

TLS = "tls: first record does not look like a TLS handshake"


def status(text: str) -> dict[str, str]:
    return {"status": text}


def existing(digest: str) -> dict[str, str]:
    return status(f"using existing layer {digest}")


def new(digest: str) -> dict[str, str]:
    return status(f"creating new layer sha256:{digest}")


def of(verb: str, layer: tuple[str, int], done: int | None = None) -> dict[str, Any]:
    """The line of a layer that comes or goes, or is there."""
    digest, size = layer
    completed = size if done is None else done
    line = {"status": f"{verb} {digest[7:19]}", "digest": digest}
    return {**line, "total": size, "completed": completed}


WRITTEN = [status("writing manifest"), status("success")]
