"""What the doubles of wire formats share: a server on a thread, and its record.

They run inside a test, each on a thread and loop of its own, or as a program:

    python -m tests.servers.openai_sse --port 0

Tornado is what they are made of: every Jupyter has it, and unlike aiohttp it is not
imported by the client libraries, whose import it would make slower for every benchmark.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import threading
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from tornado import httpserver, netutil, web

__all__ = ["Double", "Handler", "Recorded", "serve"]


@dataclass
class Recorded:
    """One request: what was asked, over which connection, and how it ended.

    `raw` are the bytes of `body`. `ended` is "complete", "disconnected" (by the client)
    or "faulted" (by us), and "" while it is under way; `sent` counts the events
    written. `first_token` and `last_token` are the Unix times at which a synthetic
    stream wrote them.
    """

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    connection: int
    raw: bytes = field(default=b"", repr=False)
    sent: int = 0
    first_token: float = 0.0
    last_token: float = 0.0
    ended: str = ""
    _over: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def model(self) -> str:
        return str((self.body or {}).get("model", ""))

    def end(self, how: str) -> None:
        if not self.ended:
            self.ended = how
            self._over.set()

    def wait(self, seconds: float = 10.0) -> str:
        """How it ended, once it has."""
        assert self._over.wait(seconds), "the request is still under way"
        return self.ended

    def to_dict(self) -> dict[str, Any]:
        hidden = ("raw", "_over")
        shown = {k: v for k, v in vars(self).items() if k not in hidden}
        return dict(shown)


class Handler(web.RequestHandler):
    double: Double
    recorded: Recorded

    def initialize(self, double: Double) -> None:
        self.double = double

    async def prepare(self) -> None:
        self.gone = asyncio.Event()
        body = None
        with contextlib.suppress(ValueError):
            body = json.loads(self.request.body or b"null")
        headers = {name.lower(): value for name, value in self.request.headers.items()}
        connection = id(self.request.connection.stream)  # type: ignore[union-attr]
        self.recorded = self.double.record(
            self.request.method or "", self.request.path, headers, body, connection
        )
        self.recorded.raw = self.request.body
        # Else a token would wait up to 40 ms for the acknowledgement of the one before.
        self.request.connection.stream.set_nodelay(True)  # type: ignore[union-attr]
        if self.request.path in self.double.silent:
            await self.never()
            raise web.Finish

    def on_finish(self) -> None:
        self.recorded.end("complete")

    def on_connection_close(self) -> None:
        self.recorded.end("disconnected")
        self.gone.set()
        super().on_connection_close()

    @property
    def key(self) -> str:
        headers = self.request.headers
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        return headers.get("api-key") or headers.get("x-api-key") or bearer

    @property
    def refused(self) -> bool:
        """Whether the double has a key and this is another one."""
        return self.double.key is not None and self.key != self.double.key

    async def raw(self, text: str) -> None:
        """Send a piece of an event stream, at once."""
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.write(text)
        await self.flush()

    async def never(self) -> None:
        """Wait for the client to go away."""
        await self.gone.wait()

    async def wait_aloud(self) -> None:
        """Comments keep a connection alive for a while; they are no token."""
        for _ in range(10):
            await self.raw(": waiting\n\n")
            await asyncio.sleep(0.02)
        await self.never()

    def html(self, status: int) -> None:
        """A web page, as a gateway shows it, with the key in it."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html")
        self.finish(f"<!doctype html><title>Welcome</title><p>{self.key}</p>")

    def hang_up(self) -> None:
        """Close the connection in mid-answer, without the end of the answer."""
        self.recorded.end("faulted")
        self.request.connection.stream.close()  # type: ignore[union-attr]


class _Control(web.RequestHandler):
    def initialize(self, double: Double) -> None:
        self.double = double

    def get(self) -> None:
        self.finish({"requests": [r.to_dict() for r in self.double.requests]})

    def delete(self) -> None:
        self.double.reset()
        self.finish()


class Double:
    """A double as a context manager: a server on a thread of its own.

    `routes` are the paths it answers at, as regular expressions; at those in `silent`
    it never does.
    """

    routes: ClassVar[tuple[tuple[str, type[Handler]], ...]] = ()

    def __init__(self, *, port: int = 0, key: str | None = None) -> None:
        self.key = key
        self.requests: list[Recorded] = []
        self.arrived = threading.Event()
        self.silent: set[str] = set()
        self.port = port
        self._failed: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._stop: asyncio.Event

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base URL, as the environment names of its provider take it."""
        return self.root

    @property
    def last(self) -> Recorded:
        return self.requests[-1]

    def reset(self) -> None:
        self.requests.clear()
        self.arrived.clear()
        self._failed.clear()
        self.silent.clear()

    def record(self, *request: Any) -> Recorded:
        recorded = Recorded(len(self.requests) + 1, *request)
        self.requests.append(recorded)
        self.arrived.set()
        return recorded

    def first_time(self, what: str) -> bool:
        first = what not in self._failed
        self._failed.add(what)
        return first

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the server does not start"
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        routes = [
            (path, handler, {"double": self})
            for path, handler in ((r"/_recorded", _Control), *self.routes)
        ]
        server = httpserver.HTTPServer(
            web.Application(routes, log_function=lambda _: None),
            max_buffer_size=64 * 1024 * 1024,
            # Large bodies come in fewer and larger pieces.
            chunk_size=1024 * 1024,
        )
        sockets = netutil.bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        server.add_sockets(sockets)
        self._ready.set()
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()


def serve(double: type[Double], description: str) -> None:
    """Serve until interrupted; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default=None, help="refuse every other key")
    given = parser.parse_args()
    with double(port=given.port, key=given.key) as running:
        print(running.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
