"""A loopback double of the Hugging Face hub, and of the store it redirects to.

Its routes, headers and errors are those of the hub's API; the store is another host, as
the hub's is. What goes wrong is chosen by the attributes of the two.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import threading
from typing import Any
from urllib.parse import unquote

from tornado import iostream

from .double import Double, Handler

__all__ = ["FileStore", "HubDouble"]

_PIECE = 16 * 1024


class _File(Handler):
    double: FileStore

    async def get(self, path: str) -> None:
        store = self.double
        content = store.files.get(unquote(path))
        if store.statuses:
            self.set_status(store.statuses.pop(0))
            self.finish("no")
            return
        if content is None:
            self.set_status(404)
            self.finish("404 page not found")
            return
        self.set_header("Content-Type", store.content_type)
        if store.etag:
            self.set_header("ETag", store.etag)
        begin = self._begin(content)
        if begin is None:
            return
        body = content[begin:]
        if store.says_length:
            self.set_header("Content-Length", str(len(body)))
        await self._send(body, store.cuts.pop(0) if store.cuts else None)

    def _begin(self, content: bytes) -> int | None:
        """Where the answer begins, as `Range` and `If-Range` ask for it."""
        store = self.double
        asked = re.fullmatch(r"bytes=(\d+)-", self.request.headers.get("Range", ""))
        condition = self.request.headers.get("If-Range")
        if not asked or not store.has_ranges or condition not in (None, store.etag):
            return 0
        begin = int(asked[1])
        if begin >= len(content):
            self.set_status(416)
            self.set_header("Content-Range", f"bytes */{len(content)}")
            self.finish()
            return None
        self.set_status(206)
        last = len(content) - 1
        self.set_header("Content-Range", f"bytes {begin}-{last}/{len(content)}")
        return begin

    async def _send(self, body: bytes, cut: int | None) -> None:
        store = self.double
        for at in range(0, len(body), _PIECE):
            piece = body[at : at + _PIECE]
            if cut is not None and at + len(piece) > cut:
                self.write(body[at:cut])
                await self.flush()
                self.hang_up()
                return
            if store.pause_at is not None and at >= store.pause_at:
                store.paused.set()
                await self._may_go_on()
            self.write(piece)
            try:
                await self.flush()
            except iostream.StreamClosedError:
                return
        self.finish()

    async def _may_go_on(self) -> None:
        """Wait until the test says so, on its own thread, or the client is gone."""
        while not (self.double.go_on.is_set() or self.gone.is_set()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class FileStore(Double):
    """Files over HTTP, with ranges; `files` are their bytes by path.

    Each number in `cuts` ends one answer after so many bytes; each of `statuses` is one
    answer. An answer waits for `go_on` once it has sent `pause_at` bytes.
    """

    routes = ((r"/(.+)", _File),)

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        super().reset()
        self.files: dict[str, bytes] = {}
        self.etag = '"one"'
        self.has_ranges = True
        self.says_length = True
        self.content_type = "application/octet-stream"
        self.cuts: list[int] = []
        self.statuses: list[int] = []
        self.pause_at: int | None = None
        self.paused = threading.Event()
        self.go_on = threading.Event()

    @property
    def root(self) -> str:
        # Another host than the hub's, and the same machine.
        return f"http://localhost:{self.port}"


class _Hub(Handler):
    double: HubDouble

    def answer(self, status: int, code: str = "", text: str = "") -> None:
        self.set_status(status)
        if code:
            self.set_header("X-Error-Code", code)
        if text:
            self.set_header("X-Error-Message", text)
        self.finish(json.dumps({"error": text or code}))

    def let_in(self, repository: str) -> bool:
        """Whether the repository may be read; answers if not."""
        hub, token = self.double, self.key
        if token and hub.tokens and token not in hub.tokens:
            self.answer(401, text="Invalid credentials in Authorization header")
        elif repository in hub.private and token not in hub.tokens:
            self.answer(401, "RepoNotFound", "Repository not found")
        elif repository in hub.gated and token not in hub.tokens:
            self.answer(401, "GatedRepo", f"Access to model {repository} is restricted")
        elif repository not in hub.repositories:
            # Without a token it says no more of what is not there.
            self.answer(404 if token else 401, "RepoNotFound", "Repository not found")
        else:
            return True
        return False


class _Tree(_Hub):
    def get(self, repository: str) -> None:
        if not self.let_in(repository):
            return
        files = sorted(self.double.repositories[repository].items())
        begin = int(self.get_argument("cursor", "0"))
        end = begin + self.double.page
        if end < len(files):
            address = f"{self.double.root}{self.request.path}?cursor={end}"
            self.set_header("Link", f'<{address}>; rel="next"')
        listed: list[dict[str, Any]] = [{"type": "directory", "path": "x", "size": 0}]
        for path, content in files[begin:end]:
            digest = hashlib.sha256(content).hexdigest()
            size = self.double.sizes.get(path, len(content))
            digest = self.double.digests.get(path, digest)
            lfs = {"oid": digest, "size": size, "pointerSize": 134}
            entry = {"type": "file", "path": path, "size": size, "oid": "0" * 40}
            listed.append(entry | ({"lfs": lfs} if path.endswith(".gguf") else {}))
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(listed))


class _Resolve(_Hub):
    def get(self, repository: str, path: str) -> None:
        if not self.let_in(repository):
            return
        if unquote(path) not in self.double.repositories[repository]:
            self.answer(404, "EntryNotFound", "Entry not found")
            return
        self.set_status(302)
        there = self.double.elsewhere or f"{self.double.store.root}/{repository}/{path}"
        self.set_header("Location", f"{there}?signature=s1gn4ture-of-the-store")
        self.finish()


class HubDouble(Double):
    """The hub; its files lie in `store`, a `FileStore` that runs too."""

    routes = (
        (r"/api/models/([^/]+/[^/]+)/tree/main", _Tree),
        (r"/([^/]+/[^/]+)/resolve/main/(.+)", _Resolve),
    )

    def __init__(self, store: FileStore) -> None:
        super().__init__()
        self.store = store
        self.reset()

    def reset(self) -> None:
        super().reset()
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.tokens: set[str] = set()
        self.gated: set[str] = set()
        self.private: set[str] = set()
        self.sizes: dict[str, int] = {}
        self.digests: dict[str, str] = {}
        self.elsewhere = ""
        self.page = 1000

    def put(self, repository: str, files: dict[str, bytes]) -> None:
        """Have a repository of these files."""
        self.repositories[repository] = dict(files)
        for path, content in files.items():
            self.store.files[f"{repository}/{path}"] = content
