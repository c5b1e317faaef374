"""One Ollama server, over HTTP.

Through `httpx2`, the HTTP library that `openai` brings, and not through the package
`ollama` (0.6.3), whose types leave out what this house needs: `list` has no
`remote_host` and no capabilities, so that a cloud model looks like a local one; `show`
has no messages and no system prompt, and fails on a server that sends no `model_info`;
`create` takes no renderer, parser, `requires` or draft; a pull that ends without
"success" ends without an error, and one that is cut in mid-line with that of a JSON
parser; an upload says nothing of how far it is. The API is JSON over HTTP:
https://docs.ollama.com/api
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
)
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from ...errors import ParllamaError, ProviderError, ProviderTimeoutError
from ...secret import Redactor, Secret
from ..accounting import note_sent
from ..http.client import WireClient
from ..http.endpoint import FailedCall, local_options
from ..http.error_bodies import is_html
from ..http.event_stream import Reader, Response
from ..http.framing import Framer
from ..http.json_values import Mark, Value
from ..http.stream_errors import (
    RefusedError,
    ReportedError,
    SilentError,
    UnreadableError,
)
from ..messages import ChatRequest
from ..spec import Timeouts
from .errors import OLLAMA_FAILURES
from .request import body_of, option_names
from .stream import ChatReader
from .uploads import sent

if TYPE_CHECKING:
    import httpx2

__all__ = ["OllamaClient", "entries_of"]

_ASKING = ("/api/chat", "/api/embed")
"""What is asked of a model, and not of the server."""

_PATIENCE = 3.0
"""Seconds that a question waits for what the server says of its models."""

_PAUSE = 60.0
"""Seconds in which a server that was silent is not asked about its models again."""


class _Library:
    """The HTTP library, closed like a client library."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def close(self) -> None:
        """End all connections."""
        await self.http.aclose()


class _Answer:
    """A response of the HTTP library, read like one of a client library."""

    def __init__(self, response: httpx2.Response) -> None:
        self.headers: Mapping[str, str] = response.headers
        self.iter_bytes = response.aiter_bytes


