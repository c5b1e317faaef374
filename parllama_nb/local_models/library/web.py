"""Fetches public pages and manifests: politely, briefly, and only from where it says.

No cookie is kept and no key is sent. A redirect is followed on the same host alone, for
the login page of a network answers from another one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from ...errors import BadRequestError, InvalidResponseError, ProviderError
from ...providers.http.connections import Connections
from ...providers.http.endpoint import Endpoint, FailedCall
from ...providers.http.failures import Failures
from ...providers.http.stream_errors import (
    RefusedError,
    SilentError,
    UnreadableError,
)
from ...providers.ollama.names import HUGGING_FACE
from ...secret import Redactor

__all__ = ["Answer", "Web", "parts_of"]

_FAILURES: Final = Failures("httpx2", {})
_REDIRECTS = 5
_CONNECT = 10.0
"""Seconds that a connection may take."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered with: its last address, its headers, its bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8-sig", "replace")


class Web:
    """A client for public addresses. Used on one event loop.

    Nothing is imported or opened before the first request. `limit` is how many seconds
    one may take, with its redirects.
    """

    def __init__(self, redact: Redactor, *, limit: float = 20.0) -> None:
        self._redact = redact
        self._limit = limit
        self._connections = Connections(
            redact, _CONNECT, {"User-Agent": "parllama_nb"}, keeps_cookies=False
        )

    async def get(self, url: str, *, label: str, accept: str, largest: int) -> Answer:
        """Return what an address answers.

        Args:
            url: the address, http or https.
            label: who is asked, for errors.
            accept: the media type that is asked for.
            largest: how many bytes of an answer are read.

        Raises:
            ProviderError: there is no such answer; its `status` says why.

        """
        parts = parts_of(url)
        base = f"{parts.scheme}://{parts.netloc}"
        call = FailedCall(Endpoint(label, base, self._redact))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            text = "only addresses with http:// or https:// are asked."
            raise call.make(BadRequestError, text)
        failure: ProviderError | None = None
        try:
            async with asyncio.timeout(self._limit):
                return await self._followed(url, call, accept, largest)
        except TimeoutError:
            failure = _FAILURES.mapped(SilentError.of("answer", self._limit), call)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = _FAILURES.mapped(error, call)
        raise failure

    async def aclose(self) -> None:
        """End all connections."""
        await self._connections.aclose()

    async def _followed(
        self, url: str, call: FailedCall, accept: str, largest: int
    ) -> Answer:
        for _ in range(_REDIRECTS):
            answer = await self._asked(url, call.endpoint, accept, largest)
            if isinstance(answer, Answer):
                return answer
            before, after = parts_of(url), parts_of(answer, url)
            url = after.geturl()
            if not _may_lead(before, after):
                host = after.hostname or "what is no address"
                raise call.make(
                    InvalidResponseError,
                    f"{before.hostname} redirects to {host}, which is not followed.",
                    hint="The login page of a network or a proxy may stand before it.",
                )
        what = f"more than {_REDIRECTS} redirects"
        raise UnreadableError(what)

    async def _asked(
        self, url: str, endpoint: Endpoint, accept: str, largest: int
    ) -> Answer | str:
        """Ask one address; returns the address that it redirects to as a text."""
        client = await self._connections.to(url, endpoint.label)
        async with client.stream("GET", url, headers={"Accept": accept}) as response:
            if response.is_redirect and response.headers.get("location"):
                return response.headers["location"]
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > largest:
                    what = f"more than {largest >> 20} MB"
                    raise UnreadableError(what)
            if response.status_code != HTTPStatus.OK:
                status, headers = response.status_code, response.headers
                raise RefusedError(status, headers, bytes(body))
            return Answer(url, response.headers, bytes(body))


def parts_of(url: str, base: str = "") -> SplitResult:
    """Return the parts of an address, without a scheme and host if it is none.

    One that is not whole is one of the `base`.
    """
    with contextlib.suppress(ValueError):
        parts = urlsplit(urljoin(base, url))
        if parts.hostname:
            return parts
    return SplitResult("", "", url, "", "")


def _may_lead(before: SplitResult, after: SplitResult) -> bool:
    """Whether a redirect stays with whom was asked, and as secure as it was."""
    if after.scheme != before.scheme and (before.scheme, after.scheme) != (
        "http",
        "https",
    ):
        return False
    names = [(each.hostname or "").removeprefix("www.") for each in (before, after)]
    # Hugging Face sends its short host on to its long one.
    return names[0] == names[1] or set(names) <= set(HUGGING_FACE)
