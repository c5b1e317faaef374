"""One address and the key to it: what the clients of the wire formats share.

A client library brings the connection, its headers, proxies and TLS; the answer is read
from its bytes (see `event_stream`). The library's own retries are off: the engine
retries, visibly.
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
    contextmanager,
)
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from ...errors import ProviderError
from ...redaction.logs import redact_logs
from ...secret import Redactor, Secret
from ..keys import check_key, same_key
from ..messages import ChatRequest, StreamEvent
from ..spec import Timeouts
from ..wire_preview import WirePreview
from .endpoint import Endpoint, FailedCall, is_loopback, is_within
from .error_bodies import is_error, is_html
from .event_stream import Reader, Response, read_answer
from .failures import Failures
from .json_values import document_of
from .limits import Deadline
from .network import network_fault
from .recorder import Recorder
from .stream_errors import ReportedError, SilentError, UnreadableError

if TYPE_CHECKING:
    import httpx2

__all__ = ["WireClient", "entries"]

_LARGEST_LIST = 8 << 20
"""Bytes of a list of models."""

_LAYERS = 2
_LISTS = ("data", "models", "result")
_ID = ("id", "name", "model")
"""Where servers put a list of models, and what they call one of them."""

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
        keys = (self.key,) if self.key else ()
        self.endpoint = Endpoint(
            label, base_url, redact, keys, hints or {}, self.usual_path
        )
        self._opening = asyncio.Lock()
        # One for answers that stream, one for many whole ones at once.
        self._libraries: dict[bool, LibraryT] = {}
        self._keep_alive = keep_alive
        self._requests = 0
        self._unused = asyncio.Event()
        self._unused.set()
        if self.key:
            redact.add(self.key)
        # The HTTP library logs addresses as they are.
        password = urlsplit(base_url).password or ""
        for written in {password, unquote(password)}:
            redact.add(Secret("password of the base URL", written))
        redact_logs()

    def serves(self, base_url: str, key: Secret | None, timeouts: Timeouts) -> bool:
        """Whether this is the client of an address, a key and these limits."""
        return (
            self.base_url == base_url
            and same_key(self.key, key)
            and self.timeouts == timeouts
        )

    async def open(self) -> None:
        """Import the library and make its client, ahead of the first request."""
        with self._request():
            await self._opened()

    async def aclose(self) -> None:
        """End all connections."""
        libraries, self._libraries = self._libraries, {}
        for library in libraries.values():
            await library.close()

    async def retire(self) -> None:
        """End all connections as soon as no request needs them."""
        await self._unused.wait()
        await self.aclose()

    async def models(self) -> list[dict[str, Any]]:
        """Return the models as the server lists them, each with at least an `id`.

        Raises:
            ProviderError: the server did not answer as expected.

        """
        failure: ProviderError | None = None
        try:
            with self._request():
                return await self._models(await self._opened())
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = self.failures.mapped(error, FailedCall(self.endpoint))
        raise failure

    async def stream(
        self, request: ChatRequest, *, whole: bool = False
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they arrive, then exactly one `Finish`.

        Closing the generator ends the request at the server. A `whole` answer comes in
        one piece, where the wire format has that, over the transport that bears more
        requests a second.

        Raises:
            ProviderError: the server did not answer as expected, or the answer broke
                off.

        """
        # No local of this frame may hold what a server sent: it may echo the key, and
        # tools that print tracebacks with locals would print it.
        failure: ProviderError | None = None
        begun = False
        try:
            with self._request():
                async with self._answer(request, whole=whole) as batches:
                    async for batch in batches:
                        begun = True
                        for event in batch:
                            yield event
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            call = FailedCall(
                self.endpoint, request.model, begun, self._option_names(request)
            )
            failure = self.failures.mapped(error, call)
        if failure is not None:
            raise failure

    async def preview(self, request: ChatRequest) -> WirePreview:
        """Return what `stream` would send for a request; nothing is sent.

        Raises:
            ProviderError: the request cannot be sent like this, nor its key.

        """
        failure: ProviderError | None = None
        try:
            with self._request():
                check_key(self.key, self.endpoint.label)
                return await self._recorded(request)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            call = FailedCall(self.endpoint, request.model)
            failure = self.failures.mapped(error, call)
        raise failure

    async def _recorded(self, request: ChatRequest) -> WirePreview:
        recorder = Recorder()
        # A client of its own, which differs from the one that sends in its end alone.
        library = await asyncio.to_thread(self._recording, recorder)
        try:
            async with await self._ask_unheard(library, request):
                pass
        finally:
            await library.close()
        return recorder.preview(self.endpoint.redact, self._doubt(request))

    def _recording(self, recorder: Recorder) -> LibraryT:
        return self._make(transport=recorder.transport())

    @abstractmethod
    def _make(
        self, *, many: bool = False, transport: httpx2.AsyncBaseTransport | None = None
    ) -> LibraryT:
        """Import the library and make its client; runs in a thread.

        For `many` requests at once another transport may be the better one. A given
        `transport` gets the requests instead of the network.
        """

    async def _ask_unheard(
        self, library: LibraryT, request: ChatRequest
    ) -> AbstractAsyncContextManager[Response]:
        """As `_ask` for a stream, with a library whose requests reach no server.

        To be overridden if `_ask` asks a server for more than the answer.
        """
        return await self._ask(library, request, whole=False)

    def _doubt(self, request: ChatRequest) -> str:
        """Return why `_ask` may send something else than `_ask_unheard`; "" if not."""
        del request
        return ""

    @abstractmethod
    async def _models(self, library: LibraryT) -> list[dict[str, Any]]:
        """See `models`; may raise any exception."""

    @abstractmethod
    async def _ask(
        self, library: LibraryT, request: ChatRequest, *, whole: bool
    ) -> AbstractAsyncContextManager[Response]:
        """Ask for an answer, streamed or `whole`."""

    @abstractmethod
    def _reader(self) -> Reader:
        """Make what reads an answer."""

    @abstractmethod
    def _option_names(self, request: ChatRequest) -> Mapping[str, str]:
        """Map the name on the wire of each option that is sent to ours."""

    async def _opened(self, *, many: bool = False) -> LibraryT:
        library = self._libraries.get(many)
        if library is None:
            async with self._opening:
                library = self._libraries.get(many)
                if library is None:
                    check_key(self.key, self.endpoint.label)
                    library = await asyncio.to_thread(self._checked, many=many)
                    self._libraries[many] = library
        return library

    def _checked(self, *, many: bool) -> LibraryT:
        """Make the library's client, unless the environment forbids it."""
        endpoint = self.endpoint
        if not is_loopback(endpoint.host):
            fault = network_fault(endpoint.label, endpoint.redact)
            if fault is not None:
                raise fault
        return self._make(many=many)

    @contextmanager
    def _request(self) -> Iterator[None]:
        self._requests += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._requests -= 1
            if not self._requests:
                self._unused.set()

    def _changed_headers(
        self, omit: object, maker: str, variable: str
    ) -> dict[str, Any]:
        """Return what to change of a client library's own headers.

        Removed are those that say what machine this is and, for another server than the
        `maker`'s, those that the environment's `variable` adds for the maker.
        """
        names = [f"X-Stainless-{fact}" for fact in _MACHINE_FACTS]
        if not is_within(self.endpoint.host, maker):
            lines = os.environ.get(variable, "").split("\n")
            names += [line.partition(":")[0].strip() for line in lines if ":" in line]
        headers: dict[str, Any] = dict.fromkeys(names, omit)
        if not self._keep_alive:
            headers["Connection"] = "close"
        return headers

    async def _json(
        self, asking: AbstractAsyncContextManager[Response], missing: str
    ) -> dict[str, Any] | list[Any]:
        """Return the JSON of a response; `missing` names it in errors."""
        limit = self.timeouts.stall
        try:
            async with asyncio.timeout(limit), asking as response:
                body = await _body(response, _LARGEST_LIST)
                kind = response.headers.get("content-type", "")
        except TimeoutError as error:
            raise SilentError.of(missing, limit) from error
        answer: Any = document_of(body)
        if isinstance(answer, dict) and is_error(answer):
            raise ReportedError(answer)
        if not isinstance(answer, dict | list):
            page = is_html(kind, body[:1000].decode("utf-8", "replace"))
            what = "a web page" if page else f"something that is not a {missing}"
            raise UnreadableError(what)
        return answer

    @asynccontextmanager
    async def _answer(
        self, request: ChatRequest, *, whole: bool
    ) -> AsyncIterator[AsyncGenerator[list[StreamEvent], None]]:
        """Send a request; gives the events of its answer, see `read_answer`."""
        library = await self._opened(many=whole)
        now = asyncio.get_running_loop().time()
        deadline = Deadline(self.timeouts, now)
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(deadline.time):
                    asking = await self._ask(library, request, whole=whole)
                    response = await stack.enter_async_context(asking)
            except TimeoutError as error:
                raise deadline.missed() from error
            batches = read_answer(response, self._reader(), deadline)
            yield await stack.enter_async_context(aclosing(batches))


