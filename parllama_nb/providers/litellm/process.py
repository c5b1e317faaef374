"""litellm in a process of its own, from the kernel's side.

In the kernel's own process its import would stall every thread for up to 130 ms at a
time, keep 184 MB for good, put what a `.env` file nearby holds into `os.environ`, take
keys and settings out of there that nobody meant for it, hide warnings, and log and
print. In a process of its own it does none of that to the notebook, a key is only where
it is used, and ending it gives all back. It costs 0.1 ms a delta.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from ...errors import ProviderError, ServerError, StreamInterruptedError
from ...secret import Redactor

__all__ = ["LiteLLMProcess", "child_environment", "require_litellm"]

_PACKAGE = "litellm"
_TAMPERED = {"1.82.7", "1.82.8"}
"""Releases that were not litellm's makers' own and stole keys.

See https://github.com/BerriAI/litellm/issues/24518.
"""

_LINE = 400
_LARGE = 32 * 1024

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_PLACE = re.compile(r"_(FILE|URI|PATH|DIR)$|^GOOGLE_APPLICATION_CREDENTIALS$")
_ADDRESS = re.compile(r"_(API_BASE|BASE_URL|API_URL)$")
_ITS_OWN = re.compile(r"^(LITELLM|PYTHON(STARTUP|INSPECT))")

_SETTINGS = {
    # Else it fetches its price table over the network,
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    # reads `.env` files,
    "LITELLM_MODE": "PRODUCTION",
    # and prints at DEBUG.
    "LITELLM_LOG": "CRITICAL",
    "PYTHONIOENCODING": "utf-8",
}


def require_litellm() -> str:
    """The folder that holds litellm's package, found without importing it.

    Raises:
        ProviderError: it is not installed, or is a release that must not be run.

    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        message = "LiteLLM: its package is not installed."
        hint = 'Run `%pip install "parllama_nb[litellm]"`, then try again.'
        raise ProviderError(message, hint=hint)
    with contextlib.suppress(metadata.PackageNotFoundError):
        version = metadata.version(_PACKAGE)
        if version in _TAMPERED:
            message = f"LiteLLM: version {version} was tampered with, and is not run."
            hint = "Run `%pip install -U litellm`, and change every key it could see."
            raise ProviderError(message, hint=hint)
    return str(Path(found.origin).parent.parent)


