"""A server that answers with given bytes: for what no wire format allows.

Every question is answered by `script`, with the pieces as they are, each in a packet of
its own; a list of models by `listed`, all else by a 404.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass
from typing import ClassVar, Literal

from tornado import iostream

from .double import Double, Handler

__all__ = ["Script", "ScriptedDouble"]

_RESET = struct.pack("ii", 1, 0)
"""Makes closing a socket reset its connection."""


@dataclass(frozen=True)
class Script:
    """What to answer: pieces of bytes, and seconds to wait between two of them.

    `label` is the content type, "" for none. `end` is how the answer ends: in good
    order, with its connection closed in mid-answer, or reset.
    """

    pieces: tuple[bytes | float, ...]
    label: str = "text/event-stream"
    end: Literal["complete", "cut", "reset"] = "complete"
    status: int = 200


class _Scripted(Handler):
    def get(self) -> None:
        double = self.double
        assert isinstance(double, ScriptedDouble)
        lists = ("/models", "/api/tags")
        if double.listed is None or not self.request.path.endswith(lists):
            self.set_status(404)
        self.finish(double.listed or "{}")

    async def post(self) -> None:
        double = self.double
        assert isinstance(double, ScriptedDouble)
        if self.request.path == "/api/show":  # Ollama's, which is no question
            self.get()
            return
        script = double.script
        self.set_status(script.status)
        self.set_header("Content-Type", script.label)
        if not script.label:
            self.clear_header("Content-Type")
        with contextlib.suppress(iostream.StreamClosedError):
            for piece in script.pieces:
                if isinstance(piece, bytes):
                    self.write(piece)
                    await self.flush()
                else:
                    await asyncio.sleep(piece)
            if script.end == "complete":
                self.finish()
                return
            await self.flush()
            if script.end == "reset":
                # What was sent has to be there before the reset takes it away.
                await asyncio.sleep(0.05)
                connection = self.request.connection.stream.socket  # type: ignore[union-attr]
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.hang_up()


class ScriptedDouble(Double):
    """A double that is told what to answer."""

    routes: ClassVar = ((r"/.*", _Scripted),)
    script = Script(())
    listed: bytes | None = None
