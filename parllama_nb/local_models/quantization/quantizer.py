"""Quantizes a file in a child process, from the kernel's side."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import (
    DamagedModelError,
    EngineDiedError,
    EngineError,
    ParllamaError,
    UsageError,
)
from ...events import Progress
from ...providers.child_process import ChildProcess
from ...providers.embedded.engine import require_engine
from ...providers.single_flight import in_thread
from ...secret import Redactor
from ...sizes import size_in_words
from .plan import Plan, make_plan
from .recipes import find_type

__all__ = ["Quantized", "quantize"]

_MOST_THREADS = 16
_FULL = {errno.ENOSPC, errno.EDQUOT}
_UPDATE = 'Run `%pip install -U "parllama_nb[embedded]"`, then try again.'


_Stamp = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Quantized:
    """A file that was made. Sizes in bytes; `types` gives each tensor's by its name."""

    path: Path
    file_type: str
    source_size: int
    size: int
    seconds: float
    types: dict[str, str]


async def quantize(  # noqa: PLR0913 - the last three by name
    source: Path,
    target: Path,
    file_type: str,
    report: Callable[[Progress], None],
    *,
    redact: Redactor,
    threads: int | None = None,
    overwrite: bool = False,
) -> Quantized:
    """Write a file of another type, from one of F32, F16 or BF16.

    The target appears when it is complete: a cancel or an error leaves nothing behind,
    and an older file of its name as it was.

    Args:
        source: the GGUF file.
        target: the new file.
        file_type: one of `TYPES`, in any letter case.
        report: called on the loop, at most ten times a second.
        redact: removes secrets from what the child prints.
        threads: how many work; None for as many as there are cores.
        overwrite: whether a file that is there may be replaced.

    Raises:
        UsageError: type, source or target is not one that can be used.
        DamagedModelError: the source is no GGUF file, or is damaged.
        EngineMissingError: the engine's package is not installed.
        EngineError: the disk is full, or the engine's version cannot do it.

    """
    begun = time.monotonic()
    package_path = require_engine()
    wanted = find_type(file_type)
    if threads is not None and threads < 1:
        message = f"{threads} threads cannot work."
        raise UsageError(message, hint="Give 1 or more, or none for all cores.")
    source, target = _absolute(source), _absolute(target)
    report(Progress(f"Reading {source.name}"))
    name = f".{target.stem[:40]}.{secrets.token_hex(4)}.part"
    part = target.parent / name

    def prepare(_: threading.Event) -> tuple[Plan, _Stamp]:
        stamp = _stamp(source)
        plan = make_plan(source, wanted)
        _check_target(source, target, overwrite=overwrite)
        _check_room(target, plan)
        with part.open("xb") as stream:
            stream.write(plan.head)
            stream.truncate(plan.size)
        return plan, stamp

    def finish(_: threading.Event) -> None:
        if _stamp(source) != stamp:
            message = f"{source.name} was changed while it was read."
            raise DamagedModelError(message, hint="Try again when it is complete.")
        _check_target(source, target, overwrite=overwrite)
        part.replace(target)

    try:
        plan, stamp = await in_thread(prepare)
        job = _job(plan, source, part, package_path, threads or _cores())
        await _Child(plan, source, target, report, redact).run(job)
        await in_thread(finish)
    except OSError as error:
        failure = _write_failure(target, error.errno)
    else:
        return Quantized(
            target,
            wanted.name,
            plan.source_size,
            plan.size,
            time.monotonic() - begun,
            plan.types,
        )
    finally:
        # In a thread: a file of many GB is not removed at once.
        await in_thread(lambda _: _remove(part))
    raise failure


