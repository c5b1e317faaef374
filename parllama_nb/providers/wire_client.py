"""One address and the key to it: what the clients of the wire formats share.

A client library brings the connection, its headers, proxies and TLS; the answer is read
from its bytes (see `event_stream`). The library's own retries are off: the engine
retries, visibly.
"""

from __future__ import annotations

import asyncio
import json
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
)
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from ..errors import AuthenticationError, ProviderError
from ..secret import Redactor, Secret
from ._log_redaction import redact_logs
from .base import Timeouts
from .event_stream import (
    Reader,
    Response,
    SilentError,
    UnreadableError,
    read_answer,
    refuse_page,
)
from .failures import Failures
from .messages import ChatRequest, StreamEvent
from .peer import Failure, Peer, fits_header, is_loopback, is_within

__all__ = ["WireClient", "entries"]

_MACHINE_FACTS = ("OS", "Arch", "Runtime", "Runtime-Version", "Lang", "Async")


class Library(Protocol):
    """A client of a client library."""

    async def close(self) -> None:
        """End all connections."""


class Body(Response, Protocol):
    """An answer that can be read in one piece, too."""

    async def read(self) -> bytes:
        """All of its body."""


LibraryT = TypeVar("LibraryT", bound=Library)


class WireClient(ABC, Generic[LibraryT]):
    """One address that speaks a wire format, and the key to it.

    Used on one event loop. Nothing is imported or opened before the first request; that
    is done in a thread, for it takes half a second. `hints` says, by the code of an
    error, what to do about it here. Without `keep_alive` each request has a connection
    of its own.
    """

    failures: ClassVar[Failures]
    usual_path: ClassVar[str] = ""

    def __init__(  # noqa: PLR0913 - what an address is known by
        self,
        base_url: str,
        key: Secret | None,
        timeouts: Timeouts,
        redact: Redactor,
        label: str,
        *,
        hints: Mapping[str, str] | None = None,
        keep_alive: bool = True,
    ) -> None:
        self.base_url = base_url
        self.key = key or None
        self.timeouts = timeouts
        self._peer = Peer(
            label, base_url, redact, self.key, hints or {}, self.usual_path
        )
        self._opening = asyncio.Lock()
        self._library: LibraryT | None = None
        self._keep_alive = keep_alive
        if self.key:
            redact.add(self.key)
        # The HTTP library logs addresses as they are.
        password = urlsplit(base_url).password or ""
        for written in {password, unquote(password)}:
            redact.add(Secret("password of the base URL", written))
        redact_logs(redact)

    async def open(self) -> None:
        """Import the library and make its client, ahead of the first request."""
        await self._opened()

    async def aclose(self) -> None:
        """End all connections."""
        library, self._library = self._library, None
        if library is not None:
            await library.close()

    async def models(self) -> list[dict[str, Any]]:
        """The models as the server lists them, each with at least an `id`.

        Raises:
            ProviderError: whatever kept the server from answering.

        """
        failure: ProviderError | None = None
        try:
            return await self._models(await self._opened())
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = self.failures.mapped(Failure(error, self._peer))
        raise failure

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they come, then exactly one `Finish`.

        Closing the generator ends the request at the server.

        Raises:
            ProviderError: whatever kept the server from answering, or cut the answer.

        """
        # No local of this frame may hold what a server sent: it may echo the key, and
        # tools that print tracebacks with locals would print it.
        failure: ProviderError | None = None
        begun = False
        try:
            async with aclosing(self._batches(request)) as batches:
                async for batch in batches:
                    begun = True
                    for event in batch:
                        yield event
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failed = Failure(
                error, self._peer, request.model, begun, self._option_names(request)
            )
            failure = self.failures.mapped(failed)
            del failed
        if failure is not None:
            raise failure

    @abstractmethod
    def _make(self) -> LibraryT:
        """Import the library and make its client; runs in a thread."""

    @abstractmethod
    async def _models(self, library: LibraryT) -> list[dict[str, Any]]:
        """See `models`; may raise what it will."""

    @abstractmethod
    async def _ask(
        self, library: LibraryT, request: ChatRequest
    ) -> AbstractAsyncContextManager[Body]:
        """Ask for a streamed answer."""

    @abstractmethod
    def _reader(self) -> Reader:
        """What reads an answer."""

    @abstractmethod
    def _option_names(self, request: ChatRequest) -> Mapping[str, str]:
        """Our name of each option that is sent, by its name on the wire."""

    async def _opened(self) -> LibraryT:
        if self._library is None:
            async with self._opening:
                if self._library is None:
                    self._check_key()
                    self._library = await asyncio.to_thread(self._make)
        return self._library

    def _check_key(self) -> None:
        """No header can carry a line break; the library's error would quote the key."""
        if self.key is None or fits_header(self.key):
            return
        message = f"{self._peer.label}: {self.key.name} holds characters no key has."
        hint = "It may have been copied with a line break or with other text."
        raise AuthenticationError(message, hint=hint)

    def _transport(self) -> dict[str, Any]:
        """What a client library's HTTP client is to be made with."""
        import ssl  # noqa: PLC0415 - not paid before the first request

        if not is_loopback(self._peer.host):
            return {}
        # What is on this machine is not reached through a proxy.
        is_tls = urlsplit(self.base_url).scheme == "https"
        return {
            "trust_env": False,
            "verify": (
                ssl.create_default_context()
                if is_tls
                # Certificates are loaded by no one who needs none; should the server
                # redirect to https, an empty context refuses instead of trusting all.
                else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            ),
        }

    def _changed_headers(
        self, omit: object, maker: str, variable: str
    ) -> dict[str, Any]:
        """What to change of a client library's own headers.

        Those are left out that would tell everyone what machine this is, and somebody
        else than the `maker` what the environment's `variable` holds for it.
        """
        names = [f"X-Stainless-{fact}" for fact in _MACHINE_FACTS]
        if not is_within(self._peer.host, maker):
            lines = os.environ.get(variable, "").split("\n")
            names += [line.partition(":")[0].strip() for line in lines if ":" in line]
        headers: dict[str, Any] = dict.fromkeys(names, omit)
        if not self._keep_alive:
            headers["Connection"] = "close"
        return headers

    async def _json(
        self, asking: AbstractAsyncContextManager[Body], missing: str
    ) -> dict[str, Any] | list[Any]:
        """The JSON of an answer; `missing` says what it is in case it does not come."""
        limit = self.timeouts.stall
        answer: Any = None
        try:
            async with asyncio.timeout(limit), asking as response:
                refuse_page(response.headers)
                answer = json.loads(await response.read())
        except TimeoutError as error:
            raise SilentError.of(missing, limit) from error
        except ValueError:
            answer = None
        if not isinstance(answer, dict | list):
            what = f"something that is no {missing}"
            raise UnreadableError(what)
        return answer

    async def _batches(
        self, request: ChatRequest
    ) -> AsyncGenerator[list[StreamEvent], None]:
        """The events of an answer, in one list for every piece the network brings."""
        library = await self._opened()
        deadline = asyncio.get_running_loop().time() + self.timeouts.first_token
        async with (
            self._response(library, request, deadline) as response,
            aclosing(
                read_answer(response, self._reader(), self.timeouts, deadline)
            ) as batches,
        ):
            async for batch in batches:
                yield batch

    @asynccontextmanager
    async def _response(
        self, library: LibraryT, request: ChatRequest, deadline: float
    ) -> AsyncIterator[Response]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(deadline):
                    asking = await self._ask(library, request)
                    response = await stack.enter_async_context(asking)
            except TimeoutError as error:
                raise SilentError.in_answer(self.timeouts, begun=False) from error
            yield response


def entries(answer: object, missing: str) -> list[dict[str, Any]]:
    """What a server lists, each with at least an `id`.

    Raises:
        UnreadableError: the answer is no list; `missing` says of what.

    """
    if isinstance(answer, Mapping):
        answer = answer.get("data", answer.get("models"))
    if not isinstance(answer, list):
        what = f"something that is no {missing}"
        raise UnreadableError(what)
    return [each for each in answer if isinstance(each, dict) and each.get("id")]
