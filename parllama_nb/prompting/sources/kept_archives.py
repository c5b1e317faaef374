"""Downloaded archives, kept for when there is no network: the file and its version.

An archive is kept as it came, once it is known to be whole. Beside it stands in
NAME.json of which address and version it is, and when it was fetched.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ...whole_files import replace_file
from .download import Version

__all__ = ["Kept", "KeptArchive"]

_OLD = 86_400
"""Seconds after which a partial file is of a kernel that was killed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An archive that is here: its version, its size, when it was fetched."""

    etag: str
    modified: str
    size: int
    fetched: float

    @property
    def version(self) -> Version:
        """Its version, as the server named it."""
        return Version(self.etag, self.modified)


class KeptArchive:
    """The archive of one address, in a folder that is made when it is needed."""

    def __init__(self, folder: Path, name: str, url: str) -> None:
        # An address may hold a secret, and a name the wrong characters.
        digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
        self.path = folder / f"{name}-{digest[:16]}.zip"
        self._record = self.path.with_suffix(".json")

    def get(self) -> Kept | None:
        """Return what is kept, None if nothing whole is."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            kept = Kept(**json.loads(self._record.read_text("utf-8")))
            texts = isinstance(kept.etag, str) and isinstance(kept.modified, str)
            if texts and self.path.stat().st_size == kept.size and kept.fetched > 0:
                return kept
        return None

    @contextmanager
    def coming(self) -> Iterator[Path]:
        """Give an empty file for a download; it is deleted unless it was kept.

        Raises:
            OSError: it cannot be made.

        """
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_old_parts()
        handle, name = tempfile.mkstemp(
            dir=folder, prefix=f"{self.path.stem}.", suffix=".part"
        )
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def keep(self, part: Path, version: Version) -> None:
        """Put a whole download in the place of what was kept. Blocks.

        Raises:
            OSError: it cannot be kept; the one before is there then.

        """
        with part.open("rb") as file:
            os.fsync(file.fileno())
        size = part.stat().st_size
        # Without its record the new archive counts as none, and never as the old one.
        self._record.unlink(missing_ok=True)
        part.replace(self.path)
        kept = Kept(version.etag, version.modified, size, time.time())
        replace_file(self._record, json.dumps(asdict(kept)).encode())

    def forget(self) -> None:
        """Delete what is kept: it is damaged."""
        for path in (self._record, self.path):
            path.unlink(missing_ok=True)

    def _remove_old_parts(self) -> None:
        for part in self.path.parent.glob("*.part"):
            with contextlib.suppress(OSError):
                if time.time() - part.stat().st_mtime > _OLD:
                    part.unlink()
