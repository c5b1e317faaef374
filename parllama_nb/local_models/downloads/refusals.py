"""What a server of files refuses, as an error.

The Hugging Face hub says in the header `X-Error-Code` what is wrong. To whoever has no
token it hides whether a repository is private or is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import (
    AuthenticationError,
    BadRequestError,
    ModelNotFoundError,
    ProviderError,
    RateLimitError,
    ServerError,
)
from ...providers.http.endpoint import Endpoint
from ...providers.http.waits import wait_of

__all__ = ["TOKEN_NAME", "refusal"]

TOKEN_NAME = "HF_TOKEN"  # noqa: S105 - the name of a variable
_TOKENS_PAGE = "https://huggingface.co/settings/tokens"

_UNAUTHORIZED, _FORBIDDEN, _MISSING, _GONE = 401, 403, 404, 410
_TOO_EARLY, _TOO_MANY, _TIMED_OUT = 425, 429, 408
_FAILED = 500


def refusal(  # noqa: PLR0911, PLR0913 - a rung for each kind
    endpoint: Endpoint,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    page: str,
    sent: bool,
) -> ProviderError:
    """Return the error of a status.

    Args:
        endpoint: the server, named in the error.
        status: the HTTP status.
        headers: of the response.
        body: the beginning of the response.
        page: where a user reads of the repository that was asked for; "" for none.
        sent: whether a token was sent.

    """
    code = headers.get("x-error-code", "")
    words = headers.get("x-error-message", "")
    invalid = "invalid" in words.lower() or b"nvalid username or password" in body
    line = endpoint.line
    its_page = f" Its page: {page}" if page else ""
    what = page.partition("://")[2] or "the file"
    if code == "GatedRepo":
        text = line(f"{what} is gated: its terms have to be accepted first.")
        how = (
            f" with the account of {TOKEN_NAME}."
            if sent
            else f", and set {TOKEN_NAME}."
        )
        hint = f"Accept them at {page}{how}"
        return AuthenticationError(text, hint=hint, status=status)
    if code == "RepoNotFound" or (status == _UNAUTHORIZED and page):
        if sent and invalid:
            text = line(f"{TOKEN_NAME} is not accepted.")
            hint = f"Make a new one: {_TOKENS_PAGE}"
            return AuthenticationError(text, hint=hint, status=status)
        text = line(f"there is no repository {what}, or it is private.")
        hint = "Check the name" + ("." if sent else f", or set {TOKEN_NAME}.")
        return ModelNotFoundError(text, hint=hint, status=status)
    if status in (_UNAUTHORIZED, _FORBIDDEN):
        text = line(f"access was denied ({status}).")
        return AuthenticationError(
            text, hint=f"Check the address.{its_page}", status=status
        )
    if status in (_MISSING, _GONE):
        text = line(f"there is no such file ({status}).")
        hint = f"Check the address.{its_page}"
        return ModelNotFoundError(text, hint=hint, status=status)
    wait = wait_of(headers, None, status)
    if status == _TOO_MANY:
        text = line("too many requests.")
        hint = "Wait a little" + ("." if sent else f", or set {TOKEN_NAME}.")
        return RateLimitError(text, hint=hint, status=status, retry_after=wait)
    if status >= _FAILED or status in (_TIMED_OUT, _TOO_EARLY):
        text = line(f"it failed on its side ({status}).")
        return ServerError(text, status=status, retry_after=wait)
    return BadRequestError(line(f"refused ({status})."), status=status)
