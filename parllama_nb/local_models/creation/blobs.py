"""Files on their way to an Ollama server, which keeps them by their SHA-256.

What the server has already does not travel. It forgets files that no model uses when it
starts again, so after a restart in mid-upload all of them are looked for once more.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from ...errors import (
    BadRequestError,
    ConnectionFailedError,
    ParllamaError,
    ProviderError,
    StreamInterruptedError,
    UsageError,
)
from ...events import Progress
from ...providers.ollama.client import OllamaClient
from ...providers.single_flight import Report, in_thread
from ...weights.damage import unreadable
from ...weights.digest import file_digest
from ..ollama.full_disk import explain_full_disk

__all__ = ["digest_of", "upload_blob", "upload_blobs"]

_PIECE: Final = 2 << 20
"""Bytes of a piece: of 64 KB to 8 MB, the size with which a gigabyte took least."""

_PATIENCE: Final = 30.0
"""Seconds that a server may be gone in mid-upload, as when it is updated."""

_PAUSE: Final = 0.5
_LIMIT: Final = 2.0
"""Seconds between two questions to a server that is gone, and for its answer."""

_known: dict[tuple[str, int, int], str] = {}
"""The digests of files by path, size and time of change, so that a retry is quick."""


async def upload_blobs(
    client: OllamaClient, files: Mapping[str, Path], report: Report
) -> dict[str, str]:
    """Send files that the server lacks; returns the digest of each by its name.

    Raises:
        UsageError: a file cannot be read, or changed meanwhile.
        ProviderError: the server did not take one.

    """
    restarted = False
    digests = {}
    for name, path in files.items():
        digests[name], gone = await _uploaded(client, path, report)
        restarted = restarted or gone
    if restarted:
        for path in files.values():
            await _uploaded(client, path, report)
    return digests


async def upload_blob(client: OllamaClient, path: Path, report: Report) -> str:
    """Send one file unless the server has it; returns `sha256:` and its digest.

    A server that goes away in mid-upload is waited for, and gets the file once more
    from its beginning.

    Raises:
        UsageError: the file cannot be read, or changed meanwhile.
        ProviderError: the server did not take it.

    """
    digest, _ = await _uploaded(client, path, report)
    return digest


async def digest_of(path: Path, report: Report) -> str:
    """Return `sha256:` and the digest of a file, in hex.

    `report` is called from another thread.

    Raises:
        UsageError: the file cannot be read, or changed meanwhile.

    """
    key = await asyncio.to_thread(_key, path)
    if known := _known.get(key):
        return known
    phase, size = f"Checking {path.name}", key[1]

    def count(done: int) -> None:
        report(Progress(phase, done, size, "bytes"))

    def work(stop: threading.Event) -> str:
        try:
            return file_digest(path, stop, count)
        except OSError as error:
            failures.append(unreadable(path, error))
            return ""

    failures: list[ParllamaError] = []
    digest = await in_thread(work)
    if failures:
        raise failures[0]
    if key != await asyncio.to_thread(_key, path):
        raise _changed(path)
    _known[key] = f"sha256:{digest}"
    return _known[key]


async def _uploaded(
    client: OllamaClient, path: Path, report: Report
) -> tuple[str, bool]:
    """Send one file; returns its digest, and whether the server was gone meanwhile."""
    digest = await digest_of(path, report)
    route = f"/api/blobs/{digest}"
    gone: ProviderError | None = None
    if await client.has(route):
        return digest, False
    try:
        await _send(client, route, path, report)
    except (ConnectionFailedError, StreamInterruptedError) as error:
        gone = error
    if gone is None:
        return digest, False
    await _wait_for(client, gone, report)
    if not await client.has(route):
        await _send(client, route, path, report)
    return digest, True


async def _send(client: OllamaClient, route: str, path: Path, report: Report) -> None:
    key = await asyncio.to_thread(_key, path)
    size = key[1]
    failure: ParllamaError | None = None
    try:
        await client.upload(route, _pieces(path, size, report), size)
    except BadRequestError as error:
        if "digest mismatch" not in error.message:
            raise
        _known.pop(key, None)
        failure = _changed(path)
    except ProviderError as error:
        explain_full_disk(error)
        raise
    if failure is not None:
        raise failure


async def _pieces(path: Path, size: int, report: Report) -> AsyncGenerator[bytes, None]:
    """Yield a file's pieces; the next one is read while one is on its way."""
    phase, done = f"Uploading {path.name}", 0
    report(Progress(phase, 0, size, "bytes"))
    reader = _Reader(path)
    reading = asyncio.ensure_future(asyncio.to_thread(reader.read))
    try:
        while done < size:
            piece = (await asyncio.shield(reading))[: size - done]
            if not piece:
                raise _changed(path)
            reading = asyncio.ensure_future(asyncio.to_thread(reader.read))
            yield piece
            done += len(piece)
            report(Progress(phase, done, size, "bytes"))
    finally:
        # A file that is closed while a thread reads it may be another one by then.
        await asyncio.wait([reading])
        if not reading.cancelled():
            reading.exception()
        reader.close()


class _Reader:
    """A file that its first reader opens, so that a cancel leaves none open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def read(self) -> bytes:
        """Return the next piece; blocking.

        Raises:
            UsageError: the file cannot be read.

        """
        failure = None
        try:
            if self._file is None:
                self._file = self._path.open("rb", buffering=0)
            return self._file.read(_PIECE)
        except OSError as error:
            failure = unreadable(self._path, error)
        raise failure

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._file is not None:
            self._file.close()


async def _wait_for(client: OllamaClient, error: ProviderError, report: Report) -> None:
    """Wait until a server is there again; raises the error if it is not."""
    report(Progress("The server is gone; waiting for it"))
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE
    while loop.time() < end:
        try:
            await client.call("GET", "/api/version", limit=_LIMIT)
        except ProviderError:
            await asyncio.sleep(_PAUSE)
        else:
            return
    raise error


def _key(path: Path) -> tuple[str, int, int]:
    failure = None
    try:
        stat = path.stat()
        return os.path.realpath(path), stat.st_size, stat.st_mtime_ns
    except OSError as error:
        failure = unreadable(path, error)
    raise failure


def _changed(path: Path) -> UsageError:
    return UsageError(
        f"{path.name} changed while it was sent.",
        hint="Try again once nothing writes to it any more.",
    )
