"""All errors that a user may see, as one tree.

ParllamaError
├── UsageError                  invalid command, option or value
│   ├── FieldError              and one field of a form or a file is at fault
│   └── PrivateLineError        and the line may hold a secret: do not repeat it
├── NoModelError                no model was named, and there is no default
├── UnknownProviderError        the text before the first slash is not a provider
├── ProviderDisabledError       the provider is disabled
├── SettingsError               the settings cannot be read or written
├── StoreError                  the database on disk cannot be read or written
│   └── StoreUnavailableError   it cannot be opened, so that nothing is kept at all
├── FrontEndError               the built front end is missing from the installation
├── StoppedError                stopped by the user
├── BudgetError                 not asked, because the budget was used up
├── SchemaMismatchError         the answer does not fit the given schema
├── InputError                  input is needed, and nobody can type it
├── VaultError                  an error of the vault: see `vaults.errors`
├── EngineError                 the embedded engine failed
│   ├── EngineMissingError      its package is not installed
│   ├── EngineDiedError         its process ended
│   ├── DownloadError           the model's file could not be downloaded
│   └── DamagedModelError       the model's file does not match its checksum
└── ProviderError               a request to a provider failed
    ├── ConnectionFailedError   no connection
    ├── ProviderTimeoutError    connected, but silent for too long
    ├── AuthenticationError     the key is missing, wrong, or lacks a permission
    ├── RateLimitError          too many requests, or the quota is used up
    ├── ModelNotFoundError      the provider does not have this model
    ├── ContextLengthError      the prompt is too long for the model
    ├── BadRequestError         refused for another reason
    ├── ServerError             the provider failed on its own side
    │   └── ModelLoadingError   its server is still loading the model
    ├── InvalidResponseError    the answer does not follow the protocol
    └── StreamInterruptedError  the connection broke in mid-answer

Each class has a `code` that stays the same from release to release, so that programs
and views may test it. Each error has a message of one line; most have a `hint`, one
line that says what to do. Foreign exceptions are mapped to these at one place per wire
format and are not chained: a client library's exception holds the request, and the
request holds the key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

from .surrogates import without_surrogates
from .tracebacks import user_lines

__all__ = [
    "AuthenticationError",
    "BadRequestError",
    "BudgetError",
    "ChangedElsewhereError",
    "ConnectionFailedError",
    "ContextLengthError",
    "DamagedModelError",
    "DownloadError",
    "EngineDiedError",
    "EngineError",
    "EngineMissingError",
    "FieldError",
    "FrontEndError",
    "InputError",
    "InvalidResponseError",
    "ModelLoadingError",
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
    "StoreUnavailableError",
    "StreamInterruptedError",
    "UnknownProviderError",
    "UsageError",
]


class ParllamaError(Exception):
    """Base of every error that a user is meant to see.

    `partial` is the text of an answer that broke off, as far as it had come.
    """

    code: ClassVar[str] = "error"
    partial: str = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = message
        self.hint = hint
        super().__init__(self.message)

    # A server may have cut its words in the middle of a character, and a name of a file
    # need not be UTF-8; no page and no database takes such a text.

    @property
    def message(self) -> str:
        """What went wrong, in one line."""
        return self._message

    @message.setter
    def message(self, text: str) -> None:
        self._message = without_surrogates(text)

    @property
    def hint(self) -> str | None:
        """What to do about it, in one line; None if there is nothing to say."""
        return self._hint

    @hint.setter
    def hint(self, text: str | None) -> None:
        self._hint = without_surrogates(text)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the user's own lines, and the error in one.

        Our frames would say nothing to whoever calls a function of the package.
        """
        lines = [*user_lines(self.__traceback__), f"{type(self).__name__}: {self}"]
        # IPython puts line breaks between the strings in some of its modes only.
        return ["\n".join(lines)]

    @classmethod
    def of(cls, error: BaseException) -> ParllamaError:
        """Return the error itself if it is ours, else `unexpected(error)`."""
        return error if isinstance(error, ParllamaError) else cls.unexpected(error)

    def redact(self, redact: Callable[[str], str]) -> Self:
        """Remove known secrets from the message and the hint. Returns the error."""
        self.message = redact(self.message)
        self.hint = redact(self.hint) if self.hint else None
        self.args = (self.message,)
        return self

    @classmethod
    def unexpected(cls, error: BaseException) -> ParllamaError:
        """Return an error that names a foreign exception's class, without its text."""
        return ParllamaError(
            f"Unexpected {type(error).__name__}.",
            hint="This is a bug of parllama_nb; the kernel's log says where.",
        )


