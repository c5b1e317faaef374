# ruff: noqa: ASYNC240 - a test may wait for a disk
"""A file quantized by a real child process: what comes of it, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest
from gguf import GGUFReader
from gguf.quants import dequantize

from parllama_nb.errors import (
    DamagedModelError,
    EngineDiedError,
    EngineError,
    EngineMissingError,
    ParllamaError,
    UsageError,
)
from parllama_nb.events import Progress
from parllama_nb.local_models.quantization import (
    TYPES,
    Quantized,
    estimate,
    estimates,
    quantize,
    quantizer,
)
from parllama_nb.local_models.quantization.source import read_source
from parllama_nb.providers.embedded import engine
from parllama_nb.providers.messages import ChatRequest, Message, TextDelta
from parllama_nb.secret import Redactor
from tests.eventually import eventually
from tests.local_models.quantization.demo import demo_f16
from tests.local_models.quantization.invented import INVENTED, Invented, write
from tests.providers.embedded.model import embedded

SLOW = "IQ3_S"
"""A type that takes a second for the large file below."""

# The root mean square of the error over that of the weights, at most.
ERROR = {"BF16": 0.01, "F16": 0.001, "Q8_0": 0.01, "Q6_K": 0.03, "Q5_K_M": 0.05}
ERROR |= {"Q5_0": 0.05, "Q4_K_M": 0.1, "Q4_0": 0.12, "IQ4_XS": 0.1, "IQ3_S": 0.2}
ERROR |= {"Q3_K_S": 0.25, "Q2_K": 0.4}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write(tmp_path / "small.gguf", INVENTED["one layer"])


@pytest.fixture
def large(tmp_path: Path) -> Path:
    model = Invented("llama", 1, columns=1024, rows=512)
    return write(tmp_path / "large.gguf", model)


async def make(
    source: Path,
    file_type: str = "Q4_0",
    report: Callable[[Progress], None] = lambda _: None,
    target: Path | None = None,
    **options: Any,
) -> Quantized:
    options.setdefault("threads", 2)
    return await quantize(
        source,
        target or source.with_name("new.gguf"),
        file_type,
        report,
        redact=Redactor(),
        **options,
    )


def child() -> psutil.Process:
    """The one child of this process that quantizes."""
    (found,) = (
        each
        for each in psutil.Process().children()
        if any("quantization" in part for part in each.cmdline())
    )
    return found


def once_under_way(do: Callable[[], object]) -> Callable[[Progress], None]:
    """What to give as `report`, to have something done in the middle of the work."""
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        if progress.done and not seen:
            seen.append(progress)
            do()

    return report


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# what comes of it


@pytest.mark.parametrize("name", ["one layer", "tied output", "eight experts"])
@pytest.mark.parametrize("file_type", ERROR)
async def test_the_new_file_holds_the_same_weights(
    name: str, file_type: str, tmp_path: Path
) -> None:
    source = write(tmp_path / "source.gguf", INVENTED[name])
    if file_type == INVENTED[name].kind.name:
        with pytest.raises(UsageError, match=f"is {file_type} already"):
            await make(source, file_type)
        return
    made = await make(source, file_type)
    assert made.file_type == file_type
    assert made.source_size == source.stat().st_size
    assert made.size == made.path.stat().st_size == estimate(source, file_type)
    assert files(tmp_path) == ["new.gguf", "source.gguf"]
    before = {each.name: each for each in GGUFReader(source).tensors}
    after = GGUFReader(made.path)
    assert after.fields["general.file_type"].contents() == TYPES[file_type].number
    assert len(after.tensors) == len(before)
    for new in after.tensors:
        old = before[new.name]
        assert [*new.shape] == [*old.shape]
        assert new.tensor_type.name == made.types[new.name]
        if new.tensor_type == old.tensor_type:
            assert np.array_equal(new.data, old.data)
            continue
        expected = dequantize(old.data, old.tensor_type)
        error = dequantize(new.data, new.tensor_type) - expected
        assert np.sqrt(np.mean(error**2)) < ERROR[file_type] * expected.std()


def test_all_sizes_are_known_before(small: Path) -> None:
    sizes = estimates(small)
    assert set(sizes) == {
        each.name
        for each in TYPES.values()
        if not each.needs_importance and each.name != "F16"
    }
    assert sizes["Q4_K_M"] == estimate(small, "Q4_K_M")
    assert sizes["Q2_K"] < sizes["Q4_K_M"] < sizes["Q8_0"] < sizes["F32"]
    with pytest.raises(UsageError, match="not a model"):
        estimates(write(small.with_name("bare.gguf"), Invented("llama", 0, once=())))


async def test_the_notebook_may_change_its_folder(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await make(
        Path(small.name),
        report=once_under_way(lambda: os.chdir("/")),
        target=Path("new.gguf"),
    )
    assert files(tmp_path) == ["new.gguf", "small.gguf"]


async def test_the_number_of_threads_changes_nothing(large: Path) -> None:
    made = [
        (await make(large, "Q4_K_M", threads=n, overwrite=True)).path.read_bytes()
        for n in (1, 2, 7, None)
    ]
    assert len({*made}) == 1


async def test_progress_is_in_bytes_and_reaches_the_end(large: Path) -> None:
    told: list[Progress] = []
    made = await make(large, SLOW, told.append)
    assert told[0].phase == "Reading large.gguf"
    work = told[1:]
    assert {each.phase for each in work} == {"Quantizing large.gguf to IQ3_S"}
    assert {each.unit for each in work} == {"bytes"}
    done = [each.done for each in work]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == work[-1].total
    assert len(done) <= 10 * made.seconds + 3


async def test_an_older_file_is_replaced_only_if_it_may_be(small: Path) -> None:
    target = small.with_name("new.gguf")
    target.write_bytes(b"older")
    with pytest.raises(UsageError, match=r"new\.gguf is there already"):
        await make(small)
    assert target.read_bytes() == b"older"
    await make(small, overwrite=True)
    assert (
        read_source(target).header.number("general.file_type") == TYPES["Q4_0"].number
    )


# what is refused before it begins


async def test_a_quantized_file_is_no_base(small: Path) -> None:
    first = await make(small, "Q4_K_M")
    with pytest.raises(UsageError, match=r"quantized already: it is .*Q8_0") as caught:
        await make(first.path, "Q8_0", target=small.with_name("third.gguf"))
    assert "Only F32, F16 and BF16" in str(caught.value.hint)
    assert files(small.parent) == ["new.gguf", "small.gguf"]


async def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source.gguf"
    bare = Invented("llama", 0, once=())
    for model, kind, message in (
        (INVENTED["one layer"], "adapter", "is an adapter, not a model"),
        (INVENTED["one layer"], "imatrix", "is an importance matrix, not a model"),
        (bare, "model", "is a vocabulary without weights, not a model"),
    ):
        source.unlink(missing_ok=True)
        write(source, model, kind)
        with pytest.raises(UsageError, match=message):
            await make(source)


async def test_a_target_that_cannot_be_is_refused(small: Path) -> None:
    folder = small.parent
    link, hard = folder / "link.gguf", folder / "hard.gguf"
    link.symlink_to(small)
    hard.hardlink_to(small)
    before = small.read_bytes()
    for target, message in {
        small: "is the file that would be quantized",
        link: "is the file that would be quantized",
        hard: "is the file that would be quantized",
        folder: "is a folder",
        folder / "none" / "new.gguf": "There is no folder",
        small / "new.gguf": "There is no folder",
        folder / ("x" * 300): "cannot be written: File name too long",
        Path("/proc/new.gguf"): "no room|cannot be written",
        Path("a\0b"): "zero byte",
        Path(): "is a folder",
    }.items():
        with pytest.raises(ParllamaError, match=message):
            await make(small, target=target, overwrite=True)
    assert small.read_bytes() == before
    assert files(folder) == ["hard.gguf", "link.gguf", "small.gguf"]


async def test_a_full_disk_is_said_before(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(
        EngineError, match=r"no room for new\.gguf: 4\.7 kB are needed, 10 B"
    ):
        await make(small)
    assert files(small.parent) == ["small.gguf"]


async def test_no_threads_and_no_type_are_refused(small: Path) -> None:
    with pytest.raises(UsageError, match="0 threads cannot work"):
        await make(small, threads=0)
    with pytest.raises(UsageError, match="Did you mean"):
        await make(small, "Q4_K_Q")


async def test_a_missing_engine_gives_the_remedy(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PACKAGE", "no_such_package")
    with pytest.raises(EngineMissingError, match="pip install"):
        await make(small)


# what goes wrong on the way


@pytest.mark.parametrize("overwrite", [True, False])
async def test_a_cancel_leaves_nothing_behind(large: Path, overwrite: bool) -> None:
    target = large.with_name("new.gguf")
    if overwrite:
        target.write_bytes(b"older")
    children: list[psutil.Process] = []
    under_way = asyncio.Event()

    def begun() -> None:
        children.append(child())
        under_way.set()

    task = asyncio.ensure_future(
        make(large, SLOW, once_under_way(begun), threads=1, overwrite=overwrite)
    )
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not children[0].is_running()
    assert files(large.parent) == ["large.gguf", "new.gguf"][: 1 + overwrite]
    if overwrite:
        assert target.read_bytes() == b"older"


async def test_a_cancel_at_any_moment_leaves_nothing_or_all(small: Path) -> None:
    for turns in (*range(12), 20, 50, 200):
        task = asyncio.ensure_future(make(small, overwrite=True))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):  # it may have finished
            await task
        assert files(small.parent) in (["small.gguf"], ["new.gguf", "small.gguf"])


async def test_a_limit_on_the_size_of_files_is_met(large: Path) -> None:
    def limit() -> None:
        resource.prlimit(child().pid, resource.RLIMIT_FSIZE, (1, 1))

    with pytest.raises(EngineError, match="too large for this disk"):
        await make(large, SLOW, once_under_way(limit))
    assert files(large.parent) == ["large.gguf"]


async def test_a_disk_that_fills_up_is_met(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    make_job = quantizer._job
    monkeypatch.setattr(
        quantizer, "_job", lambda *given: make_job(*given) | {"part": str(full)}
    )
    with pytest.raises(EngineError, match="the disk is full"):
        await make(small)
    assert files(tmp_path) == ["full", "small.gguf"]


async def test_a_death_of_the_child_is_said(large: Path) -> None:
    with pytest.raises(EngineDiedError, match=r"ended by SIGKILL\.") as caught:
        await make(large, SLOW, once_under_way(lambda: child().kill()))
    assert "fewer threads" in str(caught.value.hint)
    with pytest.raises(EngineDiedError, match="ended by SIGABRT"):
        await make(
            large, SLOW, once_under_way(lambda: child().send_signal(signal.SIGABRT))
        )
    assert files(large.parent) == ["large.gguf"]


async def test_a_source_that_changes_is_noticed(large: Path) -> None:
    with pytest.raises(DamagedModelError, match="was changed while it was read"):
        await make(large, SLOW, once_under_way(lambda: os.utime(large, (1, 1))))
    with pytest.raises(DamagedModelError, match="it has become shorter"):
        await make(large, SLOW, once_under_way(lambda: os.truncate(large, 100_000)))
    assert files(large.parent) == ["large.gguf"]


async def test_a_target_that_comes_meanwhile_is_kept(large: Path) -> None:
    target = large.with_name("new.gguf")
    with pytest.raises(UsageError, match="is there already"):
        await make(large, SLOW, once_under_way(lambda: target.write_bytes(b"theirs")))
    assert target.read_bytes() == b"theirs"
    assert files(large.parent) == ["large.gguf", "new.gguf"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
async def test_weights_that_are_no_numbers_are_refused(
    small: Path, value: float
) -> None:
    tensors = {each.name: each for each in read_source(small).tensors}
    whole = small.read_bytes()
    for name in ("blk.0.attn_q.weight", "blk.0.attn_norm.weight"):
        each = tensors[name]
        kind = np.float16 if each.type.name == "F16" else np.float32
        raw = bytearray(whole)
        raw[each.offset : each.offset + each.type.size] = kind(value).tobytes()
        small.write_bytes(raw)
        with pytest.raises(DamagedModelError, match=name):
            await make(small)
    assert files(small.parent) == ["small.gguf"]


# a version of the engine that cannot do it


@pytest.fixture
def other_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of an engine's library in a package of another version."""
    folder = tmp_path / "package" / "xllamacpp"
    folder.mkdir(parents=True)
    monkeypatch.setattr(quantizer, "require_engine", lambda: str(folder.parent))
    return folder / "xllamacpp.abi3.so"


