"""Makes text that can be encoded.

A Python string may hold half a character: what `surrogateescape` makes of a byte that
is not UTF-8, in the name of a file for example, or a character that was cut in two. No
server, file or page can be given such a string.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar, cast

__all__ = ["Characters", "without_surrogates"]

T = TypeVar("T")

_SURROGATES = re.compile("[\ud800-\udfff]+")


def without_surrogates(value: T) -> T:
    """Return a text, or JSON values, with U+FFFD for each surrogate on its own.

    Two that make a character become that character. Anything else in the value is
    returned as it is.
    """
    result: object = value
    if isinstance(value, str):
        result = value if _is_whole(value) else _SURROGATES.sub(_joined, value)
    elif isinstance(value, Mapping):
        result = {
            without_surrogates(key): without_surrogates(each)
            for key, each in value.items()
        }
    elif isinstance(value, list):
        result = [without_surrogates(each) for each in value]
    elif isinstance(value, tuple):
        result = tuple(without_surrogates(each) for each in value)
    return cast("T", result)


class Characters:
    """Joins the characters of a text that comes in pieces.

    Servers that count in UTF-16 send an emoji as two surrogates in two deltas.
    """

    def __init__(self) -> None:
        self._half = ""

    def whole(self, text: str) -> str:
        """Return the next piece; half a character at its end goes to the one after."""
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return without_surrogates(text[: len(text) - len(self._half)])


def _is_whole(text: str) -> bool:
    """Whether a text can be encoded; tried, which is much faster than searched for."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _joined(match: re.Match[str]) -> str:
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
