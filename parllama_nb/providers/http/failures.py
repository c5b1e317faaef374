"""What goes wrong between a client library and a server, turned into our errors.

The exceptions of client libraries and of the HTTP library below them hold the request,
and the request holds the key; so nothing of them is kept: `Failures` gives a new error
that the caller raises outside of its `except` block, neither chained nor with a
context.

They are told apart by the names of their classes. So nothing is imported here, both
generations of the HTTP library are understood, and a class that a newer release brings
is at first treated like its base; a test then fails until it is listed. Each wire
format has a table of its own library (`openai.errors`, `anthropic.errors`) over the one
here.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping

from ...errors import (
    BadRequestError,
    ConnectionFailedError,
    InvalidResponseError,
    ProviderError,
    ProviderTimeoutError,
    StreamInterruptedError,
)
from ...secret import where
from .endpoint import Failure, is_loopback
from .error_bodies import shown_url
from .event_stream import SilentError, UnreadableError
from .refusals import check_url, reported, status

__all__ = [
    "HTTP",
    "Answer",
    "Failures",
    "table",
    "timed_out",
    "transport",
    "unexpected",
]

_log = logging.getLogger(__name__)

Answer = Callable[[Failure], ProviderError]


class Failures:
    """The table of one wire format: what becomes of each class of exceptions."""

    def __init__(self, library: str, own: Mapping[str, Answer]) -> None:
        self.table = {**HTTP, **own}
        self._speakers = {library, "httpx", "httpx2", "httpcore", "httpcore2"}

    def mapped(self, failure: Failure) -> ProviderError:
        """Our error for a foreign exception.

        The caller raises it after its `except` block, so that it carries no context.
        """
        error = failure.error
        if isinstance(error, ProviderError):
            return error
        for cls in type(error).__mro__:
            answer = self.table.get(cls.__name__)
            speaker = cls.__module__.partition(".")[0]
            if answer and (speaker in self._speakers or speaker == _OURS):
                return answer(failure)
        if isinstance(error, OSError | ssl.SSLError):
            return transport(failure)
        return unexpected(failure)


def table(*rows: tuple[Answer, str]) -> dict[str, Answer]:
    """What becomes of each class, from its answer and the names of the classes."""
    return {name: answer for answer, names in rows for name in names.split()}


_OURS = __name__.partition(".")[0]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def transport(case: Failure) -> ProviderError:
    """Something below HTTP failed: before, at the start of, or in mid-answer."""
    causes = list(_chain(case.error))
    names = {type(cause).__name__ for cause in causes}
    if case.begun:
        return case.make(
            StreamInterruptedError,
            "the connection broke in mid-answer.",
            hint="What had come is kept. Run the cell again for a whole answer.",
        )
    address = case.peer.address
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return case.make(
                ConnectionFailedError,
                f"the certificate of {address} is not trusted: {cause.verify_message}.",
                hint="Behind a company's proxy, SSL_CERT_FILE names its certificate.",
            )
        if isinstance(cause, socket.gaierror):
            return case.make(
                ConnectionFailedError,
                f"the host of {address} is not known.",
                hint="Check the network and the address.",
            )
    if "ProxyError" in names:
        return case.make(
            ConnectionFailedError,
            f"the proxy gives no connection to {address}.",
            hint="Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
        )
    if names & {"ConnectError", "ConnectionRefusedError"}:
        error = case.make(
            ConnectionFailedError,
            f"no connection to {address}.",
            hint="Check the network and the address.",
        )
        # What refuses a connection on this machine is not running.
        error.retriable = not is_loopback(case.peer.host)
        return error
    # The peer may have worked, and billed, before it closed; a try is still worth it.
    return case.make(
        ConnectionFailedError, f"{address} closed the connection without an answer."
    )


def timed_out(case: Failure) -> ProviderError:
    """A limit of the HTTP library; it is only given one for connections."""
    names = {type(cause).__name__ for cause in _chain(case.error)}
    if "ServerDisconnectedError" in names:  # aiohttp's, which is called a time-out
        return transport(case)
    if names & {"ReadTimeout", "WriteTimeout"}:
        return case.make(ProviderTimeoutError, "no answer in time.")
    error = case.make(
        ProviderTimeoutError, f"no connection to {case.peer.address} in time."
    )
    error.retriable = True
    return error


def _silent(case: Failure) -> ProviderError:
    error = case.error
    text = error.told if isinstance(error, SilentError) else "no answer in time."
    return case.make(
        ProviderTimeoutError, text, hint="It may be overloaded; try again."
    )


def _unreadable(case: Failure) -> ProviderError:
    error = case.error
    what = error.what if isinstance(error, UnreadableError) else "something unreadable"
    return case.make(
        InvalidResponseError,
        f"{case.peer.address} answered with {what}.",
        hint=None if case.begun else check_url(case),
    )


def _bad_url(case: Failure) -> ProviderError:
    return case.make(
        BadRequestError,
        f"{shown_url(case.peer.base_url)} is no address.",
        hint="It has to begin with http:// or https://.",
    )


def _bad_request(case: Failure) -> ProviderError:
    # The library's words would quote the header, and with it the key.
    return case.make(
        BadRequestError,
        "the request cannot be sent.",
        hint="Check the key for a line break or other stray characters.",
    )


def unexpected(case: Failure) -> ProviderError:
    """What nothing about a chat completion should raise."""
    _log.error("%s: unexpected %s", case.peer.label, where(case.error))
    return case.make(
        ProviderError,
        f"unexpected {type(case.error).__name__}.",
        hint="This is a bug; the kernel's log says where.",
    )


HTTP: dict[str, Answer] = table(
    # our own
    (_silent, "SilentError"),
    (reported, "ReportedError"),
    (_unreadable, "UnreadableError"),
    (transport, "BrokenOffError"),
    # what both client libraries call alike
    (reported, "APIError"),
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
"""What becomes of the classes that are no client library's own."""
