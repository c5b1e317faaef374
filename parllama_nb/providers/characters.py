"""Joins characters that a server has cut in two.

Servers that count in UTF-16 send an emoji as two surrogates in two deltas, and a single
surrogate cannot be written to a file.
"""

from __future__ import annotations

import re

__all__ = ["Characters", "joined"]

_SURROGATES = re.compile("[\ud800-\udfff]+")


class Characters:
    """Joins the characters of a text that comes in pieces."""

    def __init__(self) -> None:
        self._half = ""

    def whole(self, text: str) -> str:
        """Return the next piece; half a character at its end goes to the one after."""
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return joined(text[: len(text) - len(self._half)])


def joined(text: str) -> str:
    """Join the halves of characters in a text; what stays half becomes U+FFFD."""
    return _SURROGATES.sub(_pairs, text) if _SURROGATES.search(text) else text


def _pairs(match: re.Match[str]) -> str:
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
