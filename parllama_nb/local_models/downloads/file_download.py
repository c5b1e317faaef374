"""One file from the web: resumed after a cut, tried again, verified, and never half.

A cut, a cancel and the end of the kernel leave what has come (see `part_files`), and
the next download goes on from there if the server still has that version of the file
(RFC 9110, sections 13.1.5 and 14.2). The file itself appears at the end, whole.
"""

from __future__ import annotations

import asyncio
import errno
import re
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...errors import (
    ConnectionFailedError,
    DamagedModelError,
    DownloadError,
    ParllamaError,
    ProviderError,
    ProviderTimeoutError,
)
from ...events import Progress
from ...providers.http.stream_errors import SilentError
from ...providers.retry import RetryPolicy
from ...providers.single_flight import Report, in_thread
from ...secret import Secret
from ...weights.digest import file_digest
from ...weights.gguf_header import MAGIC
from .part_files import PartFile, room_for, size_of
from .web import Web

if TYPE_CHECKING:
    import httpx2

__all__ = ["Download", "RemoteFile", "is_here"]

_BLOCK = 4 << 20
"""Bytes written at a time; a kernel that is killed loses so many."""

_TICK = 0.1
_MEGABYTE = 1_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PARTIAL, _UNSATISFIABLE = 206, 416


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the web; `size` in bytes and `sha256` where they are known before."""

    url: Secret
    size: int | None = None
    sha256: str = ""
    token: Secret | None = None


class Download:
    """One file, into one place. Used once, on an event loop.

    `before` is how many bytes of the whole model came with other files, of `whole`.
    """

    def __init__(  # noqa: PLR0913 - what a download is
        self,
        web: Web,
        remote: RemoteFile,
        target: Path,
        report: Report,
        phase: str,
        *,
        policy: RetryPolicy,
        before: int = 0,
        whole: int | None = None,
    ) -> None:
        self._web = web
        self._remote = remote
        self._target = target
        self._part = PartFile(target, remote.url.reveal())
        self._report = report
        self._phase = phase
        self._policy = policy
        self._before = before
        self._whole = whole
        self._shown = 0.0
        self._came = False

    async def run(self) -> None:
        """Download the file; returns when it is in its place.

        Raises:
            DownloadError: it cannot be stored.
            DamagedModelError: what came is no model, or not the one of the checksum.
            ProviderError: the server refuses, or breaks off again and again.

        """
        self._part.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        retries = self._policy.begin(self._web.stall)
        while True:
            had = self._part.size
            failure = await self._tried()
            if failure is None:
                break
            if isinstance(failure, ProviderError) and self._part.size > had:
                # It goes on, however often it breaks off.
                retries = self._policy.begin(self._web.stall)
            wait = retries.wait(failure)
            if wait is None:
                raise self._with_kept(failure)
            self._tell(retries.notice(failure, wait))
            await asyncio.sleep(wait)
        await self._verify()
        self._part.finish()

    async def _tried(self) -> ParllamaError | None:
        """Try once to get what is missing; returns what went wrong."""
        try:
            await self._attempt()
        except OSError as error:
            failure: ParllamaError = self._not_stored(error)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = self._web.mapped(error, self._remote.url.reveal())
            if isinstance(failure, ConnectionFailedError) and self._came:
                failure = self._cut("the connection broke")
            if isinstance(failure, ProviderTimeoutError):
                failure.retriable = True
            if isinstance(failure, DamagedModelError):
                self._part.forget()
        else:
            return None
        # The request, which may hold a token.
        failure.__context__ = failure.__cause__ = None
        return failure

    async def _attempt(self) -> None:
        self._came = False
        remote = self._remote
        have, version = self._part.usable(has_checksum=bool(remote.sha256))
        if have and have == (remote.size or version.total):
            return
        headers: dict[str, str] = {}
        if have:
            headers["Range"] = f"bytes={have}-"
            if version.condition:
                headers["If-Range"] = version.condition
        async with self._web.get(
            remote.url.reveal(), headers, remote.token
        ) as response:
            if response.status_code == _UNSATISFIABLE:
                # Other bytes than the file has: begin anew.
                self._part.forget()
                reason = "the file is another one than before"
                raise self._cut(reason)
            begin, total = _extent(response)
            if begin not in (0, have):
                self._part.forget()
                reason = "the server sent another part of the file"
                raise self._cut(reason)
            size = remote.size
            if size is not None and total is not None and total != size:
                self._part.forget()
                message = (
                    f"{self._web.label}: the file has {total:,} bytes, not {size:,}."
                )
                hint = "It may be changing; try again in a few minutes."
                raise DownloadError(message, hint=hint)
            total = total if total is not None else size
            room_for(self._part.path.parent, (total or 0) - begin)
            self._part.note(response.headers, total)
            await self._receive(response, begin, total)

    async def _receive(
        self, response: httpx2.Response, begin: int, total: int | None
    ) -> None:
        done, block, is_checked = begin, bytearray(), begin > 0
        pieces = response.aiter_raw()
        file = await in_thread(lambda _: _opened(self._part.path, begin))
        try:
            while True:
                async with asyncio.timeout(self._web.stall):
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                block += piece
                done += len(piece)
                self._came = True
                self._show(done, total)
                if not is_checked and done >= len(MAGIC):
                    self._check_begin(bytes(block[:512]), response)
                    is_checked = True
                if len(block) >= _BLOCK:
                    full, block = bytes(block), bytearray()
                    await in_thread(partial(_write, file, full))
        except TimeoutError as error:
            missing = "further piece of the file"
            raise SilentError.of(missing, self._web.stall) from error
        finally:
            # What has come is kept, whatever ended it.
            await in_thread(partial(_close, file, bytes(block)))
        if total is not None and done != total:
            reason = f"{done:,} of {total:,} bytes came"
            raise self._cut(reason)
        if done < len(MAGIC):
            message = f"{self._web.label}: the file is empty."
            raise DamagedModelError(message, hint="Check the address.")

    def _check_begin(self, begin: bytes, response: httpx2.Response) -> None:
        """Refuse what is no model, before gigabytes of it have come.

        Raises:
            DamagedModelError: it is none.

        """
        if begin.startswith(MAGIC):
            return
        kind = response.headers.get("content-type", "")
        page = "html" in kind or begin.lstrip().lower().startswith((b"<!doc", b"<html"))
        pointer = begin.startswith(b"version https://git-lfs")
        what = "a web page" if page else "something else"
        what = "a pointer to the file" if pointer else what
        message = f"{self._web.label}: sent {what}, not a model in the format GGUF."
        hint = "Check the address: it has to be of the file itself."
        raise DamagedModelError(message, hint=hint)

    async def _verify(self) -> None:
        wanted = self._remote.sha256
        if not wanted:
            return
        size = self._part.size
        phase = f"Checking {self._phase.partition(' ')[2]}"

        def count(done: int) -> None:
            self._report(Progress(phase, done, size, "bytes"))

        digest = await in_thread(lambda stop: file_digest(self._part.path, stop, count))
        if digest != wanted:
            self._part.forget()
            name = self._target.name
            message = f"{name} was damaged on the way: its checksum is another one."
            raise DamagedModelError(message, hint="It was deleted. Try again.")

    def _show(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._shown >= _TICK or done == total:
            self._shown = now
            whole = self._whole if self._whole is not None else total
            self._report(Progress(self._phase, self._before + done, whole, "bytes"))

    def _tell(self, notice: str) -> None:
        done = self._before + self._part.size
        self._report(Progress(notice, done, self._whole, "bytes"))

    def _cut(self, what: str) -> ProviderError:
        text = f"{self._web.label}: the download was cut: {what}."
        error = ProviderError(text)
        error.retriable = True
        return error

    def _with_kept(self, failure: ParllamaError) -> ParllamaError:
        kept = self._part.size
        if kept:
            text = (
                f"{kept // _MEGABYTE:,} MB are kept: add it again to go on from there."
            )
            failure.hint = f"{failure.hint} {text}" if failure.hint else text
        return failure

    def _not_stored(self, error: OSError) -> DownloadError:
        if error.errno in _FULL:
            message = f"The disk is full; {self._target.name} is not downloaded."
            hint = "Make room, or set PARLLAMA_NB_HOME to a folder on another disk."
            return DownloadError(message, hint=hint)
        reason = error.strerror or type(error).__name__
        message = f"{self._target.name} cannot be stored: {reason}."
        hint = "Set PARLLAMA_NB_HOME to a folder that can be written to."
        return DownloadError(message, hint=hint)


def is_here(
    remote: RemoteFile, target: Path, report: Report, stop: threading.Event
) -> bool:
    """Whether a file is in its place, by its size and checksum. Blocks: reads it."""
    if not remote.sha256 or size_of(target) != remote.size:
        return False

    def count(done: int) -> None:
        report(Progress(f"Checking {target.name}", done, remote.size, "bytes"))

    return file_digest(target, stop, count) == remote.sha256


def _extent(response: httpx2.Response) -> tuple[int, int | None]:
    """Return where a response begins in the file, and how long the file is."""
    headers = response.headers
    if response.status_code != _PARTIAL:
        length = headers.get("content-length", "")
        return 0, int(length) if length.isdigit() else None
    found = re.match(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("content-range", ""))
    if found is None:
        return -1, None
    return int(found[1]), None if found[2] == "*" else int(found[2])


def _opened(path: Path, begin: int) -> IO[bytes]:
    """Open a file to write from a place on, and cut off what is behind that."""
    file = path.open("r+b" if begin else "wb")
    file.seek(begin)
    file.truncate()
    return file


def _write(file: IO[bytes], data: bytes, stop: threading.Event) -> None:
    del stop  # a block is written in no time
    file.write(data)


def _close(file: IO[bytes], data: bytes, stop: threading.Event) -> None:
    del stop
    with file:
        file.write(data)
