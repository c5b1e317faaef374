"""HTTP clients for public addresses and for this machine's, made when needed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...redaction.logs import redact_logs
from ...secret import Redactor
from .endpoint import is_loopback, local_options
from .network import network_fault

if TYPE_CHECKING:
    import httpx2

__all__ = ["Connections"]


class Connections:
    """Clients that follow no redirect. Used on one event loop; close them.

    Nothing is imported or opened before the first request. `connect` is how many
    seconds a connection may take; `headers` are sent with each request.
    """

    def __init__(
        self,
        redact: Redactor,
        connect: float,
        headers: Mapping[str, str],
        *,
        keeps_cookies: bool,
    ) -> None:
        self._redact = redact
        self._connect = connect
        self._headers = headers
        self._keeps_cookies = keeps_cookies
        self._opening = asyncio.Lock()
        self._clients: dict[tuple[bool, str], httpx2.AsyncClient] = {}

    async def to(self, url: str, label: str) -> httpx2.AsyncClient:
        """Return the client for an address; `label` names its server in errors.

        Raises:
            ProviderError: a variable of the environment cannot be used.
            ValueError: it is no address.

        """
        parts = urlsplit(url)
        kind = (is_loopback(parts.hostname or ""), parts.scheme)
        async with self._opening:
            client = self._clients.get(kind)
            if client is None:
                client = await asyncio.to_thread(self._make, url, label)
                self._clients[kind] = client
        return client

    async def aclose(self) -> None:
        """End all connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def _make(self, url: str, label: str) -> httpx2.AsyncClient:
        """Make a client, unless the environment forbids it; takes a while."""
        from http.cookiejar import (  # noqa: PLC0415 - not paid before a request
            CookieJar,
            DefaultCookiePolicy,
        )

        import httpx2  # noqa: PLC0415 - as above

        redact_logs()
        if not is_loopback(urlsplit(url).hostname or ""):
            fault = network_fault(label, self._redact)
            if fault is not None:
                raise fault
        nobody = DefaultCookiePolicy(allowed_domains=[])
        return httpx2.AsyncClient(
            headers=dict(self._headers),
            cookies=CookieJar(None if self._keeps_cookies else nobody),
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=self._connect, pool=self._connect),
            **local_options(url),
        )
