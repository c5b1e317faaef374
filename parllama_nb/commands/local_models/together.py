"""Several jobs that one command waits for, shown as the progress of one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ...errors import ParllamaError
from ...events import Layer, Progress
from ...jobs import Job

__all__ = ["Together"]


class Together:
    """Reports the progress of several jobs to `job`, each of them as a layer."""

    def __init__(self, title: str, job: Job[Any]) -> None:
        self._title = title
        self._job = job
        self._layers: dict[str, Layer] = {}

    async def wait(self, jobs: Mapping[str, Job[Any]]) -> None:
        """Wait until all have ended. If this is cancelled, so are they.

        Raises:
            ParllamaError: all of them failed; the first error, with what all say.

        """
        waiting = [self._follow(name, job) for name, job in jobs.items()]
        results = await asyncio.gather(*waiting, return_exceptions=True)
        errors = [ParllamaError.of(e) for e in results if isinstance(e, BaseException)]
        if len(errors) < len(results):
            return
        first = errors[0]
        first.message = " ".join(dict.fromkeys(error.message for error in errors))
        raise first

    async def _follow(self, name: str, job: Job[Any]) -> None:
        await job.followed(
            lambda progress: self._report(name, progress), self._job.notice
        )

    def _report(self, name: str, progress: Progress) -> None:
        if progress.total:
            self._layers[name] = Layer(name, progress.done, progress.total)
        layers = tuple(self._layers.values())
        done = sum(layer.done for layer in layers)
        total = sum(layer.total for layer in layers)
        self._job.report(
            Progress(self._title, done, total or None, "bytes", layers=layers)
        )
