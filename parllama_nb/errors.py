"""What can go wrong, as one tree.

ParllamaError
├── UsageError                what was typed cannot be understood
│   └── PrivateLineError      and may hold a secret, so it is not repeated
├── NoModelError              no model was named and none can be assumed
├── UnknownProviderError      the text before the first slash is no provider
├── ProviderDisabledError             the provider is switched off
├── SettingsError             the settings cannot be read or written
├── StoreError                the database on disk cannot be read or written
├── FrontEndError             the built front end is missing from the installation
├── StoppedError            stopped by the user
├── BudgetError               not asked, since it would have cost too much
├── SchemaMismatchError       the answer does not fit the schema that was given
├── InputError               there is nobody who could be asked
├── VaultError                the vault did not do as asked: see `vaults.errors`
├── EngineError               the embedded engine
│   ├── EngineMissingError    its package is not installed
│   ├── EngineDiedError       its process ended
│   ├── DownloadError         the model's file could not be fetched
│   └── DamagedModelError     the model's file is not what it should be
└── ProviderError             a provider did not answer as asked
    ├── ConnectionFailedError      no connection
    ├── ProviderTimeoutError         connected, but silent for too long
    ├── AuthenticationError   the key is missing, wrong, or not allowed to
    ├── RateLimitError        too many requests, or the quota is used up
    ├── ModelNotFoundError    the provider does not know this model
    ├── ContextLengthError    the prompt is longer than the model can read
    ├── BadRequestError          refused for another reason
    ├── ServerError           it failed on its own side
    ├── InvalidResponseError         it answered, but not in its protocol
    └── StreamInterruptedError              the connection broke in mid-answer

Every class has a `code` that stays the same from release to release (programs and
views may test it) and every error has a message of one line; most have a `hint`,
one line that says what to do. Foreign exceptions are turned into these at one place
per wire format and are not chained: a client library's exception holds the request,
and the request holds the key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

__all__ = [
    "AuthenticationError",
    "BadRequestError",
    "BudgetError",
    "ConnectionFailedError",
    "ContextLengthError",
    "DamagedModelError",
    "DownloadError",
    "EngineDiedError",
    "EngineError",
    "EngineMissingError",
    "FrontEndError",
    "InputError",
    "InvalidResponseError",
    "ModelNotFoundError",
    "NoModelError",
    "ParllamaError",
    "PrivateLineError",
    "ProviderDisabledError",
    "ProviderError",
    "ProviderTimeoutError",
    "RateLimitError",
    "SchemaMismatchError",
    "ServerError",
    "SettingsError",
    "StoppedError",
    "StoreError",
    "StreamInterruptedError",
    "UnknownProviderError",
    "UsageError",
]


class ParllamaError(Exception):
    """Base of every error a user is meant to see.

    `partial` is the text that had come of an answer that broke off.
    """

    code: ClassVar[str] = "error"
    partial: str = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    @classmethod
    def of(cls, error: BaseException) -> ParllamaError:
        """The error as a user may see it: itself if it is ours, else `unexpected`."""
        return error if isinstance(error, ParllamaError) else cls.unexpected(error)

    def redact(self, redact: Callable[[str], str]) -> Self:
        """Take known secrets out of the message and the hint; gives the error back."""
        self.message = redact(self.message)
        self.hint = redact(self.hint) if self.hint else None
        self.args = (self.message,)
        return self

    @classmethod
    def unexpected(cls, error: BaseException) -> ParllamaError:
        """What a user sees of a foreign exception: its kind, and none of its text."""
        return ParllamaError(
            f"Unexpected {type(error).__name__}.",
            hint="This is a bug; the kernel's log says where.",
        )


class UsageError(ParllamaError):
    """A command, an option or a value that cannot be understood."""

    code = "usage"


class PrivateLineError(UsageError):
    """A line that cannot be understood and may hold a secret."""

    code = "private-line"


class NoModelError(ParllamaError):
    """No model was named, none was chosen, and none can be assumed."""

    code = "no-model"


class UnknownProviderError(ParllamaError):
    """The text before the first slash of a model's name is no provider."""

    code = "unknown-provider"


class ProviderDisabledError(ParllamaError):
    """The provider is switched off: it is asked for nothing."""

    code = "disabled"


class SettingsError(ParllamaError):
    """The file of settings cannot be read or written; nothing of it was changed."""

    code = "settings"


class StoreError(ParllamaError):
    """The database on disk cannot be opened, read or written."""

    code = "store"


class FrontEndError(ParllamaError):
    """The built front end is missing from the installation."""

    code = "front-end"


class StoppedError(ParllamaError):
    """Stopped by the user; what had arrived is kept."""

    code = "cancelled"


class BudgetError(ParllamaError):
    """A question that was not asked, since the budget was used up."""

    code = "budget"


class SchemaMismatchError(ParllamaError):
    """An answer that does not fit the schema it was asked for with."""

    code = "schema"


class InputError(ParllamaError):
    """Somebody would have to be asked, and nobody can be."""

    code = "prompt"


class EngineError(ParllamaError):
    """The embedded engine could not do its work."""

    code = "engine"


class EngineMissingError(EngineError):
    """The package of the embedded engine is not installed."""

    code = "engine-missing"


class EngineDiedError(EngineError):
    """The process of the embedded engine ended, or never came up."""

    code = "engine-died"


class DownloadError(EngineError):
    """The file of a model could not be fetched."""

    code = "download"


class DamagedModelError(EngineError):
    """The file of a model is not what its checksum says it should be."""

    code = "damaged-model"


class ProviderError(ParllamaError):
    """A provider did not answer as asked.

    `retriable` says whether the same request may succeed a little later, and
    `retry_after` how many seconds the provider asked to wait, where it said so.
    """

    code = "provider"
    retriable: bool = False

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after = retry_after


class ConnectionFailedError(ProviderError):
    """No connection could be made."""

    code = "unreachable"
    retriable = True


class ProviderTimeoutError(ProviderError):
    """Connected, but silent for longer than the limit."""

    code = "timed-out"


class AuthenticationError(ProviderError):
    """The key is missing, wrong, or not allowed to do this."""

    code = "authentication"


class RateLimitError(ProviderError):
    """Too many requests, or the quota is used up."""

    code = "rate-limit"
    retriable = True


class ModelNotFoundError(ProviderError):
    """The provider does not know a model of this name."""

    code = "model-not-found"


class ContextLengthError(ProviderError):
    """Prompt and conversation are longer than the model can read.

    `tokens` is how many they are, where the provider has counted.
    """

    code = "context-length"
    tokens: int | None = None


class BadRequestError(ProviderError):
    """The provider refused the request for another reason."""

    code = "request"


class ServerError(ProviderError):
    """The provider failed on its own side."""

    code = "server"
    retriable = True


class InvalidResponseError(ProviderError):
    """Something answered, but not in the provider's protocol."""

    code = "response"


class StreamInterruptedError(ProviderError):
    """The connection broke after the answer had begun."""

    code = "cut"
