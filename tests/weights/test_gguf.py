"""A GGUF file is known from its header; a damaged one is one clear line."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from parllama_nb.errors import DamagedModelError, ParllamaError, UsageError
from parllama_nb.weights.gguf_facts import gguf_facts, gguf_parts
from parllama_nb.weights.gguf_header import read_header

from .made_weights import make_gguf


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return make_gguf(tmp_path / "tiny.gguf")


def test_a_file_is_known_from_its_header(whole: Path) -> None:
    facts = gguf_facts(whole)

    assert facts.kind == "model"
    assert (facts.architecture, facts.name, facts.version) == ("llama", "Tiny", 3)
    assert facts.parameters == 64 + 64 * 256
    assert facts.quantization == "F16"
    assert not facts.is_quantized
    assert (facts.context_length, facts.embedding_length, facts.layers) == (2048, 64, 2)
    assert (facts.tokenizer, facts.vocabulary) == ("gpt2", 300)
    assert facts.chat_template == "{{ messages }}"
    assert facts.license == "mit"
    assert facts.tensor_types == {"F32": 1, "F16": 1}
    assert (facts.part, facts.parts) == (1, 1)
    assert facts.size == whole.stat().st_size


def test_the_header_equals_what_the_package_gguf_reads(whole: Path) -> None:
    import gguf

    reader = gguf.GGUFReader(whole)
    header = read_header(whole)

    names = {name for name in reader.fields if not name.startswith("GGUF.")}
    assert set(header.values) == names
    tensors = [
        (t.name, tuple(map(int, t.shape)), int(t.tensor_type), t.data_offset)
        for t in reader.tensors
    ]
    assert tensors == [
        (t.name, t.shape, t.kind, header.data + t.offset) for t in header.tensors
    ]


@pytest.mark.parametrize("kind", ["F32", "F16", "Q8_0", "Q4_K_M"])
def test_its_quantization_is_the_one_it_names(tmp_path: Path, kind: str) -> None:
    facts = gguf_facts(make_gguf(tmp_path / "m.gguf", kind=kind))
    assert facts.quantization == kind
    assert facts.is_quantized == (kind[0] == "Q")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "model"),
        ({"general__type": "adapter"}, "adapter"),
        ({"general__type": "mmproj", "architecture": "clip"}, "projector"),
        ({"architecture": "clip", "clip__has_vision_encoder": True}, "projector"),
    ],
)
def test_a_projector_and_an_adapter_are_no_models(
    tmp_path: Path, more: dict[str, object], kind: str
) -> None:
    assert gguf_facts(make_gguf(tmp_path / "m.gguf", **more)).kind == kind  # type: ignore[arg-type]


def test_a_large_vocabulary_takes_no_second(tmp_path: Path) -> None:
    path = make_gguf(tmp_path / "m.gguf", tokens=260_000)
    read_header(path)
    begun = time.process_time()
    assert gguf_facts(path).vocabulary == 260_000
    assert time.process_time() - begun < 1


def test_all_parts_of_a_split_file_are_found_or_the_missing_one_named(
    tmp_path: Path,
) -> None:
    paths = [
        make_gguf(tmp_path / f"m-0000{part}-of-00003.gguf", split=(part, 3))
        for part in (1, 2, 3)
    ]
    assert gguf_parts(paths[1]) == tuple(paths)
    facts = gguf_facts(paths[1])
    assert (facts.part, facts.parts) == (2, 3)

    paths[2].unlink()
    with pytest.raises(DamagedModelError, match=r"m-00003-of-00003\.gguf is not"):
        gguf_parts(paths[0])
    assert gguf_parts(tmp_path / "m.gguf") == (tmp_path / "m.gguf",)


def _claims(**counts: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        tensors, values = struct.unpack_from("<QQ", data, 8)
        tensors, values = counts.get("tensors", tensors), counts.get("values", values)
        return data[:8] + struct.pack("<QQ", tensors, values) + data[24:]

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: b"", r"is empty \(0 bytes\)"),
        (lambda _: b"GGU", "too short"),
        (lambda d: b"GGML" + d[4:], "is not a GGUF file"),
        (lambda d: b"tjgg" + d[4:], "a format from before GGUF"),
        (lambda _: b"<!DOCTYPE html><title>Sign in</title>", "but a web page"),
        (lambda _: b"version https://git-lfs.github.com/spec/v1\n", "of Git LFS"),
        (lambda _: bytes(4096), "but zeros"),
        (lambda d: d[:4] + struct.pack(">I", 3) + d[8:], "big-endian"),
        (lambda d: d[:4] + struct.pack("<I", 1) + d[8:], "of version 1"),
        (lambda d: d[:4] + struct.pack("<I", 77) + d[8:], "of version 77"),
        (lambda d: d[:-1], r"is truncated: .* of .* are there"),
        (lambda d: d[: len(d) // 2], "is truncated"),
        (lambda d: d[:900], "ends within its"),
        (_claims(tensors=2**63), "claims 9,223,372,036,854,775,808 tensors"),
        (_claims(values=2**40), "values in"),
        (_claims(values=70), "."),
    ],
)
def test_a_damaged_file_is_one_clear_line(
    whole: Path, change: Callable[[bytes], bytes], words: str
) -> None:
    whole.write_bytes(change(whole.read_bytes()))
    with pytest.raises(DamagedModelError, match=words) as caught:
        gguf_facts(whole)
    assert caught.value.message.startswith("tiny.gguf ")
    assert caught.value.hint


@pytest.mark.parametrize("seed", range(6))
def test_no_mutation_of_a_header_is_a_crash(
    whole: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    data = whole.read_bytes()
    end = read_header(whole).data
    mutated = tmp_path / "mutated.gguf"
    refused = 0
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(min(end, 1200) if chance.random() < 0.5 else end)
            if chance.random() < 0.3:
                changed[place : place + 8] = struct.pack("<Q", chance.getrandbits(64))
            else:
                changed[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF])
        mutated.write_bytes(changed[: chance.choice([len(changed), len(changed), end])])
        try:
            gguf_facts(mutated)
        except ParllamaError as error:
            refused += 1
            assert "\n" not in error.message  # noqa: PT017
    assert refused > 50


def test_a_file_that_is_not_there_or_not_to_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        gguf_facts(tmp_path / "none.gguf")
    with pytest.raises(DamagedModelError, match="is not a file"):
        gguf_facts(tmp_path)
