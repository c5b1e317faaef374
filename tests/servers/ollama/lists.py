"""The paths that only tell: version, lists, what a model is, who is signed in."""

from __future__ import annotations

import base64

from .api import Api
from .names import canonical

__all__ = [
    "Manifest",
    "Me",
    "Ps",
    "Recommendations",
    "Show",
    "Status",
    "Tags",
    "Version",
]


class Version(Api):
    def get(self) -> None:
        self.answer({"version": ".".join(map(str, self.double.version))})


class Status(Api):
    def get(self) -> None:
        source = "env" if self.double.no_cloud else "none"
        cloud = {"disabled": self.double.no_cloud, "source": source}
        self.answer({"cloud": cloud})


class Me(Api):
    """Who is signed in at ollama.com, or where the server's key is registered."""

    def post(self) -> None:
        if self.double.library.offline:
            self.refuse(503, "account unavailable")
            return
        if self.double.account:
            self.answer(self.double.account)
            return
        key = base64.urlsafe_b64encode(self.double.public_key.encode()).decode()
        url = f"https://ollama.com/connect?name=box&key={key.rstrip('=')}"
        self.answer({"error": "unauthorized", "signin_url": url}, 401)


class Recommendations(Api):
    def get(self) -> None:
        self.answer({"recommendations": self.double.recommendations})


class Tags(Api):
    def head(self) -> None:
        self.get()

    def get(self) -> None:
        lists_all = self.double.version >= (0, 30, 0)
        models = [
            m.listed(lists_all=lists_all)
            for m in self.double.library.listed()
            if m.behaviour in ("echo", *self.double.shown)
        ]
        self.answer({"models": models})


class Show(Api):
    def post(self) -> None:
        if not self.name:
            self.refuse(400, "model is required")
            return
        name = canonical(self.valid_name)
        model = self.double.library.find(name)
        if model is None:
            self.refuse(404, f"model '{name}' not found")
        elif model.remote and self.double.no_cloud:
            disabled = "ollama cloud is disabled: remote model details are unavailable"
            self.refuse(403, disabled)
        else:
            told = self.double.version >= (0, 6, 4)
            verbose = bool(self.asked.get("verbose"))
            self.answer(model.shown(shows_capabilities=told, verbose=verbose))


class Ps(Api):
    def get(self) -> None:
        tells = self.double.version >= (0, 9, 7)
        loaded = sorted(
            self.double.loaded.values(), key=lambda e: e.expires, reverse=True
        )
        self.answer({"models": [e.listed(tells_window=tells) for e in loaded]})


class Manifest(Api):
    """A path of the registry, which a client asks whether there is something newer."""

    def get(self, repository: str, tag: str) -> None:
        name = canonical(f"{repository}:{tag}")
        model = self.double.library.available(name)
        if model is None:
            code = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
            self.answer({"errors": [code]}, 404)
            return
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        self.set_header("Content-Type", kind)
        self.finish(model.manifest)
