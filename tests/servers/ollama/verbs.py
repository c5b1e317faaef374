"""The paths that change what there is."""

from __future__ import annotations

import hashlib

from .api import Api
from .models import Model
from .names import SHA256, canonical

__all__ = ["Blobs", "Copy", "Create", "Delete", "Pull", "Push"]


class Copy(Api):
    def post(self) -> None:
        source = str(self.asked.get("source", ""))
        destination = str(self.asked.get("destination", ""))
        for what, name in (("source", source), ("destination", destination)):
            try:
                canonical(name)
            except ValueError:
                self.refuse(400, f'{what} "{name}" is invalid')
                return
        model = self.double.library.find(source)
        if model is None:
            self.refuse(404, f'model "{source}" not found')
            return
        self.double.library.add(
            Model(**{**vars(model), "name": canonical(destination)})
        )
        self.finish()


class Delete(Api):
    def delete(self) -> None:
        name = str(self.asked.get("model") or self.asked.get("name") or "")
        try:
            canonical(name)
        except ValueError:
            self.refuse(400, f'name "{name}" is invalid')
            return
        if not self.double.library.remove(name):
            self.refuse(404, f"model '{name}' not found")
            return
        self.finish()


class Pull(Api):
    async def post(self) -> None:
        await self.stream(self.double.library.pulling(self.name))


class Push(Api):
    async def post(self) -> None:
        await self.stream(self.double.library.pushing(self.name))


class Create(Api):
    async def post(self) -> None:
        _ = self.name
        if not (self.asked.get("from") or self.asked.get("files")):
            await self.report("neither 'from' or 'files' was specified", 400)
            return
        await self.stream(self.double.library.creating(self.asked))


class Blobs(Api):
    def head(self, digest: str) -> None:
        self.set_status(200 if digest in self.double.library.blobs else 404)
        self.finish()

    def post(self, digest: str) -> None:
        if not SHA256.fullmatch(digest):
            self.refuse(400, "invalid digest format")
        elif digest in self.double.library.blobs:
            self.finish()
        else:
            got = f"sha256:{hashlib.sha256(self.request.body).hexdigest()}"
            if got != digest:
                told = f'digest mismatch, expected "{digest}", got "{got}"'
                self.refuse(400, told)
                return
            self.double.library.blobs[digest] = len(self.request.body)
            self.set_status(201)
            self.finish()
