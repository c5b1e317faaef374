"""What the scripts of the world ask of Markdown.

Some put no space between words, and some run from right to left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

__all__ = ["direction", "in_word", "right_to_left", "unspaced"]

# Scripts without spaces between words, with their own signs, and Hangul, whose
# particles follow a word at once: Thai to Khmer, then East Asia.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef"
    "\U0001b000-\U0001b2ff\U00020000-\U0003ffff]"
)
# Hebrew, Arabic, Syriac, Thaana, N'Ko and their neighbours.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LETTER = re.compile(r"[^\W\d_]")


def unspaced(char: str) -> bool:
    """Whether the character belongs to a script without spaces between words."""
    return _UNSPACED.match(char) is not None


def in_word(char: str) -> bool:
    """Whether the character is part of a word that spaces would end."""
    return char.isalnum() and not unspaced(char)


def right_to_left(char: str) -> bool:
    """Whether the character belongs to a script that runs from right to left."""
    return _RIGHT_TO_LEFT.match(char) is not None


def direction(tokens: Iterable[Token]) -> str | None:
    """Return the direction of a text as `dir="auto"` finds it, `ltr` or `rtl`.

    It is that of the first letter outside of code and formulas, which have a direction
    of their own; None without a letter.
    """
    for token in tokens:
        if token.type == "inline":
            found = direction(token.children or ())
        elif token.type == "image":
            # It is written as words that begin with "image".
            found = "ltr"
        elif token.type == "text" and (letter := _LETTER.search(token.content)):
            found = "rtl" if right_to_left(letter[0]) else "ltr"
        else:
            found = None
        if found:
            return found
    return None
