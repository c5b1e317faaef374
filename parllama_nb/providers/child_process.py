"""A Python program of this package in a process of its own, from the kernel's side.

It reads JSON from stdin and prints JSON to stdout, a value a line; what others print
goes to stderr, whose last lines are the log. It ends when stdin does, which is when the
kernel is gone, however it went.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from ..secret import Redactor

__all__ = ["ChildProcess"]

_LINE = 400
"""Characters of a line of the log that are kept."""

_LARGE = 32 * 1024
"""Bytes that any pipe takes without waiting for its reader."""


class ChildProcess:
    """A child process. Used on one event loop.

    Args:
        name: of its threads.
        redact: removes secrets from its log.
        received: gets each value that the child prints, on the loop.
        ended: called on the loop when the child has ended, after its last value.

    """

    def __init__(
        self,
        name: str,
        redact: Redactor,
        *,
        received: Callable[[Any], object],
        ended: Callable[[], object],
    ) -> None:
        self.exited = asyncio.Event()
        self.log: deque[str] = deque(maxlen=60)
        self._name = name
        self._redact = redact
        self._received = received
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, program: Path, environ: Mapping[str, str] | None = None) -> None:
        """Start a Python program; `environ` replaces the environment of the kernel."""
        self._process = subprocess.Popen(  # noqa: S603 - a program of ours
            [sys.executable, str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            # An interrupt of the kernel's process group is not meant for it.
            start_new_session=True,
        )
        threading.Thread(
            target=self._read, args=(self._process,), name=self._name, daemon=True
        ).start()

    @property
    def pid(self) -> int:
        """The child's process id, 0 before it is started."""
        return self._process.pid if self._process is not None else 0

    @property
    def returncode(self) -> int | None:
        """How the child ended; None before its end."""
        return self._process.returncode if self._process is not None else None

    @property
    def alive(self) -> bool:
        """Whether the child runs right now; does not wait for the news of its end."""
        process = self._process
        if process is None or process.returncode is not None:
            return False
        if not hasattr(os, "waitid"):
            return process.poll() is None
        try:
            # WNOWAIT leaves the exit status to the thread that waits for it.
            flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
            return os.waitid(os.P_PID, process.pid, flags) is None
        except ChildProcessError:
            return False

    async def send(self, value: object) -> None:
        """Send the child a value; nothing happens if it has ended."""
        process = self._process
        assert process is not None  # noqa: S101 - started first
        line = json.dumps(value).encode() + b"\n"
        if len(line) < _LARGE:
            _write(process, line)
        else:
            # More than a pipe holds waits for its reader.
            await asyncio.to_thread(_write, process, line)

    def kill(self) -> None:
        """End the child at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def aclose(self) -> None:
        """End the child, and wait for its end. It has nothing to tidy up."""
        if self._process is not None:
            self.kill()
            await self.exited.wait()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Thread: pass on what the child prints, and see it end."""
        drain = threading.Thread(
            target=self._drain, args=(process,), name=f"{self._name}-log", daemon=True
        )
        drain.start()
        for line in _pipe(process.stdout):
            with contextlib.suppress(ValueError):
                self._call(self._received, json.loads(line))
        process.wait()
        drain.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                _pipe(pipe).close()
        self._call(self._end)

    def _drain(self, process: subprocess.Popen[bytes]) -> None:
        """Thread: read the child's log, so that it never blocks."""
        for raw in _pipe(process.stderr):
            # Redacted first, since a secret that is cut off is not found.
            line = self._redact(raw.decode("utf-8", "replace")).strip()
            if line:
                self.log.append(line[:_LINE])

    def _end(self) -> None:
        self.exited.set()
        self._ended()

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(function, *arguments)


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended
        _pipe(process.stdin).write(line)
        _pipe(process.stdin).flush()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - all three were asked for
    return pipe
