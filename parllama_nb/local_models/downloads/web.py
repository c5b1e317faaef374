"""Requests of files on the web: redirects, tokens, and what goes wrong.

Redirects are followed by hand. A token goes to the host that it is for and to no other:
a hub sends whoever asks for a file on to a store of files.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from ...errors import InvalidResponseError, ParllamaError
from ...providers.http.connections import Connections
from ...providers.http.endpoint import Endpoint, FailedCall, is_loopback
from ...providers.http.failures import Failures
from ...providers.http.stream_errors import SilentError
from ...providers.spec import Timeouts
from ...secret import Redactor, Secret
from .refusals import refusal

if TYPE_CHECKING:
    import httpx2

__all__ = ["Web"]

HTTP_FAILURES = Failures("httpx2", {})

_MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_ANSWERS = (200, 206, 416)


class Web:
    """Requests over connections of its own. Used on one event loop; close it.

    `timeouts.connect` is how many seconds a connection may take, and `timeouts.stall`
    how many a server may be silent. `label` names the server in errors; `page` is where
    a user reads of what is asked for, "" for no such page.
    """

    def __init__(
        self, redact: Redactor, timeouts: Timeouts, label: str, page: str = ""
    ) -> None:
        self._redact = redact
        self.stall = timeouts.stall
        self.label = label
        self._page = page
        # Compressed, the bytes that came would not be the file's.
        whole = {"Accept-Encoding": "identity"}
        self._connections = Connections(
            redact, timeouts.connect, whole, keeps_cookies=True
        )

    async def aclose(self) -> None:
        """End all connections."""
        await self._connections.aclose()

    @asynccontextmanager
    async def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        token: Secret | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        """Ask for an address; gives the response, of status 200, 206 or 416.

        Raises:
            ProviderError: the server refuses, or redirects to where nothing may be
                asked.
            Exception: of the HTTP library; see `mapped`.

        """
        async with self._answer(url, dict(headers or {}), token) as response:
            yield response

    def mapped(self, error: Exception, url: str) -> ParllamaError:
        """Return our error for what went wrong with a request.

        The caller raises it after its `except` block, so that it carries no context.
        """
        if isinstance(error, ParllamaError):
            return error
        return HTTP_FAILURES.mapped(error, FailedCall(self.endpoint(url)))

    def endpoint(self, url: str) -> Endpoint:
        """Return the server of an address, for errors."""
        parts = urlsplit(url)
        return Endpoint(self.label, f"{parts.scheme}://{parts.netloc}", self._redact)

    @asynccontextmanager
    async def _answer(
        self, url: str, headers: dict[str, str], token: Secret | None
    ) -> AsyncIterator[httpx2.Response]:
        asked = url
        for _ in range(_MOST_REDIRECTS):
            client = await self._connections.to(asked, self.label)
            sent = headers | _authorization(asked, url, token)
            target, own = _without_login(asked)
            # A password in an address is for that address alone.
            request = client.build_request("GET", target, headers=sent | own)
            try:
                async with asyncio.timeout(self.stall):
                    response = await client.send(request, stream=True)
            except TimeoutError as error:
                missing = "answer"
                raise SilentError.of(missing, self.stall) from error
            try:
                if response.status_code in _REDIRECTS:
                    asked = self._redirected(asked, response.headers.get("location"))
                    continue
                if response.status_code not in _ANSWERS:
                    body = await _beginning(response)
                    raise refusal(
                        self.endpoint(asked),
                        response.status_code,
                        response.headers,
                        body,
                        page=self._page,
                        sent=token is not None,
                    )
                yield response
                return
            finally:
                await response.aclose()
        message = f"{self.label}: too many redirects."
        raise InvalidResponseError(message)

    def _redirected(self, asked: str, location: str | None) -> str:
        """Return where a redirect leads, if it may be asked."""
        target, here = "", urlsplit(asked)
        there = urlsplit("")
        with contextlib.suppress(ValueError):
            target = urljoin(asked, location or "")
            there = urlsplit(target)
        host = there.hostname or ""
        if not location or not host:
            message = f"{self.label}: redirects to no address."
            raise InvalidResponseError(message)
        local = is_loopback(host)
        plain = there.scheme != "https" and not (there.scheme == "http" and local)
        # Else any server could have this machine ask its own services.
        inward = local and not is_loopback(here.hostname or "")
        if plain or inward:
            what = "this machine" if inward else "an address without encryption"
            message = f"{self.label}: redirects to {what}, which is not followed."
            raise InvalidResponseError(message)
        self._redact.add(Secret("address", there.query))
        return target


def _authorization(asked: str, original: str, token: Secret | None) -> dict[str, str]:
    """Return the header with a token, for the host that it is for."""
    if token is None or _origin(asked) != _origin(original):
        return {}
    return {"Authorization": f"Bearer {token.reveal()}"}


def _without_login(url: str) -> tuple[str, dict[str, str]]:
    """Return an address without name and password, and the header that has them."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    basic = base64.b64encode(pair.encode()).decode()
    return bare, {"Authorization": f"Basic {basic}"}


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


async def _beginning(response: httpx2.Response, most: int = 10_000) -> bytes:
    """Return the beginning of an error's body."""
    body = b""
    async for piece in response.aiter_raw():
        body += piece
        if len(body) >= most:
            break
    return re.sub(rb"\s+", b" ", body[:most])
