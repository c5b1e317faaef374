"""Reading files of prompts: in a thread, one after the other, until it is stopped.

What is wrong with one file or one row becomes a problem; the others are read.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ...errors import StoppedError, UsageError
from ...surrogates import without_surrogates
from ..library.prompt import Prompt, checked, same_name
from .files import reason_of
from .source import Found, Problem, Report, SourceContext
from .steps import Steps

__all__ = [
    "MOST_FILES",
    "Parsed",
    "Reading",
    "capped",
    "read_files",
]

T = TypeVar("T")

MOST_FILES = 10_000
"""Files that are read of one folder."""

_PARSED = 90
"""Percent of an import that are over when its prompts are read."""

_MOST_PROMPTS = 50_000
_MOST_FOLDERS = 50_000
_DEEPEST = 40  # folders
_SAME_NOTES = 3
# Folders of tools, whose Markdown is nobody's prompt.
_SKIPPED = frozenset(
    {".git", ".hg", ".svn", ".venv", ".ipynb_checkpoints", "node_modules"}
    | {"__pycache__", ".trash", ".obsidian"}
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A prompt as one file or row holds it, and what of it is not carried over."""

    prompt: Prompt
    notes: tuple[str, ...] = ()


async def read_files(  # noqa: PLR0913 - each says which files, or who reads them
    place: Callable[[], Path],
    read: Callable[[Path, str, Reading], None],
    report: Report,
    context: SourceContext,
    *,
    suffixes: Collection[str],
    expected: str,
    choose: Callable[[list[str]], list[str]] = list,
) -> Found:
    """Read the file at a place, or those of a folder there, in a thread.

    Cancelling stops it before the next file or row.

    Args:
        place: returns the path; called in the thread that reads.
        read: reads one file: its path, its name in the folder ("" if it is the place
            itself), and what takes its prompts.
        report: gets the progress.
        context: what the source uses of the rest of the package.
        suffixes: of the files of a folder.
        expected: what the place should be, for the hint of an error.
        choose: leaves out files of a folder by their names.

    """
    reading = Reading(report, context.redact)

    def work() -> Found:
        root = place()
        if root.is_dir():
            for name in reading.each(choose(reading.files(root, suffixes))):
                read(root / name, name, reading)
        else:
            read(root, "", reading)
        return reading.found(str(root), expected=expected)

    try:
        return await asyncio.to_thread(work)
    finally:
        reading.stop.set()


class Reading:
    """The prompts and the problems of one reading, as they come. For one thread."""

    def __init__(self, report: Report, redact: Callable[[str], str]) -> None:
        self.stop = threading.Event()
        """Set from another thread, it ends the reading."""
        self._steps: Steps | None = Steps(report)
        self._redact = redact
        self._prompts: dict[str, tuple[Prompt, str]] = {}
        self._problems: list[Problem] = []
        self._notes: list[Problem] = []

    def each(self, items: Sequence[T]) -> Iterator[T]:
        """Return the items one by one. Progress is reported of the outermost ones.

        Raises:
            StoppedError: the reading was stopped.

        """
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.begin("Parsing", 0, _PARSED, "items")
        for number, item in enumerate(items):
            self._check()
            if steps is not None:
                steps.show(number, len(items))
            yield item
        self._check()
        if steps is not None:
            steps.show(len(items), len(items))

    def attempt(self, where: str, parse: Callable[[], Parsed]) -> None:
        """Add the prompt that `parse` returns, or the problem that it raises."""
        try:
            parsed = parse()
            prompt = checked(parsed.prompt)
        except UsageError as error:
            self.problem(where, error.message)
            return
        key = same_name(prompt.name)
        if key in self._prompts:
            first = self._prompts[key][1]
            self.problem(where, f"There is a prompt {prompt.name!r} already: {first}.")
            return
        if len(self._prompts) >= _MOST_PROMPTS:
            self.problem(where, f"Only the first {_MOST_PROMPTS:,} prompts are read.")
            return
        self._prompts[key] = prompt, where
        self._notes += [Problem(where, self._line(note)) for note in parsed.notes]

    def problem(self, where: str, what: str) -> None:
        """Add the reason why a file or a row was not read."""
        self._problems.append(Problem(self._line(where), self._line(what)))

    def found(self, origin: str, *, expected: str) -> Found:
        """Return what was read.

        Args:
            origin: what was read, for people.
            expected: what a source of this format looks like, for the hint.

        Raises:
            UsageError: that is nothing at all.

        """
        if not self._prompts:
            problems = self._problems
            message = f"No prompt could be read from {self._line(origin)}."
            hint = f"Expected: {expected}."
            if problems:
                more = f" ({len(problems) - 1:,} more)" if len(problems) > 1 else ""
                hint = f"{problems[0].where}: {problems[0].what}{more}"
            raise UsageError(message, hint=hint)
        return Found(
            prompts=tuple(prompt for prompt, _ in self._prompts.values()),
            problems=tuple(capped(self._problems)),
            origin=self._line(origin),
            notes=tuple(_grouped(self._notes)),
        )

    def files(self, root: Path, suffixes: Collection[str]) -> list[str]:
        """Return the regular files below a folder, as relative names in order.

        Links are followed, circles are not. Folders of tools are left out.
        """
        names: list[str] = []
        for path in self._walk(root, suffixes, set(), 0):
            if len(names) == MOST_FILES:
                what = f"Only the first {MOST_FILES:,} files were read."
                self.problem(str(root), f"{what} Name a folder below it for more.")
                break
            names.append(path.relative_to(root).as_posix())
        return names

    def _walk(
        self,
        folder: Path,
        suffixes: Collection[str],
        seen: set[tuple[int, int]],
        depth: int,
    ) -> Iterator[Path]:
        self._check()
        try:
            status = folder.stat()
            with os.scandir(folder) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.problem(str(folder), reason_of(error))
            return
        if (status.st_dev, status.st_ino) in seen or depth > _DEEPEST:
            return
        if len(seen) >= _MOST_FOLDERS:
            return
        seen.add((status.st_dev, status.st_ino))
        for entry in inside:
            path = folder / entry.name
            is_folder = _is_folder(entry)
            if path.suffix.lower() in suffixes and not is_folder:
                yield path
            elif entry.name not in _SKIPPED and is_folder:
                yield from self._walk(path, suffixes, seen, depth + 1)

    def _check(self) -> None:
        if self.stop.is_set():
            message = "Reading prompts was stopped."
            raise StoppedError(message)

    def _line(self, text: str) -> str:
        return " ".join(self._redact(without_surrogates(text)).split())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _grouped(notes: Iterable[Problem]) -> list[Problem]:
    """Return the notes; what is said of many files is said once."""
    counts = Counter(note.what for note in notes)
    first: dict[str, Problem] = {}
    for note in notes:
        first.setdefault(note.what, note)
    grouped = [
        Problem(f"{counts[what]:,} prompts, the first is {note.where}", what)
        for what, note in first.items()
        if counts[what] > _SAME_NOTES
    ]
    single = [note for note in notes if counts[note.what] <= _SAME_NOTES]
    return capped([*grouped, *single])


def capped(problems: list[Problem]) -> list[Problem]:
    """Return as many problems as somebody reads; the last says how many more."""
    most = 1_000
    if len(problems) <= most:
        return problems
    more = f"There are {len(problems) - most:,} more problems."
    return [*problems[:most], Problem("…", more)]
