"""Imports as jobs: one at a time, which goes on whoever looks at it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Literal

from ..errors import UsageError
from ..jobs import Job, JobRunner
from .importing import Offer, PromptImports
from .library.merging import Imported

__all__ = ["ImportJobs", "ImportRun", "Stage"]

Stage = Literal["reading", "offered", "taking", "done", "failed"]


class ImportRun:
    """One import: its source is read, the user chooses, and what they chose is taken.

    Used on the service loop. `taking` may be tried again if it failed or was stopped.
    """

    def __init__(
        self, run_id: str, source: str, location: str, reading: Job[Offer]
    ) -> None:
        self.id = run_id
        self.source = source
        self.location = location
        self.reading = reading
        self.taking: Job[Imported] | None = None

    @property
    def stage(self) -> Stage:
        """Where it stands; "failed" if the source could not be read, or was not."""
        if not self.reading.future.done():
            return "reading"
        if self.reading.state != "done":
            return "failed"
        taking = self.taking
        if taking is None:
            return "offered"
        if not taking.future.done():
            return "taking"
        return "done" if taking.state == "done" else "offered"

    @property
    def job(self) -> Job[Any]:
        """The job of its last step."""
        return self.taking or self.reading

    @property
    def offer(self) -> Offer:
        """What the source offers.

        Raises:
            UsageError: it was not read yet.

        """
        if self.reading.state == "done" and self.reading.future.done():
            return self.reading.future.result()
        message = "The source was not read yet."
        raise UsageError(message)

    @property
    def imported(self) -> Imported:
        """What was imported; nothing before it is "done"."""
        if self.stage == "done" and self.taking is not None:
            return self.taking.future.result()
        return Imported()


class ImportJobs:
    """Starts imports, and remembers the last one. Used on the service loop."""

    def __init__(self, jobs: JobRunner, imports: Callable[[], PromptImports]) -> None:
        self._jobs = jobs
        self._imports = imports
        self._numbers = itertools.count(1)
        self.current: ImportRun | None = None

    @property
    def run(self) -> ImportRun:
        """The last import.

        Raises:
            UsageError: there is none.

        """
        if self.current is not None:
            return self.current
        message = "There is no import."
        raise UsageError(message, hint="Read a source first.")

    def owns(self, job: Job[Any]) -> bool:
        """Whether a job is of the last import."""
        run = self.current
        return run is not None and job in (run.reading, run.taking)

    def owns_id(self, job_id: str) -> bool:
        """Whether the job of this id is of the last import."""
        run = self.current
        jobs = () if run is None else (run.reading, run.taking)
        return any(job is not None and job.id == job_id for job in jobs)

    def start(
        self, source: str, title: str, location: str = "", *, refresh: bool = False
    ) -> ImportRun:
        """Begin to read a source; `title` is what people call it.

        Raises:
            UsageError: another import is under way.

        """
        if self.current is not None and self.current.stage in {"reading", "taking"}:
            message = "An import is under way already."
            raise UsageError(message, hint="Wait until it ends, or stop it.")
        imports = self._imports()
        reading = self._jobs.start(
            f"read prompts of {title}",
            lambda job: imports.offer(
                source, location or None, job.report, refresh=refresh
            ),
        )
        run = ImportRun(str(next(self._numbers)), source, location, reading)
        self.current = run
        return run

    def take(self, names: Sequence[str]) -> Job[Imported]:
        """Import what the user chose of the last offer, by the names at the source.

        Raises:
            UsageError: there is no offer, or no such prompt in it.

        """
        run = self.run
        chosen = run.offer.chosen(names)
        count = len(chosen)
        imports = self._imports()
        run.taking = self._jobs.start(
            f"import {count:,} {'prompt' if count == 1 else 'prompts'}",
            lambda job: imports.take(chosen, job.report),
        )
        return run.taking

    def forget(self) -> None:
        """Forget the last import, and stop it if it is under way."""
        if self.current is not None:
            self.current.job.cancel()
            self.current = None
