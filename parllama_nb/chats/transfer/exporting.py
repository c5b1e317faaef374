"""Exports conversations: one into a file, many into a folder or an archive."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from ...errors import UsageError
from ...events import Progress
from ...providers.messages import ImagePart
from ...store.database import Store
from ...store.encryption import Encryption
from ..history.exporting import read_saved
from ..history.names import find_session
from ..history.reading import SessionInfo, read_sessions
from ..history.saved import SavedConversation
from .files import Staged, existing, staged
from .formats import FORMATS, Format, format_of
from .index import INDEX, Row, index_of
from .names import file_names
from .sharing import redacted
from .threads import on_thread, stop_if

__all__ = ["ConversationExports", "Exported"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has written.

    Attributes:
        path: the file, the folder or the archive.
        count: how many conversations it has.
        redacted: how many texts had a known secret in them, which was replaced.
        encrypted: how many encrypted conversations are in it, readable by anybody.
        left: how many encrypted ones were left out.
        images: how many images are only named in it.
        hidden: how many turns of other branches were left out.

    """

    path: Path
    count: int = 0
    redacted: int = 0
    encrypted: int = 0
    left: int = 0
    images: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an export goes, and in which format."""

    target: Path
    kind: Format
    single: bool
    archive: bool = False


class ConversationExports:
    """Writes conversations of the store into files, without known secrets."""

    def __init__(
        self, store: Store, encryption: Encryption, redact: Callable[[str], str]
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._redact = redact

    async def export(  # noqa: PLR0913 - what the user may choose
        self,
        names: Sequence[str] | None,
        place: str | None = None,
        *,
        kind: Format | None = None,
        decrypted: bool = False,
        attachments: bool = False,
        force: bool = False,
        report: Callable[[Progress], object] = lambda _: None,
    ) -> Exported:
        """Write the named conversations into files; all if `names` is None.

        Args:
            names: of conversations.
            place: a file, a folder, or an archive (`.zip`); None is one that is named
                after the conversation or the day, in the working directory.
            kind: the format; None is what the end of `place` tells, else Markdown.
            decrypted: whether encrypted ones are exported too, readable by anybody.
            attachments: whether Markdown gets the data of images.
            force: whether files that exist are replaced.
            report: gets the progress.

        Raises:
            UsageError: there is no such conversation, a file exists, or cannot be
                written. Nothing has changed then.
            VaultLockedError: one is encrypted, and the vault is locked.

        """

        def work(stop: threading.Event) -> Exported:
            infos, left = self._chosen(names, decrypted=decrypted)
            where = self._place(place, kind, infos, is_all=names is None)
            files = file_names(
                (self._redact(info.name) for info in infos),
                where.kind.suffix,
                taken=[INDEX],
            )
            if where.single and where.target.is_dir():
                where = _Place(where.target / files[0], where.kind, single=True)
            if not force:
                _check_free(where, files)
            export = _Export(self, where, infos, files, attachments=attachments)
            export.left = left
            with staged(where.target, archive=where.archive) as staging:
                export.write(staging, report, stop)
                staging.take_place(single=where.single)
            return export.result()

        return await on_thread(work)

    async def file(
        self,
        name: str,
        *,
        kind: Format,
        decrypted: bool = False,
        attachments: bool = True,
    ) -> tuple[str, bytes, Exported]:
        """Return the file of a conversation, for a page that saves it itself.

        It comes with its name, and with what `export` would have written.

        Raises:
            UsageError: there is no such conversation, or it is encrypted and not to be
                exported `decrypted`.
            VaultLockedError: it is encrypted, and the vault is locked.

        """

        def work(stop: threading.Event) -> tuple[str, bytes, Exported]:
            infos, _ = self._chosen([name], decrypted=decrypted)
            (file,) = file_names([self._redact(infos[0].name)], kind.suffix)
            where = _Place(Path(file), kind, single=True)
            export = _Export(self, where, infos, [file], attachments=attachments)
            held = _Held()
            export.write(held, lambda _: None, stop)
            return file, held.data, export.result()

        return await on_thread(work)

    def read(self, name: str) -> SavedConversation | None:
        """Return a conversation without known secrets. Blocks."""
        decrypt = self._encryption.decrypt
        return self._call(lambda c: read_saved(c, name, decrypt))

    def redacted(self, saved: SavedConversation) -> tuple[SavedConversation, int]:
        """Return a conversation without known secrets, and how many texts had one."""
        return redacted(saved, self._redact)

    def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return cast("T", self._store.call(work).result())

    def _infos(
        self, connection: sqlite3.Connection, which: str, *values: str
    ) -> list[SessionInfo]:
        decrypt = self._encryption.decrypt
        return read_sessions(connection, which, values, decrypt, keep_unreadable=True)

    def _chosen(
        self, names: Sequence[str] | None, *, decrypted: bool
    ) -> tuple[list[SessionInfo], int]:
        """Return the conversations to export, and how many are left out."""
        if names is None:
            infos = self._call(
                lambda c: self._infos(c, "TRUE ORDER BY used DESC, name")
            )
            chosen = [info for info in infos if decrypted or not info.encrypted]
            if not chosen:
                message = "There is no conversation to export."
                hint = "%parllama chat begins one."
                if infos:
                    message = f"All {len(infos):,} conversations are encrypted."
                    hint = "--decrypted exports them in clear text."
                raise UsageError(message, hint=hint)
            return chosen, len(infos) - len(chosen)
        chosen = []
        for name in dict.fromkeys(names):
            found = self._call(
                lambda c, name=name: self._infos(  # type: ignore[misc]
                    c, "session.id = ?", find_session(c, name) or ""
                )
            )
            if not found:
                message = f"There is no conversation {name!r}."
                raise UsageError(message, hint="%parllama sessions lists them.")
            if found[0].encrypted and not decrypted:
                message = (
                    f"The conversation {name!r} is encrypted; a file would not be."
                )
                raise UsageError(message, hint="--decrypted exports it in clear text.")
            chosen += found
        return chosen, 0

    def _place(
        self,
        place: str | None,
        kind: Format | None,
        infos: Sequence[SessionInfo],
        *,
        is_all: bool,
    ) -> _Place:
        """Return where an export goes, by what the user has named."""
        single = not is_all and len(infos) == 1
        told = None if place is None else format_of(place)
        if kind is not None and told is not None and kind is not told:
            message = f"{place!r:.200} is the name of a file of {told.title}."
            raise UsageError(message, hint=f"Leave out --format {kind.name}.")
        chosen = kind or told or FORMATS["markdown"]
        if place is None:
            if single:
                return _Place(Path(), chosen, single=True)
            day = time.strftime("%Y-%m-%d")
            target = Path(f"conversations-{day}.zip")
            return _Place(target, chosen, single=False, archive=True)
        try:
            target = Path(place).expanduser()
            is_folder = target.is_dir()
        except (OSError, RuntimeError, ValueError):
            message = f"There cannot be a file {place!r:.200}."
            raise UsageError(message, hint="Name another place.") from None
        if is_folder:
            return _Place(target, chosen, single=single)
        if target.suffix.lower() == ".zip":
            return _Place(target, chosen, single=False, archive=True)
        if told is not None and not single:
            message = f"{place!r:.200} is one file, and there are {len(infos):,}."
            hint = "Name a folder, or a file that ends with .zip."
            raise UsageError(message, hint=hint)
        if single and not target.suffix and not place.endswith(("/", "\\")):
            target = target.with_name(f"{target.name}{chosen.suffix}")
        elif single and place.endswith(("/", "\\")):
            target.mkdir(parents=True, exist_ok=True)
        return _Place(target, chosen, single=single)


def _check_free(where: _Place, files: list[str]) -> None:
    single = where.single or where.archive
    there = existing(where.target, [*files, INDEX], single=single)
    if there:
        more = f", and {len(there) - 1:,} more" if there[1:] else ""
        message = f"{str(there[0])!r:.300} exists already{more}."
        raise UsageError(message, hint="--force replaces what exists.")


class _Held:
    """One file that is kept in memory."""

    def __init__(self) -> None:
        self.data = b""

    def add(self, _name: str, data: bytes) -> None:
        self.data = data


class _Export:
    """One export under way."""

    def __init__(
        self,
        exports: ConversationExports,
        where: _Place,
        infos: Sequence[SessionInfo],
        files: Sequence[str],
        *,
        attachments: bool,
    ) -> None:
        self._exports = exports
        self._where = where
        self._infos = infos
        self._files = files
        self._attachments = attachments
        self._counts: dict[str, int] = {}
        self.left = 0

    def write(
        self,
        staging: Staged | _Held,
        report: Callable[[Progress], object],
        stop: threading.Event,
    ) -> None:
        rows: list[Row] = []
        total = len(self._infos)
        for done, (info, file) in enumerate(zip(self._infos, self._files, strict=True)):
            stop_if(stop)
            report(Progress("Exporting conversations", done, total, "items"))
            saved = self._exports.read(info.name)
            if saved is None:  # deleted meanwhile
                continue
            saved, count = self._exports.redacted(saved)
            name = self._where.target.name if self._where.single else file
            staging.add(name, self._written(saved))
            self._count("count", 1)
            self._count("redacted", count)
            self._count("encrypted", int(info.encrypted))
            rows.append(
                Row(saved.name, file, len(saved.shown), saved.folder, info.used)
            )
        if not self._where.single:
            staging.add(INDEX, index_of(rows).encode())
        report(Progress("Exporting conversations", total, total, "items"))

    def _written(self, saved: SavedConversation) -> bytes:
        kind = self._where.kind
        if not kind.holds_images and not self._attachments:
            self._count("images", _images(saved))
        if not kind.holds_branches:
            self._count("hidden", len(saved.hidden))
        text = kind.write(saved, self._attachments)
        return text.encode("utf-8", "replace")

    def _count(self, what: str, more: int) -> None:
        self._counts[what] = self._counts.get(what, 0) + more

    def result(self) -> Exported:
        counts: dict[str, Any] = self._counts
        return Exported(self._where.target, left=self.left, **counts)


def _images(saved: SavedConversation) -> int:
    messages = [m for turn in saved.turns for m in (*turn.question, turn.answer)]
    return sum(isinstance(part, ImagePart) for each in messages for part in each.parts)
