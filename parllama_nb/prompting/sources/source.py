"""What a source of prompts is: it reads them, and may write them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ...errors import UsageError
from ...events import Progress
from ..library.prompt import Prompt

__all__ = ["Found", "Problem", "PromptSource", "Report", "SourceContext"]

Report = Callable[[Progress], None]
"""Gets the progress, from any thread."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one file or one row of a source, in a line; `where` is it."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds: its prompts, and what in it could not be read.

    `problems` are what was not read, `notes` what prompts that were read have lost.
    `origin` says where the prompts were read from, for people. `from_cache` is when
    they were fetched, in seconds since the epoch, if the network was not asked.
    """

    prompts: tuple[Prompt, ...]
    problems: tuple[Problem, ...] = ()
    origin: str = ""
    from_cache: float | None = None
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a source uses of the rest of the package.

    `cache_dir()` is where downloads are kept. `redact` removes known secrets from a
    text. `environ` returns an environment variable that is not secret.
    """

    cache_dir: Callable[[], Path]
    redact: Callable[[str], str] = str
    environ: Callable[[str], str | None] = field(default=lambda _name: None)


class PromptSource(ABC):
    """One source of prompts. Holds no state of a reading.

    A package names its own in the entry point group `parllama_nb.prompt_sources`; each
    passes `parllama_nb.testing.PromptSourceConformance`.
    """

    name: ClassVar[str]
    """How it is named on a line: `%parllama prompts import NAME`."""
    title: ClassVar[str]
    """How a view names it."""
    location: ClassVar[str]
    """What a location of it is, for people: "a folder of Markdown files"."""
    needs_location: ClassVar[bool] = True
    """Whether it has no default location."""
    writes: ClassVar[bool] = False
    """Whether prompts can be exported to it."""

    @abstractmethod
    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        """Return the prompts at a location; None is the source's own.

        One that cannot be read is a problem of the result and does not affect the
        others. Cancelling leaves no file that is not whole.

        Args:
            location: a path of a file or a folder, or an address.
            report: gets phase and amount, from any thread and as often as is handy.
            context: what it uses of the rest of the package.
            refresh: whether to fetch anew what is in the cache.

        Raises:
            ParllamaError: nothing could be read; its hint says what to do.

        """

    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        """Return the files that hold these prompts, by their relative names.

        Raises:
            UsageError: the format has no place for what a prompt holds, or the source
                cannot be written to.

        """
        del prompts
        message = f"Prompts cannot be exported to {self.title}."
        raise UsageError(message, hint="%parllama help prompts lists the formats.")
