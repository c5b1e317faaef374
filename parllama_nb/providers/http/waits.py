"""Finds out how long a server asks to wait before the next request.

`Retry-After` says it in one of three forms; many servers say it in their own headers,
in a field of the error, or only in its words.
"""

from __future__ import annotations

import contextlib
import email.utils
import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

__all__ = ["names_wait", "wait_of"]

_LIMITED = 429

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(
    r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?"
    r"|hours?|d|days?)(?![a-z])",
    re.IGNORECASE,
)
_DURATION = rf"(?:{_PART.pattern}(?:\s|,|and\s)*)+"
_ASKED = re.compile(
    rf"(?:try(?:ing)? again|retry(?:ing)?|wait|resets?)\b[^.\d]{{0,30}}?({_DURATION})"
    # without a unit it is seconds
    r"|(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?)(?![\w.]*\w)",
    re.IGNORECASE,
)
"""As in "Please try again in 7.66s" (OpenAI), "retry after 60 seconds" (Azure)."""

_FIELDS = {
    "retryafter": 1.0,
    "retryafterseconds": 1.0,
    "retryafterms": 0.001,
    # Google's: https://cloud.google.com/apis/design/errors#error_details
    "retrydelay": 1.0,
    # Hugging Face's, of a model that is loading
    "estimatedtime": 1.0,
}
"""Fields of an error, without case and dashes, and the unit of their numbers in s."""

_RESET = re.compile(r"rate-?limit.*reset|reset.*rate-?limit")
_EPOCH = 1e9
"""Seconds; a larger number is a time and no duration, and in ms if much larger."""


def wait_of(headers: Mapping[str, str], body: object, status: int) -> float | None:
    """Return the seconds to wait, None where the server does not say.

    Args:
        headers: those of the response.
        body: its error, as JSON or text.
        status: 0 without one. The headers that count down to the reset of a limit
            come with every response, so they are read with 429 alone.

    """
    lowered = {name.lower(): value for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        wait = _seconds(lowered.get(name), unit)
        if wait is not None:
            return wait
    wait = next(_said(body), None)
    if wait is not None or status != _LIMITED:
        return wait
    return _reset(lowered)


def names_wait(words: str) -> bool:
    """Whether a server's words tell the user how long to wait."""
    return _ASKED.search(words) is not None


def _said(part: object) -> Iterator[float]:
    """Yield what an error says, fields before words."""
    if isinstance(part, str):
        asked = _ASKED.search(part)
        if asked:
            yield float(asked[4]) if asked[4] else _sum(asked[1])
    elif isinstance(part, list):
        for each in part:
            yield from _said(each)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            unit = _FIELDS.get(re.sub(r"[-_]", "", str(name)).lower())
            wait = None if unit is None else _seconds(value, unit)
            if wait is not None:
                yield wait
        headers = {str(n).lower(): v for n, v in part.items() if isinstance(v, str)}
        wait = _reset(headers)
        if wait is not None:
            yield wait
        for value in part.values():
            yield from _said(value)


def _reset(headers: Mapping[str, str]) -> float | None:
    """Return when the limits that are used up are reset, None for none of them."""
    waits = []
    for name, value in headers.items():
        left = headers.get(name.replace("reset", "remaining"), "0").strip()
        wait = _seconds(value, 1.0) if _RESET.search(name) and left == "0" else None
        waits += [] if wait is None else [wait]
    return max(waits, default=None)


def _seconds(value: object, unit: float) -> float | None:
    """Return the seconds in a number, a duration, a date or a time."""
    if isinstance(value, Mapping):
        value = value.get("seconds")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    with contextlib.suppress(ValueError):
        number = float(value) * unit
        if not math.isfinite(number) or number < 0:
            return None
        if number <= _EPOCH:
            return number
        at = number / 1000 if number > 1000 * _EPOCH else number
        return max(0.0, at - time.time())
    text = str(value).strip()
    if re.fullmatch(_DURATION, text, re.IGNORECASE):
        return _sum(text)
    date = _date(text)
    return None if date is None else max(0.0, date - time.time())


def _date(text: str) -> float | None:
    """Return the Unix time of an HTTP date or of one in ISO 8601."""
    date = email.utils.parsedate_tz(text)
    if date is not None:
        return float(email.utils.mktime_tz(date))
    with contextlib.suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    return None


def _sum(text: str) -> float:
    """Return the seconds in a duration like "1h2m3.5s" or "2 minutes"."""
    total = 0.0
    for count, unit in _PART.findall(text.lower()):
        short = "ms" if unit.startswith(("ms", "milli")) else unit[0]
        total += float(count) * _UNITS[short]
    return total
