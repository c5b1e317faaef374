"""A loopback server of one archive, honest or not: slow, cut, lying, redirecting.

It speaks HTTP over bare streams: a server's library would not let it lie.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Literal, Self

__all__ = ["ArchiveServer", "Manner"]

Manner = Literal[
    "honest",
    "no length",
    "length too long",
    "length too short",
    "length absurd",
    "cut",
    "stalls",
    "silent",
    "waits",
    "endless",
]

_PIECE = 16 * 1024


class ArchiveServer:
    """Answers every path alike, on the loop of the test; used as a context manager.

    `content` is what it sends, in its `manner`, unless `status` is another than 200.
    Paths in `redirects` lead to their addresses. "waits" sends half, sets `half_sent`
    and waits for `go_on`; "stalls" sends half and no more.
    """

    def __init__(self, content: bytes = b"") -> None:
        self.content = content
        self.manner: Manner = "honest"
        self.etag = '"one"'
        self.modified = ""
        self.content_type = "application/zip"
        self.status = 200
        self.headers: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.requests: list[dict[str, str]] = []
        self.half_sent = asyncio.Event()
        self.go_on = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/main.zip"

    @property
    def statuses(self) -> list[str]:
        """What it has answered."""
        return [request["answered"] for request in self.requests]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        request = {"path": head[0].split(" ")[1], "answered": ""}
        for line in filter(None, head[1:]):
            name, _, value = line.partition(":")
            request[name.lower()] = value.strip()
        self.requests.append(request)
        status, headers, body = self._chosen(request)
        request["answered"] = str(status)
        if self.manner == "silent":
            await asyncio.Event().wait()
        lines = [f"HTTP/1.1 {status} x", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        await self._send(writer, body)

    def _chosen(self, request: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        there = self.redirects.get(request["path"])
        if there is not None:
            return 302, {"Location": there, "Content-Length": "0"}, b""
        if self.status != 200:
            return self.status, {"Content-Length": "2", **self.headers}, b"no"
        headers = {"Content-Type": self.content_type, **self.headers}
        if self.etag:
            headers["ETag"] = self.etag
        if self.modified:
            headers["Last-Modified"] = self.modified
        if (self.etag and request.get("if-none-match") == self.etag) or (
            self.modified and request.get("if-modified-since") == self.modified
        ):
            return 304, headers, b""
        length = len(self.content)
        lengths = {
            "length too long": length + 1_000,
            "length too short": length // 2,
            "length absurd": 10**12,
        }
        if self.manner not in ("no length", "endless"):
            headers["Content-Length"] = str(lengths.get(self.manner, length))
        return 200, headers, self.content

    async def _send(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        half = len(body) // 2
        for at in range(0, len(body), _PIECE):
            piece = body[at : at + _PIECE]
            if at + len(piece) > half and not self.half_sent.is_set():
                if self.manner in ("cut", "stalls", "waits"):
                    writer.write(piece[: max(1, half - at)])
                    await writer.drain()
                    piece = piece[max(1, half - at) :]
                self.half_sent.set()
                if self.manner == "cut":
                    _reset(writer)
                    return
                if self.manner == "stalls":
                    await asyncio.Event().wait()
                if self.manner == "waits":
                    await self.go_on.wait()
            writer.write(piece)
            await writer.drain()
        while self.manner == "endless":
            writer.write(bytes(_PIECE))
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a crash does, without a word."""
    plug = writer.get_extra_info("socket")
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
