"""The texts of the patterns in an archive or a folder, and the prompts they are."""

from __future__ import annotations

import contextlib
import stat
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ....errors import StoppedError, UsageError
from ....sizes import size_in_words
from ...library.prompt import Prompt, same_name
from ..decoding import decoded
from ..files import reason_of
from ..reading import capped
from ..source import Found, Problem
from ..steps import Steps
from ..zip_files.archive import ZipArchive
from .layout import PatternFiles, files_in_folder, pattern_files
from .patterns import prompt_of

__all__ = ["Texts", "prompts_of", "texts_in_archive", "texts_in_folder"]

_LARGEST_FILE = 4_000_000
_LARGEST_SUM = 200_000_000
"""Bytes of one file of a pattern, and of all: they are in memory at once."""


@dataclass(slots=True)
class Texts:
    """The files of patterns by their names and kinds, and what was not read."""

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    left: int = _LARGEST_SUM

    def add(self, name: str, kind: str, content: bytes) -> None:
        """Add a file.

        Raises:
            UsageError: all together are too large.

        """
        self.left -= len(content)
        if self.left < 0:
            message = f"The patterns have more than {size_in_words(_LARGEST_SUM)}."
            raise UsageError(message, hint="Name a folder with fewer of them.")
        self.files.setdefault(name, {})[kind] = content

    def fail(self, name: str, kind: str, what: str) -> None:
        """Note that a file was not read; a README is missed by nobody."""
        if kind != "readme":
            self.problems.append(Problem(f"{name}/{kind}.md", what))
            self.files.setdefault(name, {})["failed"] = b""


def texts_in_archive(
    archive: ZipArchive, name: str, steps: Steps, *, verify: bool
) -> Texts:
    """Return the texts in an archive, whose other files are verified too if asked to.

    `name` is that of a pattern that lies in no folder.

    Raises:
        RefusedZipError: an entry is damaged or too large.
        StoppedError: the archive's reading was stopped.
        OSError: it cannot be read.

    """
    texts = Texts()
    layout = pattern_files((each.path for each in archive.entries), name)
    owners = _owners(layout)
    for entry in archive.entries:
        if entry.path in owners and entry.size > _LARGEST_FILE:
            texts.fail(*owners.pop(entry.path), _too_large())
    total = len(archive.entries)
    contents = archive.contents(
        lambda entry: entry.path in owners,
        verify=verify,
        count=lambda done: steps.show(done, total),
    )
    for path, content in contents:
        texts.add(*owners[path], content)
    return texts


def texts_in_folder(folder: Path, steps: Steps, stop: threading.Event) -> Texts:
    """Return the texts in a folder.

    Raises:
        StoppedError: `stop` was set.
        OSError: the folder cannot be read.

    """
    texts = Texts()
    owners = _owners(files_in_folder(folder))
    for done, (path, (name, kind)) in enumerate(owners.items()):
        _check(stop)
        try:
            status = Path(path).stat()
            if not stat.S_ISREG(status.st_mode):
                texts.fail(name, kind, "It is not a file.")
            elif status.st_size > _LARGEST_FILE:
                texts.fail(name, kind, _too_large())
            else:
                texts.add(name, kind, Path(path).read_bytes())
        except OSError as error:
            texts.fail(name, kind, reason_of(error))
        steps.show(done + 1, len(owners))
    return texts


def prompts_of(texts: Texts, origin: str, steps: Steps, stop: threading.Event) -> Found:
    """Return the patterns as prompts, in the order of their names.

    Raises:
        StoppedError: `stop` was set.

    """
    prompts: dict[str, Prompt] = {}
    problems = [*texts.problems]
    names = sorted(texts.files, key=lambda name: (same_name(name), name))
    for done, name in enumerate(names):
        _check(stop)
        files = texts.files[name]
        read = None if "failed" in files else _prompt(name, files)
        if isinstance(read, Problem):
            problems.append(read)
        elif read is not None:
            first = prompts.setdefault(same_name(read.name), read)
            if first is not read:
                what = f"There is a prompt {first.name!r} already."
                problems.append(Problem(name, what))
        steps.show(done + 1, len(names))
    return Found(tuple(prompts.values()), tuple(capped(problems)), origin)


def _prompt(name: str, files: Mapping[str, bytes]) -> Prompt | Problem | None:
    """Return the prompt that files are; None if they are no pattern at all."""
    if "system" not in files:
        return Problem(name, "There is no system.md.") if "user" in files else None
    texts = {}
    for kind in ("system", "user"):
        try:
            texts[kind] = _text(files.get(kind, b""))
        except UsageError as error:
            return Problem(f"{name}/{kind}.md", error.message)
    readme = ""
    with contextlib.suppress(UsageError):
        readme = _text(files.get("readme", b""))
    try:
        return prompt_of(name, texts["system"], texts["user"], readme)
    except UsageError as error:
        return Problem(name, error.message)


def _text(content: bytes) -> str:
    """Return a text with the line breaks of every other: a checkout may have its own.

    Raises:
        UsageError: it is no text, or in an encoding that is not known.

    """
    return decoded(content).replace("\r\n", "\n").replace("\r", "\n")


def _owners(layout: PatternFiles) -> dict[str, tuple[str, str]]:
    """Return for each path the name of its pattern and its kind."""
    return {
        path: (name, kind)
        for name, files in layout.items()
        for kind, path in files.items()
    }


def _too_large() -> str:
    return f"The file has more than {size_in_words(_LARGEST_FILE)}."


def _check(stop: threading.Event) -> None:
    if stop.is_set():
        message = "Stopped."
        raise StoppedError(message)
