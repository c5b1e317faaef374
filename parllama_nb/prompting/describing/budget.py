"""Texts cut to a budget of tokens, without their secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from ...providers.token_estimate import text_tokens
from ..secret_names import without_secrets

__all__ = ["cut", "cut_line", "fitting"]

_NOTE = 24
"""Tokens of the line that says that a text was cut."""

# White space counts for nothing, and letters for little.
_CHARACTERS = 8


def cut(text: str, tokens: int, *, keep: Literal["start", "end"] = "start") -> str:
    """Return a text without its secrets, cut to a number of tokens.

    A line says if it was cut. Secrets are hidden first: half of one is not known again.
    """
    most = _CHARACTERS * max(tokens, 0) + 200
    size = len(text)
    part = text if size <= most else text[:most] if keep == "start" else text[-most:]
    part = without_secrets(part)
    if size <= most and text_tokens(part) <= tokens:
        return part
    low, high = 0, len(part)
    left = tokens - _NOTE
    while low < high:
        middle = (low + high + 1) // 2
        piece = part[:middle] if keep == "start" else part[-middle:]
        if text_tokens(piece) <= left:
            low = middle
        else:
            high = middle - 1
    if keep == "end":
        piece = part[len(part) - low :]
        return f"[cut: the last {low:,} of {size:,} characters]\n{piece}"
    return f"{part[:low]}\n[cut: the first {low:,} of {size:,} characters]"


def cut_line(text: str, longest: int) -> str:
    """Return a text on one line, cut to a number of characters, without its secrets."""
    text = without_secrets(text[: longest + 2_000])
    text = " ".join(text[: 4 * longest].split()) if "\n" in text else text
    return text if len(text) <= longest else f"{text[: max(longest, 1) - 1]}…"


def fitting(lines: Iterable[str], tokens: int) -> Iterator[str]:
    """Give the first lines as long as they fit into a number of tokens."""
    for line in lines:
        tokens -= text_tokens(line)
        if tokens < 0:
            return
        yield line
