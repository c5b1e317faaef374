"""One model in one child process, from the kernel's side."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import re
import secrets
import signal
from pathlib import Path

from ...errors import (
    DamagedModelError,
    EngineDiedError,
    EngineError,
    EngineMissingError,
)
from ...secret import Redactor, Secret
from ..child_process import ChildProcess
from .known_models import Load

__all__ = ["Engine", "require_engine", "usable_threads"]

_PACKAGE = "xllamacpp"
_MOST_THREADS = 8
_TROUBLE = re.compile(r"\sE\s|GGML_ASSERT|terminate called|what\(\)|rror loading")
_BROKEN = re.compile(r"corrupted|incomplete|\bgguf_|failed to load model from")


def require_engine() -> str:
    """Return the folder that holds the engine's package, without importing it.

    Raises:
        EngineMissingError: the package is not installed.

    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        message = "The embedded engine is not installed."
        hint = 'Run `%pip install "parllama_nb[embedded]"`, then try again.'
        raise EngineMissingError(message, hint=hint)
    return str(Path(found.origin).parent.parent)


def usable_threads() -> int:
    """Return how many threads the engine may use: fewer than there are cores.

    Its threads wait for each other in a loop, so that one thread without a core stops
    all: measured on two busy cores, two threads give 3 tokens a second, one gives 40.
    So a core is left to the notebook and the browser.
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
        self._redact = redact
        self._ready: asyncio.Future[dict[str, str]] = (
            asyncio.get_running_loop().create_future()
        )
        self._child = ChildProcess(
            "parllama-engine",
            redact,
            received=self._settle,
            ended=lambda: self._settle({}),
        )
        self._ending = False
        self._error = ""

    @classmethod
    async def start(cls, load: Load, redact: Redactor) -> Engine:
        """Start a child process and wait until it has loaded the model.

        A cancel while it loads ends it.

        Raises:
            EngineMissingError: the engine's package is not installed.
            DamagedModelError: the file is damaged and cannot be loaded.
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
        return self._child.pid

    @property
    def memory(self) -> int:
        """Bytes of memory that the child uses now, its model among them; 0 if none."""
        import psutil  # noqa: PLC0415 - seldom needed

        try:
            return int(psutil.Process(self.pid).memory_info().rss) if self.alive else 0
        except psutil.Error:
            return 0

    @property
    def ending(self) -> bool:
        """Whether it was told to end."""
        return self._ending

    @property
    def alive(self) -> bool:
        """Whether the child runs right now; does not wait for the news of its end."""
        return not self._ending and self._child.alive

    async def died(self, within: float = 1.0) -> bool:
        """Whether the child is dead, or turns out to be `within` so many seconds.

        A connection breaks a moment before the system reports the death.
        """
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._child.exited.wait(), within)
        return not self.alive

    def death(self) -> EngineError:
        """Return the error that says why the child ended."""
        if self._ending and self.url:
            message = f"{self.load.name} was unloaded before its answer was complete."
            return EngineDiedError(message, hint="The next question loads it again.")
        code, log = self._child.returncode, self._child.log
        trouble = [line for line in log if _TROUBLE.search(line)]
        if not self.url:
            reason = (
                _message(trouble[0]) if trouble else self._error or f"it {_ended(code)}"
            )
            if any(map(_BROKEN.search, trouble)):
                message = f"The file of {self.load.name} is damaged: {reason}."
                hint = "Download it again, and compare its size with the original's."
                return DamagedModelError(message, hint=hint)
            message = f"The embedded engine did not start: {reason}."
            return EngineDiedError(message, hint=_hint(code))
        message = f"The embedded engine {_ended(code)}"
        if code != -getattr(signal, "SIGKILL", 9) and log:
            message += f": {_message(trouble[-1] if trouble else log[-1])}"
        return EngineDiedError(f"{message}.", hint=_hint(code))

    async def aclose(self) -> None:
        """End the child."""
        self._ending = True
        await self._child.aclose()

    async def _open(self, package_path: str) -> None:
        self._child.start(Path(__file__).with_name("child.py"))
        await self._child.send(
            {
                "parent": os.getpid(),
                "package_path": package_path,
                "model_path": self.load.path,
                "alias": self.load.name,
                "context": self.load.context,
                "slots": self.load.slots,
                "pooling": self.load.pooling,
                "threads": usable_threads(),
                "key": self.key.reveal(),
            }
        )
        answer = await self._ready
        if "url" not in answer:
            await self._child.exited.wait()
            self._error = self._redact(answer.get("error", ""))
            raise self.death()
        self._child.log.clear()
        self.url = answer["url"]

    def _settle(self, answer: dict[str, str]) -> None:
        if not self._ready.done():
            self._ready.set_result(answer)


def _message(line: str) -> str:
    """Return a log line without its time, level and function names."""
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
