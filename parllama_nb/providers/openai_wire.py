"""A provider that speaks the OpenAI wire format; most of them do."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from ..errors import AuthenticationError
from ..events import Progress
from ..secret import Secret
from .base import ModelInfo, Provider, ProviderContext, Spec
from .catalog import base_url, hints
from .messages import ChatRequest, StreamEvent
from .openai_client import OpenAIClient

__all__ = ["OpenAIClient", "OpenAIWire"]


class OpenAIWire(Provider):
    """A provider that speaks the OpenAI wire format, as its `Spec` describes it.

    Address and key are looked up for every request, so that a key set in the meantime
    is used; answers under way keep the client they began with.
    """

    def __init__(self, spec: Spec, context: ProviderContext) -> None:
        super().__init__(spec, context)
        self._clients: list[OpenAIClient] = []

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

    async def warm(self) -> None:
        """Import the library and make a client, if there is a key."""
        with contextlib.suppress(Exception):
            await self._client().open()

    async def aclose(self) -> None:
        """End all connections."""
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()

    def _client(self) -> OpenAIClient:
        url = base_url(self.spec, self.context.environ)
        key = self._key()
        if self._clients:
            latest = self._clients[-1]
            same = (latest.key.reveal() if latest.key else None) == (
                key.reveal() if key else None
            )
            if latest.base_url == url and same:
                return latest
        client = OpenAIClient(
            url,
            key,
            self.context.timeouts,
            self.context.redact,
            self.spec.title,
            hints=hints(self.spec),
            keep_alive=self.spec.keep_alive,
        )
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

    def _info(self, listed: Mapping[str, Any]) -> ModelInfo:
        meta = listed.get("meta") or {}
        windows = [
            listed.get(name)
            for name in ("context_window", "context_length", "max_context_length")
        ]
        windows += [listed.get("max_model_len"), meta.get("n_ctx_train")]
        size = meta.get("size")
        return ModelInfo(
            provider=self.spec.name,
            name=str(listed["id"]),
            context_window=next((w for w in windows if isinstance(w, int)), None),
            size=size if isinstance(size, int) else None,
            modified=_date(listed.get("created")),
            extra={k: v for k, v in listed.items() if k not in ("id", "object")},
        )


def _date(created: object) -> str | None:
    """ISO 8601 in UTC of the seconds since 1970 that servers list; 0 is not known."""
    if not isinstance(created, int | float) or not created:
        return None
    with contextlib.suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(created, UTC).isoformat()
    return None
