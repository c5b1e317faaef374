"""Imports conversations from files, folders and archives."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TypeVar, cast

from ...errors import UsageError
from ...events import Progress
from ...prompting.sources.zip_files.archive import is_zip
from ...store.database import Store
from ..history.importing import Present, insert
from ..history.saved import SavedConversation
from .admission import admitted
from .formats import read_text
from .sources import INDEX_MARK, Source, open_source, text_of
from .threads import on_thread, stop_if

__all__ = ["ConversationImports", "ImportProblem", "Imported"]

T = TypeVar("T")

_HINT = (
    "Files that are read: Markdown, JSON and notebooks of an export, "
    "and what PAR LLAMA exports or keeps in its folder chats."
)


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A file that was not read, or not all of it, and why."""

    where: str
    what: str


@dataclass(slots=True)
class Imported:
    """What an import has done.

    Attributes:
        added: the names of the new conversations.
        present: files whose conversation is there already, each with its name.
        problems: files that could not be read.
        notes: what of a file is not in its conversation.
        others: how many files hold no conversation.

    """

    added: list[str] = field(default_factory=list)
    present: list[ImportProblem] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    notes: list[ImportProblem] = field(default_factory=list)
    others: int = 0


class ConversationImports:
    """Writes conversations of files into the store, each in one transaction."""

    def __init__(self, store: Store, is_taken: Callable[[str], bool]) -> None:
        self._store = store
        self._is_taken = is_taken

    async def take(
        self,
        paths: Sequence[str],
        *,
        again: bool = False,
        report: Callable[[Progress], object] = lambda _: None,
    ) -> Imported:
        """Import the conversations of some paths under free names.

        One that is there already is left out, unless it is to be imported `again`.

        Raises:
            UsageError: a path does not exist, or nothing could be read.
            StoreError: a conversation could not be written; those before it are.

        """

        def work(stop: threading.Event) -> Imported:
            checked = _checked(paths)
            importing = _Import(self._store, self._is_taken, report, stop, again=again)
            for path in checked:
                with open_source(path, stop) as source:
                    importing.take_all(source)
            return importing.checked()

        return await on_thread(work)

    async def take_file(
        self, name: str, data: bytes, *, again: bool = False
    ) -> Imported:
        """Import the conversations of a file, or an archive, that a page has sent.

        Raises:
            UsageError: there is no conversation in it that can be read.
            StoreError: one could not be written; those before it are.

        """

        def work(stop: threading.Event) -> Imported:
            importing = _Import(
                self._store, self._is_taken, lambda _: None, stop, again=again
            )
            if is_zip(data):
                with TemporaryDirectory(prefix="parllama_nb-") as folder:
                    path = Path(folder, "archive.zip")
                    path.write_bytes(data)
                    with open_source(path, stop) as source:
                        importing.take_all(source)
            else:
                importing.take_all(Source(1, iter([(name, data)]), single=True))
            return importing.checked()

        return await on_thread(work)


class _Import:
    """One import under way, on a thread."""

    def __init__(
        self,
        store: Store,
        is_taken: Callable[[str], bool],
        report: Callable[[Progress], object],
        stop: threading.Event,
        *,
        again: bool,
    ) -> None:
        self.imported = Imported()
        self._store = store
        self._is_taken = is_taken
        self._report = report
        self._stop = stop
        self._again = again
        self._present = self._call(Present)

    def take_all(self, source: Source) -> None:
        """Import all conversations of one path."""
        imported, phase = self.imported, "Importing conversations"
        for done, (name, data) in enumerate(source.files):
            stop_if(self._stop)
            self._report(Progress(phase, done, source.count, "items"))
            try:
                text = text_of(data)
                is_index = text.startswith(INDEX_MARK)
                parsed = None if is_index else read_text(name, text)
            except UsageError as error:
                hint = f" {error.hint}" if error.hint and source.single else ""
                problem = ImportProblem(name, f"{error.message}{hint}")
                imported.problems.append(problem)
                continue
            if parsed is None:
                imported.others += 0 if is_index else 1
                continue
            saved, left_out = admitted(parsed.conversation, PurePosixPath(name).stem)
            there = self._take(saved)
            if there is not None:
                imported.present.append(ImportProblem(name, there))
                continue
            notes = (*parsed.notes, *left_out)
            if notes:
                imported.notes.append(ImportProblem(name, " ".join(notes)))
        self._report(Progress(phase, source.count, source.count, "items"))

    def checked(self) -> Imported:
        """Return what was imported, or is here already.

        Raises:
            UsageError: nothing was read at all.

        """
        imported = self.imported
        if not (imported.added or imported.present):
            _refuse(imported)
        return imported

    def _take(self, saved: SavedConversation) -> str | None:
        """Write a conversation; return the name under which it is there already."""

        def take(connection: sqlite3.Connection) -> tuple[str | None, str]:
            there = None
            if not self._again:
                there = self._present.name_of(connection, saved)
            if there is not None:
                return there, ""
            session, name = insert(connection, saved, self._is_taken)
            self._present.add(connection, saved, session)
            return None, name

        there, name = self._call(take)
        if there is None:
            self.imported.added.append(name)
        return there

    def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return cast("T", self._store.call(work).result())


def _checked(paths: Sequence[str]) -> list[Path]:
    """Return the paths, all of which exist.

    Raises:
        UsageError: one does not.

    """
    checked: list[Path] = []
    for text in paths:
        try:
            path = Path(text).expanduser()
            if path.exists():
                checked.append(path)
                continue
        except (OSError, RuntimeError, ValueError):
            pass
        message = f"There is no file or folder {text!r:.200}."
        raise UsageError(message, hint="Nothing was imported. Name one that exists.")
    return checked


def _refuse(imported: Imported) -> None:
    """Raise what is wrong if nothing could be read at all."""
    problems = imported.problems
    if problems:
        first = problems[0]
        more = f" And {len(problems) - 1:,} more." if problems[1:] else ""
        message = f"{first.where!r:.200} is not read. {first.what}{more}"
        raise UsageError(message)
    message = "No conversation is in there."
    raise UsageError(message, hint=_HINT)
