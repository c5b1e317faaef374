"""How many tokens a request has, as far as that can be said without a tokenizer."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable
from dataclasses import dataclass

from .message_parts import all_text
from .messages import ChatRequest, ImagePart, Message

__all__ = [
    "IMAGE_TOKENS",
    "TokenCount",
    "estimated_tokens",
    "estimated_tokens_of",
    "text_tokens",
]

IMAGE_TOKENS = 768
"""Tokens of an image, as Ollama itself counts them."""

_MESSAGE_TOKENS = 8

_LETTERS = string.ascii_letters.encode()
_DIGITS = string.digits.encode()
_BEYOND_ASCII = bytes(range(128, 256))
_NO_MARKS = _LETTERS + _DIGITS + string.whitespace.encode() + _BEYOND_ASCII


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of a request; not `exact` where no tokenizer has counted them."""

    tokens: int
    exact: bool = False

    def __str__(self) -> str:
        return f"{self.tokens:,}" if self.exact else f"about {self.tokens:,}"


def estimated_tokens(request: ChatRequest) -> int:
    """Estimate the tokens of a request: hardly ever too few, at most twice as many."""
    return estimated_tokens_of(request.messages)


def estimated_tokens_of(messages: Iterable[Message]) -> int:
    """Estimate the tokens of some messages; see `estimated_tokens`."""
    count = 0
    for message in messages:
        images = sum(isinstance(part, ImagePart) for part in message.parts)
        text = text_tokens(all_text(message))
        count += _MESSAGE_TOKENS + text + images * IMAGE_TOKENS
    return count


def text_tokens(text: str) -> int:
    """Estimate the tokens of a text, by the kinds of its characters.

    The weights are what SmolLM2's small vocabulary makes of prose, code, tables of
    numbers and other languages, measured; a larger vocabulary makes fewer of them.
    """
    data = text.encode("utf-8", "replace")

    def without(characters: bytes) -> int:
        return len(data.translate(None, characters))

    letters = len(data) - without(_LETTERS)
    digits = len(data) - without(_DIGITS)
    others = len(text) - without(_BEYOND_ASCII)
    marks = without(_NO_MARKS)
    return math.ceil(letters / 3.3 + digits * 1.3 + others * 2.2 + marks)
