"""Files that are written all or not at all, into a folder, an archive, or one file."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ...errors import UsageError
from ...prompting.sources.files import reason_of

__all__ = ["Staged", "existing", "staged"]

_RATIO = 90
_SMALL = 4_096
"""Bytes that may come of one in an archive, and what is too small for that to matter.

To readers, ours among them, an archive that holds more looks like a bomb.
"""

# The first time that an archive can name: that of its files says nothing.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class Staged:
    """Files that wait beside the place they go to. Used on any thread, by one at once.

    Nothing at that place changes before `take_place`, so that a full disk costs nothing
    that is there.
    """

    def __init__(self, target: Path, folder: Path, *, archive: bool) -> None:
        self._target = target
        self._folder = folder
        self._names: list[str] = []
        self._archive = (
            zipfile.ZipFile(folder / "archive", "x", zipfile.ZIP_DEFLATED)
            if archive
            else None
        )

    def add(self, name: str, data: bytes) -> None:
        """Write a file. Blocks.

        Raises:
            OSError: it cannot be written.

        """
        self._names.append(name)
        if self._archive is None:
            (self._folder / name).write_bytes(data)
            return
        info = zipfile.ZipInfo(name, _LONG_AGO)
        info.external_attr = 0o600 << 16
        is_dense = len(data) < _SMALL or len(zlib.compress(data)) * _RATIO > len(data)
        kind = zipfile.ZIP_DEFLATED if is_dense else zipfile.ZIP_STORED
        self._archive.writestr(info, data, kind)

    def take_place(self, *, single: bool) -> None:
        """Move what was written to where it goes. Blocks.

        Args:
            single: whether the target is the one file that was written.

        Raises:
            OSError: it cannot be moved.

        """
        if self._archive is not None:
            self._archive.close()
            _synced(self._folder / "archive").replace(self._target)
        elif single:
            _synced(self._folder / self._names[0]).replace(self._target)
        else:
            self._target.mkdir(parents=True, exist_ok=True)
            for name in self._names:
                (self._folder / name).replace(self._target / name)

    def close(self) -> None:
        """Forget what has not been moved."""
        if self._archive is not None:
            # Its end may not be written either, if the disk is full.
            with contextlib.suppress(OSError, ValueError):
                self._archive.close()


def _synced(path: Path) -> Path:
    """Return a file once it has reached the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path


@contextlib.contextmanager
def staged(target: Path, *, archive: bool) -> Iterator[Staged]:
    """Stage files for a place. What is not moved is removed in the end.

    Raises:
        UsageError: something could not be written; nothing has changed then.

    """
    failure = ""
    try:
        # A folder that is there may lie in one that nobody may write into.
        beside = target if target.is_dir() else target.parent
        beside.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=beside, prefix=".parllama_nb-"))
        try:
            files = Staged(target, folder, archive=archive)
            try:
                yield files
            finally:
                files.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        failure = reason_of(error)
    if failure:
        message = f"{str(target)!r:.300} cannot be written. {failure}"
        raise UsageError(message, hint="Nothing was changed. Name another place.")


def existing(target: Path, names: list[str], *, single: bool) -> list[Path]:
    """Return which of the files to be written are there already. Blocks."""
    if single:
        return [target] if target.exists() else []
    return [path for name in names if (path := target / name).exists()]
