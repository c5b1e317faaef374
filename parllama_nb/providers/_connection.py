"""What every connection over HTTP goes by, whoever is at its other end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..errors import AuthenticationError
from ..secret import Secret
from .openai_request import is_loopback
from .openai_stream import UnreadableError

__all__ = ["check_key", "local_options", "refuse_page"]


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


def refuse_page(headers: Mapping[str, str]) -> None:
    """Refuse a web page where an answer should be.

    Raises:
        UnreadableError: it is one.

    """
    if "html" in headers.get("content-type", "").lower():
        what = "a web page"
        raise UnreadableError(what)
