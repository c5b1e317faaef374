"""`/api/blobs`: files on their way to a new model, which are not kept."""

from __future__ import annotations

import asyncio
import hashlib
import json

from tornado import web

from .api import Api
from .library import Blob, RefusedError
from .names import SHA256, blob_path

__all__ = ["Blobs"]

_HEAD = 16 * 1024 * 1024
"""Bytes of a file that are kept: those in which a GGUF file says what it is."""

_LARGEST = 1 << 40


@web.stream_request_body
class Blobs(Api):
    """A body is refused while it still comes, as soon as there is no room for it."""

    async def prepare(self) -> None:
        await super().prepare()
        if self._finished:
            return
        self.request.connection.set_max_body_size(_LARGEST)  # type: ignore[union-attr]
        self._hash = hashlib.sha256()
        # While one piece is hashed, the next one comes.
        self._hashed = asyncio.get_running_loop().create_future()
        self._hashed.set_result(None)
        self._size = 0
        self._head = bytearray()
        digest = self.path_args[0]
        if not SHA256.fullmatch(digest):
            self.refuse(400, "invalid digest format")
        elif self.request.method == "POST" and digest in self.double.library.blobs:
            self.finish()

    async def data_received(self, chunk: bytes) -> None:
        if self._finished:
            return
        try:
            self.double.library.write(blob_path("sha256:1028974125"), len(chunk))
        except RefusedError as error:
            self.refuse(error.status, str(error))
            return
        self._size += len(chunk)
        if len(self._head) < _HEAD:
            self._head += chunk[: _HEAD - len(self._head)]
        await self._hashed
        loop = asyncio.get_running_loop()
        self._hashed = loop.run_in_executor(None, self._hash.update, chunk)

    def head(self, digest: str) -> None:
        there = digest in self.double.library.blobs
        self.set_status(200 if there else 404)
        if not there:
            self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish()

    async def post(self, digest: str) -> None:
        await self._hashed
        got = f"sha256:{self._hash.hexdigest()}"
        # It is kept under its own name even where another was expected.
        self.double.library.blobs[got] = Blob(self._size, bytes(self._head))
        if got != digest:
            expected, found = json.dumps(digest), json.dumps(got)
            told = f"digest mismatch, expected {expected}, got {found}"
            self.refuse(400, told)
            return
        self.set_status(201)
        self.finish()
