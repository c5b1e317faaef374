"""Texts that are embedded, and the vectors that come back: checked for all providers.

A wrong vector is found nowhere later: a search would only find less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import InvalidResponseError, UsageError
from ..surrogates import without_surrogates

__all__ = ["checked_texts", "checked_vectors"]


def checked_texts(texts: Sequence[str]) -> list[str]:
    """Return the texts as they are sent.

    Raises:
        UsageError: one is blank or no text, or a single text is given for the list.

    """
    if isinstance(texts, str):
        message = "One text was given, and a list of texts is needed."
        raise UsageError(message, hint="Write [TEXT].")
    checked = []
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            message = f"Text {number} is no text but {type(text).__name__}."
            raise UsageError(message, hint="Only texts can be embedded.")
        if not text.strip():
            message = f"Text {number} of {len(texts)} is blank: it has no embedding."
            raise UsageError(message, hint="Leave blank texts out.")
        checked.append(without_surrogates(text))
    return checked


def checked_vectors(
    vectors: object, count: int, label: str, length: int | None = None
) -> list[list[float]]:
    """Return vectors as lists of floats.

    Args:
        vectors: what a server sent.
        count: how many it should be.
        label: names the server in an error.
        length: how long each has to be; None for as long as the first.

    Raises:
        InvalidResponseError: there are more or fewer, their lengths differ, or a number
            is missing or infinite.

    """
    found = vectors if isinstance(vectors, list) else []
    if len(found) != count:
        message = f"{label} answered {count} texts with {len(found)} embeddings."
        raise InvalidResponseError(message)
    checked = []
    for vector in found:
        numbers = vector if isinstance(vector, list) else []
        length = length or len(numbers)
        if not numbers or len(numbers) != length:
            message = f"{label} answered with embeddings of different lengths."
            raise InvalidResponseError(message)
        if not all(_is_finite(number) for number in numbers):
            message = f"{label} answered with an embedding that is not of numbers."
            hint = "The model's file may be damaged, or its numbers overflow."
            raise InvalidResponseError(message, hint=hint)
        checked.append([float(number) for number in numbers])
    return checked


def _is_finite(number: object) -> bool:
    return type(number) in (int, float) and math.isfinite(number)  # type: ignore[arg-type]
