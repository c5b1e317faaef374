"""What goes wrong on the OpenAI wire format, turned into our errors at this one place.

The exceptions of `openai` and of the HTTP library below it hold the request, and the
request holds the key; so nothing of them is kept: `mapped` gives a new error that the
caller raises outside of its `except` block, neither chained nor with a context.

They are told apart by the names of their classes. So nothing is imported here, both
HTTP libraries that `openai` has used are understood, and a class that a newer release
brings is at first treated like its base; a test then fails until it is listed.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import (
    AuthenticationError,
    ContextLengthError,
    CutError,
    ModelNotFoundError,
    ProviderError,
    RateLimitError,
    RequestError,
    ResponseError,
    ServerError,
    TimedOutError,
    UnreachableError,
)
from ..secret import where
from ._connection import Peer
from .openai_request import is_loopback
from .openai_said import (
    CONTEXT,
    MAY_BE_MODEL,
    MODEL,
    NO_KEY,
    NO_MODEL,
    QUOTA,
    SPENT,
    TOO_LONG,
    TOO_MANY,
    UNSUPPORTED,
    WITHHELD,
    field_of,
    is_html,
    retry_after_of,
    shown_url,
    words_of,
)
from .openai_stream import SilentError, UnreadableError

__all__ = ["Peer", "mapped"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Case:
    """One failure on its way to becoming an error."""

    error: BaseException
    peer: Peer
    model: str | None
    begun: bool

    def make(
        self,
        kind: type[ProviderError],
        text: str,
        **more: Any,  # noqa: ANN401
    ) -> ProviderError:
        return self.peer.error(kind, text, **more)


def mapped(
    error: BaseException, peer: Peer, *, model: str | None = None, begun: bool = False
) -> ProviderError:
    """Our error for a foreign exception; `begun` says whether text had already come.

    The caller raises it after its `except` block, so that it carries no context.
    """
    case = _Case(error, peer, model, begun)
    if isinstance(error, ProviderError):
        return error
    for cls in type(error).__mro__:
        answer = _FAILURES.get(cls.__name__)
        if answer is not None and cls.__module__.partition(".")[0] in _SPEAKERS:
            return answer(case)
    if isinstance(error, OSError | ssl.SSLError):
        return _transport(case)
    return _unexpected(case)


# connections


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _transport(case: _Case) -> ProviderError:
    """Something below HTTP failed: before, at the start of, or in mid-answer."""
    causes = list(_chain(case.error))
    names = {type(cause).__name__ for cause in causes}
    if case.begun:
        return case.make(
            CutError,
            "the connection broke in mid-answer.",
            hint="What had come is kept. Run the cell again for a whole answer.",
        )
    address = case.peer.address
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return case.make(
                UnreachableError,
                f"the certificate of {address} is not trusted: {cause.verify_message}.",
                hint="Behind a company's proxy, SSL_CERT_FILE names its certificate.",
            )
        if isinstance(cause, socket.gaierror):
            return case.make(
                UnreachableError,
                f"the host of {address} is not known.",
                hint="Check the network and the address.",
            )
    if "ProxyError" in names:
        return case.make(
            UnreachableError,
            f"the proxy gives no connection to {address}.",
            hint="Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
        )
    if names & {"ConnectError", "ConnectionRefusedError"}:
        error = case.make(
            UnreachableError,
            f"no connection to {address}.",
            hint="Check the network and the address.",
        )
        # What refuses a connection on this machine is not running.
        error.retriable = not is_loopback(urlsplit(case.peer.base_url).hostname or "")
        return error
    # The peer may have worked, and billed, before it closed; a try is still worth it.
    return case.make(
        UnreachableError, f"{address} closed the connection without an answer."
    )


def _timed_out(case: _Case) -> ProviderError:
    """A limit of the HTTP library; it is only given one for connections."""
    names = {type(cause).__name__ for cause in _chain(case.error)}
    if "ServerDisconnectedError" in names:  # aiohttp's, which is called a time-out
        return _transport(case)
    if names & {"ReadTimeout", "WriteTimeout"}:
        return case.make(TimedOutError, "no answer in time.")
    error = case.make(TimedOutError, f"no connection to {case.peer.address} in time.")
    error.retriable = True
    return error


def _silent(case: _Case) -> ProviderError:
    error = case.error
    text = error.told if isinstance(error, SilentError) else "no answer in time."
    return case.make(TimedOutError, text, hint="It may be overloaded; try again.")


# answers that are errors


def _status(case: _Case) -> ProviderError:
    """A status of 400 and above."""
    response = getattr(case.error, "response", None)
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    status = getattr(response, "status_code", None)
    body = getattr(case.error, "body", None)
    return _refused(
        case,
        int(status) if isinstance(status, int) else 0,
        None if is_html(headers.get("content-type", ""), body) else body,
        html=is_html(headers.get("content-type", ""), body),
        retry_after=retry_after_of(headers),
    )


def _reported(case: _Case) -> ProviderError:
    """An error inside of a stream; some servers say there what status it would be."""
    body = getattr(case.error, "body", None)
    code = str(field_of(body, "code") or field_of(body, "status") or "")
    status = int(code) if re.fullmatch(r"[45]\d\d", code) else 0
    return _refused(case, status, body)


def _refused(  # noqa: PLR0911 - one return per kind of refusal
    case: _Case,
    status: int,
    body: object,
    *,
    html: bool = False,
    retry_after: float | None = None,
) -> ProviderError:
    said = words_of(body)
    codes = {str(field_of(body, name) or "").lower() for name in ("code", "type")}
    told = f"{said.rstrip('.')}." if said else ""
    at: dict[str, Any] = {"status": status or None, "retry_after": retry_after}

    if codes & NO_MODEL or (status in MAY_BE_MODEL and MODEL.search(said)):
        named = f" {case.model!r}" if case.model else " of this name"
        return case.make(ModelNotFoundError, f"there is no model{named}.", **at)
    if codes & TOO_LONG or (status not in (401, 429) and CONTEXT.search(said)):
        return case.make(
            ContextLengthError,
            told or "the prompt is longer than the model can read.",
            hint="Shorten the prompt, start a new conversation, or use a model with a "
            "larger context window.",
            **at,
        )
    if status == 403 and WITHHELD.search(said):  # noqa: PLR2004
        return case.make(RequestError, told, **at)
    if status in (401, 403) or codes & NO_KEY:
        return case.make(
            AuthenticationError,
            told or f"the key is not accepted ({status or 'no status'}).",
            hint="Check the key.",
            **at,
        )
    if status in (402, 429) or codes & TOO_MANY:
        # "Add a payment method to raise your limit" is no spent quota.
        limited = codes & {"rate_limit_exceeded"}
        spent = bool(
            status == 402  # noqa: PLR2004
            or codes & SPENT
            or (QUOTA.search(said) and not limited)
        )
        error = case.make(
            RateLimitError,
            told or ("the quota is used up." if spent else "too many requests."),
            hint="Check the plan and the billing of the account." if spent else None,
            **at,
        )
        # A request that alone is over the limit is over it the next time too.
        error.retriable = not spent and status != 413  # noqa: PLR2004
        return error
    faulty = "invalid_request_error" in codes
    if status >= 500 and UNSUPPORTED.search(said):  # noqa: PLR2004
        # llama.cpp: an image for a model that reads none. It will never read it.
        return case.make(RequestError, told, **at)
    if status >= 500 or not (status or faulty):  # noqa: PLR2004
        failed = f"it failed on its side ({status})." if status else "it failed."
        return case.make(ServerError, told or failed, **at)
    if status == 408:  # noqa: PLR2004
        return case.make(TimedOutError, told or "it gave up on the request.", **at)
    if html or (status in (404, 405) and not MODEL.search(said)):
        return case.make(
            ResponseError,
            f"there is no such API at {case.peer.address} ({status}).",
            hint=_check_url(case),
            **at,
        )
    return case.make(RequestError, told or f"refused ({status}).", **at)


def _check_url(case: _Case) -> str:
    return f"Check the base URL {shown_url(case.peer.base_url)}; most end in /v1."


def _unreadable(case: _Case) -> ProviderError:
    error = case.error
    what = error.what if isinstance(error, UnreadableError) else "something unreadable"
    return case.make(
        ResponseError,
        f"{case.peer.address} answered with {what}.",
        hint=None if case.begun else _check_url(case),
    )


def _bad_url(case: _Case) -> ProviderError:
    return case.make(
        RequestError,
        f"{shown_url(case.peer.base_url)} is no address.",
        hint="It has to begin with http:// or https://.",
    )


def _bad_request(case: _Case) -> ProviderError:
    # The library's words would quote the header, and with it the key.
    return case.make(
        RequestError,
        "the request cannot be sent.",
        hint="Check the key for a line break or other stray characters.",
    )


def _unexpected(case: _Case) -> ProviderError:
    _log.error("%s: unexpected %s", case.peer.label, where(case.error))
    return case.make(
        ProviderError,
        f"unexpected {type(case.error).__name__}.",
        hint="This is a bug; the kernel's log says where.",
    )


_SPEAKERS = {"openai", "httpx", "httpx2", "httpcore", "httpcore2", "parllama_nb"}

_FAILURES: dict[str, Callable[[_Case], ProviderError]] = {
    name: answer
    for answer, names in (
        # our own, and openai's
        (_silent, "SilentError"),
        (_reported, "ReportedError APIError"),
        (_unreadable, "UnreadableError APIResponseValidationError"),
        (_transport, "BrokenOffError APIConnectionError"),
        (_timed_out, "APITimeoutError"),
        (
            _status,
            (
                "APIStatusError BadRequestError AuthenticationError OAuthError "
                "PermissionDeniedError NotFoundError ConflictError "
                "UnprocessableEntityError RateLimitError InternalServerError"
            ),
        ),
        # openai's that nothing about a chat completion read as bytes raises
        (
            _unexpected,
            (
                "OpenAIError LengthFinishReasonError ContentFilterFinishReasonError "
                "SubjectTokenProviderError WebSocketConnectionClosedError "
                "WebSocketQueueFullError StreamAlreadyConsumed APIRemovedInV1 "
                "_AmbiguousModuleClientUsageError MissingDependencyError "
                "MutuallyExclusiveAuthError AgentOutputParseError AgentTurnResultError "
                "AgentFilePreparationError AgentFileStagingError"
            ),
        ),
        # those of the HTTP library, where openai lets them through
        (
            _transport,
            (
                "HTTPError RequestError TransportError NetworkError ConnectError "
                "ReadError WriteError CloseError ProtocolError RemoteProtocolError "
                "ProxyError StreamError StreamConsumed StreamClosed"
            ),
        ),
        (
            _timed_out,
            "TimeoutException ConnectTimeout ReadTimeout WriteTimeout PoolTimeout",
        ),
        (_status, "HTTPStatusError"),
        (_bad_url, "UnsupportedProtocol InvalidURL"),
        (_bad_request, "LocalProtocolError"),
        (_unreadable, "DecodingError TooManyRedirects SSEError"),
        (_unexpected, "CookieConflict ResponseNotRead RequestNotRead"),
    )
    for name in names.split()
}
