"""A loopback double of ollama.com's pages of models, and of a registry of models.

What it answers at a path can be set: `answers` maps a path to a status, headers and a
body. All else is made of what `library_pages` has. As a proxy it plays every host, and
an address is the path.

    python -m tests.servers.library --port 0
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from .double import Double, Handler, Recorded, serve
from .library_pages import LISTS, MODELS, TAG_PAGES, TAGS, Model, Tag, page

__all__ = ["LibraryDouble", "Recorded", "manifest_of"]

Answer = tuple[int, dict[str, str], bytes | str]

_IMAGE = "application/vnd.ollama.image"
_MANIFEST = re.compile(r"/v2/(.+)/manifests/([^/]+)$")


def manifest_of(weights: int, *, cloud: bool = False) -> bytes:
    """The manifest of a model whose weights have so many bytes."""

    def layer(kind: str, size: int) -> dict[str, Any]:
        digest = hashlib.sha256(f"{kind} {size}".encode()).hexdigest()
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": size}

    parts = [(f"{_IMAGE}.model", weights), (f"{_IMAGE}.template", 1429)]
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": layer("application/vnd.docker.container.image.v1+json", 485),
            "layers": None if cloud else [layer(*part) for part in parts],
        },
        separators=(",", ":"),
    ).encode()


class _Any(Handler):
    double: LibraryDouble

    async def get(self) -> None:
        double, path = self.double, self.request.path
        if path in double.halves:
            self.set_header("Content-Length", "100000")
            self.write("<html><body>")
            await self.flush()
            self.hang_up()
            return
        status, headers, body = double.answer_at(self.request.uri or path)
        self.set_status(status)
        self.clear_header("Content-Type")
        for name, value in headers.items():
            self.set_header(name, value)
        self.finish(body)


class LibraryDouble(Double):
    """The double; `shape` is one of those of `library_pages`."""

    routes: ClassVar[tuple[tuple[str, type[Handler]], ...]] = ((r".*", _Any),)

    def __init__(self, *, port: int = 0, key: str | None = None) -> None:
        super().__init__(port=port, key=key)
        self.reset()

    def reset(self) -> None:
        super().reset()
        self.shape = "2025"
        self.models: tuple[Model, ...] = MODELS
        self.tags: tuple[Tag, ...] = TAGS
        self.answers: dict[str, Answer] = {}
        self.halves: set[str] = set()
        self.manifests = {
            "library/llama9:latest": manifest_of(2_019_377_376),
            "library/farther:cloud": manifest_of(0, cloud=True),
            "user/repo-GGUF:Q4_K_M": manifest_of(807_694_464),
        }

    def answer_at(self, address: str) -> Answer:
        """What is answered at an address, with its query or without."""
        path = urlsplit(address)._replace(query="").geturl()
        answer = self.answers.get(address) or self.answers.get(path)
        if answer is not None:
            return answer
        found = _MANIFEST.search(path)
        if found is None:
            return self._page_at(path, address)
        body = self.manifests.get(f"{found[1]}:{found[2]}")
        if body is not None:
            return 200, {"Content-Type": "application/json"}, body
        error = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
        body = json.dumps({"errors": [error]}).encode()
        return 404, {"Content-Type": "application/json"}, body

    def _page_at(self, path: str, address: str) -> Answer:
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Set-Cookie": "aid=1234567890; Path=/",
        }
        models = self.models
        if path == "/some-user":
            models = (Model("some-user/own", sizes=("7b",)),)
        if path in ("/library", "/search", "/some-user"):
            return 200, headers, page(LISTS[self.shape](models))
        if path == "/library/llama9/tags":
            return 200, headers, page(TAG_PAGES[self.shape](self.tags), "Tags")
        return 404, headers, page(f"<p>404. There is no {address}.</p>", "Not found")

    @property
    def paths(self) -> list[str]:
        """The paths that were asked, in order."""
        return [each.path for each in self.requests]


if __name__ == "__main__":
    serve(LibraryDouble, __doc__ or "")
