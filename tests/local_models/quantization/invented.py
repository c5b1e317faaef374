"""Small files of invented models, one for each turn of the rule about types.

Only names, shapes and metadata count for the rule, so that a matrix of two rows does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize

__all__ = ["INVENTED", "Invented", "write"]

DENSE = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
MIXED = (*DENSE[:4], "ffn_gate_inp", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps")
EXPERTS = ("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps")
ONCE = ("token_embd.weight", "output.weight", "output_norm.weight")

# What is never quantized, and one each that looks much like it and is.
ODDITIES = (
    "position_embd.weight",
    "token_types.weight",
    "per_layer_token_embd.weight",
    "per_layer_model_proj.weight",
    "altup_proj.weight",
    "altup_unembd_proj.weight",
    "blk.0.laurel_l.weight",
    "blk.0.ssm_conv1d.weight",
    "blk.0.ssm_in.weight",
    "blk.0.shortconv.conv.weight",
    "blk.0.shortconv.in_proj.weight",
    "blk.0.indexer.k_proj.weight",
    "blk.0.indexer.q_proj.weight",
    "blk.0.indexer.attn_k.weight",
    "blk.0.time_mix_first.weight",
    "blk.0.time_mix_w0.weight",
    "blk.0.time_mix_v2.weight",
    "blk.0.time_mix_a1.weight",
    "blk.0.time_mix_g1.weight",
    "blk.0.time_mix_g0.weight",
    "blk.0.time_mix_decay_w2.weight",
    "blk.0.time_mix_lerp_fused.weight",
    "blk.0.time_mix_key.weight",
    "enc.blk.0.attn_rel_b.weight",
    "enc.blk.0.attn_v.weight",
    "enc.blk.0.ffn_down.weight",
    "dec.blk.0.cross_attn_v.weight",
    "v.position_embd.weight",
    "v.patch_embd.weight",
    "v.blk.0.attn_output.weight",
    "v.sam.blk.0.attn.rel_pos_h.weight",
    "mm.patch_merger.weight",
    "mm.a.code_embd.weight",
    "mm.0.weight",
    "blk.0.ffn_gate_tid2eid.weight",
    "blk.0.attn_q.bias",
    "blk.0.attn_q_norm.weight",
    "blk.0.attn_kv_b.weight",
    "blk.0.attn_q_a.weight",
    "blk.0.attn_k_b.weight",
    "blk.0.hc_attn_fn.weight",
    "blk.0.ssm_f_a.weight",
    "blk.0.ssm_beta.weight",
    "blk.0.nextn.eh_proj.weight",
    "rope_freqs",
)


@dataclass(frozen=True)
class Invented:
    """A model: `each` are its tensors of a layer, `once` the others."""

    architecture: str
    layers: int
    each: tuple[str, ...] = DENSE
    once: tuple[str, ...] = ONCE
    heads: tuple[int, int] = (8, 8)
    experts: int = 0
    columns: int = 256
    rows: int = 2
    kind: GGMLQuantizationType = GGMLQuantizationType.F16
    more: dict[str, Any] = field(default_factory=dict)

    def tensors(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Each name, and its shape in NumPy's order. Not in the order of the rule."""
        for layer in reversed(range(self.layers)):
            for name in self.each:
                matrix = (self.rows, self.columns)
                shape = (self.experts, *matrix) if name in EXPERTS else matrix
                yield f"blk.{layer}.{name}.weight", shape
            yield f"blk.{layer}.attn_norm.weight", (self.columns,)
        for name in self.once:
            vector = name == "output_norm.weight"
            yield name, (self.columns,) if vector else (self.rows, self.columns)


_MLA = {
    "attention.key_length_mla": 16,
    "attention.value_length_mla": 16,
    "attention.q_lora_rank": 16,
    "attention.kv_lora_rank": 16,
    "ssm.conv_kernel": 4,
    "kda.head_dim": 16,
    "kda.gate_lower_bound": -1.0,
    "expert_feed_forward_length": 256,
    "expert_shared_count": 1,
    "leading_dense_block_count": 0,
    "expert_gating_func": 2,
}
_GLM5 = {
    "attention.indexer.head_count": 2,
    "attention.indexer.key_length": 16,
    "attention.indexer.top_k": 4,
    "attention.indexer.kpool": 2,
    "hyper_connection.count": 4,
    "hyper_connection.sinkhorn_iterations": 2,
    "hyper_connection.epsilon": 1e-5,
}

INVENTED = {
    "heads that share": Invented("llama", 32, heads=(32, 4)),
    "tied output": Invented(
        "llama", 24, once=ONCE[:1], heads=(6, 2), kind=GGMLQuantizationType.BF16
    ),
    "eight experts": Invented("llama", 24, MIXED, experts=8, heads=(32, 8)),
    "many experts": Invented("qwen3moe", 20, MIXED, experts=16, heads=(8, 2)),
    "falcon": Invented(
        "falcon", 32, ("attn_qkv", "attn_output", "ffn_up", "ffn_down"), heads=(8, 1)
    ),
    "seventy billion": Invented("llama", 80, heads=(64, 8)),
    "seventy billion, none shared": Invented("qwen2", 80, heads=(8, 8)),
    "eighty layers, none shared": Invented("llama", 80, heads=(8, 8)),
    "rows of 288": Invented("llama", 9, columns=288, kind=GGMLQuantizationType.F32),
    "rows of 80": Invented("llama", 3, columns=80, kind=GGMLQuantizationType.F32),
    "one layer": Invented("gemma3", 1, once=ONCE[:1], heads=(4, 1)),
    "oddities": Invented("llama", 2, once=(*ONCE, *ODDITIES)),
    "glm5": Invented(
        "glm5-next",
        8,
        MIXED,
        (*ONCE, *(name for name in ODDITIES if not name.startswith("enc."))),
        (8, 1),
        experts=4,
        more=_MLA | _GLM5,
    ),
    "pictures": Invented(
        "clip",
        0,
        once=tuple(
            f"v.blk.{layer}.{name}.weight" for layer in range(12) for name in DENSE
        ),
    ),
    "bailing": Invented(
        "bailingmoe3", 8, (*MIXED, "attn_k_b"), heads=(8, 1), experts=4, more=_MLA
    ),
}


def write(path: Path, model: Invented, kind: str = "") -> Path:
    """Write a model's file; the same bytes every time."""
    writer = GGUFWriter(path, model.architecture)
    name = model.architecture
    if kind:
        writer.add_type(kind)
    writer.add_name("Invented")
    writer.add_block_count(model.layers)
    writer.add_context_length(128)
    writer.add_embedding_length(model.columns)
    writer.add_feed_forward_length(model.columns)
    writer.add_head_count(model.heads[0])
    writer.add_head_count_kv(model.heads[1])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_layer_norm_eps(1e-5)
    writer.add_key_length(16)
    writer.add_value_length(16)
    if model.experts:
        writer.add_expert_count(model.experts)
        writer.add_expert_used_count(2)
    add: dict[type, Callable[[str, Any], None]] = {
        int: writer.add_uint32,
        float: writer.add_float32,
    }
    for key, value in model.more.items():
        add[type(value)](f"{name}.{key}", value)
    writer.add_array("tokenizer.ggml.tokens", ["a", "b", "\N{SNOWMAN}", ""])
    writer.add_file_type(1)
    chance = np.random.default_rng(1)
    for tensor, shape in model.tensors():
        values = chance.standard_normal(shape, np.float32)
        if len(shape) == 1:
            writer.add_tensor(tensor, values)
        else:
            data = quantize(values, model.kind)
            writer.add_tensor(tensor, data, raw_dtype=model.kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
