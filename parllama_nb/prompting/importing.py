"""Imports prompts in two steps: what a source offers, and what of it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import FieldError, UsageError
from ..events import Progress
from ..fuzzy import near
from .library.library import PromptLibrary
from .library.merging import Candidate, Imported
from .library.prompt import Prompt, checked, key_of, same_name
from .sources.source import Problem, PromptSource, Report, SourceContext

__all__ = ["Offer", "PromptImports"]

_READ = 90
"""Percent of an import that are over when the user chooses."""

_STEP = 25
"""Prompts between two reports of how many are written."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source offers.

    `origin` says where it was read from. `from_cache` is when that was fetched, in
    seconds since the epoch, if the network was not reached. `problems` are what could
    not be read, `notes` what prompts that were read have lost.
    """

    source: PromptSource
    origin: str
    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...] = ()
    from_cache: float | None = None
    notes: tuple[Problem, ...] = ()

    def chosen(self, names: Sequence[str] | None = None) -> list[Candidate]:
        """Return the candidates of these names; by default those that change anything.

        Raises:
            UsageError: the source has no prompt of such a name.

        """
        if names is None:
            return [each for each in self.candidates if each.chosen]
        by_name = {same_name(each.prompt.name): each for each in self.candidates}
        for name in names:
            if key_of(name) not in by_name:
                every = [each.prompt.name for each in self.candidates]
                offered = " or ".join(near(name, every, 3))
                hint = f"Did you mean {offered}?" if offered else "Nothing is imported."
                message = f"There is no prompt {name!r:.80} in {self.origin}."
                raise UsageError(message, hint=hint)
        return [by_name[key] for key in dict.fromkeys(map(key_of, names))]


class PromptImports:
    """Reads sources and imports from them. Used on the service loop only."""

    def __init__(
        self,
        library: PromptLibrary,
        source: Callable[[str], PromptSource],
        context: SourceContext,
    ) -> None:
        self._library = library
        self._source = source
        self._context = context

    async def offer(
        self,
        source: str,
        location: str | None,
        report: Report,
        *,
        refresh: bool = False,
    ) -> Offer:
        """Read a source and compare it with the library. Changes nothing there.

        Raises:
            ParllamaError: nothing could be read.

        """
        whence = self._source(source)
        if location is None and whence.needs_location:
            message = f"{whence.title} needs {whence.location}."
            hint = f"%parllama prompts import {whence.name} PATH"
            raise UsageError(message, hint=hint)
        found = await whence.read(location, report, self._context, refresh=refresh)
        prompts, refused = await asyncio.to_thread(_checked, found.prompts)
        candidates = await self._library.compare(prompts, whence.name)
        return Offer(
            source=whence,
            origin=found.origin,
            candidates=tuple(candidates),
            problems=(*found.problems, *refused),
            from_cache=found.from_cache,
            notes=found.notes,
        )

    async def take(self, chosen: Sequence[Candidate], report: Report) -> Imported:
        """Import what was chosen: all of it, or nothing if it fails or is cancelled.

        Raises:
            ParllamaError: it could not be written.

        """
        if not chosen:
            return Imported()
        total = len(chosen)

        def written(count: int) -> None:
            if count % _STEP and count != total:
                return
            percent = _READ + (100 - _READ) * count / total
            report(Progress("Importing", count, total, "items", percent=percent))

        written(0)
        return await self._library.take(chosen, written)


def _checked(prompts: Sequence[Prompt]) -> tuple[list[Prompt], list[Problem]]:
    """Return the prompts as they are stored, and those that cannot be."""
    fine, refused = [], []
    for prompt in prompts:
        try:
            fine.append(checked(prompt))
        except FieldError as error:
            refused.append(Problem(f"{prompt.name!r:.80}", error.message))
    return fine, refused
