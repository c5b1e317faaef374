"""A provider made of a spec and a client of its wire format."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any, Generic, TypeVar

from ...errors import AuthenticationError
from ...events import Progress
from ...secret import Secret
from ..address import base_url
from ..base import Provider, ProviderContext
from ..keys import error_hints, require_key
from ..messages import ChatRequest, StreamEvent
from ..spec import Spec
from ..wire_preview import WirePreview
from .client import WireClient

__all__ = ["WireProvider"]

ClientT = TypeVar("ClientT", bound=WireClient[Any])


class WireProvider(Provider, Generic[ClientT]):
    """A provider that speaks a wire format, as its `Spec` describes it.

    Address and key are looked up for every request, so that a change takes effect at
    once. Answers in progress keep the client they began with; it is closed after the
    last of them, and with it goes the old key.
    """

    kind: Callable[..., Any]
    """The class of its clients."""

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._current: ClientT | None = None
        # The current one, and those that still answer.
        self._clients: list[ClientT] = []
        self._retiring: set[asyncio.Task[None]] = set()

    def client(self) -> ClientT:
        """Return the client of the current address and key.

        Raises:
            AuthenticationError: there is no key.
            UsageError: the address is not one.

        """
        url = base_url(self.spec, self.context.environ, self.options.base_url)
        try:
            key = require_key(self.spec, self.context)
        except AuthenticationError:
            self._retire()
            raise
        current = self._current
        if current is None or not self._is_current(current, url, key):
            self._retire()
            current = self._current = self._connect(url, key)
            self._clients.append(current)
        return current

    def stream(
        self,
        request: ChatRequest,
        report: Callable[[Progress], None],  # noqa: ARG002 - no slow step to report
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they arrive, then exactly one `Finish`.

        Raises:
            AuthenticationError: there is no key.

        """
        return self.client().stream(request)

    async def preview(self, request: ChatRequest) -> WirePreview:
        """Return what `stream` would send, by the same code; nothing is sent.

        Raises:
            AuthenticationError: there is no key.
            ProviderError: the request cannot be sent like this.

        """
        return await self.client().preview(request)

    async def prepare(
        self,
        model: str,  # noqa: ARG002 - not every server lists all it has
        report: Callable[[Progress], None],  # noqa: ARG002 - no slow step to report
    ) -> None:
        """Make a client; asks nothing of the server.

        Raises:
            AuthenticationError: there is no key.

        """
        await self.client().open()

    async def load(self) -> None:
        """Import the library and make a client, if there is a key."""
        with contextlib.suppress(Exception):
            await self.client().open()

    async def warm(self) -> None:
        """As `load`: an answer needs no more."""
        await self.load()

    async def aclose(self) -> None:
        """End all connections."""
        clients, self._clients, self._current = self._clients, [], None
        retiring, self._retiring = self._retiring, set()
        for task in retiring:
            task.cancel()
        await asyncio.gather(*retiring, return_exceptions=True)
        for client in clients:
            await client.aclose()

    def _connect(self, url: str, key: Secret | None) -> ClientT:
        """Make a client of this address."""
        client: ClientT = self.kind(
            url,
            key,
            self.options.timeouts,
            self.context.redact,
            self.spec.title,
            hints=error_hints(self.spec, self.context, key),
            keep_alive=self.spec.keep_alive,
        )
        return client

    def _is_current(self, client: ClientT, url: str, key: Secret | None) -> bool:
        """Whether a client is as one would be made now."""
        return client.serves(url, key, self.options.timeouts)

    def _retire(self) -> None:
        """Close the current client once its answers have ended."""
        client, self._current = self._current, None
        if client is not None:
            task = asyncio.ensure_future(self._close(client))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def _close(self, client: ClientT) -> None:
        await client.retire()
        if client in self._clients:
            self._clients.remove(client)
