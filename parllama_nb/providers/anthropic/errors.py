"""The exceptions of `anthropic`, for `http.failures`.

It has a class for every status and every code of an error; all of those are an
`APIStatusError`, and the body tells them apart:
https://platform.claude.com/docs/en/api/errors.
"""

from __future__ import annotations

from typing import Final

from ..http.failures import Failures, table, unexpected

__all__ = ["ANTHROPIC_FAILURES"]

ANTHROPIC_FAILURES: Final = Failures(
    "anthropic",
    table(
        # those that nothing about a message read as bytes, with a key, raises
        (
            unexpected,
            (
                "AnthropicError RetryableError CredentialsError IdentityTokenFileError "
                "WorkloadIdentityError MutuallyExclusiveAuthError "
                "StreamAlreadyConsumed MissingDependencyError "
                "APIWebhookValidationError BrowserStateError "
                "NestedCallError ToolsetClosedError ToolsetConfigError "
                "ToolsetContractError ToolsetUsageError ToolsetsFixedError "
                "AsyncOnSyncToolsetError SyncOnAsyncToolsetError"
            ),
        ),
    ),
)
