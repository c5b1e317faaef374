"""The paths that only tell: the version, the lists and what a model is."""

from __future__ import annotations

from .api import Api
from .names import canonical

__all__ = ["Ps", "Show", "Tags", "Version"]


class Version(Api):
    def get(self) -> None:
        self.answer({"version": ".".join(map(str, self.double.version))})


class Tags(Api):
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
        model = self.double.library.find(self.name)
        if model is None:
            self.refuse(404, f"model '{canonical(self.name)}' not found")
            return
        told = self.double.version >= (0, 6, 4)
        self.answer(model.shown(shows_capabilities=told))


class Ps(Api):
    def get(self) -> None:
        tells = self.double.version >= (0, 9, 7)
        loaded = sorted(
            self.double.loaded.values(), key=lambda e: e.expires, reverse=True
        )
        self.answer({"models": [e.listed(tells_window=tells) for e in loaded]})
