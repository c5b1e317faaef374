"""What goes wrong in litellm, turned into our errors at this one place.

The exceptions themselves stay in the process that runs litellm: they hold the request,
and the request holds the key. What comes here are the names of their classes, a status
and a text, in which litellm may repeat what a server said, a key included. A class that
a newer release brings is at first treated like its base; a test then fails until it is
listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
from ..secret import Redactor, Secret
from .litellm_said import (
    AWS_MODEL,
    NO_CREDENTIALS,
    NO_PROVIDER,
    refused_options,
    said_in,
)
from .openai_said import (
    CONTEXT,
    MAY_BE_MODEL,
    MODEL,
    QUOTA,
    UNSUPPORTED,
    is_html,
    retry_after_of,
    without_keys,
)

__all__ = ["CLASSES", "Asked", "mapped"]

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom we asked for what, as far as an error has to tell."""

    label: str
    redact: Redactor
    keys: tuple[Secret, ...] = ()
    model: str | None = None
    begun: bool = False
    hints: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    asked: Asked
    kind: str
    status: int
    said: str
    causes: frozenset[str]
    retry_after: float | None

    def make(
        self, kind: type[ProviderError], text: str, *, hint: str | None = None
    ) -> ProviderError:
        hints = self.asked.hints or {}
        return kind(
            _line(self.asked, text),
            hint=hints.get(kind.code, hint),
            status=self.status or None,
            retry_after=self.retry_after,
        )

    def told(self, instead: str) -> str:
        return f"{self.said.rstrip('.')}." if self.said else instead


def mapped(failure: Mapping[str, Any], asked: Asked) -> ProviderError:
    """Our error for what the child says of an exception."""
    classes = failure.get("classes") or ("error",)
    case = _Case(
        asked,
        kind=classes[0],
        status=failure.get("status") or 0,
        said=said_in(str(failure.get("text") or "")),
        causes=frozenset(failure.get("causes") or ()),
        retry_after=retry_after_of(failure.get("headers") or {}),
    )
    for name in classes:
        answer = CLASSES.get(name)
        if answer is not None:
            return answer(case)
    return _unexpected(case)


