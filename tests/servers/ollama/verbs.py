"""The paths that change what there is."""

from __future__ import annotations

from .api import Api
from .creation import check_files, creating
from .library import RefusedError
from .names import canonical

__all__ = ["Copy", "Create", "Delete", "Pull", "Push"]


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
        try:
            self.double.library.copy(model, destination)
        except RefusedError as error:
            self.refuse(error.status, str(error))
            return
        self.finish()


class Delete(Api):
    """A loaded model stays in memory until its time is over: no name unloads it now."""

    def delete(self) -> None:
        name = self.name
        if not name:
            self.refuse(400, "model is required")
            return
        try:
            found = self.double.library.remove(name)
        except ValueError:
            self.refuse(400, f'name "{name}" is invalid')
            return
        if not found:
            self.refuse(404, f"model '{name}' not found")
            return
        self.finish()


class Pull(Api):
    async def post(self) -> None:
        insecure = bool(self.asked.get("insecure"))
        pulling = self.double.library.pulling(self.valid_name, insecure=insecure)
        await self.stream(pulling)


class Push(Api):
    async def post(self) -> None:
        name = self.name
        if not name:
            self.refuse(400, "model is required")
            return
        insecure = bool(self.asked.get("insecure"))
        await self.stream(self.double.library.pushing(name, insecure=insecure))


class Create(Api):
    async def post(self) -> None:
        _ = self.valid_name
        try:
            check_files(self.asked)
        except RefusedError as error:
            self.refuse(error.status, str(error))
            return
        aloud = self.double.aloud or self.double.version < (0, 30, 0)
        await self.stream(creating(self.double.library, self.asked, aloud=aloud))
