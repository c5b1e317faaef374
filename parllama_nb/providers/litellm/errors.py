"""The failures of litellm, turned into our errors by way of `http.refusals`.

The exceptions themselves stay in the process that runs litellm: they hold the request,
and the request holds the key. It sends the names of their classes, a status, headers
and a text, in which litellm may repeat what a server said, a key included. A class that
a newer release brings is at first treated like its base; a test then fails until it is
listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...errors import (
    BadRequestError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
)
from ..http.endpoint import FailedCall
from ..http.error_bodies import is_html, litellm_words, words_of
from ..http.error_patterns import MODEL
from ..http.failures import BROKEN, CONNECTING, transport
from ..http.refusals import refused
from .error_bodies import NO_PROVIDER, refused_options

__all__ = ["CLASSES", "mapped"]

Answer = Callable[[FailedCall], ProviderError]


def mapped(failure: Mapping[str, Any], call: FailedCall) -> ProviderError:
    """Return our error for what the child reports of an exception."""
    classes = failure.get("classes") or ("error",)
    message = litellm_words(str(failure.get("text") or ""))
    call = replace(
        call,
        status=failure.get("status") or 0,
        body=message if is_html("", message) else {"message": message},
        headers=failure.get("headers") or {},
        causes=frozenset(failure.get("causes") or ()),
    )
    listed = next((CLASSES[name] for name in classes if name in CLASSES), None)
    if callable(listed):
        return listed(call)
    vague = listed is None or classes[0] in _VAGUE
    if vague and not call.status:
        text = f"unexpected {classes[0]} in litellm."
        hint = "Another version of litellm may help."
        return call.make(ProviderError, text, hint=hint)
    # What litellm has not sorted (BedrockError and the like) has a status still.
    return _refused(_with_code(call, listed or ""))


def _refused(call: FailedCall) -> ProviderError:  # noqa: PLR0911 - one per kind
    """Return the error for a class that says no more than status and words do.

    litellm gives one class to a wrong key, a model that does not exist and a connection
    that broke.
    """
    words = words_of(call.body)
    if NO_PROVIDER.search(words):
        text = f"{call.model!r} names no provider that litellm knows."
        hint = "Models are named litellm/PROVIDER/MODEL; try litellm/together_ai/MODEL."
        return call.make(ModelNotFoundError, text, hint=hint)
    html = is_html("", call.body)
    if call.causes & (CONNECTING | BROKEN) and not html:
        return transport(call)
    if html and call.status < 500:  # noqa: PLR2004
        return _unreadable(call)
    if call.causes & _NO_KEY:
        return refused(_with_code(call, "authentication_error"))
    if "Timeout" in call.causes:
        return _timeout(call)
    if call.causes & {"ModuleNotFoundError", "ImportError"}:
        needed = "a package that this provider needs is not installed."
        return call.make(BadRequestError, _sentence(call, needed))
    return refused(call)


def _with_code(call: FailedCall, code: str) -> FailedCall:
    """Add the code of an error that a class stands for."""
    if not code or is_html("", call.body):
        return call
    message = words_of(call.body)
    if code == "context_length_exceeded" and call.status == 429:  # noqa: PLR2004
        code = ""  # too many tokens, but a minute
    if code == "model_not_found" and message and not MODEL.search(message):
        code = ""  # no such address
    return replace(call, body={"message": message, "code": code})


def _connection(call: FailedCall) -> ProviderError:
    """A connection that broke, or whatever litellm has not sorted."""
    return transport(call) if call.begun else _refused(call)


def _unsupported(call: FailedCall) -> ProviderError:
    """An option that the model does not support."""
    options = refused_options(words_of(call.body))
    if not options:
        text = _sentence(call, "it does not support an option.")
        return call.make(BadRequestError, text)
    named = call.model or "the model"
    text = f"{named} does not support {' or '.join(options)}."
    return call.make(BadRequestError, text, hint="Ask without it.")


def _timeout(call: FailedCall) -> ProviderError:
    """A time limit; it may be tried again if nothing was connected yet."""
    hint = "It may be overloaded; try again."
    error = call.make(ProviderTimeoutError, "no answer in time.", hint=hint)
    error.retriable = bool(call.causes & {"ConnectTimeout", "ConnectionTimeoutError"})
    return error


def _unreadable(call: FailedCall) -> ProviderError:
    """An answer that is not one."""
    if is_html("", call.body):
        text = "its server answered with a web page."
        return call.make(InvalidResponseError, text, hint="Check the address.")
    text = _sentence(call, "its server answered with what litellm cannot read.")
    return call.make(InvalidResponseError, text)


def _sentence(call: FailedCall, instead: str) -> str:
    """Return the server's words as a sentence, or another one without them."""
    words = words_of(call.body)
    return f"{words.rstrip('.')}." if words else instead


_NO_KEY = frozenset(
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
"""botocore's classes for a key that is missing or expired."""

_VAGUE = frozenset(["ModelNotMappedError", "OpenAIError"])
"""Classes that say nothing without a status."""

_LISTED: tuple[tuple[str | Answer, str], ...] = (
    # litellm's
    (
        "authentication_error",
        "AuthenticationError CallerCredentialAuthenticationError PermissionDeniedError",
    ),
    (
        "too_many_requests",
        "RateLimitError CallerCredentialRateLimitError PaymentRequiredError",
    ),
    ("budget_exceeded", "BudgetExceededError"),
    ("model_not_found", "NotFoundError"),
    ("context_length_exceeded", "ContextWindowExceededError"),
    (
        "content_policy_violation",
        (
            "ContentPolicyViolationError RejectedRequestError GuardrailRaisedException "
            "BlockedPiiEntityError ModifyResponseException SensitiveDataRouteException"
        ),
    ),
    (
        "",
        (
            "BadRequestError InvalidRequestError UnprocessableEntityError "
            "ImageFetchError MalformedRequestFieldError LiteLLMUnknownProvider "
            "VectorStoreSearchError InternalServerError ServiceUnavailableError "
            "BadGatewayError MidStreamFallbackError APIError MockException "
            "ModelNotMappedError OpenAIError"
        ),
    ),
    (_connection, "APIConnectionError"),
    (_unsupported, "UnsupportedParamsError"),
    (_timeout, "Timeout"),
    (_unreadable, "APIResponseValidationError JSONSchemaValidationError"),
    # botocore's and httpx's, from listing Bedrock's models
    ("", "HTTPStatusError"),
    (transport, "TransportError"),
    ("authentication_error", " ".join(sorted(_NO_KEY))),
)

CLASSES: dict[str, str | Answer] = {
    name: answer for answer, names in _LISTED for name in names.split()
}
"""The code of the error that each class stands for, or what makes the error."""