def _line(asked: Asked, text: str) -> str:
    """One clear line: the provider first, no secret, not too long."""
    text = asked.redact(text)
    for key in asked.keys or (None,):
        text = without_keys(text, key)
    text = " ".join(f"{asked.label}: {text}".split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


# kinds of failures


def _by_status(case: _Case) -> ProviderError:  # noqa: PLR0911 - one per kind of refusal
    status = case.status
    if NO_CREDENTIALS.search(case.said):
        return _refused_key(case)
    if is_html("", case.said):
        return _unreadable(case)
    if status in (401, 403):
        return _forbidden(case)
    if status == 408 or "Timeout" in case.causes:  # noqa: PLR2004
        return _timeout(case)
    if status in (402, 429):
        return _limited(case)
    if status >= 500 or status == 424:  # noqa: PLR2004 - AWS: the model failed
        return _server(case)
    if _is_model(case):
        return _no_model(case)
    if CONTEXT.search(case.said):
        return _too_long(case)
    kind = ResponseError if status in (404, 405) else RequestError
    return case.make(kind, case.told(f"refused ({status})."))


def _is_model(case: _Case) -> bool:
    said = case.said
    return bool(AWS_MODEL.search(said)) or (
        case.status in MAY_BE_MODEL and bool(MODEL.search(said))
    )


def _refused(case: _Case) -> ProviderError:
    if NO_PROVIDER.search(case.said):
        text = f"{case.asked.model!r} names no provider that litellm knows."
        hint = (
            "Models are named litellm/PROVIDER/MODEL, like litellm/together_ai/MODEL."
        )
        return case.make(ModelNotFoundError, text, hint=hint)
    return _by_status(case)


def _refused_key(case: _Case) -> ProviderError:
    return case.make(
        AuthenticationError,
        case.told("the key is not accepted."),
        hint="Check the key.",
    )


def _forbidden(case: _Case) -> ProviderError:
    return _no_model(case) if _is_model(case) else _refused_key(case)


def _no_model(case: _Case) -> ProviderError:
    named = f" {case.asked.model!r}" if case.asked.model else " of this name"
    return case.make(ModelNotFoundError, f"there is no model{named}.")


def _not_found(case: _Case) -> ProviderError:
    if is_html("", case.said):
        return _unreadable(case)
    if case.said and not _is_model(case):
        return case.make(ResponseError, case.said)
    return _no_model(case)


def _too_long(case: _Case) -> ProviderError:
    if case.status == 429:  # noqa: PLR2004 - too many tokens, but a minute
        return _limited(case)
    return case.make(
        ContextLengthError,
        case.told("the prompt is longer than the model can read."),
        hint="Shorten the prompt, start a new conversation, or use a model with a "
        "larger context window.",
    )


def _limited(case: _Case) -> ProviderError:
    spent = case.status == 402 or bool(QUOTA.search(case.said))  # noqa: PLR2004
    error = case.make(
        RateLimitError,
        case.told("the quota is used up." if spent else "too many requests."),
        hint="Check the plan and the billing of the account." if spent else None,
    )
    error.retriable = not spent
    return error


def _unsupported(case: _Case) -> ProviderError:
    options = " and no ".join(refused_options(case.said))
    if not options:
        return case.make(RequestError, case.told("it does not take an option."))
    named = case.asked.model or "the model"
    return case.make(
        RequestError, f"{named} takes no {options}.", hint="Ask without it."
    )


def _withheld(case: _Case) -> ProviderError:
    return case.make(RequestError, case.told("it will not answer this."))


def _timeout(case: _Case) -> ProviderError:
    error = case.make(
        TimedOutError, "no answer in time.", hint="It may be overloaded; try again."
    )
    error.retriable = bool(case.causes & {"ConnectTimeout", "ConnectionTimeoutError"})
    return error


def _server(case: _Case) -> ProviderError:
    if is_html("", case.said):
        # Of a proxy on the way; the server behind it may be back in a moment.
        return case.make(ServerError, f"it failed on its side ({case.status}).")
    if case.causes & (_CONNECTING | _BREAKING):
        return _connection(case)
    if UNSUPPORTED.search(case.said):
        return case.make(RequestError, case.said)
    if CONTEXT.search(case.said):
        return _too_long(case)
    if NO_CREDENTIALS.search(case.said):
        return _refused_key(case)
    return case.make(ServerError, case.told("it failed on its side."))


def _connection(case: _Case) -> ProviderError:
    if case.asked.begun:
        return case.make(
            CutError,
            "the connection broke in mid-answer.",
            hint="What had come is kept. Run the cell again for a whole answer.",
        )
    if case.causes & _CONNECTING:
        return case.make(
            UnreachableError,
            "no connection to its server.",
            hint="Check the network and the address.",
        )
    if case.causes & _BREAKING:
        text = "its server closed the connection without an answer."
        return case.make(UnreachableError, text)
    if NO_CREDENTIALS.search(case.said) or "NoCredentialsError" in case.causes:
        return _refused_key(case)
    if "ModuleNotFoundError" in case.causes or "ImportError" in case.causes:
        text = case.told("a package that this provider needs is not installed.")
        return case.make(RequestError, text)
    # litellm calls whatever it cannot sort a failed connection.
    return case.make(ServerError, case.told("it failed."))


def _unreadable(case: _Case) -> ProviderError:
    if is_html("", case.said):
        text = "its server answered with a web page."
        return case.make(ResponseError, text, hint="Check the address.")
    text = "its server answered with what litellm cannot read."
    return case.make(ResponseError, case.told(text))


def _unexpected(case: _Case) -> ProviderError:
    if case.status:
        # What litellm has not sorted (BedrockError and the like) has a status still.
        return _by_status(case)
    text = f"unexpected {case.kind} in litellm."
    return case.make(ProviderError, text, hint="Another version of litellm may help.")


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
_AWS = frozenset(
    [
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "TokenRetrievalError",
        "SSOTokenLoadError",
        "UnauthorizedSSOTokenError",
        "CredentialRetrievalError",
    ]
)

CLASSES: dict[str, Callable[[_Case], ProviderError]] = {
    name: answer
    for answer, names in (
        # litellm's
        (_refused_key, "AuthenticationError CallerCredentialAuthenticationError"),
        (_forbidden, "PermissionDeniedError"),
        (
            _limited,
            (
                "RateLimitError CallerCredentialRateLimitError PaymentRequiredError "
                "BudgetExceededError"
            ),
        ),
        (_not_found, "NotFoundError"),
        (_too_long, "ContextWindowExceededError"),
        (_unsupported, "UnsupportedParamsError"),
        (
            _withheld,
            (
                "ContentPolicyViolationError RejectedRequestError "
                "GuardrailRaisedException BlockedPiiEntityError "
                "ModifyResponseException SensitiveDataRouteException"
            ),
        ),
        (
            _refused,
            (
                "BadRequestError InvalidRequestError UnprocessableEntityError "
                "ImageFetchError MalformedRequestFieldError LiteLLMUnknownProvider "
                "VectorStoreSearchError"
            ),
        ),
        (_timeout, "Timeout"),
        (
            _server,
            (
                "InternalServerError ServiceUnavailableError BadGatewayError "
                "MidStreamFallbackError APIError MockException"
            ),
        ),
        (_connection, "APIConnectionError"),
        (_unreadable, "APIResponseValidationError JSONSchemaValidationError"),
        (_unexpected, "OpenAIError ModelNotMappedError"),
        # botocore's and httpx's, from listing Bedrock's models
        (_by_status, "HTTPStatusError"),
        (_refused_key, " ".join(sorted(_AWS))),
        (_connection, "TransportError"),
    )
    for name in names.split()
}
"""What each class of litellm's becomes; `OpenAIError` is the base of most of them."""
