"""A provider made of a spec and a client of its wire format."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Generic, TypeVar

from ...errors import AuthenticationError
from ...events import Progress
from ...secret import Secret
from ..address import base_url, hints
from ..base import ModelInfo, Provider, ProviderContext, Spec
from ..messages import ChatRequest, StreamEvent
from .client import WireClient

__all__ = ["WireProvider"]

ClientT = TypeVar("ClientT", bound=WireClient[Any])


class WireProvider(Provider, Generic[ClientT]):
    """A provider that speaks a wire format, as its `Spec` describes it.

    Address and key are looked up for every request, so that a key set in the meantime
    is used; answers under way keep the client they began with.
    """

    kind: Callable[..., Any]
    """The class of its clients."""

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._clients: list[ClientT] = []

    async def models(self) -> list[ModelInfo]:
        """The models there are now."""
        return [self._info(listed) for listed in await self._client().models()]

    async def stream(
        self,
        request: ChatRequest,
        report: Callable[[Progress], None],  # noqa: ARG002 - no slow step to report
    ) -> AsyncGenerator[StreamEvent, None]:
        """Answer a request: deltas as they come, then exactly one `Finish`."""
        async with aclosing(self._client().stream(request)) as events:
            async for event in events:
                yield event

    async def prepare(
        self,
        model: str,  # noqa: ARG002 - not every server lists all it has
        report: Callable[[Progress], None],  # noqa: ARG002 - no slow step to report
    ) -> None:
        """Make a client; asks nothing of the server.

        Raises:
            AuthenticationError: there is no key.

        """
        await self._client().open()

    async def load(self) -> None:
        """Import the library and make a client, if there is a key."""
        with contextlib.suppress(Exception):
            await self._client().open()

    async def warm(self) -> None:
        """As `load`: an answer needs no more."""
        await self.load()

    async def aclose(self) -> None:
        """End all connections."""
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()

    def _connect(self, url: str, key: Secret | None) -> ClientT:
        """A client of this address."""
        client: ClientT = self.kind(
            url,
            key,
            self.options.timeouts,
            self.context.redact,
            self.spec.title,
            hints=hints(self.spec),
            keep_alive=self.spec.keep_alive,
        )
        return client

    @abstractmethod
    def _info(self, listed: Mapping[str, Any]) -> ModelInfo:
        """A model from what the server lists of it."""

    def _is_current(self, client: ClientT) -> bool:
        """Whether a client of this address and key is as one would be made now."""
        return client.timeouts == self.options.timeouts

    def _client(self) -> ClientT:
        url = base_url(self.spec, self.context.environ, self.options.base_url)
        key = self._key()
        if self._clients:
            latest = self._clients[-1]
            same = (latest.key.reveal() if latest.key else None) == (
                key.reveal() if key else None
            )
            if latest.base_url == url and same and self._is_current(latest):
                return latest
        client = self._connect(url, key)
        self._clients.append(client)
        return client

    def _key(self) -> Secret | None:
        if self.spec.key == "none":
            return None
        for name in self.spec.key_env:
            secret = self.context.secret(name)
            if secret:
                return secret
        if self.spec.key == "required":
            where = f" Keys: {self.spec.keys_url}" if self.spec.keys_url else ""
            names = " or ".join(self.spec.key_env)
            message = f"{self.spec.title}: there is no key."
            hint = f"Set {names}{self.context.elsewhere()}.{where}"
            raise AuthenticationError(message, hint=hint)
        return None
