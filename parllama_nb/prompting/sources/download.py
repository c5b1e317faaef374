"""One file from a public address, into a file that the caller removes or keeps.

Redirects are followed by hand: from https to http, to another scheme, and from the
network to this machine they are refused. No cookie is kept and no key is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from ...errors import (
    BadRequestError,
    InvalidResponseError,
    ParllamaError,
    StreamInterruptedError,
)
from ...providers.http.connections import Connections
from ...providers.http.endpoint import Endpoint, FailedCall
from ...providers.http.failures import Failures
from ...providers.http.stream_errors import SilentError
from ...providers.single_flight import in_thread
from ...secret import Redactor, Secret
from ...sizes import size_in_words
from .download_errors import disk_error, other_file, redirected, refusal

if TYPE_CHECKING:
    import httpx2

__all__ = ["Downloader", "Version"]

_FAILURES = Failures("httpx2", {})
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_BLOCK = 1 << 20
_BEGIN = 64


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a file a server sent, by its own names; "" for none."""

    etag: str = ""
    modified: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for another version than this (RFC 9110, 13.1)."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in named.items() if value}


class Downloader:
    """Downloads from public addresses. Used on one event loop; close it.

    Args:
        label: what errors call the server.
        hint: what else a user may do, ends each error's hint.
        largest: bytes that a file may have.
        connect: seconds that a connection may take.
        stall: seconds that a server may be silent.

    """

    def __init__(
        self,
        label: str,
        *,
        hint: str,
        largest: int,
        connect: float = 10.0,
        stall: float = 30.0,
    ) -> None:
        self._label = label
        self._hint = hint
        self._largest = largest
        self._stall = stall
        self._redact = Redactor()
        # Compressed, the bytes that came would not be the file's.
        headers = {"Accept-Encoding": "identity", "User-Agent": "parllama_nb"}
        self._connections = Connections(
            self._redact, connect, headers, keeps_cookies=False
        )

    async def aclose(self) -> None:
        """End all connections."""
        await self._connections.aclose()

    async def fetch(
        self,
        url: str,
        target: Path,
        known: Version | None,
        accepts: Callable[[bytes], bool],
        show: Callable[[int, int | None], None],
    ) -> Version | None:
        """Write the file at an address; returns its version.

        None if it is the `known` one, and then nothing is written.

        Args:
            url: the address, http or https.
            target: what is written to.
            known: the version that is here already.
            accepts: whether a file may begin with these bytes.
            show: gets the bytes that have come, and of how many if that is known.

        Raises:
            ProviderError: the server did not send it; `retriable` says whether it may
                do so a little later.
            StoreError: it cannot be written.

        """
        failure: ParllamaError
        asked = self._checked(url)
        try:
            with target.open("wb") as file:
                for _ in range(_MOST_REDIRECTS + 1):
                    step = await self._asked(asked, file, known, accepts, show)
                    if not isinstance(step, str):
                        return step
                    asked = redirected(self._label, asked, step)
                    self._redact.add(Secret("address", urlsplit(asked).query))
            message = f"{self._label}: more than {_MOST_REDIRECTS} redirects."
            failure = InvalidResponseError(message)
        except OSError as error:
            failure = disk_error(error)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = self._mapped(error, asked)
        failure.hint = " ".join(filter(None, (failure.hint, self._hint)))
        # The request, of the exception that it was made of.
        failure.__context__ = failure.__cause__ = None
        raise failure

    def _checked(self, url: str) -> str:
        with contextlib.suppress(ValueError):
            parts = urlsplit(url)
            if parts.scheme in ("http", "https") and parts.hostname:
                if parts.username is None:
                    self._redact.add(Secret("address", parts.query))
                    return url
                message = f"{self._label}: an address with a password is not asked."
                raise BadRequestError(message, hint=self._hint)
        message = f"{self._label}: only addresses with http:// or https:// are asked."
        raise BadRequestError(message, hint=self._hint)

    def _mapped(self, error: Exception, url: str) -> ParllamaError:
        if isinstance(error, ParllamaError):
            return error
        return _FAILURES.mapped(error, FailedCall(self._endpoint(url)))

    def _endpoint(self, url: str) -> Endpoint:
        parts = urlsplit(url)
        return Endpoint(self._label, f"{parts.scheme}://{parts.netloc}", self._redact)

    async def _asked(
        self,
        url: str,
        file: IO[bytes],
        known: Version | None,
        accepts: Callable[[bytes], bool],
        show: Callable[[int, int | None], None],
    ) -> Version | str | None:
        """Ask one address; returns where it redirects to as a text."""
        client = await self._connections.to(url, self._label)
        request = client.build_request(
            "GET", url, headers=known.conditions if known else {}
        )
        try:
            async with asyncio.timeout(self._stall):
                response = await client.send(request, stream=True)
        except TimeoutError as error:
            missing = "answer"
            raise SilentError.of(missing, self._stall) from error
        try:
            headers, status = response.headers, response.status_code
            if status in _REDIRECTS:
                return str(headers.get("location", ""))
            if status == HTTPStatus.NOT_MODIFIED and known is not None:
                return None
            if status != HTTPStatus.OK:
                raise refusal(self._endpoint(url), status, headers)
            await self._receive(response, file, accepts, show)
            return Version(headers.get("etag", ""), headers.get("last-modified", ""))
        finally:
            await response.aclose()

    async def _receive(
        self,
        response: httpx2.Response,
        file: IO[bytes],
        accepts: Callable[[bytes], bool],
        show: Callable[[int, int | None], None],
    ) -> None:
        headers = response.headers
        length = headers.get("content-length", "")
        total = int(length) if length.isdigit() and len(length) < 16 else None  # noqa: PLR2004
        self._check_length(total or 0)
        _check_room(file, total or 0)
        done, block, begun = 0, bytearray(), False
        pieces = response.aiter_raw()
        while True:
            piece = await self._next(pieces, done, total)
            if piece:
                block += piece
                done += len(piece)
                self._check_length(done)
                show(done, total)
            if not begun and (done >= _BEGIN or piece is None):
                begun = True
                if not accepts(bytes(block[:_BEGIN])):
                    kind = headers.get("content-type", "")
                    raise other_file(self._label, kind, bytes(block[:_BEGIN]))
            if piece is None or len(block) >= _BLOCK:
                full, block = bytes(block), bytearray()
                await in_thread(partial(_write, file, full))
            if piece is None:
                break
        show(done, done)

    async def _next(
        self, pieces: AsyncIterator[bytes], done: int, total: int | None
    ) -> bytes | None:
        """Return the next bytes, None at the end."""
        of = f" of {size_in_words(total)}" if total else ""
        try:
            async with asyncio.timeout(self._stall):
                return await anext(pieces, None)
        except TimeoutError as error:
            missing = f"further byte after {size_in_words(done)}{of}"
            raise SilentError.of(missing, self._stall) from error
        except Exception:  # noqa: BLE001 - whatever ends a body before its time
            message = f"the download broke off after {size_in_words(done)}{of}."
        cut = StreamInterruptedError(f"{self._label}: {message}", hint="Try again.")
        cut.retriable = True
        raise cut

    def _check_length(self, length: int) -> None:
        if length > self._largest:
            message = (
                f"{self._label}: the file has more than {size_in_words(self._largest)}."
            )
            raise InvalidResponseError(message)


def _check_room(file: IO[bytes], needed: int) -> None:
    """Refuse a file that would fill the disk, before it comes."""
    free = shutil.disk_usage(Path(file.name).parent).free
    if needed > free:
        raise OSError(errno.ENOSPC, "no room")


def _write(file: IO[bytes], data: bytes, stop: threading.Event) -> None:
    del stop  # a block is written in no time
    file.write(data)