async def test_a_library_without_the_symbols_is_said(
    small: Path, other_engine: Path
) -> None:
    shutil.copy(psutil._psplatform.cext.__file__, other_engine)
    with pytest.raises(EngineError, match="its library lacks ggml_") as caught:
        await make(small)
    assert str(caught.value).startswith("This version of xllamacpp cannot quantize")
    assert "pip install -U" in str(caught.value.hint)


async def test_a_library_that_cannot_be_loaded_is_said(
    small: Path, other_engine: Path
) -> None:
    with pytest.raises(EngineError, match="it holds no shared library"):
        await make(small)
    other_engine.write_bytes(b"no library")
    with pytest.raises(EngineError, match="cannot quantize models: "):
        await make(small)


async def test_a_type_with_another_layout_is_said(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job = quantizer._job
    monkeypatch.setattr(
        quantizer,
        "_job",
        lambda *given: make_job(*given) | {"kinds": [("Q4_0", 2, 32, 19)]},
    )
    with pytest.raises(EngineError, match="cannot quantize to Q4_0"):
        await make(small)


# the kernel, and the demo model


def test_nothing_is_left_when_the_kernel_is_killed(large: Path) -> None:
    code = f"""
        import asyncio
        from pathlib import Path
        from parllama_nb.local_models.quantization import quantize
        from parllama_nb.secret import Redactor

        def report(progress):
            print(progress.done, flush=True)

        source = Path({str(large)!r})
        asyncio.run(quantize(
            source, source.with_name("new.gguf"), {SLOW!r}, report,
            redact=Redactor(), threads=1,
        ))
    """
    kernel = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE
    )
    assert kernel.stdout is not None
    with kernel.stdout as printed:
        next(line for line in printed if float(line) > 0)
        (process,) = psutil.Process(kernel.pid).children()
        assert len(files(large.parent)) == 2
        kernel.kill()
        kernel.wait()
    eventually(lambda: not process.is_running())
    assert files(large.parent) == ["large.gguf"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_f16(tmp_path_factory.mktemp("demo"))


@pytest.mark.embedded
@pytest.mark.slow
async def test_memory_does_not_grow_with_the_file(demo: Path, tmp_path: Path) -> None:
    peaks: list[int] = []

    def report(progress: Progress) -> None:
        if progress.done and progress.done < (progress.total or 0):
            status = Path(f"/proc/{child().pid}/status").read_text()
            peaks.append(int(status.partition("VmHWM:")[2].split()[0]) * 1024)

    await make(demo, "Q8_0", report, tmp_path / "new.gguf", threads=4)
    assert max(peaks) < 150_000_000


@pytest.mark.embedded
@pytest.mark.slow
@pytest.mark.parametrize(
    "file_type",
    ["Q4_K_M", *(pytest.param(t, marks=pytest.mark.long) for t in ("Q5_0", "Q3_K_M"))],
)
async def test_the_engine_answers_with_what_was_made(
    file_type: str, demo: Path, tmp_path: Path
) -> None:
    made = await make(demo, file_type, target=tmp_path / "new.gguf")
    provider = embedded()
    question = Message.of("user", "Write a short story about a fox.")
    request = ChatRequest(str(made.path), (question,), max_tokens=24, temperature=0.0)
    try:
        answer = "".join(
            [
                event.text
                async for event in provider.stream(request, lambda _: None)
                if isinstance(event, TextDelta)
            ]
        )
    finally:
        await provider.aclose()
    assert len({*answer.split()}) > 8
