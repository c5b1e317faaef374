"""What tells the errors of many makers apart: their codes, and patterns of words."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ...secret import Secret
from .error_bodies import field_of, words_of

__all__ = [
    "CONTEXT",
    "MAY_BE_MODEL",
    "MEMORY",
    "MODEL",
    "NEVER",
    "NO_CREDENTIALS",
    "NO_DATABASE",
    "NO_KEY",
    "NO_MODEL",
    "PASSING",
    "QUOTA",
    "SOON",
    "SPENT",
    "TOO_LONG",
    "TOO_MANY",
    "UNLOADABLE",
    "UNSUPPORTED",
    "WITHHELD",
    "WITHHELD_CODES",
    "WRONG_KEY",
    "shown_url",
    "tokens_of",
    "without_keys",
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
    r"current quota|(insufficient|not enough) (\w+ )?(balance|credit|fund|quota)"
    r"|out of credit|billing|more credits|all (available |your )?credits"
    r"|budget has been exceeded|spending (limit|cap)\b|\bin good standing"
    r"|(balance|credits?|quota) (is |are |has been )?(insufficient|too low|exhausted"
    r"|used up)|arrears|余额|欠费|额度不足",
    re.IGNORECASE,
)
SOON = re.compile(
    r"overload|busy|rate.?limit|too many requests|throttl|later|in a (few|moment)"
    r"|retry (after|in)\b|繁忙|稍后|限流|频繁|并发|过高|过多|速率",
    re.IGNORECASE,
)
"""The same request may succeed a little later."""
NEVER = re.compile(
    r"\baccount|subscri|\btrial\b|\bplan\b|payment|recharge|top.?up|permission"
    r"|forbidden|denied|not (been )?(open|enabled|activated|allowed|authori[sz]ed"
    r"|permitted|purchased)|no access|suspended|disabled|deactivated|banned|expired"
    r"|invalid|未开通|无权|权限|过期",
    re.IGNORECASE,
)
"""It will not, whatever else is said."""
PASSING = re.compile(
    r"unavailable|time.?d? ?out|internal|upstream|capacity|loading|temporar|try again"
    r"|queue|concurren|超时|重试",
    re.IGNORECASE,
)
"""It may, if nothing speaks against it."""
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


def tokens_of(body: object) -> int | None:
    """Return how many tokens a prompt has that is too long, where the server says."""
    tokens = field_of(body, "n_prompt_tokens")
    if isinstance(tokens, int):
        return tokens
    counted = _TOKENS.search(words_of(body))
    return int(counted[1]) if counted else None


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
