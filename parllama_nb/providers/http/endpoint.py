"""Which server a request goes to, and one failed call of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ...errors import ProviderError
from ...secret import Redactor, Secret
from .error_patterns import without_keys
from .waits import wait_of

__all__ = [
    "Endpoint",
    "FailedCall",
    "chain",
    "is_loopback",
    "is_within",
    "local_options",
]

_LONGEST = 300
"""Characters of an error's message; what a server says beyond them helps nobody."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The server that is asked, as far as an error has to say.

    `base_url` is "" where only a library knows it. `keys` are what was sent to it.
    `hints` says, by the code of an error, what to do about it at this provider.
    `usual_path` is how the base URLs of its wire format end.
    """

    label: str
    base_url: str = field(repr=False)  # it may hold a password
    redact: Redactor
    keys: tuple[Secret, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    usual_path: str = ""

    @property
    def address(self) -> str:
        """Scheme, host and port; never a user name or password."""
        if not self.base_url:
            return "its server"
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def host(self) -> str:
        """The host alone, in lower case; "" where there is none."""
        return urlsplit(self.base_url).hostname or ""

    def line(self, text: str) -> str:
        """Make one clear line: the provider first, no secret, not too long."""
        text = self.redact(text)
        for key in self.keys or (None,):
            text = without_keys(text, key)
        text = " ".join(f"{self.label}: {text}".split())
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@dataclass(frozen=True, slots=True)
class FailedCall:
    """One failed call: what was asked, and what came instead of an answer.

    `begun` says whether text had already arrived. `options` maps the name of each
    option on the wire to ours. `status` is 0 without an HTTP status; `body` is the
    error body as JSON or text. `causes` are the class names of the exception and of
    those it came from; the exception itself is `error`, where it is in this process.
    """

    endpoint: Endpoint
    model: str | None = None
    begun: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    causes: frozenset[str] = frozenset()
    error: BaseException | None = None

    @property
    def wait(self) -> float | None:
        """Seconds that the server asks to wait; None where it does not say."""
        return wait_of(self.headers, self.body, self.status)

    def caused_by(self, error: BaseException) -> FailedCall:
        """This call with the exception that ended it."""
        causes = frozenset(type(cause).__name__ for cause in chain(error))
        return replace(self, error=error, causes=causes)

    def make(
        self, kind: type[ProviderError], text: str, *, hint: str | None = None
    ) -> ProviderError:
        """Make our error. The provider's own hint for its code replaces `hint`."""
        return kind(
            self.endpoint.line(text),
            hint=self.endpoint.hints.get(kind.code, hint),
            status=self.status or None,
            retry_after=self.wait,
        )


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, and those it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def local_options(url: str) -> dict[str, Any]:
    """Return options of an HTTP client for a server on this machine, {} for others."""
    import ssl  # noqa: PLC0415 - not paid before the first request

    parts = urlsplit(url)
    if not is_loopback(parts.hostname or ""):
        return {}
    return {
        # A server on this machine is not reached through a proxy.
        "trust_env": False,
        "verify": (
            ssl.create_default_context()
            if parts.scheme == "https"
            # Plain HTTP needs no certificates, so none are loaded; should the server
            # redirect to https, an empty context refuses instead of trusting all.
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ),
    }


def is_within(host: str, domain: str) -> bool:
    """Whether a host is a domain or below it."""
    return host == domain or host.endswith(f".{domain}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "::1") or host.startswith("127.")
