"""The one ladder from a server's refusal to an error of ours.

Every wire format hands its failed calls to `refused`: by status, body, headers and the
classes of what was raised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...durations import in_words
from ...errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    InvalidResponseError,
    ModelLoadingError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
)
from .access_words import access_hint
from .endpoint import FailedCall
from .error_bodies import field_of, is_html, words_of
from .error_patterns import (
    CONTEXT,
    MAY_BE_MODEL,
    MEMORY,
    MODEL,
    NEVER,
    NO_CREDENTIALS,
    NO_DATABASE,
    NO_KEY,
    NO_MODEL,
    PASSING,
    QUOTA,
    SOON,
    SPENT,
    TOO_LONG,
    TOO_MANY,
    UNLOADABLE,
    UNSUPPORTED,
    WITHHELD,
    WITHHELD_CODES,
    WRONG_KEY,
    shown_url,
    tokens_of,
)
from .waits import names_wait

__all__ = ["check_url", "refused"]

_FAULTY = {"invalid_request_error", "request_too_large"}

_NO_API = re.compile(
    r"unexpected endpoint|invalid url \(|cannot (get|post) /|page not found"
    r"|(unknown|unsupported|invalid|no) (request )?(url|endpoint|route|path)\b"
    r"|(endpoint|route|path|url)\b.{0,60}\b(not (be )?(found|exist)|not supported)",
    re.IGNORECASE,
)
"""Of a path that the server does not have; some, as LM Studio, say it with a 200."""

_LOADING = re.compile(
    r"(?<!error )(?<!failed )(?<!while )\bloading (the |your )?model"
    r"|\bmodel\b.{0,80}\b(is|still|currently)\b.{0,20}\bloading\b"
    r"|\bmodel\b.{0,80}\bbeing loaded\b|\bmodel\b.{0,80}\bnot (yet )?ready|warming up",
    re.IGNORECASE,
)
"""As llama.cpp's server says it, Hugging Face and others."""

_UNLOADED = re.compile(r"\bno models? (is |are )?loaded", re.IGNORECASE)
"""LM Studio's words, which say what to do."""

_PERIOD = re.compile(
    r"\b(hourly|daily|weekly|monthly|session|usage) (usage |spending )?(limit|cap)\b"
    r"|\b(calls|requests|tokens|messages|queries) ?(per|/|a) ?(day|week|month)\b",
    re.IGNORECASE,
)

_ADVICE = (
    (
        re.compile(r"location is not supported|unsupported_country", re.IGNORECASE),
        "Use a provider, or an address of it, that serves this region.",
    ),
    (re.compile(r"does not support thinking", re.IGNORECASE), "Leave reasoning out."),
    (
        re.compile(r"does not support (chat|generate|completion)", re.IGNORECASE),
        "It is a model for embeddings; use one that answers.",
    ),
)
"""What to do about a request that a model does not support, by the server's words."""


