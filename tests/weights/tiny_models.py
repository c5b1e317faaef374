"""Models of a few kilobytes, as real files: their weights are chance."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

__all__ = ["bert", "some_model", "split_model"]

_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_WORDS += [f"\u2581{word}" for word in ("fox", "hen", "sea", "sun", "ice", "oak", "a")]
_WORDS += list("abcdefghijklmnopqrstuvwxyz")


def bert(path: Path, *, window: int = 64, width: int = 32) -> Path:
    """A model for embeddings that the engine loads: one layer, CLS pooling."""
    chance = np.random.default_rng(7)
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("Tiny Bert")
    writer.add_context_length(window)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(2 * width)
    writer.add_block_count(1)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(value=False)
    writer.add_pooling_type(gguf.PoolingType.CLS)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("jina-v2-en")
    writer.add_token_list(_WORDS)
    writer.add_token_types([3] * 5 + [1] * (len(_WORDS) - 5))
    writer.add_token_type_count(2)
    writer.add_pad_token_id(0)
    writer.add_unk_token_id(1)
    writer.add_uint32("tokenizer.ggml.cls_token_id", 2)
    writer.add_bos_token_id(2)
    writer.add_sep_token_id(3)
    writer.add_eos_token_id(3)
    writer.add_mask_token_id(4)
    shapes = {
        "token_embd.weight": (len(_WORDS), width),
        "token_types.weight": (2, width),
        "position_embd.weight": (window, width),
        "token_embd_norm.weight": (width,),
        "token_embd_norm.bias": (width,),
        "blk.0.ffn_up.weight": (2 * width, width),
        "blk.0.ffn_up.bias": (2 * width,),
        "blk.0.ffn_down.weight": (width, 2 * width),
        "blk.0.ffn_down.bias": (width,),
    }
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        shapes[f"blk.0.{name}.weight"] = (width, width)
        shapes[f"blk.0.{name}.bias"] = (width,)
    for name in ("attn_output_norm", "layer_output_norm"):
        shapes[f"blk.0.{name}.weight"] = (width,)
        shapes[f"blk.0.{name}.bias"] = (width,)
    for name, shape in shapes.items():
        writer.add_tensor(name, chance.normal(0, 0.5, shape).astype(np.float32))
    return _written(writer, path)


def some_model(path: Path, *, kilobytes: int = 64, seed: int = 1) -> Path:
    """A file with the header of a chat model, and tensors of so many kilobytes."""
    return _part(path, kilobytes, seed)


def split_model(folder: Path, stem: str, parts: int = 3) -> list[Path]:
    """The files of a split model; only the first says what it is."""
    paths = [
        folder / f"{stem}-{number:05}-of-{parts:05}.gguf"
        for number in range(1, parts + 1)
    ]
    return [
        _part(path, 16, number, split=(number, parts))
        for number, path in enumerate(paths)
    ]


def _part(
    path: Path, kilobytes: int, seed: int, split: tuple[int, int] | None = None
) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    if split is None or split[0] == 0:
        writer.add_name("Some Model")
        writer.add_context_length(131_072)
        writer.add_embedding_length(256)
        writer.add_block_count(4)
        writer.add_license("apache-2.0")
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
        writer.add_tokenizer_model("gpt2")
        writer.add_token_list(["a", "b", "c"])
        writer.add_chat_template("{{ messages }}")
    if split is not None:
        writer.add_uint16("split.no", split[0])
        writer.add_uint16("split.count", split[1])
    chance = np.random.default_rng(seed)
    for number in range(4):
        rows = chance.normal(size=(kilobytes, 64)).astype(np.float32)
        writer.add_tensor(f"blk.{number}.attn_q.weight", rows)
    return _written(writer, path)


def _written(writer: gguf.GGUFWriter, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
