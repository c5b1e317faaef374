"""What goes wrong between a client library and a server, turned into our errors.

The exceptions of client libraries and of the HTTP library below them hold the request,
and the request holds the key; so nothing of them is kept: `Failures` makes a new error
that the caller raises outside of its `except` block, neither chained nor with a
context.

They are told apart by the names of their classes. So nothing is imported here, both
generations of the HTTP library are understood, and a class that a newer release brings
is at first treated like its base; a test then fails until it is listed. Each wire
format has a table of its own library (`openai.errors`, `anthropic.errors`) over the one
here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...errors import (
    BadRequestError,
    ConnectionFailedError,
    InvalidResponseError,
    ProviderError,
    ProviderTimeoutError,
    StreamInterruptedError,
)
from ...secret import where
from .endpoint import FailedCall, chain, is_loopback
from .error_bodies import field_of
from .error_patterns import shown_url
from .network import proxy_for
from .refusals import check_url, refused
from .stream_errors import RefusedError, SilentError, UnreadableError

__all__ = [
    "BROKEN",
    "CONNECTING",
    "HTTP",
    "Answer",
    "Failures",
    "status",
    "table",
    "timed_out",
    "transport",
    "unexpected",
]

_log = logging.getLogger(__name__)

Answer = Callable[[FailedCall], ProviderError]

CONNECTING = frozenset(
    [
        "ConnectError",
        "ConnectionRefusedError",
        "ClientConnectorError",
        "gaierror",
        "ClientConnectorDNSError",
        "ClientProxyConnectionError",
        "ClientConnectorCertificateError",
        "ClientConnectorSSLError",
        "EndpointConnectionError",
    ]
)
"""Classes of connections that were never made; httpx's, aiohttp's and botocore's."""

BROKEN = frozenset(
    [
        "RemoteProtocolError",
        "ReadError",
        "ServerDisconnectedError",
        "ClientPayloadError",
        "ClientOSError",
        "ConnectionResetError",
        "IncompleteReadError",
        "TransferEncodingError",
        "ChecksumMismatch",
        "InvalidHeadersLength",
        "ClientConnectionError",
    ]
)
"""Classes of connections that broke."""


class Failures:
    """The table of one wire format: how each class of exceptions becomes an error."""

    def __init__(self, library: str, own: Mapping[str, Answer]) -> None:
        self.table = {**HTTP, **own}
        self._origins = {library, "httpx", "httpx2", "httpcore", "httpcore2", _OURS}

    def mapped(self, error: BaseException, call: FailedCall) -> ProviderError:
        """Return our error for a foreign exception.

        The caller raises it after its `except` block, so that it carries no context.
        """
        if isinstance(error, ProviderError):
            return error
        call = call.caused_by(error)
        for cls in type(error).__mro__:
            answer = self.table.get(cls.__name__)
            if answer and cls.__module__.partition(".")[0] in self._origins:
                return answer(call)
        if isinstance(error, OSError | ssl.SSLError):
            return transport(call)
        return unexpected(call)


def table(*rows: tuple[Answer, str]) -> dict[str, Answer]:
    """Make a table from rows of an answer and the names of classes."""
    return {name: answer for answer, names in rows for name in names.split()}


_OURS = __name__.partition(".")[0]


def status(call: FailedCall) -> ProviderError:
    """An exception with an HTTP status."""
    response = getattr(call.error, "response", None)
    code = getattr(response, "status_code", None)
    return refused(
        replace(
            call,
            status=code if isinstance(code, int) else 0,
            body=_body_of(call.error),
            headers=getattr(response, "headers", None) or {},
        )
    )


def _body_of(error: BaseException | None) -> object:
    """Return the whole error body; a client library keeps only what is its `error`."""
    with contextlib.suppress(Exception):  # not JSON, or no longer there
        return json.loads(error.response.content)  # type: ignore[union-attr]
    return getattr(error, "body", None)