def refused(call: FailedCall) -> ProviderError:  # noqa: C901, PLR0911, PLR0912
    """Return our error for an error body, a status, or both: a rung for each kind."""
    status, body = call.status, call.body
    html = is_html(call.headers.get("content-type", ""), body)
    body = None if html else body
    words = words_of(body)
    text = f"{words.rstrip('.')}." if words else ""
    codes = {str(field_of(body, name) or "").lower() for name in ("code", "type")}

    if 300 <= status < 400:  # noqa: PLR2004
        return _redirected(call)
    if _UNLOADED.search(words):
        return call.make(ModelNotFoundError, text)
    if _is_model(call, codes, words):
        named = f" {call.model!r}" if call.model else " of this name"
        return call.make(ModelNotFoundError, f"there is no model{named}.")
    if status == 407:  # noqa: PLR2004
        return _proxy_refused(call)
    if status not in (401, 403) and _NO_API.search(words):
        return _no_api(call, words)
    if codes & TOO_LONG or (status not in (401, 429) and CONTEXT.search(words)):
        return _too_long(call, body, text)
    if codes & WITHHELD_CODES or (status == 403 and WITHHELD.search(words)):  # noqa: PLR2004
        return call.make(BadRequestError, text or "it refuses to answer this.")
    if isinstance(body, Mapping) and "signin_url" in body:
        return _not_signed_in(call, str(body["signin_url"] or ""))
    denied = status in (401, 403)
    spent = QUOTA.search(words) and not (codes & NO_KEY or WRONG_KEY.search(words))
    if (denied or status == 400) and (codes & SPENT or spent):  # noqa: PLR2004
        return _limited(call, codes, words)
    if _is_key(status, codes, words):
        return _key_refused(call, text, codes, html=html)
    failed = status >= 500 or not status  # noqa: PLR2004
    if status in (402, 429) or codes & TOO_MANY or (failed and QUOTA.search(words)):
        return _limited(call, codes, words)
    if not denied and _LOADING.search(words):
        return _loading(call, words)
    if MEMORY.search(words):
        hint = "Use a smaller model or context window."
        error = call.make(
            ServerError, text, hint=call.endpoint.hints.get("memory", hint)
        )
        error.retriable = False
        return error
    if failed and UNSUPPORTED.search(words):
        # llama.cpp: an image for a model without vision. A retry will not help.
        return _faulty(call, body, text)
    if status >= 500 or status == 424 or not (status or codes & _FAULTY):  # noqa: PLR2004
        silent = f"it failed on its side ({status})." if status else "it failed."
        error = call.make(ServerError, text or silent, hint=_again(call, words))
        error.retriable = _may_pass(codes, words)
        return error
    if status == 408:  # noqa: PLR2004
        error = call.make(ProviderTimeoutError, text or "it gave up on the request.")
        # It means that the request did not arrive in time.
        error.retriable = True
        return error
    if html or (status in (404, 405) and not MODEL.search(words)):
        return _no_api(call, words)
    return _faulty(call, body, text or f"refused ({status}).")


def _not_signed_in(call: FailedCall, url: str) -> AuthenticationError:
    text = "this model runs at ollama.com, where the server is not signed in."
    hint = "Run `ollama signin` on the server's machine."
    error = AuthenticationError(
        call.endpoint.line(text), hint=hint, status=call.status or None
    )
    error.sign_in_url = url
    return error


def _no_api(call: FailedCall, words: str) -> ProviderError:
    """Return the error for a path that the server does not have."""
    said = f": {words.rstrip('.')}" if words else f" ({call.status})"
    missing = f"there is no such API at {call.endpoint.address}{said}."
    return call.make(InvalidResponseError, missing, hint=check_url(call))


def _loading(call: FailedCall, words: str) -> ProviderError:
    text = f"the server is loading the model ({words.rstrip('.')})."
    longer = "`%parllama settings timeouts.first_token SECONDS` waits longer"
    hint = f"Ask again once it is loaded; {longer}."
    return call.make(ModelLoadingError, text, hint=hint)


def _proxy_refused(call: FailedCall) -> ProviderError:
    error = call.make(
        ConnectionFailedError,
        "the proxy asks for a name and a password.",
        hint="Put them into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT.",
    )
    error.retriable = False
    return error


def check_url(call: FailedCall) -> str:
    """Say which base URL to check."""
    endpoint = call.endpoint
    if not endpoint.base_url:
        return "Check the address."
    usual = f"; most end in {endpoint.usual_path}" if endpoint.usual_path else ""
    return f"Check the base URL {shown_url(endpoint.base_url)}{usual}."


def _redirected(call: FailedCall) -> ProviderError:
    to = call.headers.get("location", "")
    where = f", to {shown_url(to)}" if "://" in to else ""
    text = f"{call.endpoint.address} redirects ({call.status}){where}."
    return call.make(InvalidResponseError, text)


def _is_model(call: FailedCall, codes: set[str], words: str) -> bool:
    if codes & NO_MODEL or (call.status in MAY_BE_MODEL and MODEL.search(words)):
        return True
    # Anthropic: "model: claude-x", and no word of what is wrong with it.
    missing = call.status in (0, 404) and "not_found_error" in codes
    return (
        missing and call.model is not None and words.strip() == f"model: {call.model}"
    )


