"""What has come of a file so far, on disk, and the lock of its download.

It lies in FILE.part, and beside it in FILE.part.json of which version of the file it
is, as its server names it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ...errors import DownloadError
from ...events import Progress
from ...providers.single_flight import Report

__all__ = [
    "PartFile",
    "Version",
    "bytes_come",
    "locked",
    "remove_traces",
    "room_for",
    "size_of",
]

_POLL = 0.2
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of the file has come so far, as its server names it."""

    address: str = ""
    etag: str = ""
    modified: str = ""
    total: int | None = None

    @property
    def condition(self) -> str:
        """What `If-Range` takes: a strong tag, else a date; "" for neither."""
        return self.etag if self.etag.startswith('"') else self.modified


class PartFile:
    """What has come of the file at an address, for one place."""

    def __init__(self, target: Path, address: str) -> None:
        self.path = _part(target)
        self._target = target
        self._record = _record(target)
        # The address itself may hold a secret.
        self._address = hashlib.sha256(address.encode()).hexdigest()

    @property
    def size(self) -> int:
        """The bytes that have come."""
        return size_of(self.path)

    def usable(self, *, has_checksum: bool) -> tuple[int, Version]:
        """Return how many bytes a download can go on from, and of which version.

        Bytes of an unknown version are as good as none, unless a checksum tells in the
        end.
        """
        version = Version()
        with contextlib.suppress(OSError, ValueError, TypeError):
            version = Version(**json.loads(self._record.read_text("utf-8")))
        same = version.address == self._address
        sure = bool(version.condition or has_checksum)
        return (self.size, version) if same and sure else (0, Version())

    def note(self, headers: Mapping[str, str], total: int | None) -> None:
        """Write down which version comes, by the headers of a response."""
        version = Version(
            address=self._address,
            etag=headers.get("etag", ""),
            modified=headers.get("last-modified", ""),
            total=total,
        )
        self._record.write_text(json.dumps(asdict(version)), "utf-8")

    def forget(self) -> None:
        """Delete what has come."""
        self.path.unlink(missing_ok=True)
        self._record.unlink(missing_ok=True)

    def finish(self) -> None:
        """Put the file in its place: it is whole."""
        self.path.replace(self._target)
        self._record.unlink(missing_ok=True)


def bytes_come(target: Path) -> int:
    """Return how many bytes of a file have come: all of them if it is in its place."""
    return size_of(target) or size_of(_part(target))


def remove_traces(target: Path) -> int:
    """Delete a file, and what came of it; returns the bytes that this freed."""
    freed = 0
    for path in (target, _part(target)):
        freed += size_of(path)
        path.unlink(missing_ok=True)
    _record(target).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # we may hold it, which Windows minds
        target.with_name(f"{target.name}.lock").unlink()
    return freed


def room_for(folder: Path, needed: int) -> None:
    """Check that a disk has room for so many bytes.

    Raises:
        DownloadError: it has not.

    """
    free = shutil.disk_usage(folder).free
    if needed <= free:
        return
    message = (
        f"There is no room: {needed // _MEGABYTE:,} MB are needed, "
        f"{free // _MEGABYTE:,} MB are free."
    )
    hint = "Make room, or set PARLLAMA_NB_HOME to a folder on another disk."
    raise DownloadError(message, hint=hint)


@contextlib.asynccontextmanager
async def locked(target: Path, report: Report, name: str) -> AsyncIterator[None]:
    """Hold the lock of a file against the other kernels of this user."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - seldom needed

    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(target.with_name(f"{target.name}.lock"), mode=0o600)
    told = False
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            pass
        if not told:
            told = True
            report(Progress(f"Another notebook is downloading {name}"))
        await asyncio.sleep(_POLL)
    try:
        yield
    finally:
        lock.release()


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 without one."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _record(target: Path) -> Path:
    return target.with_name(f"{target.name}.part.json")
