"""An answer that is an error: what a server refuses, turned into an error of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import (
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
)
from .endpoint import Failure
from .error_bodies import (
    CONTEXT,
    MAY_BE_MODEL,
    MODEL,
    NO_DATABASE,
    NO_KEY,
    NO_MODEL,
    QUOTA,
    SPENT,
    TOO_LONG,
    TOO_MANY,
    UNSUPPORTED,
    WITHHELD,
    WRONG_KEY,
    field_of,
    is_html,
    retry_after_of,
    shown_url,
    words_of,
)

__all__ = ["check_url", "reported", "status"]


_FAULTY = {"invalid_request_error", "request_too_large"}


def status(failure: Failure) -> ProviderError:
    """A status of 400 and above."""
    response = getattr(failure.error, "response", None)
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    code = getattr(response, "status_code", None)
    body = getattr(failure.error, "body", None)
    html = is_html(headers.get("content-type", ""), body)
    return _refused(
        failure,
        int(code) if isinstance(code, int) else 0,
        None if html else body,
        html=html,
        retry_after=retry_after_of(headers),
    )


def reported(failure: Failure) -> ProviderError:
    """An error inside of a stream; some servers say there what status it would be."""
    body = getattr(failure.error, "body", None)
    code = str(field_of(body, "code") or field_of(body, "status") or "")
    return _refused(failure, int(code) if re.fullmatch(r"[45]\d\d", code) else 0, body)


def check_url(failure: Failure) -> str:
    """Where the address of an API should be looked at again."""
    peer = failure.peer
    usual = f"; most end in {peer.usual_path}" if peer.usual_path else ""
    return f"Check the base URL {shown_url(peer.base_url)}{usual}."


def _refused(  # noqa: PLR0911 - one return per kind of refusal
    case: Failure,
    status: int,
    body: object,
    *,
    html: bool = False,
    retry_after: float | None = None,
) -> ProviderError:
    said = words_of(body)
    codes = {str(field_of(body, name) or "").lower() for name in ("code", "type")}
    told = f"{said.rstrip('.')}." if said else ""
    at: dict[str, Any] = {"status": status or None, "retry_after": retry_after}

    if _is_model(status, codes, said, case.model):
        named = f" {case.model!r}" if case.model else " of this name"
        return case.make(ModelNotFoundError, f"there is no model{named}.", **at)
    if codes & TOO_LONG or (status not in (401, 429) and CONTEXT.search(said)):
        return case.make(
            ContextLengthError,
            told or "the prompt is longer than the model can read.",
            hint="Shorten the prompt, start a new conversation, or use a model with a "
            "larger context window.",
            **at,
        )
    if status == 403 and WITHHELD.search(said):  # noqa: PLR2004
        return case.make(BadRequestError, told, **at)
    # Two makers answer 400 to a wrong key.
    wrong_key = status in (0, 400) and WRONG_KEY.search(said)
    no_words = bool(codes & NO_DATABASE)
    if status in (401, 403) or codes & NO_KEY or wrong_key or no_words:
        refused = f"the key is not accepted ({status or 'no status'})."
        return case.make(
            AuthenticationError,
            refused if no_words else told or refused,
            hint="Check the key.",
            **at,
        )
    if status in (402, 429) or codes & TOO_MANY:
        return _limited(case, status, codes, said, at)
    if status >= 500 and UNSUPPORTED.search(said):  # noqa: PLR2004
        # llama.cpp: an image for a model that reads none. It will never read it.
        return case.make(BadRequestError, told, **at)
    if status >= 500 or not (status or codes & _FAULTY):  # noqa: PLR2004
        failed = f"it failed on its side ({status})." if status else "it failed."
        return case.make(ServerError, told or failed, **at)
    if status == 408:  # noqa: PLR2004
        return case.make(
            ProviderTimeoutError, told or "it gave up on the request.", **at
        )
    if html or (status in (404, 405) and not MODEL.search(said)):
        return case.make(
            InvalidResponseError,
            f"there is no such API at {case.peer.address} ({status}).",
            hint=check_url(case),
            **at,
        )
    return _faulty(case, body, told or f"refused ({status}).", at)


def _faulty(
    case: Failure, body: object, told: str, at: Mapping[str, Any]
) -> ProviderError:
    """A request that will not do; the option it is about is named as it is here."""
    option = _option(case, body, told)
    if not option:
        return case.make(BadRequestError, told, **at)
    told = told if re.search(rf"\b{option}\b", told) else f"{option}: {told}"
    hint = f"Leave {option} out for this model, or give it another value."
    return case.make(BadRequestError, told, hint=hint, **at)


def _is_model(status: int, codes: set[str], said: str, model: str | None) -> bool:
    if codes & NO_MODEL or (status in MAY_BE_MODEL and MODEL.search(said)):
        return True
    # Anthropic: "model: claude-x", and no word of what is the matter with it.
    missing = status in (0, 404) and "not_found_error" in codes
    return missing and model is not None and said.strip() == f"model: {model}"


def _limited(
    case: Failure, status: int, codes: set[str], said: str, at: Mapping[str, Any]
) -> ProviderError:
    # "Add a payment method to raise your limit" is no spent quota.
    limited = codes & {"rate_limit_exceeded"}
    spent = bool(
        status == 402  # noqa: PLR2004
        or codes & SPENT
        or (QUOTA.search(said) and not limited)
    )
    told = f"{said.rstrip('.')}." if said else ""
    error = case.make(
        RateLimitError,
        told or ("the quota is used up." if spent else "too many requests."),
        hint="Check the plan and the billing of the account." if spent else None,
        **at,
    )
    # A request that alone is over the limit is over it the next time too.
    error.retriable = not spent and status != 413  # noqa: PLR2004
    return error


def _option(case: Failure, body: object, said: str) -> str:
    """Our name of the option a server complains about, "" if it is about none."""
    param = re.split(r"[.\[]", str(field_of(body, "param") or ""))[0]
    if param in case.options:
        return case.options[param]
    for wire, ours in case.options.items():
        if re.search(rf"(?<!\w){re.escape(wire)}(?!\w)", said):
            return ours
    return ""
