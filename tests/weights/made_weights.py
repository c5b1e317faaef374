"""Small files of weights, made for tests: whole ones, and damaged ones."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["make_folder", "make_gguf", "make_safetensors"]


def make_gguf(
    path: Path,
    *,
    kind: str = "F16",
    architecture: str = "llama",
    tokens: int = 300,
    split: tuple[int, int] | None = None,
    **more: Any,
) -> Path:
    """A GGUF file with a vocabulary, a template and two tensors, of 64 KB or so."""
    import gguf

    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name("Tiny")
    writer.add_context_length(2048)
    writer.add_embedding_length(64)
    writer.add_block_count(2)
    writer.add_file_type(
        gguf.LlamaFileType[f"{'ALL' if kind == 'F32' else 'MOSTLY'}_{kind}"]
    )
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"token {number} é" for number in range(tokens)])
    writer.add_token_scores([float(number) for number in range(tokens)])
    writer.add_chat_template("{{ messages }}")
    writer.add_license("mit")
    for key, value in more.items():
        name = key.replace("__", ".")
        if isinstance(value, str):
            writer.add_string(name, value)
        elif isinstance(value, bool):
            writer.add_bool(name, value)
        elif isinstance(value, list):
            writer.add_array(name, value)
        else:
            writer.add_uint32(name, value)
    if split is not None:
        writer.add_uint16("split.no", split[0] - 1)
        writer.add_uint16("split.count", split[1])
    weights = np.arange(64 * 256, dtype=np.float32).reshape(64, 256) / 1000
    writer.add_tensor("output_norm.weight", np.ones(64, dtype=np.float32))
    if kind in ("F32", "F16"):
        data = weights.astype(np.float32 if kind == "F32" else np.float16)
        writer.add_tensor("token_embd.weight", data)
    else:
        name = "Q4_0" if kind not in gguf.GGMLQuantizationType.__members__ else kind
        of = gguf.GGMLQuantizationType[name]
        data = gguf.quants.quantize(weights, of)
        writer.add_tensor("token_embd.weight", data, raw_dtype=of)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def make_safetensors(path: Path, dtype: str = "BF16", numbers: int = 128) -> Path:
    """A safetensors file with one tensor."""
    width = {"F32": 4, "BF16": 2, "F16": 2}.get(dtype, 1)
    entry = {"dtype": dtype, "shape": [2, numbers // 2]}
    entry["data_offsets"] = [0, width * numbers]
    header = json.dumps({"__metadata__": {"format": "pt"}, "w": entry}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(width * numbers))
    return path


def make_folder(
    folder: Path, architecture: str = "LlamaForCausalLM", **config: Any
) -> Path:
    """A folder with a model in two shards, as a hub gives it."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"architectures": [architecture], "torch_dtype": "bfloat16", **config}
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text("{}")
    (folder / "README.md").write_text("Not needed.")
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    for name in names:
        make_safetensors(folder / name)
    index = {"weight_map": {f"w{number}": name for number, name in enumerate(names)}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder
