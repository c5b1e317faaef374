"""The process that quantizes. Started by `quantizer`; imports none of ours.

It reads one line of JSON from stdin, what to do; prints lines of JSON, how many bytes
it has read, at most ten a second, and last whether it has finished or what failed; and
ends when stdin does, which is when the kernel is gone, however it went: then it removes
the file that it has begun.

Several threads take pieces of tensors, whole rows of about half a million weights, and
ggml does the work with Python's lock released. So it holds a few MB for each thread,
however large a tensor is.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.machinery
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

_PIECE = 1 << 19
"""Weights that are quantized in one go, unless a row is longer."""

_PAUSE = 0.1
"""Seconds between two lines about progress."""

_F32, _F16, _BF16 = 0, 1, 30

_SYMBOLS = (
    "ggml_blck_size",
    "ggml_bf16_to_fp32_row",
    "ggml_fp16_to_fp32_row",
    "ggml_quantize_chunk",
    "ggml_quantize_init",
    "ggml_type_size",
)


class Failure(Exception):  # noqa: N818 - it is what the last line says
    """Why the file could not be made: what failed, and more about it."""

    def __init__(self, *, what: str, about: object = "") -> None:
        super().__init__(what)
        self.line = {"failed": what, "about": about}


class Step(NamedTuple):
    """One tensor. `old` and `new` are its types, and a row's bytes in each."""

    name: str
    rows: int
    columns: int
    old: int
    old_row: int
    new: int
    new_row: int
    old_offset: int
    new_offset: int


class Library:
    """ggml, inside the shared library of the engine's package."""

    def __init__(self, package_path: str) -> None:
        ggml = _load(package_path)
        for name in _SYMBOLS:
            if not hasattr(ggml, name):
                raise Failure(what="symbol", about=name)
        kind, pointer, integer = ctypes.c_int, ctypes.c_void_p, ctypes.c_int64
        self._block, self._size = ggml.ggml_blck_size, ggml.ggml_type_size
        self._block.argtypes, self._block.restype = [kind], integer
        self._size.argtypes, self._size.restype = [kind], ctypes.c_size_t
        self._init = ggml.ggml_quantize_init
        self._init.argtypes, self._init.restype = [kind], None
        # Type, floats, result, first weight, rows, columns, importance.
        self.quantize = ggml.ggml_quantize_chunk
        self.quantize.argtypes = [kind, pointer, pointer, *[integer] * 3, pointer]
        self.quantize.restype = ctypes.c_size_t
        self.to_floats = {
            _F16: ggml.ggml_fp16_to_fp32_row,
            _BF16: ggml.ggml_bf16_to_fp32_row,
        }
        for function in self.to_floats.values():
            function.argtypes, function.restype = [pointer, pointer, integer], None
        # The work does not need it: a library without it finds no damage.
        self._valid = getattr(ggml, "ggml_validate_row_data", None)
        if self._valid is not None:
            self._valid.argtypes = [kind, pointer, ctypes.c_size_t]
            self._valid.restype = ctypes.c_bool

    def prepare(self, kinds: list[list[Any]]) -> None:
        """Check that types are what the kernel takes them for; make their tables."""
        for name, number, block, size in kinds:
            if (self._block(number), self._size(number)) != (block, size):
                raise Failure(what="type", about=name)
            self._init(number)

    def valid(self, kind: int, data: ctypes.Array[Any], size: int) -> bool:
        """Whether all of these values are finite numbers."""
        return self._valid is None or self._valid(kind, data, size)


def _load(package_path: str) -> ctypes.CDLL:
    suffixes = importlib.machinery.EXTENSION_SUFFIXES
    folder = Path(package_path, "xllamacpp")
    found = next((each for one in suffixes for each in folder.glob(f"*{one}")), None)
    if found is None:
        raise Failure(what="library", about="it holds no shared library")
    beside = Path(package_path, "xllamacpp.libs")
    if hasattr(os, "add_dll_directory") and beside.is_dir():
        os.add_dll_directory(str(beside))
    try:
        return ctypes.CDLL(str(found))
    except OSError as error:
        raise Failure(what="library", about=str(error)) from None


class Buffers:
    """Memory of one thread, which grows to what the largest piece needs."""

    def __init__(self) -> None:
        self._held: dict[str, ctypes.Array[Any]] = {}

    def get(self, use: str, size: int) -> ctypes.Array[Any]:
        """Return memory of at least `size` bytes, the same for each use."""
        held = self._held.get(use)
        if held is None or len(held) < size:
            held = self._held[use] = ctypes.create_string_buffer(size)
        return held


class Work:
    """All pieces of one file. `run` has threads do them."""

    def __init__(
        self, job: dict[str, Any], library: Library, tell: Callable[[object], None]
    ) -> None:
        self._job = job
        self._library = library
        self._tell = tell
        self._pieces = _pieces([Step(*each) for each in job["steps"]])
        self._lock = threading.Lock()
        self._done = 0
        self._told = 0.0
        self._failure: Failure | None = None

    def run(self) -> int:
        """Do all of it; returns the bytes that were read."""
        count = self._job["threads"]
        threads = [threading.Thread(target=self._work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failure is not None:
            raise self._failure
        return self._done

    def _work(self) -> None:
        try:
            with (
                _failing("read"),
                Path(self._job["source"]).open("rb", buffering=0) as reader,
                _failing("write"),
                Path(self._job["part"]).open("r+b", buffering=0) as writer,
            ):
                buffers = Buffers()
                while (piece := self._next()) is not None:
                    self._finish(self._one(*piece, reader, writer, buffers))
        except Failure as failure:
            self._failure = self._failure or failure
        except MemoryError:
            self._failure = Failure(what="memory")
        except BaseException as error:
            self._failure = Failure(what="error", about=type(error).__name__)
            raise

    def _next(self) -> tuple[Step, int, int] | None:
        with self._lock:
            return None if self._failure is not None else next(self._pieces, None)

    def _finish(self, count: int) -> None:
        with self._lock:
            self._done += count
            now = time.monotonic()
            if now - self._told >= _PAUSE:
                self._told = now
                self._tell({"done": self._done})

    def _one(  # noqa: PLR0913, PLR0917 - a piece, and what a thread has
        self,
        step: Step,
        first: int,
        rows: int,
        reader: IO[bytes],
        writer: IO[bytes],
        buffers: Buffers,
    ) -> int:
        """Do so many rows from the first; returns the bytes that were read."""
        size, new_size = rows * step.old_row, rows * step.new_row
        data = buffers.get("data", size)
        with _failing("read"):
            _read(reader, data, step.old_offset + first * step.old_row, size)
        floating = step.old in {_F32, _F16, _BF16}
        if floating and not self._library.valid(step.old, data, size):
            raise Failure(what="values", about=step.name)
        result = data
        if step.old != step.new:
            floats = data
            if step.old != _F32:
                count = rows * step.columns
                floats = buffers.get("floats", 4 * count)
                self._library.to_floats[step.old](data, floats, count)
            result = buffers.get("result", new_size)
            made = self._library.quantize(
                step.new, floats, result, 0, rows, step.columns, None
            )
            if made != new_size:
                raise Failure(what="type", about=step.name)
            if not self._library.valid(step.new, result, new_size):
                raise Failure(what="values", about=step.name)
        with _failing("write"):
            _write(writer, result, step.new_offset + first * step.new_row, new_size)
        return size


def _pieces(steps: list[Step]) -> Iterator[tuple[Step, int, int]]:
    """Yield each step with its first row and how many rows."""
    for step in steps:
        most = max(1, _PIECE // step.columns)
        for first in range(0, step.rows, most):
            yield step, first, min(most, step.rows - first)


def _read(stream: IO[bytes], buffer: ctypes.Array[Any], offset: int, size: int) -> None:
    stream.seek(offset)
    view = memoryview(buffer).cast("B")[:size]
    while view:
        count = stream.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise Failure(what="short")
        view = view[count:]


def _write(
    stream: IO[bytes], buffer: ctypes.Array[Any], offset: int, size: int
) -> None:
    stream.seek(offset)
    view = memoryview(buffer).cast("B")[:size]
    while view:
        view = view[stream.write(view) :]


@contextlib.contextmanager
def _failing(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failure(what=what, about=error.errno) from None


def _end_with_stdin(part: str) -> None:
    """Thread: end this process when the kernel is gone, and leave nothing behind."""
    sys.stdin.buffer.read()
    with contextlib.suppress(OSError):
        Path(part).unlink()
    os._exit(1)


def main() -> None:
    """Quantize one file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # the notebook comes first
    # stdout is ours alone; whatever native code prints goes to the log.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_stdin, args=(job["part"],), daemon=True).start()

    def tell(line: object) -> None:
        answer.write(json.dumps(line) + "\n")
        answer.flush()

    try:
        library = Library(job["package_path"])
        library.prepare(job["kinds"])
        last: dict[str, Any] = {"finished": Work(job, library, tell).run()}
    except Failure as failure:
        last = failure.line
    tell(last)
    # No clean-up: a thread waits for stdin.
    os._exit(0)


if __name__ == "__main__":
    # A script's folder comes first on the path, and ours has modules of other names.
    del sys.path[0]
    main()
