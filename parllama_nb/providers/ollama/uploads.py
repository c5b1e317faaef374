"""A body that is sent piece by piece, as fast as the server takes it.

A server that has no room answers while the body is still on its way, and closes the
connection a moment later. What is being sent then fails, and with it, in the HTTP
library, the connection that holds the answer. So a second handle is kept on the socket:
what has arrived can be read from it even then.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, BinaryIO

from ..http.stream_errors import RefusedError, SilentError

if TYPE_CHECKING:
    import httpx2

__all__ = ["sent"]

_ANSWER = 65_536
"""Bytes of an answer that are looked at; it is a line."""


async def sent(
    library: httpx2.AsyncClient,
    path: str,
    pieces: AsyncIterator[bytes],
    size: int,
    stall: float,
) -> None:
    """Send a body of `size` bytes; the server may be silent for `stall` seconds.

    `library` is for this one alone: the connection has to be a new one.

    Raises:
        RefusedError: the server did not take it.
        SilentError: it took no further piece in time, or did not answer after the last.

    """
    loop = asyncio.get_running_loop()
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(size),
    }
    connection = _Connection()
    try:
        async with asyncio.timeout(stall) as limit:

            async def taken() -> AsyncIterator[bytes]:
                async for piece in pieces:
                    limit.reschedule(loop.time() + stall)
                    yield piece

            response = await library.post(
                path,
                content=taken(),
                headers=headers,
                extensions={"trace": connection.trace},
            )
    except TimeoutError as error:
        missing = "sign that it takes the file"
        raise SilentError.of(missing, stall) from error
    except Exception as error:
        refusal = connection.refusal()
        if refusal is None:
            raise
        raise refusal from error
    finally:
        connection.close()
    if response.status_code >= 300:  # noqa: PLR2004
        raise RefusedError(response.status_code, response.headers, response.content)


class _Connection:
    """The socket of an upload, kept beside the HTTP library's own."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    async def trace(self, event: str, told: dict[str, Any]) -> None:
        """Take note of the connection once it is made; called by the HTTP library."""
        if event.endswith("connect_tcp.complete"):
            self.close()
            # Without one, an upload goes on; only what is said early is lost.
            with contextlib.suppress(AttributeError, KeyError, OSError):
                own = told["return_value"].get_extra_info("socket")
                self._socket = own.dup()

    def refusal(self) -> RefusedError | None:
        """Return the refusal that has arrived unread; None if there is none.

        Over TLS there is none, for it cannot be read.
        """
        if self._socket is None:
            return None
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._socket.settimeout(0)
            arrived: Any = _Arrived(self._socket.recv(_ANSWER))
            response = http.client.HTTPResponse(arrived)
            response.begin()
            body = response.read()
            if response.status >= 300:  # noqa: PLR2004
                headers = {name.lower(): value for name, value in response.getheaders()}
                return RefusedError(response.status, headers, body)
        return None

    def close(self) -> None:
        """Give the socket up."""
        if self._socket is not None:
            self._socket.close()


class _Arrived:
    """Bytes that stand in for the socket they came from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _: str) -> BinaryIO:
        """Return the bytes as a file."""
        return io.BytesIO(self._data)