def _raw(call: FailedCall) -> ProviderError:
    """A status of 300 and above, as the HTTP library gives it."""
    error = call.error
    if not isinstance(error, RefusedError):
        return unexpected(call)
    text = error.body.decode("utf-8", "replace")
    body: Any = text
    with contextlib.suppress(ValueError):  # a text, or a web page
        body = json.loads(text)
    return refused(replace(call, status=error.status, body=body, headers=error.headers))


def _reported(call: FailedCall) -> ProviderError:
    """An error inside of a stream; some servers name the status it would have."""
    body = getattr(call.error, "body", None)
    named = (str(field_of(body, name)) for name in ("code", "status", "status_code"))
    codes = (code for code in named if re.fullmatch(r"[45]\d\d", code))
    return refused(replace(call, status=int(next(codes, "0")), body=body))


def transport(call: FailedCall) -> ProviderError:
    """Something below HTTP failed: before, at the start of, or in mid-answer."""
    if call.begun:
        return call.make(
            StreamInterruptedError,
            "the connection broke in mid-answer.",
            hint="What had arrived is kept. Run the cell again for a whole answer.",
        )
    address, causes = call.endpoint.address, call.causes
    if insecure := _insecure(call):
        return insecure
    variable, proxy = proxy_for(call.endpoint.base_url)
    if "ProxyError" in causes or (variable and causes & CONNECTING):
        return _proxy_failed(call, variable, proxy)
    if any(isinstance(cause, socket.gaierror) for cause in chain(call.error)):
        return call.make(
            ConnectionFailedError,
            f"the host of {address} is not known.",
            hint="Check the network and the address.",
        )
    if causes & CONNECTING:
        error = call.make(
            ConnectionFailedError,
            f"no connection to {address}.",
            hint="Check the network and the address.",
        )
        # What refuses a connection on this machine is not running.
        error.retriable = not is_loopback(call.endpoint.host)
        return error
    # The server may have worked, and billed, before it closed; a try is still worth it.
    return call.make(
        ConnectionFailedError, f"{address} closed the connection without an answer."
    )


_UNTRUSTED = ssl.SSLCertVerificationError

_OF_OTHERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""What other HTTP libraries read the certificates to trust from."""

_EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 10, 62, 64
"""Codes of OpenSSL: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/."""


def _insecure(call: FailedCall) -> ProviderError | None:
    """Return the error of TLS that will fail the next time too; None for others."""
    proxied = bool(proxy_for(call.endpoint.base_url)[0])
    for cause in chain(call.error):
        # aiohttp's are such errors too, but without what OpenSSL says.
        if isinstance(cause, _UNTRUSTED) and hasattr(cause, "verify_code"):
            return _untrusted(call, cause)
        plain = getattr(cause, "reason", None) in _PLAIN
        if isinstance(cause, ssl.SSLError) and plain and not proxied:
            return _plain(call)
    return None


def _untrusted(call: FailedCall, cause: ssl.SSLCertVerificationError) -> ProviderError:
    """A certificate that will not be trusted the next time either."""
    hint = "Behind a company's proxy, SSL_CERT_FILE names its certificate."
    others = [name for name in _OF_OTHERS if os.environ.get(name)]
    if others and not os.environ.get("SSL_CERT_FILE"):
        hint = f"{others[0]} is not read here: set SSL_CERT_FILE to the same file."
    if cause.verify_code == _EXPIRED:
        hint = "Its operator has to renew it, unless this machine's clock is wrong."
    elif cause.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        hint = "Check the host in the base URL; the certificate is for another one."
    text = f"the certificate of {call.endpoint.address} is not trusted"
    error = call.make(
        ConnectionFailedError, f"{text}: {cause.verify_message}.", hint=hint
    )
    error.retriable = False
    return error


_PLAIN = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
"""OpenSSL's reasons where the other side answers in plain HTTP."""


def _plain(call: FailedCall) -> ProviderError:
    """A server that does not speak TLS, as most on one's own machine."""
    address = call.endpoint.address
    error = call.make(ConnectionFailedError, f"{address} does not speak TLS (HTTPS).")
    error.hint = f"Write http:// in the base URL: http://{address.partition('://')[2]}."
    error.retriable = False
    return error


