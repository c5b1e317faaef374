"""A server of files, to be fetched over HTTP or HTTPS, well behaved or not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

__all__ = ["FileServer", "certificate"]

Answer = Callable[[asyncio.StreamWriter], object]

HOST = "127.0.0.2"
"""This machine too, but told apart from 127.0.0.1, which is never allowed."""


class FileServer:
    """Answers by path. `requests` has the head of each request.

    `answers` has bytes, which are sent with a status of 200; a text, which is where it
    redirects to; or a function, which gets the connection.
    """

    def __init__(
        self,
        answers: Mapping[str, bytes | str | Answer],
        host: str = HOST,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.answers = dict(answers)
        self.requests: list[str] = []
        self.host = host
        self.port = 0
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, self.host, 0, ssl=self._context
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
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
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(head)
            path = head.split(" ")[1].partition("?")[0]
            answer = self.answers.get(path)
            if callable(answer):
                done = answer(writer)
                if asyncio.iscoroutine(done):
                    await done
            elif isinstance(answer, str):
                writer.write(
                    f"HTTP/1.1 302 Found\r\nLocation: {answer}\r\n"
                    "Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n".encode()
                )
            elif answer is not None:
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n"
                writer.write(head.encode() + answer)
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """Return what a server of this name needs, and the file that clients trust."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "trusted.pem", folder / "key.pem"
    trusted.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
