"""The choice of types is llama.cpp's: compared with what llama-quantize has made."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.local_models.quantization import TYPES, estimate, quantize
from parllama_nb.local_models.quantization.ggml_types import BY_NAME
from parllama_nb.local_models.quantization.plan import make_plan
from parllama_nb.local_models.quantization.source import read_source
from parllama_nb.local_models.quantization.tensor_types import (
    Traits,
    in_order,
    tensor_types,
)
from parllama_nb.secret import Redactor
from tests.local_models.quantization.demo import demo_f16
from tests.local_models.quantization.invented import INVENTED, write
from tests.local_models.quantization.recorded import (
    CRASHED,
    DEMO,
    RECORDED,
    compact,
    their_file,
)
from tests.providers.embedded.model import demo_model

THEIRS = json.loads(RECORDED.read_text())

LLAMA_QUANTIZE = os.environ.get("PARLLAMA_NB_LLAMA_QUANTIZE", "")
live = pytest.mark.skipif(
    not LLAMA_QUANTIZE, reason="PARLLAMA_NB_LLAMA_QUANTIZE names no llama-quantize"
)


@pytest.mark.parametrize("name", INVENTED)
def test_types_and_size_are_those_of_llama_quantize(name: str, tmp_path: Path) -> None:
    source = write(tmp_path / "source.gguf", INVENTED[name])
    for file_type, expected in THEIRS[name].items():
        if isinstance(expected, str):  # it refused, and so do we
            with pytest.raises(UsageError, match="rows"):
                estimate(source, file_type)
            continue
        size, types = expected
        plan = make_plan(source, TYPES[file_type])
        assert compact(plan.types) == types, file_type
        assert plan.size == size, file_type


@pytest.mark.embedded
@pytest.mark.parametrize("file_type", THEIRS[DEMO])
def test_types_of_the_demo_model_are_those_of_llama_quantize(file_type: str) -> None:
    source = read_source(demo_model())
    wide = BY_NAME["F16"]
    tensors = [
        replace(each, type=wide) if each.type.is_quantized else each
        for each in source.tensors
    ]
    traits = Traits.of(source.header)
    assert traits == Traits("llama", 30, 0, 9, 3)
    expected = THEIRS[DEMO][file_type]
    if isinstance(expected, str):
        with pytest.raises(UsageError, match="rows of a multiple of 128"):
            tensor_types(tensors, traits, TYPES[file_type])
        return
    types = tensor_types(tensors, traits, TYPES[file_type])
    assert compact({name: kind.name for name, kind in types.items()}) == expected[1]


def test_tensors_come_by_layer_then_by_name(tmp_path: Path) -> None:
    source = write(tmp_path / "source.gguf", INVENTED["rows of 288"])
    names = [each.name for each in in_order(read_source(source).tensors)]
    assert names[:3] == ["output.weight", "output_norm.weight", "token_embd.weight"]
    assert names[3] == "blk.0.attn_k.weight"
    assert names[-1] == "blk.8.ffn_up.weight"


@live
@pytest.mark.slow
@pytest.mark.parametrize("name", INVENTED)
async def test_whole_files_are_those_of_llama_quantize(
    name: str, tmp_path: Path
) -> None:
    model = INVENTED[name]
    await compare(write(tmp_path / "source.gguf", model), model.kind.name)


@live
@pytest.mark.long
@pytest.mark.embedded
async def test_whole_files_of_the_demo_model_are_those_of_llama_quantize(
    tmp_path: Path,
) -> None:
    await compare(demo_f16(tmp_path), "F16")


async def compare(source: Path, own: str) -> None:
    """Have both make a file of every type; they are the same, byte by byte."""
    ours, theirs = source.with_name("ours.gguf"), source.with_name("theirs.gguf")
    for file_type in TYPES.values():
        if file_type.needs_importance:
            continue
        reason = their_file(LLAMA_QUANTIZE, source, theirs, file_type.name)
        work = quantize(
            source,
            ours,
            file_type.name,
            lambda _: None,
            redact=Redactor(),
            threads=2,
            overwrite=True,
        )
        if reason == CRASHED:  # as it does with pictures where it asks for heads
            await work
            continue
        if reason or file_type.name == own:
            with pytest.raises(UsageError):
                await work
            continue
        await work
        assert ours.read_bytes() == theirs.read_bytes(), file_type.name
