"""Takes a request in the place of a server: what would be sent, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...secret import Redactor
from ..wire_preview import WirePreview, wire_preview

if TYPE_CHECKING:
    import httpx2

__all__ = ["Recorder"]


class Recorder:
    """The end of an HTTP client that records its one request, instead of sending it.

    All above it is as for a request that is sent: the library's client, its headers,
    the login in an address, the bytes of the body.
    """

    def __init__(self) -> None:
        self._request: httpx2.Request | None = None

    def transport(self) -> httpx2.AsyncBaseTransport:
        """Return what an HTTP client is made with to have its request recorded."""
        import httpx2  # noqa: PLC0415 - not paid before the first request

        return httpx2.MockTransport(self._answer)

    def preview(self, redact: Redactor, doubt: str = "") -> WirePreview:
        """Return the request that was recorded."""
        request = self._request
        assert request is not None  # noqa: S101 - a client was made to send one
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw
        ]
        return wire_preview(
            request.method,
            str(request.url),
            headers,
            request.content,
            redact,
            doubt=doubt,
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        import httpx2  # noqa: PLC0415 - as above

        self._request = request
        return httpx2.Response(200)
