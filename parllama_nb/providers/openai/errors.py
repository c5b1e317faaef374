"""What goes wrong on the OpenAI wire format, turned into our errors at this one place.

See `failures`, which does it; here is what `openai` has classes for.
"""

from __future__ import annotations

from typing import Final

from ..http.failures import Failures, table, unexpected
from ..http.refusals import status

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