def entries(answer: object, missing: str) -> list[dict[str, Any]]:
    """Return the entries of a list, each with an `id`, whatever the server calls it.

    Raises:
        ReportedError: the answer is an error.
        UnreadableError: the answer is not a list; `missing` says of what.

    """
    if isinstance(answer, Mapping) and answer.get("error"):
        raise ReportedError(answer)
    for _ in range(_LAYERS):
        if isinstance(answer, Mapping):
            lists = (answer.get(name) for name in _LISTS)
            answer = next((each for each in lists if each is not None), None)
    listed = answer if isinstance(answer, list) else []
    # Some servers list names alone; a text among objects is no model.
    found = [each for each in listed if isinstance(each, dict)] or [
        {"id": each} for each in listed if isinstance(each, str)
    ]
    named = [entry for entry in map(_with_id, found) if entry["id"]]
    if not isinstance(answer, list) or (listed and not named):
        what = f"something that is not a {missing}"
        raise UnreadableError(what)
    return named


def _with_id(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of a list with its `id`, None if it has none."""
    names = (entry.get(name) for name in _ID)
    return {**entry, "id": next(filter(None, names), None)}


async def _body(response: Response, limit: int) -> bytes:
    """Read the body of a response, unless it is absurdly long."""
    body = bytearray()
    async for piece in response.iter_bytes():
        body += piece
        if len(body) > limit:
            what = f"more than {limit >> 20} MB"
            raise UnreadableError(what)
    return bytes(body)
