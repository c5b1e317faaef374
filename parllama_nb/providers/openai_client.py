"""One address that speaks the OpenAI wire format, through `openai`.

The library brings the connection, its headers, proxies and TLS; the answer is read from
its bytes (see `openai_stream`). Its own retries are off: the engine retries, visibly.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ..errors import AuthenticationError, ProviderError
from ..secret import Redactor, Secret
from ._log_redaction import redact_logs
from .base import Timeouts
from .messages import ChatRequest, Finish, StreamEvent
from .openai_errors import Peer, mapped
from .openai_request import body_of, is_loopback, is_within
from .openai_stream import (
    AnswerReader,
    BrokenOffError,
    EventLines,
    SilentError,
    UnreadableError,
)

if TYPE_CHECKING:
    from openai import AsyncAPIResponse, AsyncOpenAI

__all__ = ["OpenAIClient"]

_AFTER_FINISH = 5.0
"""Seconds to wait for the usage of an answer that is complete."""

_DRAIN = 0.1
"""Seconds to wait for the end of a stream, so that its connection can be kept."""

_LARGEST_LIST = 8 << 20
"""Bytes of a list of models: ten times the longest there is."""

_MACHINE_FACTS = ("OS", "Arch", "Runtime", "Runtime-Version", "Lang", "Async")


class OpenAIClient:
    """One address that speaks the OpenAI wire format, and the key to it.

    Used on one event loop. Nothing is imported or opened before the first request; that
    is done in a thread, for it takes half a second. `hints` says, by the code of an
    error, what to do about it here. Without `keep_alive` each request has a connection
    of its own.
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
        keep_alive: bool = True,
    ) -> None:
        self.base_url = base_url
        self.key = key or None
        self.timeouts = timeouts
        self._peer = Peer(label, base_url, redact, self.key, hints or {})
        self._host = urlsplit(base_url).hostname or ""
        self._opening = asyncio.Lock()
        self._client: AsyncOpenAI | None = None
        self._asks_usage = True
        self._keep_alive = keep_alive
        if self.key:
            redact.add(self.key)
        redact_logs(redact)

    async def open(self) -> None:
        """Import the library and make its client, ahead of the first request."""
        await self._opened()

    async def aclose(self) -> None:
        """End all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def models(self) -> list[dict[str, Any]]:
        """The models as the server lists them, each with at least an `id`.

        Raises:
            ProviderError: whatever kept the server from answering.

        """
        failure: ProviderError | None = None
        try:
            return await self._models()
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = mapped(error, self._peer)
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
            failure = mapped(error, self._peer, model=request.model, begun=begun)
        if failure is not None:
            raise failure

    async def _opened(self) -> AsyncOpenAI:
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    self._check_key()
                    self._client = await asyncio.to_thread(self._make)
        return self._client

    def _check_key(self) -> None:
        """No header can carry a line break; the library's error would quote the key."""
        if self.key is None or _fits_header(self.key):
            return
        message = f"{self._peer.label}: {self.key.name} holds characters no key has."
        hint = "It may have been copied with a line break or with other text."
        raise AuthenticationError(message, hint=hint)

    def _make(self) -> AsyncOpenAI:
        import ssl  # noqa: PLC0415 - not paid before the first request

        import openai  # noqa: PLC0415

        options: dict[str, Any] = {}
        url = urlsplit(self.base_url)
        if is_loopback(self._host):
            # What is on this machine is not reached through a proxy.
            options["trust_env"] = False
            options["verify"] = (
                ssl.create_default_context()
                if url.scheme == "https"
                # Certificates are loaded by no one who needs none; should the server
                # redirect to https, an empty context refuses instead of trusting all.
                else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            )
        client = openai.AsyncOpenAI(
            base_url=self.base_url,
            # What is None here would be taken from the environment: OpenAI's key, sent
            # to somebody else.
            api_key=self.key.reveal() if self.key else "none",
            admin_api_key="",
            webhook_secret="",
            max_retries=0,
            default_headers=self._changed_headers(),
            http_client=openai.DefaultAsyncHttpxClient(
                # On connecting alone: waiting for tokens is measured by ourselves.
                timeout=openai.Timeout(
                    None, connect=self.timeouts.connect, pool=self.timeouts.connect
                ),
                **options,
            ),
        )
        if not self._is_official:
            client.organization = client.project = None
        # Resources are imported with their first use.
        _ = client.chat.completions.with_streaming_response
        return client

    @property
    def _is_official(self) -> bool:
        return is_within(self._host, "openai.com")

    def _changed_headers(self) -> dict[str, Any]:
        """What to change of the library's own headers.

        They would tell everyone what machine this is, and somebody else what the
        environment holds for OpenAI.
        """
        from openai import Omit  # noqa: PLC0415

        names = [f"X-Stainless-{fact}" for fact in _MACHINE_FACTS]
        if not self._is_official:
            lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
            names += [line.partition(":")[0].strip() for line in lines if ":" in line]
        headers: dict[str, Any] = {name: Omit() for name in names}
        if not self._keep_alive:
            headers["Connection"] = "close"
        return headers

    def _headers(self) -> dict[str, Any]:
        from openai import Omit  # noqa: PLC0415

        return {} if self.key else {"Authorization": Omit()}

    async def _models(self) -> list[dict[str, Any]]:
        client = await self._opened()
        asking = client.models.with_streaming_response.list(
            extra_headers=self._headers()
        )
        limit = self.timeouts.stall
        try:
            async with asyncio.timeout(limit), asking as response:
                _refuse_page(response.headers)
                listed: Any = json.loads(await _whole(response, _LARGEST_LIST))
        except TimeoutError as error:
            missing = "list of models"
            raise SilentError.of(missing, limit) from error
        except ValueError:
            listed = None
        if isinstance(listed, dict):
            listed = listed.get("data", listed.get("models"))
        if not isinstance(listed, list):
            what = "something that is no list of models"
            raise UnreadableError(what)
        return [m for m in listed if isinstance(m, dict) and m.get("id")]

    async def _batches(
        self, request: ChatRequest
    ) -> AsyncGenerator[list[StreamEvent], None]:
        """The events of an answer, in one list for every piece the network brings."""
        client = await self._opened()
        deadline = asyncio.get_running_loop().time() + self.timeouts.first_token
        while True:
            asked = self._asks_usage
            try:
                async with (
                    self._response(client, request, deadline) as response,
                    aclosing(self._read(response, deadline)) as batches,
                ):
                    async for batch in batches:
                        yield batch
            except Exception as error:
                if not (asked and _refuses_usage(error)):
                    raise
                # Refused before any work was done, so asking again costs nothing.
                self._asks_usage = False
            else:
                return

    @asynccontextmanager
    async def _response(
        self, client: AsyncOpenAI, request: ChatRequest, deadline: float
    ) -> AsyncIterator[AsyncAPIResponse[Any]]:
        body = body_of(request, self._host, asks_usage=self._asks_usage)
        asking = client.chat.completions.with_streaming_response.create(
            model=body.pop("model"),
            messages=body.pop("messages"),
            stream=True,
            extra_body=body,
            extra_headers=self._headers(),
        )
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(deadline):
                    response = await stack.enter_async_context(asking)
            except TimeoutError as error:
                raise self._silent(begun=False) from error
            yield response

    async def _read(
        self, response: AsyncAPIResponse[Any], deadline: float
    ) -> AsyncGenerator[list[StreamEvent], None]:
        _refuse_page(response.headers)
        whole = "application/json" in response.headers.get("content-type", "")
        lines, reader = EventLines(whole=whole), AnswerReader()
        loop = asyncio.get_running_loop()
        # A generator: what is not closed at once would keep the request open.
        async with aclosing(
            cast("AsyncGenerator[bytes]", response.iter_bytes())
        ) as got:
            piece: bytes | None = b""
            while piece is not None and not reader.done:
                piece = await self._piece(got, deadline, reader)
                data = lines.end() if piece is None else lines.feed(piece)
                events, failure = _read_all(reader, data)
                if events:
                    yield events
                if failure is not None:
                    raise failure
                if reader.reason is not None:
                    deadline = loop.time() + min(_AFTER_FINISH, self.timeouts.stall)
                elif data and reader.begun:
                    deadline = loop.time() + self.timeouts.stall
            held = reader.end()
            if reader.reason is None and not reader.done:
                if held:
                    yield held
                if lines.stray and not lines.events:
                    what = "something that is no event stream"
                    raise UnreadableError(what)
                raise BrokenOffError
            yield [*held, Finish(reader.reason or "stop", reader.usage)]
            with suppress(Exception):
                async with asyncio.timeout(_DRAIN):
                    async for _ in got:
                        pass

    async def _piece(
        self, got: AsyncGenerator[bytes], deadline: float, reader: AnswerReader
    ) -> bytes | None:
        """What the network brings next; None at the end."""
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(got, None)
        except Exception as error:
            if reader.reason is not None:
                # The answer is complete: how its connection ends is no matter.
                return None
            if isinstance(error, TimeoutError):
                raise self._silent(begun=reader.begun) from error
            raise

    def _silent(self, *, begun: bool) -> SilentError:
        if begun:
            return SilentError.of("further token", self.timeouts.stall)
        return SilentError.of("first token", self.timeouts.first_token)


def _read_all(
    reader: AnswerReader, data: list[bytes]
) -> tuple[list[StreamEvent], Exception | None]:
    """What was good of some chunks, and what was wrong with the first bad one."""
    events: list[StreamEvent] = []
    try:
        for chunk in data:
            reader.read(chunk, events)
    except Exception as error:  # noqa: BLE001 - raised once the good part is passed on
        return events, error
    return events, None


async def _whole(response: AsyncAPIResponse[Any], limit: int) -> bytes:
    """The body of a response, unless it is absurdly long."""
    body = bytearray()
    async for piece in response.iter_bytes():
        body += piece
        if len(body) > limit:
            what = f"more than {limit >> 20} MB"
            raise UnreadableError(what)
    return bytes(body)


def _refuse_page(headers: Mapping[str, str]) -> None:
    if "html" in headers.get("content-type", "").lower():
        what = "a web page"
        raise UnreadableError(what)


def _refuses_usage(error: Exception) -> bool:
    """Whether a server does not know the option that asks for the usage."""
    refused = getattr(error, "status_code", None) in (400, 422)
    return refused and "stream_options" in str(getattr(error, "body", ""))


def _fits_header(key: Secret) -> bool:
    value = key.reveal()
    return value.isascii() and value.isprintable()
