"""Several jobs that one command waits for, shown as the progress of one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import ParllamaError
from ...events import Layer, Progress
from ...jobs import Job
from ...markdown.sanitize import escape
from ..report import prose

__all__ = ["Together", "error_of_all", "failed_lines"]


class Together:
    """Reports the progress of several jobs to `job`, each of them as a layer."""

    def __init__(self, title: str, job: Job[Any]) -> None:
        self._title = title
        self._job = job
        self._layers: dict[str, Layer] = {}

    async def wait(self, jobs: Mapping[str, Job[Any]]) -> None:
        """Wait until all have ended. If this is cancelled, so are they.

        Raises:
            ParllamaError: all of them failed; see `error_of_all`.

        """
        waiting = [self._follow(name, job) for name, job in jobs.items()]
        results = await asyncio.gather(*waiting, return_exceptions=True)
        errors = [ParllamaError.of(e) for e in results if isinstance(e, BaseException)]
        if len(errors) == len(results):
            raise error_of_all(errors)

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


def error_of_all(errors: Sequence[ParllamaError]) -> ParllamaError:
    """Return an error of the first one's class that says what all of them say."""
    if len(errors) == 1:
        return errors[0]
    # Another one: each is the error of a job, which others may follow or list. Not by
    # `copy`: where Dask is imported, tblib has copies of errors share their values.
    first = errors[0]
    error = type(first).__new__(type(first))
    error.__dict__.update(first.__dict__)
    error.message = " ".join(dict.fromkeys(map(str, errors)))
    error.hint = None
    return error


def failed_lines(failed: Mapping[str, ParllamaError]) -> list[str]:
    """Return a line of Markdown for each model that something failed with."""
    return [f"{escape(name)}: {prose(str(error))}" for name, error in failed.items()]