class UsageError(ParllamaError):
    """A command, an option or a value is invalid."""

    code = "usage"


class FieldError(UsageError):
    """A value is invalid; `field` names the field of the form or file that has it."""

    def __init__(
        self, message: str, *, hint: str | None = None, field: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.field = field


class ChangedElsewhereError(UsageError):
    """What is to be changed is no longer what it was when it was read."""

    code = "changed-elsewhere"


class PrivateLineError(UsageError):
    """A line is invalid and may hold a secret."""

    code = "private-line"


class NoModelError(ParllamaError):
    """No model was named, and there is no default."""

    code = "no-model"


class UnknownProviderError(ParllamaError):
    """The text before the first slash of a model's name is not a provider."""

    code = "unknown-provider"


class ProviderDisabledError(ParllamaError):
    """The provider is disabled in the settings; nothing was sent to it."""

    code = "disabled"


class SettingsError(ParllamaError):
    """The settings file cannot be read or written; it was not changed."""

    code = "settings"


class StoreError(ParllamaError):
    """The database on disk cannot be opened, read or written."""

    code = "store"


class StoreUnavailableError(StoreError):
    """The database cannot be opened: nothing is read from it, and nothing is kept."""

    code = "store-unavailable"


class FrontEndError(ParllamaError):
    """The built front end is missing from the installation."""

    code = "front-end"


class StoppedError(ParllamaError):
    """Stopped by the user; what has come is kept."""

    code = "cancelled"


class BudgetError(ParllamaError):
    """A question was not asked, because the budget was used up."""

    code = "budget"


class SchemaMismatchError(ParllamaError):
    """An answer does not fit the schema that was given with the question."""

    code = "schema"


class InputError(ParllamaError):
    """Input is needed, such as a password, and nobody can type it."""

    code = "prompt"


class EngineError(ParllamaError):
    """The embedded engine failed."""

    code = "engine"


class EngineMissingError(EngineError):
    """The package of the embedded engine is not installed."""

    code = "engine-missing"


class EngineDiedError(EngineError):
    """The process of the embedded engine ended, or never started."""

    code = "engine-died"


class DownloadError(EngineError):
    """The file of a model could not be downloaded."""

    code = "download"


class DamagedModelError(EngineError):
    """The file of a model does not match its checksum."""

    code = "damaged-model"


class ProviderError(ParllamaError):
    """A request to a provider failed.

    `retriable`: whether the same request may succeed a little later. `retry_after`:
    how many seconds the provider asked to wait, None if it did not say. `status`: the
    HTTP status, None if there was none.
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
    """The key is missing, wrong, or lacks the permission for this.

    `missing_key` is the name under which the key can be stored, "" if there is one.
    `sign_in_url` is the page on which a server signs in, "" if it names none.
    """

    code = "authentication"
    missing_key: str = ""
    sign_in_url: str = ""


class RateLimitError(ProviderError):
    """Too many requests, or the quota is used up."""

    code = "rate-limit"
    retriable = True


class ModelNotFoundError(ProviderError):
    """The provider does not have a model of this name."""

    code = "model-not-found"


class ContextLengthError(ProviderError):
    """Prompt and conversation are too long for the model.

    `tokens` is their length, None if the provider did not say.
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


class ModelLoadingError(ServerError):
    """The server is still loading the model; it can be asked again until it has."""

    code = "loading"


class InvalidResponseError(ProviderError):
    """An answer came that does not follow the provider's protocol."""

    code = "response"


class StreamInterruptedError(ProviderError):
    """The connection broke after the answer had begun."""

    code = "cut"
