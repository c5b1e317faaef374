"""A body that is sent piece by piece, as fast as the server takes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..http.stream_errors import RefusedError, SilentError

if TYPE_CHECKING:
    import httpx2

__all__ = ["sent"]


async def sent(
    http: httpx2.AsyncClient,
    path: str,
    pieces: AsyncIterator[bytes],
    size: int,
    stall: float,
) -> None:
    """Send a body of `size` bytes; the server may be silent for `stall` seconds.

    Raises:
        RefusedError: the server did not take it.
        SilentError: it took no further piece in time, or did not answer after the last.

    """
    loop = asyncio.get_running_loop()
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(size),
    }
    try:
        async with asyncio.timeout(stall) as limit:

            async def taken() -> AsyncIterator[bytes]:
                async for piece in pieces:
                    limit.reschedule(loop.time() + stall)
                    yield piece

            response = await http.post(path, content=taken(), headers=headers)
    except TimeoutError as error:
        missing = "sign that it takes the file"
        raise SilentError.of(missing, stall) from error
    if response.status_code >= 300:  # noqa: PLR2004
        raise RefusedError(response.status_code, response.headers, response.content)
