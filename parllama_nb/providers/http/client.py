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

from ...errors import ProviderError
from ...secret import Redactor, Secret
from ..base import Timeouts
from ..messages import ChatRequest, StreamEvent
from .endpoint import Failure, Peer, check_key, is_within
from .event_stream import (
    Reader,
    Response,
    SilentError,
    UnreadableError,
    read_answer,
    refuse_page,
)
from .failures import Failures
from .log_redaction import redact_logs

__all__ = ["WireClient", "entries"]

_LARGEST_LIST = 8 << 20
"""Bytes of a list of models."""

_MACHINE_FACTS = ("OS", "Arch", "Runtime", "Runtime-Version", "Lang", "Async")


class Library(Protocol):
    """A client of a client library."""

    async def close(self) -> None:
        """End all connections."""


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
        # One for answers that stream, one for many whole ones at once.
        self._libraries: dict[bool, LibraryT] = {}
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
        libraries, self._libraries = self._libraries, {}
        for library in libraries.values():
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

    async def stream(
        self, request: ChatRequest, *, whole: bool = False
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they come, then exactly one `Finish`.

        Closing the generator ends the request at the server. A `whole` answer comes in
        one piece, where the wire format has that, over the transport that bears more
        requests a second.

        Raises:
            ProviderError: whatever kept the server from answering, or cut the answer.

        """
        # No local of this frame may hold what a server sent: it may echo the key, and
        # tools that print tracebacks with locals would print it.
        failure: ProviderError | None = None
        begun = False
        try:
            async with aclosing(self._batches(request, whole=whole)) as batches:
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
    def _make(self, *, many: bool = False) -> LibraryT:
        """Import the library and make its client; runs in a thread.

        For `many` requests at once another transport may be the better one.
        """

    @abstractmethod
    async def _models(self, library: LibraryT) -> list[dict[str, Any]]:
        """See `models`; may raise what it will."""

    @abstractmethod
    async def _ask(
        self, library: LibraryT, request: ChatRequest, *, whole: bool
    ) -> AbstractAsyncContextManager[Response]:
        """Ask for an answer, streamed or `whole`."""

    @abstractmethod
    def _reader(self) -> Reader:
        """What reads an answer."""

    @abstractmethod
    def _option_names(self, request: ChatRequest) -> Mapping[str, str]:
        """Our name of each option that is sent, by its name on the wire."""

    async def _opened(self, *, many: bool = False) -> LibraryT:
        library = self._libraries.get(many)
        if library is None:
            async with self._opening:
                library = self._libraries.get(many)
                if library is None:
                    check_key(self.key, self._peer.label)
                    library = await asyncio.to_thread(self._make, many=many)
                    self._libraries[many] = library
        return library

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
        self, asking: AbstractAsyncContextManager[Response], missing: str
    ) -> dict[str, Any] | list[Any]:
        """The JSON of an answer; `missing` says what it is in case it does not come."""
        limit = self.timeouts.stall
        answer: Any = None
        try:
            async with asyncio.timeout(limit), asking as response:
                refuse_page(response.headers)
                answer = json.loads(await _body(response, _LARGEST_LIST))
        except TimeoutError as error:
            raise SilentError.of(missing, limit) from error
        except ValueError:
            answer = None
        if not isinstance(answer, dict | list):
            what = f"something that is no {missing}"
            raise UnreadableError(what)
        return answer

    async def _batches(
        self, request: ChatRequest, *, whole: bool
    ) -> AsyncGenerator[list[StreamEvent], None]:
        """The events of an answer, in one list for every piece the network brings."""
        library = await self._opened(many=whole)
        deadline = asyncio.get_running_loop().time() + self.timeouts.first_token
        async with (
            self._response(library, request, deadline, whole=whole) as response,
            aclosing(
                read_answer(response, self._reader(), self.timeouts, deadline)
            ) as batches,
        ):
            async for batch in batches:
                yield batch

    @asynccontextmanager
    async def _response(
        self, library: LibraryT, request: ChatRequest, deadline: float, *, whole: bool
    ) -> AsyncIterator[Response]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(deadline):
                    asking = await self._ask(library, request, whole=whole)
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


async def _body(response: Response, limit: int) -> bytes:
    """The body of a response, unless it is absurdly long."""
    body = bytearray()
    async for piece in response.iter_bytes():
        body += piece
        if len(body) > limit:
            what = f"more than {limit >> 20} MB"
            raise UnreadableError(what)
    return bytes(body)
