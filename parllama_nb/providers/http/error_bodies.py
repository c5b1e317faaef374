"""Reads the error bodies of many makers.

No wire format has a binding form for errors. A body may wrap its error in a layer or
two, hold a text, a code, a list of complaints, or be a web page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ...secret import Secret

__all__ = [
    "CONTEXT",
    "MAY_BE_MODEL",
    "MEMORY",
    "MODEL",
    "NO_CREDENTIALS",
    "NO_DATABASE",
    "NO_KEY",
    "NO_MODEL",
    "QUOTA",
    "SPENT",
    "TOO_LONG",
    "TOO_MANY",
    "UNLOADABLE",
    "UNSUPPORTED",
    "WITHHELD",
    "WITHHELD_CODES",
    "WRONG_KEY",
    "field_of",
    "is_html",
    "shown_url",
    "tokens_of",
    "without_keys",
    "words_of",
]

NO_MODEL = {"model_not_found", "invalid_model", "model_not_exist", "not_found_model"}
TOO_LONG = {
    "context_length_exceeded",
    "exceed_context_size_error",
    "contextwindowexceedederror",
    "string_above_max_length",
}
NO_DATABASE = {"no_db_connection"}
"""LiteLLM's proxy at a wrong key, where it has no database to look for others in."""
NO_KEY = {"invalid_api_key", "authentication_error", "permission_error", "auth_error"}
SPENT = {
    "insufficient_quota",
    "insufficient_balance",
    "insufficient_credits",
    "billing_hard_limit_reached",
    "billing_not_active",
    "budget_exceeded",
    "billing_error",
}
TOO_MANY = SPENT | {"rate_limit_exceeded", "rate_limit_error", "too_many_requests"}
WITHHELD_CODES = {"content_policy_violation"}
MAY_BE_MODEL = {0, 400, 403, 404, 422}
MODEL = re.compile(
    r"models?\b.*\b(not (be )?found|(does|do)( not|n't) exist|not exist|no such"
    r"|unknown)"
    r"|(unknown|invalid|no such) model(?! name\W*$)|not a valid model|model_not_found"
    # Ollama's, of a model that it would have to pull
    r"|try pulling it|manifest: file does not exist"
    # Amazon's
    r"|model identifier is invalid|provided model\b.*\b(invalid|not valid)"
    r"|could not resolve the foundation model",
    re.IGNORECASE,
)
CONTEXT = re.compile(
    r"context (length|size|window)|exceeds? the (available )?context"
    r"|prompt is too long|input is too long|too many (input )?tokens"
    r"|larger than the max(imum)? context|max(imum)? (input|prompt) (length|tokens)",
    re.IGNORECASE,
)
WRONG_KEY = re.compile(
    r"api key (is )?(not valid|invalid|expired|incorrect)|(invalid|incorrect) api key",
    re.IGNORECASE,
)
NO_CREDENTIALS = re.compile(
    r"unable to locate credentials|config profile .* could not be found"
    r"|could not be found in the .*credentials|token (has|is) expired|sso session",
    re.IGNORECASE,
)
"""Amazon's libraries, where they find no key or an old one."""
QUOTA = re.compile(
    r"current quota|insufficient (balance|credit|fund|quota)|out of credit|billing"
    r"|more credits|budget has been exceeded",
    re.IGNORECASE,
)
MEMORY = re.compile(
    r"more system memory|out of memory|insufficient memory|cudamalloc"
    r"|(unable|failed) to allocate|not enough (system )?memory|cannot allocate memory",
    re.IGNORECASE,
)
UNLOADABLE = re.compile(
    r"unable to load model|error loading model|binary not found|unknown model arch",
    re.IGNORECASE,
)
UNSUPPORTED = re.compile(
    r"not support|unsupported"
    # Ollama answers 500 to these, too
    r"|think value|must be of type|invalid (format|duration|option)"
    r"|missing unit in duration|multimodal|image input|failed to process image"
    r"|no longer compatible",
    re.IGNORECASE,
)
WITHHELD = re.compile(
    r"flagged|moderation|content polic|cloud is disabled", re.IGNORECASE
)
_TOKENS = re.compile(r"\((\d+) tokens\) exceeds", re.IGNORECASE)
_KEY_LIKE = re.compile(
    r"bearer\s+[^\s'\",;]+|\b(?:sk|gsk|xai|pk|rk)[-_][\w*.…-]{4,}", re.IGNORECASE
)


def _error_of(body: object) -> object:
    """Return the part that describes the error, out of its wrappings."""
    if isinstance(body, list) and body:
        # Gemini's
        body = body[0]
    if isinstance(body, Mapping) and body.get("error"):
        inner = body["error"]
        # Ollama's text may be the whole body of the engine below it.
        if isinstance(inner, str) and inner.lstrip()[:1] == "{":
            try:
                return _error_of(json.loads(inner))
            except ValueError:
                return inner
        return inner
    return body


def field_of(body: object, name: str) -> object:
    """Return one field of the error that a body describes, or None."""
    part = _error_of(body)
    return part.get(name) if isinstance(part, Mapping) else None


def words_of(body: object) -> str:
    """Return the message of an error body, '' without one."""
    part = _error_of(body)
    if isinstance(part, str):
        return "" if is_html("", part) else part
    if isinstance(part, Mapping):
        for name in ("message", "detail", "msg", "error"):
            value = part.get(name)
            if isinstance(value, Mapping):
                return words_of(value)
            if isinstance(value, list):
                value = "; ".join(filter(None, map(_complaint, value)))
            if isinstance(value, str) and value:
                return value
    return ""


def tokens_of(body: object) -> int | None:
    """Return how many tokens a prompt has that is too long, where the server says."""
    tokens = field_of(body, "n_prompt_tokens")
    if isinstance(tokens, int):
        return tokens
    counted = _TOKENS.search(words_of(body))
    return int(counted[1]) if counted else None


def _complaint(entry: object) -> str:
    """Return one entry of a list of validation errors: where, and what."""
    if not isinstance(entry, Mapping):
        return str(entry)
    where = entry.get("loc")
    place = ".".join(map(str, where)) if isinstance(where, list) else ""
    return f"{place}: {entry.get('msg', '')}".strip(": ")


def is_html(content_type: str, body: object) -> bool:
    """Whether a body is a web page, by its content type or by its beginning."""
    if "html" in content_type.lower():
        return True
    return isinstance(body, str) and body.lstrip()[:1] == "<"


def without_keys(text: str, key: Secret | None) -> str:
    """Remove what looks like a key, or like the beginning of this one."""
    text = _KEY_LIKE.sub("<key>", text)
    value = key.reveal() if key else ""
    shortest = 8
    start = text.find(value[:shortest]) if len(value) > shortest else -1
    while start >= 0:
        length = shortest
        while text[start : start + length + 1] == value[: length + 1]:
            length += 1
            if length >= len(value):
                break
        text = f"{text[:start]}<key>{text[start + length :]}"
        start = text.find(value[:shortest], start)
    return text


def shown_url(url: str) -> str:
    """Return a base URL without a user name, a password and a query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
