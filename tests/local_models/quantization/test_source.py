"""What is quantized: read as it is, and refused where it is not whole.

How a header is read, and what damage it may have, is in `tests/local_models/weights`.
"""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path

import pytest
from gguf import GGUFReader, GGUFWriter

from parllama_nb.errors import DamagedModelError, ParllamaError, UsageError
from parllama_nb.local_models.quantization import TYPES
from parllama_nb.local_models.quantization.plan import make_plan
from parllama_nb.local_models.quantization.source import (
    packed,
    packed_text,
    read_source,
)
from parllama_nb.local_models.quantization.tensor_types import Traits
from tests.local_models.quantization.invented import INVENTED, write


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "model.gguf", INVENTED["one layer"])


def bare(path: Path, **values: object) -> Path:
    """A file without tensors."""
    writer = GGUFWriter(path, "llama")
    for key, value in values.items():
        getattr(writer, f"add_{key}")(value)
    for step in ("header", "kv_data", "tensors"):
        getattr(writer, f"write_{step}_to_file")()
    writer.close()
    return path


@pytest.mark.parametrize("name", ["one layer", "eight experts", "glm5"])
def test_its_tensors_are_those_that_the_package_gguf_sees(
    name: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "model.gguf", INVENTED[name])
    ours, theirs = read_source(path), GGUFReader(path)
    assert [
        (each.name, each.shape, each.type.number, each.offset, each.nbytes)
        for each in ours.tensors
    ] == [
        (each.name, tuple(each.shape), each.tensor_type, each.data_offset, each.n_bytes)
        for each in theirs.tensors
    ]
    assert [*ours.pairs] == [key for key in theirs.fields if key[:5] != "GGUF."]


def test_metadata_is_kept_byte_by_byte(model: Path) -> None:
    plan = make_plan(model, TYPES["Q4_0"])
    new = model.with_name("new.gguf")
    new.write_bytes(plan.head + bytes(plan.size - len(plan.head)))
    before, after = read_source(model).pairs, read_source(new).pairs
    changed = {"general.file_type", "general.quantization_version"}
    assert [*after][-2:] == ["general.quantization_version", "general.file_type"]
    assert {k: v for k, v in before.items() if k not in changed} == {
        k: v for k, v in after.items() if k not in changed
    }
    header = read_source(new).header
    assert header.number("general.file_type") == 2
    assert header.number("general.quantization_version") == 2


def test_of_a_list_of_heads_the_first_counts(tmp_path: Path) -> None:
    path = bare(tmp_path / "model.gguf", head_count=[12, 24], head_count_kv=[3, 24])
    traits = Traits.of(read_source(path).header)
    assert (traits.heads, traits.kv_heads, traits.shared) == (12, 3, 4)
    path.unlink()
    bare(path, head_count=[12, 24], head_count_kv=[])
    assert Traits.of(read_source(path).header).shared == 1


def test_a_vocabulary_of_256000_tokens_is_read_at_once(tmp_path: Path) -> None:
    path, tokens = tmp_path / "model.gguf", 256_000
    text = b"".join(packed_text(f"token {number}") for number in range(tokens))
    value = packed(9) + packed(8) + struct.pack("<Q", tokens) + text
    pairs = b"".join(packed_text(f"k{n}") + value for n in range(2))
    path.write_bytes(b"GGUF" + packed(3) + struct.pack("<QQ", 0, 2) + pairs)
    begun = time.perf_counter()
    source = read_source(path)
    assert time.perf_counter() - begun < 5  # the package gguf takes some 20 s
    assert source.pairs["k1"] == packed_text("k1") + value


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(UsageError):
            read_source(path)
    empty = tmp_path / "empty.gguf"
    empty.touch()
    with pytest.raises(DamagedModelError, match="is empty"):
        read_source(empty)


def test_a_part_of_several_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    pair = packed_text("split.count") + packed(2) + struct.pack("<H", 3)
    path.write_bytes(b"GGUF" + packed(3) + struct.pack("<QQ", 0, 1) + pair)
    with pytest.raises(UsageError, match="one of several parts"):
        read_source(path)


def test_a_file_is_refused_wherever_it_is_cut(model: Path) -> None:
    whole = model.read_bytes()
    header = len(make_plan(model, TYPES["Q8_0"]).head)
    for length in [*range(header + 64), len(whole) - 64, len(whole) - 33]:
        model.write_bytes(whole[:length])
        with pytest.raises(DamagedModelError):
            read_source(model)


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_header_is_an_error_of_ours_or_none(model: Path, seed: int) -> None:
    whole = model.read_bytes()
    end = len(make_plan(model, TYPES["Q8_0"]).head)
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
            plan = make_plan(model, TYPES["Q4_K_M"])
        except ParllamaError as error:
            assert "\n" not in str(error)  # noqa: PT017 - not each one is refused
            assert len(str(error)) < 400  # noqa: PT017
        else:
            # No step reaches beyond either file.
            for step in plan.steps:
                assert step.tensor.offset + step.tensor.nbytes <= len(damaged)
                assert len(plan.head) <= step.offset <= plan.size - step.nbytes
