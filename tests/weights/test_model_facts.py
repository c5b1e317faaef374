"""What the files of a model say together: of the demo model, and of tiny ones."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from parllama_nb.errors import DamagedModelError, UsageError
from parllama_nb.weights.gguf_facts import gguf_facts, model_facts
from tests.providers.embedded.model import demo_model

from .tiny_models import bert, some_model, split_model


@pytest.mark.embedded
def test_the_demo_model_is_read_in_a_moment() -> None:
    path = demo_model()
    begun = time.monotonic()
    found = model_facts(path)
    assert time.monotonic() - begun < 2.0
    assert found.architecture == "llama"
    assert found.quantization == "Q4_1"
    assert found.parameters == 134_515_008
    assert found.parameter_size == "135M"
    assert found.size == path.stat().st_size
    assert (found.context_window, found.embedding_length) == (8192, 576)
    assert (found.layers, found.vocabulary) == (30, 49_152)
    assert (found.tokenizer, found.license) == ("gpt2", "apache-2.0")
    assert "<|im_start|>" in found.chat_template
    assert found.capabilities == {"completion"}


def test_it_agrees_with_the_formats_own_reader(tmp_path: Path) -> None:
    path = some_model(tmp_path / "m.gguf")
    found, reader = model_facts(path), gguf.GGUFReader(path)
    assert found.parameters == sum(int(t.n_elements) for t in reader.tensors)
    field = reader.get_field("llama.context_length")
    assert field is not None
    assert found.context_window == field.contents()


def test_a_model_for_embeddings_is_told_by_its_pooling(tmp_path: Path) -> None:
    found = model_facts(bert(tmp_path / "m.gguf"))
    assert found.pooling == "cls"
    assert found.is_encoder
    assert found.capabilities == {"embedding"}


def test_the_parts_of_a_split_model_are_counted_together(tmp_path: Path) -> None:
    files = split_model(tmp_path, "big")
    found = model_facts(files[0])
    assert found.parts == 3
    assert found.size == sum(file.stat().st_size for file in files)
    assert found.parameters == 3 * 4 * 16 * 64
    assert found.tensors == 3 * 4
    assert found.quantization == "Q4_K_M"
    assert gguf_facts(files[0]).parameters == 4 * 16 * 64


def test_a_split_model_is_read_from_its_first_part(tmp_path: Path) -> None:
    files = split_model(tmp_path, "big")
    with pytest.raises(DamagedModelError, match="is part 2 of 3 of a model") as caught:
        model_facts(files[1])
    assert files[0].name in (caught.value.hint or "")
    files[2].unlink()
    with pytest.raises(UsageError, match=files[2].name):
        model_facts(files[0])


@pytest.mark.parametrize(
    ("parameters", "text"),
    [(0, "0"), (950, "950"), (135e6, "135M"), (1.236e9, "1.2B"), (7e9, "7B")],
)
def test_the_number_of_parameters_is_written_as_usual(
    tmp_path: Path, parameters: float, text: str
) -> None:
    facts = gguf_facts(some_model(tmp_path / "m.gguf"))
    assert replace(facts, parameters=int(parameters)).parameter_size == text
