"""Which type each tensor of a file gets, as llama.cpp chooses it.

The rule is that of `llama_tensor_get_type` in `src/llama-quant.cpp`, without an
importance matrix. The types whose tensors matter more for their size (the values of
attention, what leaves a feed-forward layer, the output) are one or two steps better; an
S, M or L in a type's name says for how many layers. Nothing but names and shapes of
tensors and a few numbers of the metadata goes into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import UsageError
from ...weights.gguf_header import Array, Header
from .ggml_types import BY_NAME, GgmlType
from .recipes import FileType
from .source import Tensor

__all__ = ["Traits", "in_order", "tensor_types"]

_LAYER = re.compile(r"blk\.(\d+)")

# Small, or not the factor of a matrix product.
_NEVER = re.compile(
    r"_norm\.weight|ffn_gate_inp\.weight|ffn_gate_tid2eid\.weight|altup|laurel"
    r"|per_layer_model_proj|^position_embd\.weight$|^token_types\.weight$|ssm_conv1d"
    r"|shortconv\.conv\.weight|indexer\.[kq]_proj\.weight"
    r"|time_mix_(first|[wva][012]|g[12]|decay_w[12]|lerp_fused)\.weight"
    r"|attn_rel_b\.weight|\.position_embd|sam\.pos_embd|sam\.neck\.|sam\.net_|\.rel_pos"
    r"|\.patch_embd|\.patch_merger|a\.rvq\.codebook|mm\.a\.code_embd"
)
_NEVER_IN_GLM5 = re.compile(
    r"hc_|indexer\.(attn_q_b|attn_k|proj)|indexer_compressor_(gate|ape)"
    r"|ssm_([fg]_[ab]|beta)\.weight|attn_kv_a_mqa\.weight|attn_[kv]_b\.weight"
)
_FINE_IN_GLM5 = re.compile(r"attn_q_[ab]|nextn\.eh_proj")

_EMBEDDINGS = {"token_embd.weight", "per_layer_token_embd.weight"}
_OUTPUT = "output.weight"

# A name may fit several: the first counts.
_KINDS = (
    (re.compile(r"attn_(qkv|kv_b|v)\.weight"), "values"),
    (re.compile(r"attn_k\.weight"), "keys"),
    (re.compile(r"attn_output\.weight"), "attention"),
    (re.compile(r"ffn_up"), "up"),
    (re.compile(r"ffn_gate"), "gate"),
    (re.compile(r"ffn_down"), "down"),
)

# For rows that are no multiple of a type's block.
_FALLBACK = {"Q2_0": "Q4_0", "Q2_K": "Q4_0", "Q3_K": "Q4_0", "Q4_K": "Q5_0"}
_FALLBACK |= {"Q5_K": "Q5_1", "Q6_K": "Q8_0", "TQ1_0": "Q4_0", "TQ2_0": "Q4_0"}
_FALLBACK |= {"IQ3_S": "IQ4_NL", "IQ4_XS": "IQ4_NL"}
_SMALL_BLOCK = 32

# Layers of the models that llama.cpp calls 70B: few heads share the values, so that a
# better type for these costs little.
_LAYERS_OF_70B = {"llama": 80, "qwen2": 80, "deci": 80, "olmo": 80, "jais2": 68}
_EIGHT = 8
_MANY_SHARE = 4


@dataclass(frozen=True, slots=True)
class Traits:
    """What the rule asks of a model. `heads` share `kv_heads` keys and values."""

    architecture: str
    layers: int
    experts: int
    heads: int
    kv_heads: int

    @classmethod
    def of(cls, header: Header) -> Traits:
        """Read them from a header."""
        name = header.text("general.architecture")
        heads = _first_number(header, f"{name}.attention.head_count") or 0
        shared = _first_number(header, f"{name}.attention.head_count_kv")
        return cls(
            name,
            header.number(f"{name}.block_count") or 0,
            header.number(f"{name}.expert_count") or 0,
            heads,
            heads if shared is None else shared,
        )

    @property
    def shared(self) -> int:
        """How many heads share a key and a value."""
        return self.heads // self.kv_heads if self.kv_heads > 0 else 0

    @property
    def is_70b(self) -> bool:
        """Whether it is one of the models that llama.cpp calls 70B."""
        if self.architecture == "llama" and (
            self.experts == _EIGHT or self.heads == self.kv_heads
        ):
            return False
        return _LAYERS_OF_70B.get(self.architecture) == self.layers


def in_order(tensors: Iterable[Tensor]) -> list[Tensor]:
    """Return tensors in the order in which llama.cpp takes them: layer, then name."""

    def key(tensor: Tensor) -> tuple[int, bytes]:
        layer = _LAYER.match(tensor.name)
        return (int(layer[1]) if layer else -1, tensor.name.encode())

    return sorted(tensors, key=key)


def tensor_types(
    tensors: Iterable[Tensor], traits: Traits, file_type: FileType
) -> dict[str, GgmlType]:
    """Return the type of each tensor by its name, in llama.cpp's order.

    Raises:
        UsageError: a tensor's rows do not fit the type, and there is no other for it.

    """
    ordered = in_order(tensors)
    choice = _Choice(ordered, traits, file_type)
    return {each.name: choice.type_of(each) for each in ordered}


class _Choice:
    """One pass over the tensors of a file; counts the layers on its way."""

    def __init__(
        self, tensors: list[Tensor], traits: Traits, file_type: FileType
    ) -> None:
        self._traits = traits
        self._type = file_type
        self._falcon = traits.architecture == "falcon"
        self._eight = traits.experts == _EIGHT
        names = {each.name for each in tensors}
        self._tied = _OUTPUT not in names
        self._values = sum(_kind(name) == "values" for name in names)
        self._values_seen = 0
        self._down_seen = 0

    def type_of(self, tensor: Tensor) -> GgmlType:
        if not self._may(tensor):
            return tensor.type
        most = self._type.most
        if not most.is_quantized:
            return most
        return self._fitting(tensor, BY_NAME[self._best(tensor) or most.name])

    def _may(self, tensor: Tensor) -> bool:
        """Whether the tensor is to be quantized at all."""
        name, architecture = tensor.name, self._traits.architecture
        # A tensor of integers is a table, whatever it is called.
        kind = tensor.type.is_base or tensor.type.is_quantized
        if not kind or all(length == 1 for length in tensor.shape[1:]):
            return False
        if not name.endswith("weight") or _NEVER.search(name):
            return False
        return not (architecture == "glm5-next" and _NEVER_IN_GLM5.search(name))

    def _fitting(self, tensor: Tensor, wanted: GgmlType) -> GgmlType:
        """Return the type wanted, or one that the length of a row is a multiple of."""
        row = tensor.shape[0]
        if row % wanted.block == 0:
            return wanted
        if wanted.block > _SMALL_BLOCK and wanted.name not in _FALLBACK:
            message = (
                f"{self._type.name} needs rows of a multiple of {wanted.block}: those "
                f"of {tensor.name[:60]} have {row}."
            )
            raise UsageError(
                message, hint="Choose another type: Q4_K_M is the usual one."
            )
        other = BY_NAME[_FALLBACK.get(wanted.name, wanted.name)]
        return other if row % other.block == 0 else BY_NAME["F16"]

    def _best(self, tensor: Tensor) -> str | None:
        """Return the type by the rule; None is that of most tensors."""
        name = tensor.name
        kind = _kind(name)
        best: str | None = None
        if self._traits.architecture == "glm5-next" and _FINE_IN_GLM5.search(name):
            best = "Q8_0"
        elif name == _OUTPUT or (self._tied and name in _EMBEDDINGS):
            best = self._for_output(tensor)
        elif self._type.name == "MXFP4_MOE":
            best = self._for_expert(tensor, kind)
        elif name in _EMBEDDINGS:
            ternary = self._type.name in {"TQ1_0", "TQ2_0", "Q2_0"}
            best = "Q4_K" if ternary else None
        elif kind == "values":
            best = self._for_values()
        elif kind == "keys":
            best = "Q8_0" if self._eight else None
        elif kind == "attention":
            best = self._for_attention()
        elif kind == "down":
            best = self._for_down(name)
        return best

    def _for_output(self, tensor: Tensor) -> str | None:
        most = self._type.most
        if self._type.name == "MXFP4_MOE" or self._falcon:
            return "Q8_0"
        if tensor.shape[0] % most.block:
            return "Q8_0"
        return None if most.name == "Q8_0" else "Q6_K"

    def _for_expert(self, tensor: Tensor, kind: str) -> str:
        experts = len(tensor.shape) > 2 and tensor.shape[2] > 1  # noqa: PLR2004
        if self._traits.architecture == "bailingmoe3":
            experts = experts and kind in {"up", "gate", "down"}
        return "MXFP4" if experts else "Q8_0"

    def _for_values(self) -> str | None:
        seen, shared = self._values_seen, self._traits.shared >= _MANY_SHARE
        self._values_seen += 1
        if self._eight:
            return "Q8_0"
        more = _more_bits(seen, self._values)
        best = self._first(
            {
                "Q2_K": ((shared, "Q4_K"), (True, "Q3_K")),
                "Q3_K_M": ((seen < 2, "Q5_K"), (True, "Q4_K")),  # noqa: PLR2004
                "Q3_K_L": ((True, "Q5_K"),),
                "IQ3_S": ((shared, "Q4_K"),),
                "IQ3_M": ((True, "Q4_K"),),
                "IQ4_NL": ((shared, "Q5_K"),),
                "IQ4_XS": ((shared, "Q5_K"),),
                "Q4_K_S": ((seen < 4, "Q5_K"),),  # noqa: PLR2004
                "Q4_K_M": ((more, "Q6_K"),),
                "Q5_K_M": ((more, "Q6_K"),),
            }
        )
        if self._traits.is_70b and (best or self._type.most.name) in {"Q3_K", "Q4_K"}:
            return "Q5_K"
        return best

    def _for_attention(self) -> str | None:
        if self._falcon:
            return "Q4_K" if self._type.name == "Q3_K_L" else None
        if self._eight:
            better = {"Q2_K", "Q3_K_S", "Q3_K_M", "Q4_K_S", "Q4_K_M"}
            better |= {"IQ3_S", "IQ3_M", "IQ4_NL", "IQ4_XS"}
            return "Q5_K" if self._type.name in better else None
        better_by_type = {"Q2_K": "Q3_K", "Q3_K_M": "Q4_K", "Q3_K_L": "Q5_K"}
        better_by_type["IQ3_M"] = "Q4_K"
        return better_by_type.get(self._type.name)

    def _for_down(self, name: str) -> str | None:
        layer, layers = self._down_seen, self._traits.layers
        self._down_seen += 1
        if self._traits.experts > 1:
            # There are several in a layer, so their number says nothing.
            found = _LAYER.match(name)
            layer = int(found[1]) if found else layer
        falcon, more = self._falcon, _more_bits(layer, layers)
        eighth, sixteenth = layer < layers // 8, layer < layers // 16
        return self._first(
            {
                "Q2_K": ((True, "Q3_K"),),
                "Q3_K_M": ((sixteenth, "Q5_K"), (more or not falcon, "Q4_K")),
                "Q3_K_L": ((falcon, "Q4_K"), (True, "Q5_K")),
                "IQ3_M": ((eighth or (self._eight and more), "Q4_K"),),
                "IQ4_NL": ((eighth, "Q5_K"),),
                "IQ4_XS": ((eighth, "Q5_K"),),
                "Q4_K_S": ((eighth and not falcon, "Q5_K"),),
                "Q4_K_M": (
                    (sixteenth or (more and not falcon), "Q6_K"),
                    (more, "Q5_K"),
                ),
                "Q5_K_M": ((more, "Q6_K"),),
            }
        )

    def _first(self, rules: dict[str, tuple[tuple[bool, str], ...]]) -> str | None:
        """Return the first type whose condition holds, of those for this file."""
        return next(
            (best for holds, best in rules.get(self._type.name, ()) if holds), None
        )


def _first_number(header: Header, key: str) -> int | None:
    """Return a number; where each layer has its own, that of the first."""
    value = header.values.get(key)
    if isinstance(value, Array):
        value = value.values[0] if value.values else None
    return value if isinstance(value, int) else None


def _kind(name: str) -> str:
    if name == _OUTPUT or name in _EMBEDDINGS:
        return ""
    return next((kind for form, kind in _KINDS if form.search(name)), "")


def _more_bits(layer: int, layers: int) -> bool:
    """Whether a layer is of the first or last eighth, or every third between."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2  # noqa: PLR2004
