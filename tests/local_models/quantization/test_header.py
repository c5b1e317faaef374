"""Headers of GGUF files: read as they are, and never believed."""

from __future__ import annotations

import random
import struct
import threading
import time
from pathlib import Path

import pytest
from gguf import GGUFReader, GGUFWriter

from parllama_nb.errors import (
    DamagedModelError,
    ParllamaError,
    StoppedError,
    UsageError,
)
from parllama_nb.local_models.quantization import TYPES
from parllama_nb.local_models.quantization.header import (
    Header,
    packed,
    packed_text,
    read_header,
)
from parllama_nb.local_models.quantization.plan import make_plan
from tests.local_models.quantization.invented import INVENTED, write


def read(path: Path) -> Header:
    return read_header(path, threading.Event())


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "model.gguf", INVENTED["one layer"])


@pytest.mark.parametrize("name", ["one layer", "eight experts", "glm5"])
def test_it_says_what_the_package_gguf_says(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "model.gguf", INVENTED[name])
    ours, theirs = read(path), GGUFReader(path)
    assert [
        (each.name, each.shape, each.type.number, each.offset, each.nbytes)
        for each in ours.tensors
    ] == [
        (each.name, tuple(each.shape), each.tensor_type, each.data_offset, each.n_bytes)
        for each in theirs.tensors
    ]
    assert [*ours.pairs] == [key for key in theirs.fields if key[:5] != "GGUF."]
    architecture = theirs.fields["general.architecture"].contents()
    assert ours.text("general.architecture") == architecture
    for key in (f"{architecture}.block_count", "general.file_type"):
        assert ours.number(key) == theirs.fields[key].contents()
    assert ours.text("general.file_type") == ""
    assert ours.number("general.name", 7) == 7
    assert ours.number("nothing", 7) == 7


def test_metadata_is_kept_byte_by_byte(model: Path) -> None:
    plan = make_plan(model, TYPES["Q4_0"], threading.Event())
    new = model.with_name("new.gguf")
    new.write_bytes(plan.head + bytes(plan.size - len(plan.head)))
    before, after = read(model).pairs, read(new).pairs
    changed = {"general.file_type", "general.quantization_version"}
    assert [*after][-2:] == ["general.quantization_version", "general.file_type"]
    assert {k: v for k, v in before.items() if k not in changed} == {
        k: v for k, v in after.items() if k not in changed
    }
    assert read(new).number("general.file_type") == 2
    assert read(new).number("general.quantization_version") == 2


def test_the_first_of_a_list_of_heads_counts(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_head_count([12, 24])
    writer.add_array("llama.nothing", [])
    for step in ("header", "kv_data", "tensors"):
        getattr(writer, f"write_{step}_to_file")()
    writer.close()
    assert read(path).number("llama.attention.head_count") == 12


def test_a_vocabulary_of_256000_tokens_is_read_at_once(tmp_path: Path) -> None:
    path, tokens = tmp_path / "model.gguf", 256_000
    text = b"".join(packed_text(f"token {number}") for number in range(tokens))
    value = packed(9) + packed(8) + struct.pack("<Q", tokens) + text
    pairs = b"".join(packed_text(f"k{n}") + value for n in range(2))
    path.write_bytes(b"GGUF" + packed(3) + struct.pack("<QQ", 0, 2) + pairs)
    begun = time.perf_counter()
    header = read(path)
    assert time.perf_counter() - begun < 5  # the package gguf takes some 20 s
    assert header.pairs["k1"] == value


# what is no GGUF file


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: it has 0 bytes"),
        (b"GG", "is no GGUF file"),
        (b"<!DOCTYPE html>", "is no GGUF file"),
        (b"PK\x03\x04" * 40, "is no GGUF file"),
        (b"GGUF", "is cut short"),
        (b"GGUF" + struct.pack(">I", 3) + bytes(16), "big-endian"),
        (b"GGUF" + packed(1) + bytes(16), "has version 1 of the GGUF format"),
        (b"GGUF" + packed(99) + bytes(16), "has version 99"),
        (b"GGUF" + packed(3) + b"\xff" * 16, "a length in its header is impossible"),
        (b"GGUF" + packed(3) + struct.pack("<QQ", 1 << 40, 0), "is cut short"),
        (b"GGUF" + packed(3) + struct.pack("<QQ", 0, 1) + b"\xff" * 64, "impossible"),
        (
            b"GGUF"
            + packed(3)
            + struct.pack("<QQ", 0, 1)
            + packed_text("k")
            + b"c" * 9,
            "unknown type",
        ),
    ],
)
def test_what_is_no_gguf_file_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(DamagedModelError, match=message) as caught:
        read(path)
    assert caught.value.hint


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match="cannot be read"):
            read(path)
    with pytest.raises(UsageError, match="is not a file"):
        read(tmp_path)


def test_a_part_of_several_is_refused(model: Path) -> None:
    part = model.rename(model.with_name("model-00001-of-00003.gguf"))
    with pytest.raises(UsageError, match="one of several parts"):
        read(part)


def test_a_file_is_refused_wherever_it_is_cut(model: Path) -> None:
    whole = model.read_bytes()
    header = len(make_plan(model, TYPES["Q8_0"], threading.Event()).head)
    for length in [*range(header + 64), len(whole) - 64, len(whole) - 33]:
        model.write_bytes(whole[:length])
        with pytest.raises(DamagedModelError):
            read(model)


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_header_is_an_error_of_ours_or_none(model: Path, seed: int) -> None:
    whole = model.read_bytes()
    end = len(make_plan(model, TYPES["Q8_0"], threading.Event()).head)
    chance = random.Random(seed)
    extremes = (0, 1, 0xFF, 0x7F, 0x80)
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(4, end)
            match chance.randrange(4):
                case 0:
                    damaged[at] = chance.randrange(256)
                case 1:
                    damaged[at : at + 8] = bytes([chance.choice(extremes)]) * 8
                case 2:
                    del damaged[at : at + chance.randrange(1, 9)]
                case 3:
                    damaged[at:at] = chance.randbytes(chance.randrange(1, 9))
        model.write_bytes(damaged)
        try:
            plan = make_plan(model, TYPES["Q4_K_M"], threading.Event())
        except ParllamaError as error:
            assert "\n" not in str(error)  # noqa: PT017 - not each one is refused
            assert len(str(error)) < 400  # noqa: PT017
        else:
            # No step reaches beyond either file.
            for step in plan.steps:
                assert step.tensor.offset + step.tensor.nbytes <= len(damaged)
                assert len(plan.head) <= step.offset <= plan.size - step.nbytes


def test_reading_is_stopped(model: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        read_header(model, stop)
