"""One Ollama server, over HTTP.

Through `httpx2`, the HTTP library that `openai` brings, and not through the package
`ollama`: that drops the name and password of an address, tells the server what machine
this is, takes a key from the environment by itself, and keeps no header of an
error, such as how long to wait. The API is JSON over HTTP: https://docs.ollama.com/api
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ...errors import ProviderError
from ...secret import Redactor, Secret
from ..base import Timeouts
from ..http.endpoint import Peer, check_key, local_options
from ..http.event_stream import SilentError, refuse_page
from ..http.log_redaction import redact_logs
from ..messages import Finish, StreamEvent
from .errors import RefusedError, mapped
from .stream import ChatReader, JSONLines, UnexplainedEndError, parsed

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

__all__ = ["OllamaClient"]

_DRAIN = 0.1
"""Seconds to wait for the end of a stream, so that its connection can be kept."""


class OllamaClient:
    """One Ollama server, and what lets us in.

    Used on one event loop. Nothing is imported or opened before the first request; that
    is done in a thread. `hints` says, by the code of an error, what to do about it
    here. A name and a password in the address go into a header of every request, and
    come before the key.
    """

    def __init__(  # noqa: PLR0913 - what an address is known by
        self,
        base_url: str,
        key: Secret | None,
        timeouts: Timeouts,
        redact: Redactor,
        label: str,
        *,
        hints: Mapping[str, str] | None = None,
    ) -> None:
        parts = urlsplit(base_url)
        self.base_url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        self.key = key or None
        self.timeouts = timeouts
        self._opening = asyncio.Lock()
        self._client: AsyncClient | None = None
        self._address = Secret("OLLAMA_HOST", base_url)
        self._login = _login(base_url)
        for secret in (self.key, *self._login):
            if secret:
                redact.add(secret)
        self.peer = Peer(label, self.base_url, redact, self.key, hints or {})
        redact_logs(redact)

    def serves(self, base_url: str, key: Secret | None) -> bool:
        """Whether this is the client of an address and a key."""
        known = self.key.reveal() if self.key else None
        same = known == (key.reveal() if key else None)
        return same and self._address.reveal() == base_url

    async def open(self) -> None:
        """Import the library and make its client, ahead of the first request."""
        await self._opened()

    async def aclose(self) -> None:
        """End all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        model: str | None = None,
    ) -> dict[str, Any]:
        """What one request is answered with; {} where that is nothing.

        `model` is whom an error is about.

        Raises:
            ProviderError: whatever kept the server from answering.

        """
        failure: ProviderError | None = None
        try:
            return await self._called(method, path, body)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = mapped(error, self.peer, model=model)
        raise failure

    async def objects(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        model: str | None = None,
        stall: float | None = None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The objects of a stream that is no answer: a pull, a push, a creation.

        `stall` is how many seconds may pass between two of them; None for any number,
        for a server is silent while it checks what it has fetched.

        Raises:
            ProviderError: whatever kept the server from answering.

        """
        failure: ProviderError | None = None
        begun = False
        try:
            async with aclosing(self._lines(path, body, stall, stall)) as batches:
                async for lines in batches:
                    for line in lines:
                        found = parsed(line)
                        begun = True
                        yield found
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = mapped(error, self.peer, model=model, begun=begun)
        if failure is not None:
            raise failure

    async def chat(self, body: Mapping[str, Any]) -> AsyncGenerator[StreamEvent, None]:
        """An answer: deltas as they come, then exactly one `Finish`.

        Closing the generator ends the request at the server.

        Raises:
            ProviderError: whatever kept the server from answering, or cut the answer.

        """
        # No local of this frame may hold what a server sent: it may echo the key, and
        # tools that print tracebacks with locals would print it.
        failure: ProviderError | None = None
        begun = False
        try:
            async with aclosing(self._batches(body)) as batches:
                async for batch in batches:
                    begun = begun or bool(batch)
                    for event in batch:
                        yield event
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = mapped(error, self.peer, model=str(body["model"]), begun=begun)
        if failure is not None:
            raise failure

    async def _opened(self) -> AsyncClient:
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    check_key(self.key, self.peer.label)
                    self._client = await asyncio.to_thread(self._make)
        return self._client

    def _make(self) -> AsyncClient:
        import httpx2  # noqa: PLC0415 - not paid before the first request

        connect = self.timeouts.connect
        # Compressed, a stream would be held back by whatever is between.
        headers = {"Accept-Encoding": "identity"}
        if self._login:
            pair = self._login[-1].reveal().encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif self.key:
            headers["Authorization"] = f"Bearer {self.key.reveal()}"
        return httpx2.AsyncClient(
            base_url=self.base_url,
            headers=headers,
            # On connecting alone: waiting for tokens is measured by ourselves.
            timeout=httpx2.Timeout(None, connect=connect, pool=connect),
            **local_options(self.base_url),
        )

    @asynccontextmanager
    async def _response(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> AsyncIterator[Response]:
        """The answer to a request, once it has begun and is none to be refused."""
        client = await self._opened()
        content = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if content else {}
        async with client.stream(
            method, path, content=content, headers=kind
        ) as response:
            if response.status_code >= 300:  # noqa: PLR2004
                headers, said = response.headers, await response.aread()
                raise RefusedError(response.status_code, headers, said)
            refuse_page(response.headers)
            yield response

    async def _called(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        limit = self.timeouts.stall
        try:
            async with (
                asyncio.timeout(limit),
                self._response(method, path, body) as response,
            ):
                said = await response.aread()
        except TimeoutError as error:
            missing = "answer"
            raise SilentError.of(missing, limit) from error
        return parsed(said) if said.strip() else {}

    async def _lines(
        self,
        path: str,
        body: Mapping[str, Any],
        first: float | None,
        stall: float | None,
    ) -> AsyncGenerator[list[bytes], None]:
        """The lines of a stream, in one list for every piece the network brings.

        The server has `first` seconds for the first line and `stall` for each after it.
        """
        loop = asyncio.get_running_loop()
        deadline = None if first is None else loop.time() + first
        late = SilentError.of("first token", first or 0.0)
        lines = JSONLines()
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(deadline):
                    opening = self._response("POST", path, body)
                    response = await stack.enter_async_context(opening)
            except TimeoutError as error:
                raise late from error
            got = response.aiter_bytes()
            # A generator: what is not closed at once would keep the request open.
            await stack.enter_async_context(aclosing(got))
            piece: bytes | None = b""
            while piece is not None:
                try:
                    async with asyncio.timeout_at(deadline):
                        piece = await anext(got, None)
                except TimeoutError as error:
                    raise late from error
                found = lines.end() if piece is None else lines.feed(piece)
                if found:
                    late = SilentError.of("further token", stall or 0.0)
                    yield found
                    # From here on: whoever reads has all the time there is.
                    deadline = None if stall is None else loop.time() + stall

    async def _batches(
        self, body: Mapping[str, Any]
    ) -> AsyncGenerator[list[StreamEvent], None]:
        """The events of an answer, in one list for every piece the network brings."""
        reader = ChatReader()
        events: list[StreamEvent] = []
        first, stall = self.timeouts.first_token, self.timeouts.stall
        async with aclosing(self._lines("/api/chat", body, first, stall)) as got:
            async for lines in got:
                events, failure = reader.read_all(lines)
                if events and (failure is not None or reader.reason is None):
                    yield events
                if failure is not None:
                    raise failure
                if reader.reason is not None:
                    break
            held = reader.end()
            if reader.reason is None:
                if held:
                    yield held
                raise UnexplainedEndError
            yield [*events, *held, Finish(reader.reason, reader.usage)]
            with suppress(Exception):
                async with asyncio.timeout(_DRAIN):
                    async for _ in got:
                        pass


def _login(url: str) -> tuple[Secret, ...]:
    """The password in an address, and the pair it is sent in; () without one."""
    parts = urlsplit(url)
    if parts.username is None:
        return ()
    name, password = unquote(parts.username), unquote(parts.password or "")
    return (
        Secret("OLLAMA_HOST password", password),
        Secret("OLLAMA_HOST login", f"{name}:{password}"),
    )
