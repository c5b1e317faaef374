"""Reads the JSON values of an answer, and says what stands where one should.

One odd value does not end an answer: a byte that is not UTF-8 becomes U+FFFD, and what
cannot be read is marked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

__all__ = [
    "Mark",
    "Value",
    "complaint_of",
    "document_of",
    "excerpt",
    "failure_of",
    "object_of",
    "values_of",
]

_WORDS = 300
"""Characters of words that are kept, for an error."""

_EXCERPT = 120
"""Characters of an object that are shown, where an error can only show it."""

# Servers write control characters into strings as they are.
_DECODER = json.JSONDecoder(strict=False)
_BETWEEN = re.compile(r"(?:\s|data:|\ufeff)*")

_COMPLAINT = re.compile(
    r"\b(error|exception|fail(ed|ure)?|exceeded|insufficient|invalid|denied|forbidden"
    r"|unauthori[sz]ed|unavailable|overloaded|timed? ?out)\b"
    r"|错误|失败|异常|超时|不足|无效|欠费|限流",
    re.IGNORECASE,
)
"""Words of a server that has something to complain about."""


class Mark(Enum):
    """What stands in an answer beside its objects.

    DONE: `[DONE]`, the end. DAMAGED: an object that cannot be read. JUNK: neither.
    """

    DONE = auto()
    DAMAGED = auto()
    JUNK = auto()


Value = dict[str, Any] | Mark


def object_of(data: bytes) -> dict[str, Any] | None:
    """Return the one object that this is; None if it is anything else.

    A byte that is not UTF-8 becomes U+FFFD.
    """
    try:
        value = _DECODER.decode(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def document_of(data: bytes) -> object:
    """Return the JSON value that this is; None if it is none.

    A byte that is not UTF-8 becomes U+FFFD.
    """
    try:
        value: object = _DECODER.decode(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return value


def excerpt(value: object) -> str:
    """Return how a value begins, written as JSON on one line."""
    words = json.dumps(value, ensure_ascii=False)
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}..."


def values_of(data: bytes) -> Iterator[Value]:
    """Yield the values of an event; some servers forget what separates two."""
    text = data.decode("utf-8", "replace")
    at = _end_of(_BETWEEN, text, 0)
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield _spoken(text[at : at + _WORDS])
            return
        at = _end_of(_BETWEEN, text, end)
        for each in value if isinstance(value, list) else (value,):
            yield each if isinstance(each, dict) else _spoken(str(each))


def complaint_of(words: str) -> Value | None:
    """Return the words of a server that complains as an object; None for others."""
    words = words[:_WORDS]
    return {"message": words} if _COMPLAINT.search(words) else None


def _spoken(words: str) -> Value:
    """Return what something is that is no object, by its first words."""
    if words.startswith("[DONE]"):
        return Mark.DONE
    if words.startswith("{"):
        return Mark.DAMAGED
    return complaint_of(words) or Mark.JUNK


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def failure_of(data: bytes) -> Value:
    """Return an event that the server calls an error in the form of one."""
    text = data.decode("utf-8", "replace")
    try:
        error = _DECODER.decode(text)
    except (ValueError, RecursionError):
        error = text
    return {"type": "error", "error": error}
