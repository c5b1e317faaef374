"""A GGUF file is known from its header; a damaged one is one clear line."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from parllama_nb.errors import DamagedModelError, ParllamaError, UsageError
from parllama_nb.weights.gguf_facts import gguf_facts
from parllama_nb.weights.gguf_header import read_header
from parllama_nb.weights.split_files import is_part, part_paths, parts_there

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
    assert (facts.context_window, facts.embedding_length, facts.layers) == (2048, 64, 2)
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
    assert parts_there(paths[1]) == tuple(paths)
    facts = gguf_facts(paths[1])
    assert (facts.part, facts.parts) == (2, 3)

    paths[2].unlink()
    with pytest.raises(DamagedModelError, match=r"m-00003-of-00003\.gguf is not"):
        parts_there(paths[0])
    assert parts_there(tmp_path / "m.gguf") == (tmp_path / "m.gguf",)
    with pytest.raises(DamagedModelError, match="one of 99,999 parts"):
        parts_there(tmp_path / "m-00001-of-99999.gguf")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("m-00002-of-00003.gguf", 3),
        ("M-00001-of-00002.GGUF", 2),
        ("m.gguf", 1),
        ("m-00000-of-00003.gguf", 1),
        ("m-00004-of-00003.gguf", 1),
        ("m-00001-of-00000.gguf", 1),
        ("m-1-of-3.gguf", 1),
    ],
)
def test_a_part_is_known_by_its_name(tmp_path: Path, name: str, count: int) -> None:
    paths = part_paths(tmp_path / name)
    assert len(paths) == count
    assert tmp_path / name in paths
    assert is_part(name) == (count > 1)


def _header(rest: bytes, *, tensors: int = 0, values: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, values) + rest


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def _value(kind: int, rest: bytes = b"", key: str = "k") -> bytes:
    """A header with one value of this type."""
    return _header(_text(key) + struct.pack("<I", kind) + rest, values=1)


def _tensor(elements: int, kind: int, offset: int) -> bytes:
    """A header with one tensor."""
    entry = _text("t") + struct.pack("<IQIQ", 1, elements, kind, offset)
    return _header(entry, tensors=1)


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
        (
            lambda _: _header(struct.pack("<Q", 2**62) + b"     ", values=1),
            "truncated: it ends",
        ),
        (lambda _: _value(99), "unknown type 99"),
        (lambda _: _value(9, struct.pack("<IQ", 8, 2**61)), "within its header"),
        (lambda _: _value(9, struct.pack("<IQ", 4, 2**61)), "ends within its header"),
        (lambda _: _value(9, struct.pack("<IQ", 9, 2**61)), "arrays within arrays"),
        (
            lambda _: _value(9, struct.pack("<IQ", 77, 1)),
            "array of the unknown type 77",
        ),
        (lambda _: _value(7, b"\1", "general.alignment"), "alignment"),
        (lambda _: _tensor(10**9, 0, 0), "is truncated: .* of 4.0 GB are there"),
        (lambda _: _tensor(8, 0, 2**63), "of 9223372 TB are there"),
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


@pytest.mark.parametrize("alignment", [0, 3, 2**31])
def test_an_alignment_is_a_power_of_two(tmp_path: Path, alignment: int) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(_value(4, struct.pack("<I", alignment), "general.alignment"))
    with pytest.raises(DamagedModelError, match="has an impossible alignment"):
        gguf_facts(path)


def test_a_type_that_the_package_does_not_know_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(_tensor(64, 9999, 0))
    found = gguf_facts(path)
    assert (found.parameters, found.quantization) == (64, "type 9999")


def test_what_is_no_count_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    more = {"x__context_length": True, "x__block_count": 0, "x__pooling_type": 77}
    facts = gguf_facts(make_gguf(path, architecture="x", **more))
    # The values that the writer adds itself come first, and the last one counts.
    assert (facts.context_window, facts.layers, facts.pooling) == (None, None, "")


@pytest.mark.parametrize("seed", range(6))
def test_no_mutation_of_a_header_is_a_crash(
    whole: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    data = whole.read_bytes()
    end = read_header(whole).data
    mutated = tmp_path / "mutated.gguf"
    refused = 0
    for _ in range(700):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(min(end, 1200) if chance.random() < 0.5 else end)
            match chance.choice("bbbbnnn-x"):
                case "b":
                    changed[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF])
                case "n":
                    number = struct.pack("<Q", chance.getrandbits(64))
                    changed[place : place + 8] = number
                case "-":
                    del changed[place : place + chance.randint(1, 9)]
                case _:
                    changed[place] = chance.randrange(256)
        cut = chance.choice([len(changed), len(changed), end, chance.randrange(end)])
        mutated.write_bytes(changed[:cut])
        try:
            gguf_facts(mutated)
        except ParllamaError as error:
            refused += 1
            assert "\n" not in error.message  # noqa: PT017
    assert refused > 100


def test_a_file_that_is_not_there_or_not_to_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        gguf_facts(tmp_path / "none.gguf")
    with pytest.raises(UsageError, match="is not a file"):
        gguf_facts(tmp_path)
    with pytest.raises(UsageError, match="zero byte"):
        gguf_facts(Path("a\0b"))