def _too_long(call: FailedCall, body: object, text: str) -> ProviderError:
    error = call.make(
        ContextLengthError,
        text or "the prompt is longer than the model can read.",
        hint="Shorten the prompt, start a new conversation, or use a model with a "
        "larger context window.",
    )
    if isinstance(error, ContextLengthError):
        error.tokens = tokens_of(body)
    return error


def _is_key(status: int, codes: set[str], words: str) -> bool:
    # Two makers answer 400 to a wrong key.
    wrong = status in (0, 400) and WRONG_KEY.search(words)
    known = codes & (NO_KEY | NO_DATABASE)
    return bool(status in (401, 403) or known or wrong or NO_CREDENTIALS.search(words))


def _key_refused(
    call: FailedCall, text: str, codes: set[str], *, html: bool
) -> ProviderError:
    """Return the error for access that was denied, to a wrong key or to any."""
    keys, wrong = call.endpoint.keys, bool(codes & NO_DATABASE)
    denied = "the key is not accepted" if wrong or keys else "access was denied"
    if wrong or not text:
        text = f"{denied} ({call.status or 'no status'})."
    if html and call.status == 403:  # noqa: PLR2004
        text = f"a web page refuses access ({call.status}), not the API."
    error = call.make(AuthenticationError, text, hint="Check the key.")
    if html and call.status == 403:  # noqa: PLR2004
        error.hint = "A proxy or a firewall may stand before it."
    elif not (wrong or codes & {"invalid_api_key"}):
        # The hint of the provider is about its key.
        error.hint = access_hint(text, has_key=bool(keys)) or error.hint
    return error


def _may_pass(codes: set[str], words: str) -> bool:
    """Whether a failure on the server's side may be over a little later."""
    if UNLOADABLE.search(words):
        return False
    if SOON.search(words):
        return True
    if NEVER.search(" ".join((words, *codes))):
        return False
    # A number of its own says that the server knows what is wrong.
    own = any(re.fullmatch(r"\d{4,}", code) for code in codes)
    return not own or bool(PASSING.search(words))


def _limited(call: FailedCall, codes: set[str], words: str) -> ProviderError:
    """Return the error for a limit: one that passes, or a quota that is used up."""
    # "Add a payment method to raise your limit" is no spent quota, nor is one that
    # says when it is there again.
    limited = codes & {"rate_limit_exceeded"} or call.wait is not None
    spent = bool(
        call.status == 402  # noqa: PLR2004
        or codes & SPENT
        or (not limited and (QUOTA.search(words) or _PERIOD.search(words)))
    )
    text = f"{words.rstrip('.')}." if words else ""
    hint = "Check the plan and the billing of the account." if spent else None
    hint = hint or _again(call, words)
    error = call.make(
        RateLimitError,
        text or ("the quota is used up." if spent else "too many requests."),
        hint=hint,
    )
    # A request that alone is over the limit is over it the next time too.
    error.retriable = not spent and call.status != 413  # noqa: PLR2004
    return error


def _again(call: FailedCall, words: str) -> str | None:
    """Say when the server can be asked again, unless its own words do."""
    if not call.wait or names_wait(words):
        return None
    return f"It can be asked again in {in_words(call.wait)}."


def _faulty(call: FailedCall, body: object, text: str) -> ProviderError:
    """Return the error for a bad request; names the option as the user knows it."""
    advice = (hint for pattern, hint in _ADVICE if pattern.search(text))
    option = _option(call, body, text)
    if not option:
        return call.make(BadRequestError, text, hint=next(advice, None))
    text = text if re.search(rf"\b{option}\b", text) else f"{option}: {text}"
    hint = f"Leave {option} out for this model, or give it another value."
    return call.make(BadRequestError, text, hint=next(advice, hint))


def _option(call: FailedCall, body: object, words: str) -> str:
    """Return our name of the option that a server complains about, "" if none."""
    param = re.split(r"[.\[]", str(field_of(body, "param") or ""))[0]
    if param in call.options:
        return call.options[param]
    for wire, ours in call.options.items():
        if re.search(rf"(?<!\w){re.escape(wire)}(?!\w)", words):
            return ours
    return ""
