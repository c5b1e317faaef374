"""Tells from a server's words why it refuses access, where no key is wrong."""

from __future__ import annotations

import re

__all__ = ["access_hint"]

_REASONS = {
    "Change the plan of the account, or use another model.": (
        r"subscri|upgrade|\bplan\b|\btier\b|premium",
        r"\bpaid (account|user|feature)",
    ),
    "Check the billing of the account.": (
        r"payment|credit card|past due|overdue|top.?up|prepaid",
    ),
    "Use a provider, or an address of it, that serves this region.": (
        r"\b(region|countr(y|ies)|territory|geograph\w*|jurisdiction)\b",
        r"location is not supported",
    ),
    "Accept the terms on the provider's pages first.": (
        r"\b(accept|agree|sign)\b.{0,60}\b(terms|licen[sc]e|agreement|polic|condition)",
        r"terms (of|and)\b|\bgated\b|consent|request access",
    ),
    "Add this machine's IP address to those that the account allows.": (
        r"\bip\b|allow.?list|white.?list",
    ),
    "Verify the account on the provider's pages.": (
        r"(organi[sz]ation|account|identity|phone|e-?mail)\b.{0,40}\bverif",
        r"\bverif.{0,40}\b(organi[sz]ation|account|identity|phone|e-?mail)",
    ),
    "Ask the provider about the account.": (
        r"\b(suspended|deactivated|banned|terminated)\b",
        r"(account|organi[sz]ation|project|user)\b.{0,40}\b(disabled|blocked|inactive)",
    ),
    "Enable the API for the project of the key.": (
        r"has not been used in project|service_disabled|api\b.{0,40}\bis disabled",
    ),
}
"""What to do about a reason that no other key of the account would change."""

_PATTERNS = [
    (re.compile("|".join(patterns), re.IGNORECASE), hint)
    for hint, patterns in _REASONS.items()
]
_WRONG_KEY = re.compile(
    r"(invalid|wrong|incorrect|missing|expired|revoked|unknown|no) .{0,25}\b(key|token)"
    r"|\b(key|token)\b.{0,25}(invalid|wrong|incorrect|missing|expired|revoked|unknown)"
    r"|\b(key|token)\b.{0,25}not (valid|found|correct|active|accepted)",
    re.IGNORECASE,
)
_WEAK_KEY = re.compile(
    r"not (allowed|permitted|authori[sz]ed|eligible|entitled) to"
    r"|(insufficient|missing|lacks?|without) .{0,40}\b(permission|scope|privilege|role)"
    r"|n[o']t have (the )?(access|permission)|refer(r)?er|requests from .* are blocked",
    re.IGNORECASE,
)


def access_hint(words: str, *, has_key: bool) -> str:
    """Return what to do about access that was denied, "" if it may be the key.

    `has_key`: one was sent; without one, a missing permission may mean that.
    """
    if _WRONG_KEY.search(words):
        return ""
    found = (hint for pattern, hint in _PATTERNS if pattern.search(words))
    is_weak = has_key and _WEAK_KEY.search(words)
    usual = "Give the key the permission for this, or use another one."
    return next(found, usual if is_weak else "")
