"""The demo model as an F16 file, to be quantized: its blocks made numbers again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType
from gguf.quants import dequantize

from parllama_nb.local_models.quantization import TYPES
from parllama_nb.local_models.quantization.ggml_types import BY_NAME
from parllama_nb.local_models.quantization.plan import _laid_out
from parllama_nb.local_models.quantization.source import read_source
from parllama_nb.local_models.quantization.tensor_types import in_order
from tests.providers.embedded.model import demo_model

__all__ = ["demo_f16"]


def demo_f16(folder: Path) -> Path:
    """Write it into a folder, unless it is there already: 271 MB."""
    path = folder / "smollm2-f16.gguf"
    if path.exists():
        return path
    source = read_source(demo_model())
    wide = BY_NAME["F16"]
    types = {
        each.name: wide if each.type.is_quantized else each.type
        for each in source.tensors
    }
    head, offsets, _ = _laid_out(source, types, TYPES["F16"])
    held = np.memmap(source.header.path, mode="r")
    with path.open("wb") as stream:
        stream.write(head)
        for tensor, offset in zip(in_order(source.tensors), offsets, strict=True):
            data = held[tensor.offset : tensor.offset + tensor.nbytes]
            stream.seek(offset)
            if types[tensor.name] is tensor.type:
                stream.write(data.tobytes())
            else:
                kind = GGMLQuantizationType(tensor.type.number)
                row = tensor.type.nbytes(tensor.shape[0])
                values = dequantize(data.reshape(-1, row), kind)
                stream.write(values.astype(np.float16).tobytes())
        stream.truncate(-(-stream.tell() // source.alignment) * source.alignment)
    return path
