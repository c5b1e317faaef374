"""Tells what a question's text mentions from what the user attached to the question.

A mention is sent as a document whose id is the mention itself (`@fig`); if it is a
picture too, that comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..providers.messages import DocumentPart, ImagePart, Part

__all__ = ["attached_parts", "pictured_mentions"]


def attached_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that are of no mention."""
    before = (None, *parts)
    return tuple(
        part
        for part, last in zip(parts, before, strict=False)
        if not _is_mention(part)
        and not (isinstance(part, ImagePart) and _is_mention(last))
    )


def pictured_mentions(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the mentions that are sent as pictures, such as `@fig`."""
    return tuple(
        part.id
        for part, following in pairwise(parts)
        if isinstance(part, DocumentPart)
        and _is_mention(part)
        and isinstance(following, ImagePart)
    )


def _is_mention(part: Part | None) -> bool:
    return isinstance(part, DocumentPart) and part.id.startswith("@")
