"""A server that takes blobs as Ollama does and keeps none, as fast as Python can.

Beside the double of Ollama it is for what that cannot do: a gigabyte that must not wait
for the server, and a server that fails in mid-upload, or goes away and comes back.

    python -m tests.servers.blob_sink
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import threading
from typing import Any, Self

__all__ = ["BlobSink"]


class BlobSink:
    """The server as a context manager, on threads of its own.

    `hashes` has it verify what it gets. `full_after` is the number of bytes after which
    its disk is full; after `dies_after` it goes away for good, until it is started anew
    on the same port. `stalls_after`: it takes no more then, and says nothing. It has a
    model `echo`; asked to create one, it `says` these lines, and ends. What it was
    asked to create is in `created`.
    """

    def __init__(self, *, port: int = 0, hashes: bool = True) -> None:
        self.port = port
        self.hashes = hashes
        self.blobs: set[str] = set()
        self.received = 0
        self.says: tuple[dict[str, Any], ...] = ({"status": "success"},)
        self.created: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.full_after: int | None = None
        self.dies_after: int | None = None
        self.stalls_after: int | None = None
        self.arrived = threading.Event()
        self.stopped = threading.Event()
        self._connections: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self.stopped.clear()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Go away: no connection stays, and none is made."""
        self.stopped.set()
        for each in (self._socket, *self._connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._connections.clear()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while self._answer(connection):
                pass

    def _answer(self, connection: socket.socket) -> bool:
        """Answer one request; False at the end of a connection."""
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(65_536)
            if not received:
                return False
            head += received
        top, _, rest = head.partition(b"\r\n\r\n")
        first, *lines = top.decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        self.requests.append((method, path, headers))
        digest, size = path.rpartition("/")[2], int(headers.get("content-length", 0))
        if method == "HEAD":
            known = digest in self.blobs
            _reply(connection, "200 OK" if known else "404 Not Found", b"")
        elif path.startswith("/api/blobs/"):
            return self._take(connection, digest, rest, size)
        else:
            while len(rest) < size:
                rest += connection.recv(65_536)
            _reply(connection, "200 OK", self._said(path, json.loads(rest or b"{}")))
        return True

    def _said(self, path: str, asked: dict[str, Any]) -> bytes:
        if path == "/api/create":
            self.created.append(asked)
            return b"".join(json.dumps(line).encode() + b"\n" for line in self.says)
        answers: dict[str, Any] = {
            "/api/version": {"version": "0.33.0"},
            "/api/tags": {"models": [{"name": "echo:latest"}]},
        }
        return json.dumps(answers.get(path, {})).encode()

    def _take(
        self, connection: socket.socket, digest: str, rest: bytes, size: int
    ) -> bool:
        hashed = hashlib.sha256(rest) if self.hashes else None
        buffer = memoryview(bytearray(1 << 20))
        got = len(rest)
        self.arrived.set()
        while got < size:
            if self.full_after is not None and got >= self.full_after:
                place = f"/models/blobs/sha256-{digest[7:15]}"
                told = {"error": f"write {place}: no space left on device"}
                status = "500 Internal Server Error"
                _reply(connection, status, json.dumps(told).encode())
                # As Go's server does, so that the answer is not lost.
                connection.shutdown(socket.SHUT_WR)
                self.stopped.wait(0.5)
                return False
            if self.dies_after is not None and got >= self.dies_after:
                self.stop()
                return False
            if self.stalls_after is not None and got >= self.stalls_after:
                self.stopped.wait()
                return False
            count = connection.recv_into(buffer[: min(size - got, len(buffer))])
            if not count:
                return False
            if hashed is not None:
                hashed.update(buffer[:count])
            got += count
            self.received += count
        true = f"sha256:{hashed.hexdigest()}" if hashed else digest
        if true != digest:
            told = {"error": f'digest mismatch, expected "{digest}", got "{true}"'}
            _reply(connection, "400 Bad Request", json.dumps(told).encode())
            return True
        if self.hashes:
            self.blobs.add(digest)
        _reply(connection, "201 Created", b"")
        return True


def _reply(connection: socket.socket, status: str, body: bytes) -> None:
    kind = "Content-Type: application/json\r\n" if body else ""
    head = f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


if __name__ == "__main__":
    with BlobSink(hashes=False) as sink:
        print(sink.url, flush=True)
        threading.Event().wait()
