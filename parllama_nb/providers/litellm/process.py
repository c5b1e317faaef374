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
import os
import re
from collections.abc import AsyncGenerator
from importlib import metadata
from pathlib import Path
from typing import Any

from ...errors import ProviderError, ServerError, StreamInterruptedError
from ...secret import Redactor
from ..child_process import ChildProcess
from ..http.network import uses_socks
from . import INSTALL

__all__ = ["LiteLLMProcess", "child_environment", "require_litellm"]

_PACKAGE = "litellm"
_TAMPERED = {"1.82.7", "1.82.8"}
"""Releases that were not litellm's makers' own and stole keys.

See https://github.com/BerriAI/litellm/issues/24518.
"""

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
    """Return the folder that holds litellm's package, without importing it.

    Raises:
        ProviderError: the package is missing, or a release that must not be run.

    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        message = "LiteLLM: its package is not installed."
        raise ProviderError(message, hint=f"Run `{INSTALL}`, then try again.")
    with contextlib.suppress(metadata.PackageNotFoundError):
        version = metadata.version(_PACKAGE)
        if version in _TAMPERED:
            message = f"LiteLLM: version {version} was tampered with, and is not run."
            hint = f"Run `{INSTALL}`, and change every key that it could see."
            raise ProviderError(message, hint=hint)
    return str(Path(found.origin).parent.parent)


def child_environment(environ: dict[str, str]) -> dict[str, str]:
    """Return an environment without secrets, addresses and settings for litellm.

    It would use keys that are not meant for this request, and send them to the address
    of another program. Paths of files stay: AWS and Google have their keys in files.
    """
    allowed = {
        name: value
        for name, value in environ.items()
        if not (_SECRET.search(name) and not _PLACE.search(name))
        and not _ADDRESS.search(name)
        and not _ITS_OWN.search(name)
    }
    # A server on this machine is not reached through a proxy.
    given = allowed.get("NO_PROXY") or allowed.get("no_proxy")
    direct = ",".join(filter(None, [given, "localhost,127.0.0.1,::1"]))
    # aiohttp, which it would use, speaks no SOCKS.
    plain = {"DISABLE_AIOHTTP_TRANSPORT": "True"} if uses_socks() else {}
    return allowed | {"NO_PROXY": direct, "no_proxy": direct} | plain | _SETTINGS


class LiteLLMProcess:
    """A running child process; `await LiteLLMProcess.start(...)` makes one.

    Used on one loop. Requests go on side by side, each under a number of its own.
    """

    def __init__(self, redact: Redactor) -> None:
        self.child = ChildProcess(
            "parllama-litellm", redact, received=self._take, ended=self._over
        )
        self._ready: asyncio.Future[str | None] = (
            asyncio.get_running_loop().create_future()
        )
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[tuple[str, Any]]] = {}

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
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self.child.pid != 0 and not self.child.exited.is_set()

    async def ask(self, do: str, **request: object) -> AsyncGenerator[tuple[str, Any]]:
        """Send a request; yields the child's replies: a kind and a value.

        The last kind is `result`, `end` or `failure`. Closing the generator early
        cancels the request.

        Raises:
            ServerError: the child ended before its first reply.
            StreamInterruptedError: the child ended after it.

        """
        number = next(self._numbers)
        queue = self._waiting[number] = asyncio.Queue()
        over = begun = False
        try:
            await self.child.send({"number": number, "do": do, **request})
            # It holds the key, and a traceback may be shown with its locals.
            request.clear()
            while not over:
                if self.child.exited.is_set() and queue.empty():
                    over = True
                    raise self._death(begun=begun)
                kind, value = await queue.get()
                over = kind in ("result", "end", "failure")
                if kind != "exited":
                    begun = begun or kind != "sent"
                    yield kind, value
        finally:
            del self._waiting[number]
            if not over and self.alive:
                await self.child.send({"number": number, "do": "cancel"})

    async def result(self, do: str, **request: object) -> tuple[str, Any]:
        """Return the one reply to a request: `result` or `failure`."""
        async with contextlib.aclosing(self.ask(do, **request)) as replies:
            return await anext(replies)

    async def aclose(self) -> None:
        """End the child."""
        await self.child.aclose()

    async def _open(self, package_path: str) -> None:
        self.child.start(
            Path(__file__).with_name("child"), child_environment(dict(os.environ))
        )
        await self.child.send({"package_path": package_path})
        trouble = await self._ready
        if trouble is not None:
            message = f"LiteLLM: its package cannot be imported: {trouble}."
            raise ProviderError(message, hint=f"Run `{INSTALL}`, then try again.")

    def _take(self, reply: list[Any]) -> None:
        number, kind, value = reply
        if number == 0:
            self._settle(value)
        elif number in self._waiting:
            self._waiting[number].put_nowait((kind, value))

    def _settle(self, trouble: str | None) -> None:
        if not self._ready.done():
            self._ready.set_result(trouble)

    def _over(self) -> None:
        self._settle(self.child.log[-1] if self.child.log else "it ended")
        for queue in self._waiting.values():
            queue.put_nowait(("exited", None))

    def _death(self, *, begun: bool) -> ProviderError:
        why = f": {self.child.log[-1]}" if self.child.log else ""
        message = f"LiteLLM: its process ended ({self.child.returncode}){why}."
        kind = StreamInterruptedError if begun else ServerError
        return kind(message, hint="The next question starts it again.")
