"""What every path of the double shares: how it answers, streams and refuses."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tornado import iostream, web

from ..double import Handler
from .library import CutError, RefusedError, Step
from .names import canonical

if TYPE_CHECKING:
    from .server import OllamaDouble

__all__ = ["Api"]


class Api(Handler):
    double: OllamaDouble

    def set_default_headers(self) -> None:
        # Tornado's own would say that an empty answer is a web page.
        self.clear_header("Content-Type")
        self.clear_header("Server")

    async def prepare(self) -> None:
        await super().prepare()
        self.unsent: list[dict[str, Any]] = []
        if self.refused or (self.double.login and not self._let_in()):
            # As a proxy that guards a server does.
            self.set_status(401)
            self.set_header("Content-Type", "text/html")
            scheme = "Bearer" if self.refused else "Basic"
            self.set_header("WWW-Authenticate", f'{scheme} realm="ollama"')
            self.finish("<html><h1>401 Authorization Required</h1></html>")
        elif not self.double.has(self.request.path):
            self.send_error(404)

    def _let_in(self) -> bool:
        pair = base64.b64encode(self.double.login.encode()).decode()
        return self.request.headers.get("Authorization") == f"Basic {pair}"

    def write_error(self, status_code: int, **_: Any) -> None:
        said = {404: "404 page not found", 405: "405 method not allowed"}
        self.set_header("Content-Type", "text/plain")
        self.finish(said.get(status_code, "error"))

    def answer(self, body: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(body))

    def refuse(self, status: int, message: str) -> None:
        self.answer({"error": message}, status)

    @property
    def asked(self) -> dict[str, Any]:
        """The body; refused as the server refuses it where there is none."""
        if not self.request.body:
            self.refuse(400, "missing request body")
            raise web.Finish
        if not isinstance(self.recorded.body, dict):
            first = self.request.body.decode(errors="replace")[:1]
            told = f"invalid character '{first}' looking for beginning of value"
            self.refuse(400, told)
            raise web.Finish
        return self.recorded.body

    @property
    def name(self) -> str:
        """The model's name as it was given."""
        given = self.asked.get("model") or self.asked.get("name") or ""
        if not isinstance(given, str):
            kind = "number" if isinstance(given, int | float) else type(given).__name__
            field = f"{type(self).__name__}Request.model of type string"
            told = f"json: cannot unmarshal {kind} into Go struct field {field}"
            self.refuse(400, told)
            raise web.Finish
        return given

    @property
    def valid_name(self) -> str:
        """The name, refused if it is none."""
        name = self.name
        try:
            canonical(name)
        except ValueError:
            self.refuse(400, "invalid model name")
            raise web.Finish from None
        return name

    async def stream(self, steps: Iterator[Step]) -> None:
        """The steps of a long task, or its last where nobody wants the others."""
        whole = self.asked.get("stream") is False
        last: Step = None
        try:
            for step in steps:
                if step is not None and not whole:
                    await self.line(step)
                elif self.recorded.ended:
                    return
                last = step or last
                await asyncio.sleep(self.double.step)
        except RefusedError as error:
            with contextlib.suppress(iostream.StreamClosedError):
                await self.report(str(error), error.status)
            return
        except CutError:
            self.hang_up()
            return
        except iostream.StreamClosedError:
            return
        finally:
            # Another one who wants the same goes on with it.
            steps.close()  # type: ignore[attr-defined]
        if whole:
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps(last))
        else:
            self.finish()

    async def line(self, found: dict[str, Any]) -> None:
        if self.asked.get("stream") is False:
            self.unsent.append(found)
            return
        await self.raw(f"{json.dumps(found, separators=(',', ':'))}\n")
        self.recorded.sent += 1

    async def raw(self, text: str) -> None:
        if self.recorded.ended:
            raise iostream.StreamClosedError
        self.set_header("Content-Type", "application/x-ndjson")
        self.write(text)
        await self.flush()

    async def report(self, message: str, status: int = 500) -> None:
        """An error: as a status while nothing is written, else as a line."""
        if self._headers_written:
            await self.raw(json.dumps({"error": message}) + "\n")
            self.finish()
        else:
            self.set_status(status)
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps({"error": message}))
