"""Pulls of an Ollama server: some at once, and each until it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ...errors import (
    ConnectionFailedError,
    ModelNotFoundError,
    ProviderError,
    StreamInterruptedError,
)
from ...events import Progress
from ...jobs import Job
from ...providers.ollama.client import OllamaClient
from . import verbs
from .slots import Slots
from .transfer import Transfer

__all__ = ["Pulls"]

_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each further try of a pull whose connection broke."""


class Pulls:
    """Runs pulls on the service loop, at most `parallel()` of them at once.

    `client()` returns the client of the server as it is set now, `near(name)` what
    somebody may have meant who named a model that is not there.
    """

    def __init__(
        self,
        client: Callable[[], OllamaClient],
        near: Callable[[str], Awaitable[str | None]],
        parallel: Callable[[], int],
    ) -> None:
        self._client = client
        self._near = near
        self._slots = Slots(parallel)

    def review(self) -> None:
        """Let waiting pulls begin if `parallel()` now allows it."""
        self._slots.review()

    async def run(self, name: str, job: Job[Transfer], *, insecure: bool) -> Transfer:
        """Pull a model for a job, once it is its turn.

        Raises:
            ModelNotFoundError: no registry has it; the hint names near ones.
            ProviderError: it failed.

        """
        missing: ModelNotFoundError
        waiting = Progress("Waiting for another download to end")
        async with self._slots.take(lambda: job.report(waiting)):
            try:
                return await self._pull(name, job, insecure=insecure)
            except ModelNotFoundError as error:
                missing = error
        missing.hint = await self._near(name)
        raise missing

    async def _pull(self, name: str, job: Job[Transfer], *, insecure: bool) -> Transfer:
        """Pull a model; goes on after a broken connection, as the server can."""
        farthest, tries = 0.0, 0

        def report(progress: Progress) -> None:
            nonlocal farthest, tries
            if progress.done > farthest:
                farthest, tries = progress.done, 0
            job.report(progress)

        client = self._client()
        server = client.base_url
        while True:
            try:
                return await verbs.pull(client, name, report, insecure=insecure)
            except (StreamInterruptedError, ConnectionFailedError) as error:
                broken: ProviderError = error
            # One that has not begun has no server, or an odd one: that is said at once.
            if not farthest or tries >= len(_WAITS):
                raise broken
            wait = _WAITS[tries]
            tries += 1
            job.notice(f"{broken.message} Going on with {name} in {wait:.0f} s.")
            await asyncio.sleep(wait)
            client = self._client()
            if client.base_url != server:
                raise broken  # another server is set now, which was not asked for it
