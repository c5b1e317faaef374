"""The exceptions of `openai`, for `http.failures`."""

from __future__ import annotations

from typing import Final

from ..http.failures import Failures, status, table, unexpected

__all__ = ["OPENAI_FAILURES"]

OPENAI_FAILURES: Final = Failures(
    "openai",
    table(
        (
            status,
            (
                "BadRequestError AuthenticationError OAuthError PermissionDeniedError "
                "NotFoundError ConflictError UnprocessableEntityError RateLimitError "
                "InternalServerError"
            ),
        ),
        # those that nothing about a chat completion read as bytes raises
        (
            unexpected,
            (
                "OpenAIError LengthFinishReasonError ContentFilterFinishReasonError "
                "SubjectTokenProviderError WebSocketConnectionClosedError "
                "WebSocketQueueFullError StreamAlreadyConsumed APIRemovedInV1 "
                "_AmbiguousModuleClientUsageError MissingDependencyError "
                "MutuallyExclusiveAuthError AgentOutputParseError AgentTurnResultError "
                "AgentFilePreparationError AgentFileStagingError"
            ),
        ),
    ),
)
