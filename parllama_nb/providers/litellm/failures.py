"""What each kind of failure of litellm's is told as: a refusal, or no answer at all.

The class of an exception is only where to begin: litellm gives the same one to a wrong
key, a model that is not there and a connection that broke, so the status, the causes
and the words of the server are looked at as well.
"""

from __future__ import annotations

from ...errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from ..http.error_bodies import (
    CONTEXT,
    MAY_BE_MODEL,
    MODEL,
    QUOTA,
    UNSUPPORTED,
    is_html,
)
from .endpoint import Case
from .error_bodies import (
    AWS_MODEL,
    NO_CREDENTIALS,
    NO_PROVIDER,
    refused_options,
)

__all__ = [
    "by_status",
    "connection",
    "forbidden",
    "limited",
    "not_found",
    "refused",
    "refused_key",
    "server",
    "timeout",
    "too_long",
    "unexpected",
    "unreadable",
    "unsupported",
    "withheld",
]

_CONNECTING = frozenset(
    [
        "ConnectError",
        "ClientConnectorError",
        "ClientConnectorDNSError",
        "ConnectionRefusedError",
        "ClientConnectorCertificateError",
        "EndpointConnectionError",
        "gaierror",
    ]
)
_BREAKING = frozenset(
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


def by_status(case: Case) -> ProviderError:  # noqa: PLR0911 - one per kind of refusal
    """What a status says, where the class does not say more."""
    status = case.status
    if NO_CREDENTIALS.search(case.said):
        return refused_key(case)
    if is_html("", case.said):
        return unreadable(case)
    if status in (401, 403):
        return forbidden(case)
    if status == 408 or "Timeout" in case.causes:  # noqa: PLR2004
        return timeout(case)
    if status in (402, 429):
        return limited(case)
    if status >= 500 or status == 424:  # noqa: PLR2004 - AWS: the model failed
        return server(case)
    if _is_model(case):
        return _no_model(case)
    if CONTEXT.search(case.said):
        return too_long(case)
    kind = InvalidResponseError if status in (404, 405) else BadRequestError
    return case.make(kind, case.told(f"refused ({status})."))


def _is_model(case: Case) -> bool:
    said = case.said
    return bool(AWS_MODEL.search(said)) or (
        case.status in MAY_BE_MODEL and bool(MODEL.search(said))
    )


def refused(case: Case) -> ProviderError:
    """A request that litellm itself, or the server, finds wrong."""
    if NO_PROVIDER.search(case.said):
        text = f"{case.asked.model!r} names no provider that litellm knows."
        hint = (
            "Models are named litellm/PROVIDER/MODEL, like litellm/together_ai/MODEL."
        )
        return case.make(ModelNotFoundError, text, hint=hint)
    return by_status(case)


def refused_key(case: Case) -> ProviderError:
    """A key that is missing, wrong or expired."""
    return case.make(
        AuthenticationError,
        case.told("the key is not accepted."),
        hint="Check the key.",
    )


def forbidden(case: Case) -> ProviderError:
    """A model that is not for this key, or a key that may do nothing."""
    return _no_model(case) if _is_model(case) else refused_key(case)


def _no_model(case: Case) -> ProviderError:
    named = f" {case.asked.model!r}" if case.asked.model else " of this name"
    return case.make(ModelNotFoundError, f"there is no model{named}.")


def not_found(case: Case) -> ProviderError:
    """A model that is not there, or an address at which nothing is."""
    if is_html("", case.said):
        return unreadable(case)
    if case.said and not _is_model(case):
        return case.make(InvalidResponseError, case.said)
    return _no_model(case)


def too_long(case: Case) -> ProviderError:
    """A prompt that does not fit into the model's context window."""
    if case.status == 429:  # noqa: PLR2004 - too many tokens, but a minute
        return limited(case)
    return case.make(
        ContextLengthError,
        case.told("the prompt is longer than the model can read."),
        hint="Shorten the prompt, start a new conversation, or use a model with a "
        "larger context window.",
    )


def limited(case: Case) -> ProviderError:
    """Too many requests for now, or a quota that is used up."""
    spent = case.status == 402 or bool(QUOTA.search(case.said))  # noqa: PLR2004
    error = case.make(
        RateLimitError,
        case.told("the quota is used up." if spent else "too many requests."),
        hint="Check the plan and the billing of the account." if spent else None,
    )
    error.retriable = not spent
    return error


def unsupported(case: Case) -> ProviderError:
    """An option that the model does not take."""
    options = " and no ".join(refused_options(case.said))
    if not options:
        return case.make(BadRequestError, case.told("it does not take an option."))
    named = case.asked.model or "the model"
    return case.make(
        BadRequestError, f"{named} takes no {options}.", hint="Ask without it."
    )


def withheld(case: Case) -> ProviderError:
    """A question that somebody's rules keep from being answered."""
    return case.make(BadRequestError, case.told("it will not answer this."))


def timeout(case: Case) -> ProviderError:
    """A limit of time; it may be tried again if nothing was connected yet."""
    error = case.make(
        ProviderTimeoutError,
        "no answer in time.",
        hint="It may be overloaded; try again.",
    )
    error.retriable = bool(case.causes & {"ConnectTimeout", "ConnectionTimeoutError"})
    return error


def server(case: Case) -> ProviderError:
    """A failure on the server's side, or what litellm takes for one."""
    if is_html("", case.said):
        # Of a proxy on the way; the server behind it may be back in a moment.
        return case.make(ServerError, f"it failed on its side ({case.status}).")
    if case.causes & (_CONNECTING | _BREAKING):
        return connection(case)
    if UNSUPPORTED.search(case.said):
        return case.make(BadRequestError, case.said)
    if CONTEXT.search(case.said):
        return too_long(case)
    if NO_CREDENTIALS.search(case.said):
        return refused_key(case)
    return case.make(ServerError, case.told("it failed on its side."))


def connection(case: Case) -> ProviderError:
    """A connection that is not there or broke, or what litellm takes for one."""
    if case.asked.begun:
        return case.make(
            StreamInterruptedError,
            "the connection broke in mid-answer.",
            hint="What had come is kept. Run the cell again for a whole answer.",
        )
    if case.causes & _CONNECTING:
        return case.make(
            ConnectionFailedError,
            "no connection to its server.",
            hint="Check the network and the address.",
        )
    if case.causes & _BREAKING:
        text = "its server closed the connection without an answer."
        return case.make(ConnectionFailedError, text)
    if NO_CREDENTIALS.search(case.said) or "NoCredentialsError" in case.causes:
        return refused_key(case)
    if "ModuleNotFoundError" in case.causes or "ImportError" in case.causes:
        text = case.told("a package that this provider needs is not installed.")
        return case.make(BadRequestError, text)
    # litellm calls whatever it cannot sort a failed connection.
    return case.make(ServerError, case.told("it failed."))


def unreadable(case: Case) -> ProviderError:
    """An answer that is none."""
    if is_html("", case.said):
        text = "its server answered with a web page."
        return case.make(InvalidResponseError, text, hint="Check the address.")
    text = "its server answered with what litellm cannot read."
    return case.make(InvalidResponseError, case.told(text))


def unexpected(case: Case) -> ProviderError:
    """A class that says nothing, or is not listed."""
    if case.status:
        # What litellm has not sorted (BedrockError and the like) has a status still.
        return by_status(case)
    text = f"unexpected {case.kind} in litellm."
    return case.make(ProviderError, text, hint="Another version of litellm may help.")
