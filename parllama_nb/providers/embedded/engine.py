"""One model in one child process, from the kernel's side."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ...errors import (
    DamagedModelError,
    EngineDiedError,
    EngineError,
    EngineMissingError,
)
from ...secret import Redactor, Secret
from .weights import Load

__all__ = ["Engine", "require_engine", "usable_threads"]

_PACKAGE = "xllamacpp"
_MOST_THREADS = 8
_LINE = 400
_TROUBLE = re.compile(r"\sE\s|GGML_ASSERT|terminate called|what\(\)|rror loading")
_BROKEN = re.compile(r"corrupted|incomplete|\bgguf_|failed to load model from")


def require_engine() -> str:
    """The folder that holds the engine's package, found without importing it.

    Raises:
        EngineMissingError: it is not installed.

    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        message = "The embedded engine is not installed."
        hint = 'Run `%pip install "parllama_nb[embedded]"`, then try again.'
        raise EngineMissingError(message, hint=hint)
    return str(Path(found.origin).parent.parent)


def usable_threads() -> int:
    """How many threads the engine may use: always fewer than the cores there are.

    Its threads wait for each other in a loop, so that one that is kept off its core
    holds up all: measured on two busy cores, two threads give 3 tokens a second where
    one gives 40. So a core is left to the notebook and the browser.
    """
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        cores = os.cpu_count() or 1
    try:
        # A small container on a large machine sees all cores, but may not use them.
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text("ascii").split()
        cores = min(cores, max(1, int(limit) // int(period)))
    except (OSError, ValueError):
        pass  # no such limit
    # Of more than four, half are usually hyperthreads, which slow the engine down.
    return max(1, cores - 1) if cores <= 4 else min(cores // 2, _MOST_THREADS)  # noqa: PLR2004


class Engine:
    """A running child process; `await Engine.start(...)` makes one.

    `url` and `key` are where and how to ask it. Used on one loop.
    """

    def __init__(self, load: Load, redact: Redactor) -> None:
        self.load = load
        self.url = ""
        self.key = redact.add(Secret("embedded engine", secrets.token_urlsafe(32)))
        self.exited = asyncio.Event()
        self._redact = redact
        self._log: deque[str] = deque(maxlen=60)
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[dict[str, str]] = self._loop.create_future()
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = False
        self._error = ""

    @classmethod
    async def start(cls, load: Load, redact: Redactor) -> Engine:
        """Start a child process and wait until it has loaded the model.

        A cancel while it loads ends it.

        Raises:
            EngineMissingError: the engine's package is not installed.
            DamagedModelError: the file cannot be loaded since it is damaged.
            EngineDiedError: the process ended before it was ready.

        """
        package_path = require_engine()
        engine = cls(load, redact)
        try:
            await engine._open(package_path)
        except BaseException:
            await engine.aclose()
            raise
        return engine

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid if self._process is not None else 0

    @property
    def alive(self) -> bool:
        """Whether the child runs right now; does not wait for news of its end."""
        process = self._process
        if process is None or process.returncode is not None or self._ending:
            return False
        if not hasattr(os, "waitid"):
            return process.poll() is None
        try:
            # WNOWAIT leaves the exit status to the thread that waits for it.
            flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
            return os.waitid(os.P_PID, process.pid, flags) is None
        except ChildProcessError:
            return False

    async def died(self, within: float = 1.0) -> bool:
        """Whether the child is dead, or turns out to be `within` so many seconds.

        A connection breaks a moment before the system reports the death.
        """
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.exited.wait(), within)
        return not self.alive

    def death(self) -> EngineError:
        """Why the child ended, as the error to raise."""
        code = self._process.returncode if self._process is not None else None
        trouble = [line for line in self._log if _TROUBLE.search(line)]
        if not self.url:
            reason = (
                _said(trouble[0]) if trouble else self._error or f"it {_ended(code)}"
            )
            if any(map(_BROKEN.search, trouble)):
                message = f"The file of {self.load.name} is damaged: {reason}."
                hint = "Download it again, and compare its size with the original's."
                return DamagedModelError(message, hint=hint)
            message = f"The embedded engine did not start: {reason}."
            return EngineDiedError(message, hint=_hint(code))
        message = f"The embedded engine {_ended(code)}"
        if code != -getattr(signal, "SIGKILL", 9) and (trouble or self._log):
            message += f": {_said(trouble[-1] if trouble else self._log[-1])}"
        return EngineDiedError(f"{message}.", hint=_hint(code))

    async def aclose(self) -> None:
        """End the child. It keeps nothing, so there is nothing to be gentle about."""
        self._ending = True
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self.exited.wait()

    async def _open(self, package_path: str) -> None:
        settings = {
            "parent": os.getpid(),
            "package_path": package_path,
            "model_path": self.load.path,
            "alias": self.load.name,
            "context": self.load.context,
            "slots": self.load.slots,
            "threads": usable_threads(),
            "key": self.key.reveal(),
        }
        self._process = process = subprocess.Popen(  # noqa: ASYNC220, S603 - a fork is 1 ms
            [sys.executable, str(Path(__file__).with_name("child.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # An interrupt of the kernel's process group is not meant for it.
            start_new_session=True,
        )
        for target in (self._hear, self._watch):
            name = f"parllama-engine-{target.__name__.strip('_')}"
            threading.Thread(target=target, name=name, daemon=True).start()
        with contextlib.suppress(OSError):  # already dead: the answer says so
            _pipe(process.stdin).write(json.dumps(settings).encode() + b"\n")
            _pipe(process.stdin).flush()
        answer = await self._ready
        if "url" not in answer:
            await self.exited.wait()
            self._error = self._redact(answer.get("error", ""))
            raise self.death()
        self._log.clear()
        self.url = answer["url"]

    def _hear(self) -> None:
        """Thread: wait for the child's one line."""
        process = self._process
        assert process is not None  # noqa: S101 - started after it
        line = _pipe(process.stdout).readline()
        try:
            answer = json.loads(line)
        except ValueError:
            answer = {}
        self._call(self._settle, answer)

    def _watch(self) -> None:
        """Thread: drain the child's log, so that it never blocks, and see it end."""
        process = self._process
        assert process is not None  # noqa: S101 - started after it
        for raw in _pipe(process.stderr):
            line = raw[:_LINE].decode("utf-8", "replace").strip()
            if line:
                self._log.append(self._redact(line))
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                _pipe(pipe).close()
        self._call(self.exited.set)

    def _settle(self, answer: dict[str, str]) -> None:
        if not self._ready.done():
            self._ready.set_result(answer)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(function, *arguments)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - all three were asked for
    return pipe


def _said(line: str) -> str:
    """A log line without its time, level and function names."""
    text = re.sub(r"^[\d.]+ [A-Z] +(?:\S+ +)?\S+: ", "", line)
    return re.sub(r"^(?:error loading model: )?(?:\w+: )?", "", text).rstrip(". ")


def _ended(code: int | None) -> str:
    if code is None:
        return "ended"
    if code < 0:
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"
    return f"ended with exit status {code}"


def _hint(code: int | None) -> str:
    again = "The next question starts it again."
    if code == -getattr(signal, "SIGKILL", 9):
        return f"The system may have run out of memory. {again}"
    if code == -getattr(signal, "SIGILL", 4):
        return "This processor lacks instructions that the installed engine needs."
    return again
