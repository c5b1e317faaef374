"""What goes wrong in litellm, turned into our errors at this one place.

The exceptions themselves stay in the process that runs litellm: they hold the request,
and the request holds the key. What comes here are the names of their classes, a status
and a text, in which litellm may repeat what a server said, a key included. A class that
a newer release brings is at first treated like its base; a test then fails until it is
listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ProviderError
from ..http.error_bodies import retry_after_of
from .endpoint import Asked, Case
from .error_bodies import said_in
from .failures import (
    by_status,
    connection,
    forbidden,
    limited,
    not_found,
    refused,
    refused_key,
    server,
    timeout,
    too_long,
    unexpected,
    unreadable,
    unsupported,
    withheld,
)

__all__ = ["CLASSES", "mapped"]

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


def mapped(failure: Mapping[str, Any], asked: Asked) -> ProviderError:
    """Our error for what the child says of an exception."""
    classes = failure.get("classes") or ("error",)
    case = Case(
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
    return unexpected(case)


CLASSES: dict[str, Callable[[Case], ProviderError]] = {
    name: answer
    for answer, names in (
        # litellm's
        (refused_key, "AuthenticationError CallerCredentialAuthenticationError"),
        (forbidden, "PermissionDeniedError"),
        (
            limited,
            (
                "RateLimitError CallerCredentialRateLimitError PaymentRequiredError "
                "BudgetExceededError"
            ),
        ),
        (not_found, "NotFoundError"),
        (too_long, "ContextWindowExceededError"),
        (unsupported, "UnsupportedParamsError"),
        (
            withheld,
            (
                "ContentPolicyViolationError RejectedRequestError "
                "GuardrailRaisedException BlockedPiiEntityError "
                "ModifyResponseException SensitiveDataRouteException"
            ),
        ),
        (
            refused,
            (
                "BadRequestError InvalidRequestError UnprocessableEntityError "
                "ImageFetchError MalformedRequestFieldError LiteLLMUnknownProvider "
                "VectorStoreSearchError"
            ),
        ),
        (timeout, "Timeout"),
        (
            server,
            (
                "InternalServerError ServiceUnavailableError BadGatewayError "
                "MidStreamFallbackError APIError MockException"
            ),
        ),
        (connection, "APIConnectionError"),
        (unreadable, "APIResponseValidationError JSONSchemaValidationError"),
        (unexpected, "OpenAIError ModelNotMappedError"),
        # botocore's and httpx's, from listing Bedrock's models
        (by_status, "HTTPStatusError"),
        (refused_key, " ".join(sorted(_AWS))),
        (connection, "TransportError"),
    )
    for name in names.split()
}
"""What each class of litellm's becomes; `OpenAIError` is the base of most of them."""