def _proxy_failed(call: FailedCall, variable: str, host: str) -> ProviderError:
    """A proxy that is not there, or gives no connection."""
    codes = (re.match(r"\d{3}\b", str(cause)) for cause in chain(call.error))
    if any(code and code[0] == "407" for code in codes):
        return refused(replace(call, status=407))
    named = f"the proxy of {variable}" if variable else "the proxy"
    check = variable or "HTTPS_PROXY and HTTP_PROXY"
    error = call.make(
        ConnectionFailedError,
        f"{named} gives no connection to {call.endpoint.address}.",
    )
    # Whatever this wire's usual hint is: the proxy comes first.
    error.hint = f"Check {check}; NO_PROXY lists the hosts that need no proxy."
    # What refuses a connection on this machine is not running.
    error.retriable = not is_loopback(host)
    return error


def timed_out(call: FailedCall) -> ProviderError:
    """A limit of the HTTP library; it only gets one for connections."""
    # aiohttp's, which it calls a time-out
    if call.causes & {"ServerDisconnectedError", *CONNECTING}:
        return transport(call)
    if call.causes & {"ReadTimeout", "WriteTimeout"}:
        return call.make(ProviderTimeoutError, "no answer in time.", hint=_OVERLOADED)
    text = f"no connection to {call.endpoint.address} in time."
    error = call.make(ProviderTimeoutError, text)
    error.retriable = True
    return error


_OVERLOADED = "It may be overloaded; try again."


def _silent(call: FailedCall) -> ProviderError:
    error = call.error
    text = error.text if isinstance(error, SilentError) else "no answer in time."
    return call.make(ProviderTimeoutError, text, hint=_OVERLOADED)


def _unreadable(call: FailedCall) -> ProviderError:
    error = call.error
    what = error.what if isinstance(error, UnreadableError) else "something unreadable"
    return call.make(
        InvalidResponseError,
        f"{call.endpoint.address} answered with {what}.",
        hint=None if call.begun else check_url(call),
    )


def _bad_url(call: FailedCall) -> ProviderError:
    return call.make(
        BadRequestError,
        f"{shown_url(call.endpoint.base_url)} is not an address.",
        hint="It has to begin with http:// or https://.",
    )


def _bad_request(call: FailedCall) -> ProviderError:
    # The library's words would quote the header, and with it the key.
    return call.make(
        BadRequestError,
        "the request cannot be sent.",
        hint="Check the key for a line break or other stray characters.",
    )


def unexpected(call: FailedCall) -> ProviderError:
    """An exception that no chat completion should raise."""
    kind = type(call.error).__name__
    if call.error is not None:
        _log.error("%s: unexpected %s", call.endpoint.label, where(call.error))
    return call.make(
        ProviderError,
        f"unexpected {kind}.",
        hint="This is a bug; the kernel's log says where.",
    )


HTTP: dict[str, Answer] = table(
    # our own
    (_silent, "SilentError"),
    (_reported, "ReportedError"),
    (_raw, "RefusedError"),
    (_unreadable, "UnreadableError"),
    (transport, "BrokenOffError"),
    # what both client libraries call alike
    (_reported, "APIError"),
    (_unreadable, "APIResponseValidationError"),
    (transport, "APIConnectionError"),
    (timed_out, "APITimeoutError"),
    (status, "APIStatusError"),
    # those of the HTTP library, where the client library lets them through
    (
        transport,
        (
            "HTTPError RequestError TransportError NetworkError ConnectError ReadError "
            "WriteError CloseError ProtocolError RemoteProtocolError ProxyError "
            "StreamError StreamConsumed StreamClosed"
        ),
    ),
    (timed_out, "TimeoutException ConnectTimeout ReadTimeout WriteTimeout PoolTimeout"),
    (status, "HTTPStatusError"),
    (_bad_url, "UnsupportedProtocol InvalidURL"),
    (_bad_request, "LocalProtocolError"),
    (_unreadable, "DecodingError TooManyRedirects SSEError"),
    (unexpected, "CookieConflict ResponseNotRead RequestNotRead"),
)
"""How the classes that are no client library's own become errors."""
