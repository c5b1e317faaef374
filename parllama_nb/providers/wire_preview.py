"""A request as a server would get it, to be shown before it is sent.

The body is exact to the byte. Address and headers are shown, so that nothing secret is
left in them: neither a key that is known, nor what stands in a place that is for keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from ..secret import Redactor

__all__ = ["WirePreview", "wire_preview"]

_HIDDEN = "<hidden>"

_FOR_KEYS = re.compile(
    r"auth|key|token|secret|passw|credential|cookie|signature|\bsig\b", re.IGNORECASE
)
"""Names of headers and of parameters of an address that hold keys."""


@dataclass(frozen=True, slots=True)
class WirePreview:
    """What a provider would send for a request.

    Attributes:
        method: the method of HTTP; "" where nothing is sent over HTTP.
        url: the whole address, without user name, password and keys; "" as above.
        headers: names and values in the order in which they are sent, without keys.
        body: the exact bytes. They hold what the user wrote, whatever that is.
        doubt: why `body` may not be what is sent, one sentence; "" if it is.

    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    doubt: str = ""

    @property
    def exact(self) -> bool:
        """Whether the body is what is sent, byte for byte."""
        return not self.doubt

    @property
    def host(self) -> str:
        """The host that it goes to, with a port that is not the usual one."""
        return urlsplit(self.url).netloc


def wire_preview(  # noqa: PLR0913 - what a request over HTTP is made of
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    redact: Redactor,
    *,
    doubt: str = "",
) -> WirePreview:
    """Return a request over HTTP as it may be shown."""
    shown = tuple((name, _header(name, value, redact)) for name, value in headers)
    return WirePreview(method, _address(url, redact), shown, body, doubt)


def _header(name: str, value: str, redact: Redactor) -> str:
    redacted = redact(value)
    if redacted != value or not _FOR_KEYS.search(name):
        return redacted
    # A key may be too short to be redacted, or be made of one for this request alone.
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {_HIDDEN}" if space and scheme.isalpha() else _HIDDEN


def _address(url: str, redact: Redactor) -> str:
    parts = urlsplit(url)
    values = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(
        f"{quote(name)}={_HIDDEN if _FOR_KEYS.search(name) else quote(value)}"
        for name, value in values
    )
    host = parts.netloc.rpartition("@")[2]
    return redact(urlunsplit(parts._replace(netloc=host, query=query)))