def child_environment(environ: dict[str, str]) -> dict[str, str]:
    """What litellm may see of an environment: no secret, no address, no setting of its.

    It would take keys nobody named for this request, and send them where an address
    of another program points to. Places of files stay: AWS and Google name theirs so.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not (_SECRET.search(name) and not _PLACE.search(name))
        and not _ADDRESS.search(name)
        and not _ITS_OWN.search(name)
    }
    # What is on this machine is not reached through a proxy.
    near = [kept.get("NO_PROXY") or kept.get("no_proxy"), "localhost,127.0.0.1,::1"]
    direct = ",".join(filter(None, near))
    return kept | {"NO_PROXY": direct, "no_proxy": direct} | _SETTINGS


class LiteLLMProcess:
    """A running child process; `await LiteLLMProcess.start(...)` makes one.

    Used on one loop. Requests go on side by side, each under a number of its own.
    """

    def __init__(self, redact: Redactor) -> None:
        self.exited = asyncio.Event()
        self._redact = redact
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[str | None] = self._loop.create_future()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[tuple[str, Any]]] = {}
        self._log: deque[str] = deque(maxlen=20)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    async def start(cls, redact: Redactor) -> LiteLLMProcess:
        """Start a child and wait until it has loaded litellm; a cancel ends it.

        Raises:
            ProviderError: litellm is not installed or cannot be imported.

        """
        path = require_litellm()
        process = cls(redact)
        try:
            await process._open(path)
        except BaseException:
            await process.aclose()
            raise
        return process

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid if self._process is not None else 0

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process is not None and not self.exited.is_set()

    async def ask(self, do: str, **request: object) -> AsyncGenerator[tuple[str, Any]]:
        """Send a request; gives what the child says to it: a kind and a value.

        The last kind is `result`, `end` or `failure`. Closing the generator early
        cancels the request.

        Raises:
            ServerError: the child had ended before it said anything.
            StreamInterruptedError: it ended after that.

        """
        number = next(self._numbers)
        queue = self._waiting[number] = asyncio.Queue()
        over = begun = False
        try:
            await self._send({"number": number, "do": do, **request})
            # It holds the key, and a traceback may be shown with its locals.
            request.clear()
            while not over:
                if self.exited.is_set() and queue.empty():
                    over = True
                    raise self._death(begun=begun)
                kind, value = await queue.get()
                over = kind in ("result", "end", "failure")
                if kind != "exited":
                    begun = True
                    yield kind, value
        finally:
            del self._waiting[number]
            if not over and self.alive:
                await self._send({"number": number, "do": "cancel"})

    async def result(self, do: str, **request: object) -> tuple[str, Any]:
        """The one thing the child says to a request: `result` or `failure`."""
        async with contextlib.aclosing(self.ask(do, **request)) as said:
            return await anext(said)

    async def aclose(self) -> None:
        """End the child. It keeps nothing, so there is nothing to be gentle about."""
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self.exited.wait()

    async def _open(self, package_path: str) -> None:
        self._process = subprocess.Popen(  # noqa: ASYNC220, S603 - a fork is 1 ms
            [sys.executable, str(Path(__file__).with_name("child"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(dict(os.environ)),
            # An interrupt of the kernel's process group is not meant for it.
            start_new_session=True,
        )
        threading.Thread(
            target=self._hear, name="parllama-litellm", daemon=True
        ).start()
        await self._send({"package_path": package_path})
        trouble = await self._ready
        if trouble is not None:
            message = f"LiteLLM: its package cannot be imported: {trouble}."
            hint = "Run `%pip install -U litellm`, then try again."
            raise ProviderError(message, hint=hint)

    async def _send(self, request: dict[str, Any]) -> None:
        process = self._process
        assert process is not None  # noqa: S101 - opened first
        line = json.dumps(request).encode() + b"\n"
        if len(line) < _LARGE:
            _write(process, line)
        else:
            # More than a pipe holds waits for its reader.
            await asyncio.to_thread(_write, process, line)

    def _hear(self) -> None:
        """Thread: pass on what the child says, and see it end."""
        process = self._process
        assert process is not None  # noqa: S101 - started after it
        watch = threading.Thread(
            target=self._watch, name="parllama-litellm-log", daemon=True
        )
        watch.start()
        for line in _pipe(process.stdout):
            with contextlib.suppress(ValueError):
                self._call(self._take, *json.loads(line))
        process.wait()
        watch.join()
        self._call(self._over)

    def _watch(self) -> None:
        """Thread: drain what the child prints, so that it never blocks."""
        process = self._process
        assert process is not None  # noqa: S101 - started after it
        for raw in _pipe(process.stderr):
            line = raw[:_LINE].decode("utf-8", "replace").strip()
            if line:
                self._log.append(self._redact(line))

    def _take(self, number: int, kind: str, value: Any = None) -> None:  # noqa: ANN401 - JSON
        if number == 0:
            if not self._ready.done():
                self._ready.set_result(value)
        elif number in self._waiting:
            self._waiting[number].put_nowait((kind, value))

    def _over(self) -> None:
        process = self._process
        assert process is not None  # noqa: S101 - it has ended
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                _pipe(pipe).close()
        self.exited.set()
        if not self._ready.done():
            self._ready.set_result(self._log[-1] if self._log else "it ended")
        for queue in self._waiting.values():
            queue.put_nowait(("exited", None))

    def _death(self, *, begun: bool) -> ProviderError:
        code = self._process.returncode if self._process is not None else None
        why = f": {self._log[-1]}" if self._log else ""
        message = f"LiteLLM: its process ended ({code}){why}."
        kind = StreamInterruptedError if begun else ServerError
        return kind(message, hint="The next question starts it again.")

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(function, *arguments)


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended: `ask` says so
        _pipe(process.stdin).write(line)
        _pipe(process.stdin).flush()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - all three were asked for
    return pipe