class OllamaClient(WireClient[_Library]):
    """One Ollama server, and the key to it.

    A name and a password in the address go into a header of every request, instead of
    the key.
    """

    failures = OLLAMA_FAILURES
    _not_before = 0.0
    """The loop's time before which the server is not consulted."""

    def __init__(  # noqa: PLR0913 - as of the base
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
        self._address = Secret("OLLAMA_HOST", base_url)
        self._login = _login(base_url)
        for secret in self._login:
            redact.add(secret)
        parts = urlsplit(base_url)
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        super().__init__(
            plain, key, timeouts, redact, label, hints=hints, keep_alive=keep_alive
        )

    def serves(self, base_url: str, key: Secret | None, timeouts: Timeouts) -> bool:
        """As of the base; a name and a password are part of the address."""
        same = self._address.reveal() == base_url
        return same and super().serves(self.base_url, key, timeouts)

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        model: str | None = None,
        limit: float | None = None,
    ) -> dict[str, Any]:
        """Send one request; returns the answer, {} for an empty one.

        `model` is named in errors. `limit` is how many seconds the server may take;
        None for as long as it may be silent.

        Raises:
            ProviderError: the server did not answer as expected.

        """
        failure: ProviderError | None = None
        try:
            with self._request():
                library = await self._opened()
                return await self._called(library, method, path, body, limit=limit)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = self.failures.mapped(error, FailedCall(self.endpoint, model))
        raise failure

    async def consult(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        model: str | None = None,
    ) -> dict[str, Any]:
        """As `call`, for what a question works without: the server gets little time.

        One that did not answer in time is not asked again for a while.

        Raises:
            ProviderError: the server did not answer as expected, or is not asked.

        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before:
            text = self.endpoint.line("it did not answer in time a moment ago.")
            raise ProviderTimeoutError(text)
        try:
            return await self.call(method, path, body, model=model, limit=_PATIENCE)
        except ProviderTimeoutError:
            self._not_before = loop.time() + _PAUSE
            raise

    async def objects(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        model: str | None = None,
        stall: float | None = None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the objects of a stream that is not an answer: a pull, a push, ...

        `stall` is how many seconds may pass between two of them; None for no limit,
        for a server is silent while it checks what it has downloaded.

        Raises:
            ProviderError: the server did not answer as expected.

        """
        failure: ProviderError | None = None
        begun = False
        try:
            with self._request():
                async with AsyncExitStack() as stack:
                    library = await self._opened()
                    asking = self._response(library, "POST", path, body)
                    steps = _steps(stack, asking, stall)
                    async for step in await stack.enter_async_context(aclosing(steps)):
                        begun = True
                        yield step
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            call = FailedCall(self.endpoint, model, begun)
            failure = self.failures.mapped(error, call)
        if failure is not None:
            raise failure

    async def has(self, path: str) -> bool:
        """Whether the server has what a path names; asked without fetching it.

        Raises:
            ProviderError: the server did not answer as expected.

        """
        failure: ProviderError | None = None
        try:
            with self._request():
                await self._called(await self._opened(), "HEAD", path)
                return True
        except RefusedError as error:
            # A page means that something else answered.
            kind = error.headers.get("content-type", "")
            if error.status == 404 and not is_html(kind, ""):  # noqa: PLR2004
                return False
            failure = self.failures.mapped(error, FailedCall(self.endpoint))
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = self.failures.mapped(error, FailedCall(self.endpoint))
        raise failure

    async def upload(
        self, path: str, pieces: AsyncGenerator[bytes, None], size: int
    ) -> None:
        """Send a body of `size` bytes, piece by piece as the server takes them.

        The server may be silent as long as in an answer, between two pieces and
        after the last one.

        Raises:
            ProviderError: the server did not take it.
            ParllamaError: what `pieces` raises.

        """
        failure: ParllamaError | None = None
        try:
            with self._request():
                await self._opened()
                library = await asyncio.to_thread(self._make)
                stall = self.timeouts.stall
                async with aclosing(pieces), library.http as http:
                    await sent(http, path, pieces, size, stall)
        except ParllamaError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = self.failures.mapped(error, FailedCall(self.endpoint))
        if failure is not None:
            raise failure

    def _make(
        self,
        *,
        many: bool = False,  # noqa: ARG002 - one way
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> _Library:
        import httpx2  # noqa: PLC0415 - not paid before the first request

        connect = self.timeouts.connect
        # Compressed, a stream would be held back by whatever is between.
        headers = {"Accept-Encoding": "identity"}
        if self._login:
            pair = self._login[-1].reveal().encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif self.key:
            headers["Authorization"] = f"Bearer {self.key.reveal()}"
        return _Library(
            httpx2.AsyncClient(
                base_url=self.base_url,
                headers=headers,
                # On connecting alone: waiting for tokens is measured by ourselves.
                timeout=httpx2.Timeout(None, connect=connect, pool=connect),
                transport=transport,
                **local_options(self.base_url),
            )
        )

    async def _models(self, library: _Library) -> list[dict[str, Any]]:
        return entries_of(await self._called(library, "GET", "/api/tags"))

    async def _ask(
        self,
        library: _Library,
        request: ChatRequest,
        *,
        whole: bool,  # noqa: ARG002 - it is always streamed
    ) -> AbstractAsyncContextManager[Response]:
        return self._response(library, "POST", "/api/chat", body_of(request))

    def _reader(self) -> Reader:
        return ChatReader()

    def _option_names(self, request: ChatRequest) -> Mapping[str, str]:
        return option_names(request)

    @asynccontextmanager
    async def _response(
        self,
        library: _Library,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Response]:
        """Send a request; gives its response unless that is a refusal."""
        content = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if content else {}
        if content is not None and path in _ASKING:
            note_sent(len(content), urlsplit(self.base_url).netloc)
        async with library.http.stream(
            method, path, content=content, headers=kind
        ) as response:
            if response.status_code >= 300:  # noqa: PLR2004
                headers, refusal = response.headers, await response.aread()
                raise RefusedError(response.status_code, headers, refusal)
            yield _Answer(response)

    async def _called(
        self,
        library: _Library,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        limit: float | None = None,
    ) -> dict[str, Any]:
        limit = min(limit or self.timeouts.stall, self.timeouts.stall)
        try:
            async with (
                asyncio.timeout(limit),
                self._response(library, method, path, body) as response,
            ):
                answer = b"".join([piece async for piece in response.iter_bytes()])
                kind = response.headers.get("content-type", "")
        except TimeoutError as error:
            missing = "answer"
            raise SilentError.of(missing, limit) from error
        if is_html(kind, answer[:1000].decode("utf-8", "replace")):
            what = "a web page"
            raise UnreadableError(what)
        framer = Framer()
        values = [*framer.feed(answer), *framer.end()] or [Mark.JUNK]
        return _checked(values[0]) if answer.strip() else {}


async def _steps(
    stack: AsyncExitStack,
    asking: AbstractAsyncContextManager[Response],
    stall: float | None,
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the objects of a response, each within `stall` seconds."""
    framer = Framer()
    try:
        async with asyncio.timeout(stall):
            response = await stack.enter_async_context(asking)
        got = cast("AsyncGenerator[bytes]", response.iter_bytes())
        pieces = await stack.enter_async_context(aclosing(got))
        piece: bytes | None = b""
        while piece is not None:
            async with asyncio.timeout(stall):
                piece = await anext(pieces, None)
            for value in framer.end() if piece is None else framer.feed(piece):
                yield _checked(value)
    except TimeoutError as error:
        missing = "progress"
        raise SilentError.of(missing, stall or 0.0) from error


def _checked(value: Value) -> dict[str, Any]:
    """Return an object of a response that is not an answer.

    Raises:
        ReportedError: the object is an error.
        UnreadableError: it is no object.

    """
    if not isinstance(value, dict):
        what = "something that is not JSON"
        raise UnreadableError(what)
    if value.get("error"):
        raise ReportedError(value)
    return value


def entries_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the models of a list; older servers call `name` what is `model` now.

    Raises:
        UnreadableError: it is not a list of models.

    """
    if "models" not in answer:
        what = "something that is not a list of models"
        raise UnreadableError(what)
    models: Iterable[Any] = answer["models"] or ()
    entries = [dict(entry) for entry in models if isinstance(entry, Mapping)]
    for entry in entries:
        entry["name"] = entry.get("name") or entry.get("model")
    return [entry for entry in entries if entry["name"]]


def _login(url: str) -> tuple[Secret, ...]:
    """Return the password in an address, and the pair it is sent in; () without one."""
    parts = urlsplit(url)
    if parts.username is None:
        return ()
    name, password = unquote(parts.username), unquote(parts.password or "")
    return (
        Secret("OLLAMA_HOST password", password),
        Secret("OLLAMA_HOST login", f"{name}:{password}"),
    )
