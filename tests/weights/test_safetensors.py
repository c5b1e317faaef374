"""A folder is refused before it travels if no server converts it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.errors import ParllamaError
from parllama_nb.weights.safetensors_facts import safetensors_facts

from .made_weights import make_folder, make_safetensors


def test_a_folder_is_known_from_its_headers(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "m")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text("{}")

    facts = safetensors_facts(folder)

    assert (facts.kind, facts.architecture) == ("model", "LlamaForCausalLM")
    assert facts.parameters == 256
    assert facts.numbers == {"BF16": 256}
    assert not facts.is_fp8
    assert facts.since == (0, 1, 32)
    assert set(facts.files) == {
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "1_Pooling/config.json",
    }
    assert facts.size == sum(path.stat().st_size for path in facts.files.values())


def test_a_folder_of_links_as_the_hub_caches_it_is_read(tmp_path: Path) -> None:
    blobs = make_folder(tmp_path / "blobs")
    folder = tmp_path / "snapshot"
    folder.mkdir()
    for path in blobs.iterdir():
        (folder / path.name).symlink_to(path)
    assert safetensors_facts(folder).parameters == 256


def test_an_adapter_says_what_it_is_for(tmp_path: Path) -> None:
    told = {"peft_type": "LORA", "base_model_name_or_path": "meta-llama/Llama-3.2-1B"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(told))
    make_safetensors(tmp_path / "adapter_model.safetensors", "F32")

    facts = safetensors_facts(tmp_path)

    assert (facts.kind, facts.base) == ("adapter", "meta-llama/Llama-3.2-1B")
    assert set(facts.files) == {"adapter_config.json", "adapter_model.safetensors"}


def test_numbers_of_eight_bits_need_a_newer_server(tmp_path: Path) -> None:
    quantized = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    folder = make_folder(tmp_path / "m", quantization_config=quantized)
    make_safetensors(folder / "model-00001-of-00002.safetensors", "F8_E4M3")

    facts = safetensors_facts(folder)

    assert facts.is_fp8
    assert facts.since == (0, 22, 1)


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _with(name: str, data: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return change


def _config(**more: Any) -> Callable[[Path], None]:
    told = {"architectures": ["LlamaForCausalLM"], **more}
    return _with("config.json", json.dumps(told).encode())


def _cut(folder: Path) -> None:
    path = folder / "model-00002-of-00002.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


def _eight_bits(folder: Path) -> None:
    make_safetensors(folder / "model-00001-of-00002.safetensors", "F8_E4M3")


def _no_weights(folder: Path) -> None:
    for path in folder.glob("*.safetensors"):
        path.unlink()


_FIRST = "model-00001-of-00002.safetensors"


@pytest.mark.parametrize(
    ("change", "words", "hint"),
    [
        (_no_weights, "holds no model*.safetensors", "GGUF"),
        (_without("config.json"), "lacks config.json", "whole repository"),
        (_without("tokenizer.json"), "lacks tokenizer.model or tokenizer", "whole"),
        (_without("model-00002-of-00002.safetensors"), "lacks model-00002", "whole"),
        (_config(architectures=["Qwen3ForCausalLM"]), "Qwen3ForCausalLM", "to GGUF"),
        (_config(architectures=[]), "names no architecture", "architectures"),
        (_config(architectures="Llama"), "no architecture", "with one name"),
        (_config(quantization_config={"quant_method": "gptq"}), "(gptq)", "GGUF"),
        (_with("config.json", b"{"), "config.json is not a JSON object", "Fetch"),
        (_with("config.json", b"[" * 100_000), "not a JSON object", "Fetch"),
        (_with(_FIRST, b""), "is empty (0 bytes)", "Fetch"),
        (_with(_FIRST, b"version https://git-lfs"), "a pointer of Git LFS", "lfs"),
        (_with(_FIRST, struct.pack("<Q", 2**60) + b"{}"), "not a safetensors", "Fetch"),
        (_with(_FIRST, struct.pack("<Q", 5000) + b"{}"), "is truncated", "Fetch"),
        (_with(_FIRST, struct.pack("<Q", 7) + b'{"w":1}'), "a tensor without", "Fetch"),
        (_cut, "246 B of 256 B are there", "Fetch"),
        (_eight_bits, "FP8 numbers", "block size"),
    ],
)
def test_what_a_server_would_refuse_is_one_clear_line(
    tmp_path: Path, change: Callable[[Path], None], words: str, hint: str
) -> None:
    folder = make_folder(tmp_path / "m")
    change(folder)
    with pytest.raises(ParllamaError) as caught:
        safetensors_facts(folder)
    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_name_in_an_index_leads_nowhere_else(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "m")
    (tmp_path / "secret.txt").write_text("x")
    index = {"weight_map": {"w": "../secret.txt"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ParllamaError, match=r"lacks secret\.txt"):
        safetensors_facts(folder)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ParllamaError, match="There is no folder"):
        safetensors_facts(tmp_path / "none")
