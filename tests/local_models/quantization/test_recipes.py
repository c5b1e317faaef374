"""The types of files and of tensors: their numbers and sizes, and how to name them."""

from __future__ import annotations

import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType

from parllama_nb.errors import UsageError
from parllama_nb.local_models.quantization import TYPES, find_type
from parllama_nb.local_models.quantization.ggml_types import BY_NAME, BY_NUMBER
from parllama_nb.local_models.quantization.source import Tensor
from parllama_nb.local_models.quantization.tensor_types import Traits, tensor_types

WANTED = [each for each in TYPES.values() if not each.needs_importance]


def test_the_formats_of_tensors_are_those_of_ggml() -> None:
    theirs = {kind.value: kind for kind in GGMLQuantizationType}
    for number, kind in BY_NUMBER.items():
        # Of Q8_1 it gives a size that ggml has not had for years.
        if number in theirs and kind.name != "Q8_1":
            assert theirs[number].name == kind.name
            assert GGML_QUANT_SIZES[theirs[number]] == (kind.block, kind.size)


def test_the_types_of_files_have_the_numbers_of_llama_cpp() -> None:
    theirs = {
        each.name.removeprefix("MOSTLY_").removeprefix("ALL_"): each.value
        for each in LlamaFileType
    }
    for name, file_type in TYPES.items():
        if name in theirs:
            assert file_type.number == theirs[name], name
    assert len({each.number for each in TYPES.values()}) == len(TYPES)


@pytest.mark.parametrize("file_type", WANTED, ids=lambda each: each.name)
def test_the_bits_are_those_of_a_llama_3_of_8b(file_type: object) -> None:
    def tensor(name: str, *shape: int) -> Tensor:
        kind = "F16" if len(shape) > 1 else "F32"
        return Tensor(name, shape, BY_NAME[kind], 0, 0)

    wide, inner, shared = 4096, 14336, 1024
    tensors = [
        tensor("token_embd.weight", wide, 128256),
        tensor("output.weight", wide, 128256),
        tensor("output_norm.weight", wide),
    ]
    shapes = {"attn_q": (wide, wide), "attn_k": (wide, shared)}
    shapes |= {"attn_v": (wide, shared), "attn_output": (wide, wide)}
    shapes |= {"ffn_gate": (wide, inner), "ffn_up": (wide, inner)}
    shapes |= {"ffn_down": (inner, wide)}
    tensors += [
        tensor(f"blk.{layer}.{name}.weight", *shape)
        for layer in range(32)
        for name, shape in shapes.items()
    ]
    types = tensor_types(tensors, Traits("llama", 32, 0, 32, 8), file_type)
    size = sum(types[each.name].nbytes(each.weights) for each in tensors)
    bits = 8 * size / sum(each.weights for each in tensors)
    assert file_type.bits == pytest.approx(bits, abs=0.051)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("q4_k_m", "Q4_K_M"), (" Q4-K-M ", "Q4_K_M"), ("Q4_K", "Q4_K_M"), ("f16", "F16")],
)
def test_a_type_is_found_however_it_is_typed(typed: str, name: str) -> None:
    assert find_type(typed).name == name


def test_near_misses_are_offered_for_an_unknown_type() -> None:
    with pytest.raises(UsageError, match="no type 'q4_k_x'") as caught:
        find_type("q4_k_x")
    assert "Q4_K_" in str(caught.value.hint)
    with pytest.raises(UsageError, match="Did you mean"):
        find_type("")
    with pytest.raises(UsageError) as caught:
        find_type("x" * 1000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "name", [each.name for each in TYPES.values() if each.needs_importance]
)
def test_a_type_that_needs_an_importance_matrix_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} needs an importance matrix"):
        find_type(name)
