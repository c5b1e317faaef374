"""What goes wrong with a download, as errors of one line."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from ...durations import in_words
from ...errors import (
    AuthenticationError,
    BadRequestError,
    InvalidResponseError,
    ProviderError,
    RateLimitError,
    ServerError,
    StoreError,
)
from ...providers.http.endpoint import Endpoint, is_loopback
from ...providers.http.waits import wait_of

__all__ = ["disk_error", "other_file", "redirected", "refusal"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def redirected(label: str, asked: str, location: str) -> str:
    """Return where a redirect leads.

    Raises:
        InvalidResponseError: it may not be asked.

    """
    here, target, there = urlsplit(asked), "", urlsplit("")
    with contextlib.suppress(ValueError):
        target = urljoin(asked, location)
        there = urlsplit(target)
    host, what = there.hostname or "", ""
    public = there.scheme in ("http", "https")
    if location and there.scheme and not public:
        what = f"an address with {there.scheme}:"
    elif not location or not public or not host:
        what = "no address"
    elif here.scheme == "https" and there.scheme == "http":
        what = "an address without encryption"
    elif there.username is not None:
        what = "an address with a password"
    # Else any server could have this machine ask its own services.
    elif _is_inward(host) and not _is_inward(here.hostname or ""):
        what = "this machine or its network"
    if what:
        message = f"{label}: redirects to {what}, which is not followed."
        raise InvalidResponseError(message)
    return target


def _is_inward(host: str) -> bool:
    """Whether a host is this machine, or an address that only its network has."""
    name = host.rstrip(".")
    if is_loopback(name) or name.endswith(".localhost"):
        return True
    with contextlib.suppress(ValueError, OSError):
        # Programs also read 127.1 and 2130706433 as addresses.
        packed = None if ":" in name else socket.inet_aton(name)
        address = ipaddress.ip_address(packed or name.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return not (mapped or address).is_global
    return False


def refusal(
    endpoint: Endpoint, status: int, headers: Mapping[str, str]
) -> ProviderError:
    """Return the error of a status."""
    line = endpoint.line
    wait = wait_of(headers, None, status)
    limited = headers.get("x-ratelimit-remaining") == "0" or wait is not None
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.FORBIDDEN and limited
    ):
        when = f"in {in_words(wait)}" if wait else "later"
        return RateLimitError(
            line(f"too many requests ({status})."),
            hint=f"Try again {when}.",
            status=status,
            retry_after=wait,
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        text = line(f"there is no such file ({status}).")
        return BadRequestError(text, hint="Check the address.", status=status)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        text = line(f"access was denied ({status}).")
        return AuthenticationError(text, hint="Check the address.", status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        text = line(f"it failed on its side ({status}).")
        return ServerError(text, hint="Try again later.", status=status)
    return BadRequestError(line(f"refused ({status})."), status=status)


def other_file(label: str, kind: str, begin: bytes) -> InvalidResponseError:
    """Return the error of a file that is not what was asked for."""
    page = "html" in kind or begin.lstrip().lower().startswith((b"<!doc", b"<html"))
    if page:
        message = f"{label}: sent a web page, not the file."
        hint = (
            "It has to be the address of the archive itself; "
            "or the login page of a network stands before it."
        )
        return InvalidResponseError(message, hint=hint)
    what = "something else than the file" if begin else "nothing"
    return InvalidResponseError(f"{label}: sent {what}.")


def disk_error(error: OSError) -> StoreError:
    """Return the error of a file that cannot be written."""
    if error.errno in _FULL:
        message = "The disk is full; nothing was kept."
        hint = "Make room, or set PARLLAMA_NB_HOME to a folder on another disk."
        return StoreError(message, hint=hint)
    reason = error.strerror or type(error).__name__
    message = f"The download cannot be stored: {reason}."
    hint = "Set PARLLAMA_NB_HOME to a folder that can be written to."
    return StoreError(message, hint=hint)