class _Child:
    """One run of the child process."""

    def __init__(
        self,
        plan: Plan,
        source: Path,
        target: Path,
        report: Callable[[Progress], None],
        redact: Redactor,
    ) -> None:
        self._plan = plan
        self._source = source
        self._target = target
        self._report = report
        self._ended: asyncio.Future[dict[str, Any]] = (
            asyncio.get_running_loop().create_future()
        )
        self._process = ChildProcess(
            "parllama-quantize",
            redact,
            received=self._take,
            ended=lambda: self._settle({}),
        )

    async def run(self, job: dict[str, Any]) -> None:
        self._take({"done": 0})
        try:
            # What ggml does before it aborts: it looks for a debugger.
            environ = {**os.environ, "GGML_NO_BACKTRACE": "1"}
            self._process.start(Path(__file__).with_name("child.py"), environ)
            await self._process.send(job)
            last = await self._ended
            if not last:
                await self._process.exited.wait()
                raise self._death()
            if "failed" in last:
                raise self._failure(last["failed"], last["about"])
            if last.get("finished") != self._plan.total:
                failure = self._failure("error", "it left something out")
                raise failure
            self._take({"done": self._plan.total})
        finally:
            await self._process.aclose()

    def _take(self, line: dict[str, Any]) -> None:
        if "done" in line:
            name = self._plan.file_type.name
            phase = f"Quantizing {self._source.name} to {name}"
            self._report(Progress(phase, line["done"], self._plan.total, "bytes"))
        else:
            self._settle(line)

    def _settle(self, line: dict[str, Any]) -> None:
        if not self._ended.done():
            self._ended.set_result(line)

    def _failure(self, what: str, about: Any) -> ParllamaError:  # noqa: ANN401 - JSON
        """Return the error for what the child says has failed."""
        name, again = self._source.name, "Download or convert it again."
        match what:
            case "write":
                return _write_failure(self._target, about)
            case "read" | "short":
                reason = os.strerror(about) if about else "it has become shorter"
                message = f"{name} cannot be read to its end: {reason}."
                return DamagedModelError(message, hint=again)
            case "values":
                message = (
                    f"{name} is damaged: {about} holds values that are no numbers."
                )
                return DamagedModelError(message, hint=again)
            case "memory":
                message = f"There is not enough memory to quantize {name}."
                return EngineError(message, hint="Try again with fewer threads.")
            case "error":
                message = f"The quantizer failed: {about}."
                return EngineError(message, hint="This is a bug of parllama_nb.")
        reason = {
            "type": f"to {self._plan.file_type.name}",
            "symbol": f"models: its library lacks {about}",
        }.get(what, f"models: {about}")
        message = f"This version of xllamacpp cannot quantize {reason}."
        return EngineError(message, hint=_UPDATE)

    def _death(self) -> EngineDiedError:
        code, log = self._process.returncode or 0, self._process.log
        how = f"with exit status {code}"
        if code < 0:
            with contextlib.suppress(ValueError):
                how = f"by {signal.Signals(-code).name}"
        why = f": {log[-1]}" if log and code != -getattr(signal, "SIGKILL", 9) else ""
        message = f"The quantizer ended {how}{why.rstrip('.')}."
        hint = "If the system has run out of memory, try again with fewer threads."
        return EngineDiedError(message, hint=hint)


def _job(
    plan: Plan, source: Path, part: Path, package_path: str, threads: int
) -> dict[str, Any]:
    """Return what the child is told."""
    kinds = {
        (kind.name, kind.number, kind.block, kind.size)
        for step in plan.steps
        for kind in (step.tensor.type, step.type)
        if step.tensor.type is not step.type
    }
    return {
        "package_path": package_path,
        "source": str(source),
        "part": str(part),
        "threads": threads,
        "kinds": sorted(kinds),
        "steps": [
            (
                step.tensor.name,
                step.tensor.weights // step.tensor.shape[0],
                step.tensor.shape[0],
                step.tensor.type.number,
                step.tensor.type.nbytes(step.tensor.shape[0]),
                step.type.number,
                step.type.nbytes(step.tensor.shape[0]),
                step.tensor.offset,
                step.offset,
            )
            for step in plan.steps
        ],
    }


def _cores() -> int:
    """Return how many cores this process may use; the child gives way to others."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        cores = os.cpu_count() or 1
    return min(cores, _MOST_THREADS)


def _absolute(path: Path) -> Path:
    """Return a path that stays the same if the notebook changes its folder."""
    with contextlib.suppress(RuntimeError):  # nobody has that home
        path = path.expanduser()
    return path.absolute()


def _check_target(source: Path, target: Path, *, overwrite: bool) -> None:
    """Refuse a target that cannot or must not be written."""
    if "\0" in str(target):
        message = "A file's name cannot hold a zero byte."
        raise UsageError(message, hint="Choose another name for the new file.")
    if target.is_dir():
        message = f"{target} is a folder."
        raise UsageError(message, hint="Name the file to be written in it.")
    if not target.parent.is_dir():
        message = f"There is no folder {target.parent}."
        raise UsageError(message, hint="Make it first, or choose another.")
    if not target.exists():
        return
    if source.exists() and target.samefile(source):
        message = f"{target.name} is the file that would be quantized."
        raise UsageError(message, hint="Choose another name for the new file.")
    if not overwrite:
        message = f"{target.name} is there already."
        raise UsageError(message, hint="Choose another name, or delete it first.")


def _check_room(target: Path, plan: Plan) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < plan.size:
        message = (
            f"There is no room for {target.name}: {size_in_words(plan.size)} are "
            f"needed, {size_in_words(free)} are free."
        )
        raise EngineError(message, hint="Make room, or write it to another disk.")


def _write_failure(target: Path, code: int | None) -> EngineError:
    """Return the error for what the system says when it cannot write."""
    if code in _FULL:
        message = f"{target.name} was not written: the disk is full."
        hint = "Make room, or write it to another disk."
    elif code == errno.EFBIG:
        message = f"{target.name} was not written: it is too large for this disk."
        hint = "The file system, or a limit of this process, allows no larger file."
    else:
        reason = os.strerror(code) if code else "the disk failed"
        message = f"{target.name} cannot be written: {reason}."
        hint = "Choose a folder that can be written to."
    return EngineError(message, hint=hint)


def _stamp(path: Path) -> _Stamp:
    """Return what changes when a file is written to, None if it is not there."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # ValueError: its name holds a zero byte
        return None
    return found.st_size, found.st_mtime_ns


def _remove(part: Path) -> None:
    # ValueError: the name holds a zero byte, which has been refused.
    with contextlib.suppress(OSError, ValueError):
        part.unlink()
