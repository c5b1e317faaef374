"""Whom a request goes to, and one failure of it on its way to becoming an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ...errors import AuthenticationError, ProviderError
from ...secret import Redactor, Secret
from .error_bodies import without_keys

__all__ = [
    "Failure",
    "Peer",
    "check_key",
    "is_loopback",
    "is_within",
    "local_options",
]

_LONGEST = 300
"""Characters of a message; what a server has to say beyond them helps nobody."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom we talk to, as far as an error has to tell.

    `hints` gives, by the code of an error, what to do about it at this provider;
    `usual_path` is how the addresses of its wire format end.
    """

    label: str
    base_url: str = field(repr=False)  # it may hold a password
    redact: Redactor
    key: Secret | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    usual_path: str = ""

    @property
    def address(self) -> str:
        """Scheme, host and port; never a user name or password."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def host(self) -> str:
        """The host alone, in lower case; "" where there is none."""
        return urlsplit(self.base_url).hostname or ""

    def line(self, text: str) -> str:
        """One clear line: the provider first, no secret, not too long."""
        text = without_keys(self.redact(text), self.key)
        text = " ".join(f"{self.label}: {text}".split())
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    def error(
        self,
        kind: type[ProviderError],
        text: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> ProviderError:
        """An error of this provider. Its own hint for the error's code comes first."""
        return kind(
            self.line(text),
            hint=self.hints.get(kind.code, hint),
            status=status,
            retry_after=retry_after,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure: what was raised, by whom, and what had been asked.

    `begun` says whether text had already come. `options` gives our name of each option
    that was sent, by the name it has on the wire.
    """

    error: BaseException
    peer: Peer
    model: str | None = None
    begun: bool = False
    options: Mapping[str, str] = field(default_factory=dict)

    def make(
        self,
        kind: type[ProviderError],
        text: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> ProviderError:
        """The error itself; see `Peer.error`."""
        return self.peer.error(
            kind, text, hint=hint, status=status, retry_after=retry_after
        )


def check_key(key: Secret | None, label: str) -> None:
    """Refuse a key that no header can carry, as one with a line break.

    The error of an HTTP library would quote it.

    Raises:
        AuthenticationError: it cannot be sent.

    """
    value = key.reveal() if key else ""
    if key is None or (value.isascii() and value.isprintable()):
        return
    message = f"{label}: {key.name} holds characters no key has."
    hint = "It may have been copied with a line break or with other text."
    raise AuthenticationError(message, hint=hint)


def local_options(url: str) -> dict[str, Any]:
    """Options of an HTTP client for a server on this machine; none for another."""
    import ssl  # noqa: PLC0415 - not paid before the first request

    parts = urlsplit(url)
    if not is_loopback(parts.hostname or ""):
        return {}
    return {
        # What is on this machine is not reached through a proxy.
        "trust_env": False,
        "verify": (
            ssl.create_default_context()
            if parts.scheme == "https"
            # Certificates are loaded by no one who needs none; should the server
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
