"""A model quantized to Q4_K_M: against llama-quantize, or ggml's own speed.

The variable PARLLAMA_NB_LLAMA_QUANTIZE may name llama.cpp's program; both then use the
same threads. Without it the floor is ggml alone: the same weights, in memory, through
one thread.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from parllama_nb.events import Progress
from parllama_nb.local_models.quantization import quantize
from parllama_nb.local_models.quantization.child import Library
from parllama_nb.local_models.quantization.ggml_types import BY_NAME
from parllama_nb.local_models.quantization.plan import Plan, make_plan
from parllama_nb.local_models.quantization.recipes import find_type
from parllama_nb.providers.embedded.engine import require_engine
from parllama_nb.secret import Redactor

from ..local_models.quantization.demo import demo_f16
from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_TYPE = "Q4_K_M"
_RATIO = 1.5
_MEMORY = 300


def measure(rig: Rig) -> Iterator[Figure]:
    folder = rig.directory / "quantize"
    folder.mkdir()
    source = demo_f16(folder)
    program = os.environ.get("PARLLAMA_NB_LLAMA_QUANTIZE")
    threads = len(os.sched_getaffinity(0)) if program else 1
    name = "llama-quantize" if program else "ggml alone"
    floor = _theirs(program, source, threads) if program else _bare(source)
    ours, theirs, peaks = [], [], []
    for number in rig.times(5, 2):
        # Each goes first as often as the other: the disk may still be writing.
        first = number % 2
        if first:
            theirs.append(floor())
        seconds, peak = asyncio.run(_ours(source, threads))
        ours.append(seconds)
        peaks.append(peak)
        if not first:
            theirs.append(floor())
    target = _RATIO * statistics.median(theirs)
    what = f"SmolLM2 135M to {_TYPE}, threads: {threads}"
    aim = f"{_RATIO} of it"
    yield Figure(what, "s", ours, {name: theirs}, target, aim)
    largest = max(step.tensor.nbytes for step in _plan(source).steps) / 1e6
    yield Figure(
        "memory of the child, at its peak",
        "MB",
        peaks,
        target=largest + _MEMORY,
        aim=f"{_MEMORY} MB above the largest tensor",
    )
    cancels = [asyncio.run(_cancelled(source)) for _ in rig.times(9, 3)]
    yield Figure("cancelled, until nothing is left", "ms", cancels, target=300)


async def _ours(source: Path, threads: int) -> tuple[float, float]:
    """Seconds, and the child's peak in MB."""
    peak = 0.0

    def report(progress: Progress) -> None:
        nonlocal peak
        if 0 < progress.done < (progress.total or 0):
            (child,) = _children()
            status = Path(f"/proc/{child.pid}/status").read_text()
            high = int(status.partition("VmHWM:")[2].split()[0])
            peak = max(peak, high * 1024 / 1e6)

    target = source.with_name("ours.gguf")
    target.unlink(missing_ok=True)
    begun = time.perf_counter()
    await quantize(source, target, _TYPE, report, redact=Redactor(), threads=threads)
    return time.perf_counter() - begun, peak


async def _cancelled(source: Path) -> float:
    """Milliseconds from a cancel in the middle until its end."""
    under_way = asyncio.Event()

    def report(progress: Progress) -> None:
        if progress.done > (progress.total or 0) / 3:
            under_way.set()

    target = source.with_name("cancelled.gguf")
    work = quantize(source, target, _TYPE, report, redact=Redactor(), threads=2)
    task = asyncio.ensure_future(work)
    await under_way.wait()
    begun = time.perf_counter()
    task.cancel()
    await asyncio.wait([task])
    return 1000 * (time.perf_counter() - begun)


def _children() -> list[psutil.Process]:
    return [
        each
        for each in psutil.Process().children()
        if any("quantization" in part for part in each.cmdline())
    ]


def _theirs(program: str, source: Path, threads: int) -> Callable[[], float]:
    target = source.with_name("theirs.gguf")

    def once() -> float:
        target.unlink(missing_ok=True)
        begun = time.perf_counter()
        subprocess.run(
            [program, source, target, _TYPE, str(threads)],
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - begun

    return once


def _bare(source: Path) -> Callable[[], float]:
    """The same tensors, read into memory beforehand; nothing is written."""
    library = Library(require_engine())
    plan = _plan(source)
    raw = source.read_bytes()

    def once() -> float:
        begun = time.perf_counter()
        for step in plan.steps:
            old, count = step.tensor, step.tensor.weights
            if old.type is step.type:
                continue
            data = raw[old.offset : old.offset + old.nbytes]
            floats = ctypes.create_string_buffer(4 * count)
            library.to_floats[BY_NAME["F16"].number](data, floats, count)
            result = ctypes.create_string_buffer(step.nbytes)
            columns = old.shape[0]
            kind = step.type.number
            library.quantize(kind, floats, result, 0, count // columns, columns, None)
        return time.perf_counter() - begun

    return once


def _plan(source: Path) -> Plan:
    return make_plan(source, find_type(_TYPE))
