"""What a GGUF file says: of the demo model, of tiny ones, and of wrong ones."""

from __future__ import annotations

import contextlib
import random
import struct
import time
from pathlib import Path

import gguf
import pytest

from parllama_nb.errors import DamagedModelError, ModelNotFoundError
from parllama_nb.providers.embedded.metadata import Metadata, read_metadata

from .model import demo_model
from .tiny_models import bert, some_model, split_model


@pytest.mark.embedded
def test_the_demo_model_is_read_in_a_moment() -> None:
    path = demo_model()
    begun = time.monotonic()
    found = read_metadata(path)
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
    found, reader = read_metadata(path), gguf.GGUFReader(path)
    assert found.parameters == sum(int(t.n_elements) for t in reader.tensors)
    field = reader.get_field("llama.context_length")
    assert field is not None
    assert found.context_window == field.contents()


def test_a_model_for_embeddings_is_told_by_its_pooling(tmp_path: Path) -> None:
    found = read_metadata(bert(tmp_path / "m.gguf"))
    assert found.pooling == "cls"
    assert found.is_encoder
    assert found.capabilities == {"embedding"}


def test_the_parts_of_a_split_model_are_counted_together(tmp_path: Path) -> None:
    files = split_model(tmp_path, "big")
    found = read_metadata(files[0])
    assert found.parts == 3
    assert found.size == sum(file.stat().st_size for file in files)
    assert found.parameters == 3 * 4 * 16 * 64


@pytest.mark.parametrize(
    ("parameters", "text"),
    [(0, "0"), (950, "950"), (135e6, "135M"), (1.236e9, "1.2B"), (7e9, "7B")],
)
def test_the_number_of_parameters_is_written_as_usual(
    parameters: float, text: str
) -> None:
    assert Metadata("", "", "", int(parameters), 0).parameter_size == text


def test_a_missing_file_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="cannot be read") as caught:
        read_metadata(tmp_path / "nowhere.gguf")
    assert str(tmp_path) in (caught.value.hint or "")
    with pytest.raises(ModelNotFoundError):
        read_metadata(tmp_path)


def header(*, version: int = 3, tensors: int = 0, pairs: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"<html>", "not a GGUF file"),
        (header(version=1), "version 1"),
        (b"GGUF\0\0\0\3", "another byte order"),
        (header(pairs=2**60), "claims to have"),
        (header(tensors=2**60), "claims to have"),
        (header(pairs=1), "ends within its header"),
        (header(pairs=1) + struct.pack("<Q", 2**62), "claims to have"),
        (header(pairs=1) + text("k") + struct.pack("<I", 99), "unknown type 99"),
        (
            header(pairs=1) + text("k") + struct.pack("<IIQ", 9, 8, 2**61),
            "claims to have",
        ),
        (
            header(pairs=1) + text("k") + struct.pack("<IIQ", 9, 4, 2**61),
            "ends within its header",
        ),
        (
            header(pairs=1) + text("k") + struct.pack("<IIQ", 9, 9, 1),
            "an array of the unknown type",
        ),
        (
            header(pairs=1) + text("general.alignment") + struct.pack("<II", 4, 0),
            "alignment",
        ),
        (
            header(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 10**9, 0, 0),
            "not within the file",
        ),
        (
            header(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 8, 0, 2**63),
            "not within the file",
        ),
    ],
)
def test_a_wrong_file_is_one_clear_error(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(DamagedModelError, match="m is damaged") as caught:
        read_metadata(path)
    assert reason in caught.value.message
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_type_that_the_package_does_not_know_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(
        header(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 64, 9999, 0)
    )
    found = read_metadata(path)
    assert (found.parameters, found.quantization) == (64, "type 9999")


def test_thousands_of_mutations_end_soon_and_in_our_errors(tmp_path: Path) -> None:
    whole = some_model(tmp_path / "whole.gguf", kilobytes=1).read_bytes()
    path, chance = tmp_path / "m.gguf", random.Random(11)
    header_size = len(whole) - 4 * 256
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(4, header_size)
            kind = chance.random()
            if kind < 0.4:
                data[at] = chance.randrange(256)
            elif kind < 0.7:
                data[at : at + 8] = struct.pack("<Q", chance.getrandbits(64))
            elif kind < 0.85:
                del data[at:]
                break
            else:
                del data[at : at + chance.randint(1, 9)]
        path.write_bytes(data)
        with contextlib.suppress(DamagedModelError):
            read_metadata(path)
