"""Tells what a question's text mentions from what the user attached to the question.

A mention is sent as a document whose id is the mention itself (`@fig`); if it is a
picture too, that comes next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..providers.messages import DocumentPart, ImagePart, Part, TextPart

__all__ = ["attached_parts", "pictured_mentions", "written_parts"]


def attached_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that the user attached."""
    return tuple(part for part, written in _written(parts) if not written)


def written_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the text, and what is mentioned in it."""
    return tuple(part for part, written in _written(parts) if written)


def pictured_mentions(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the mentions that are sent as pictures, such as `@fig`."""
    return tuple(
        part.id
        for part, following in pairwise(parts)
        if isinstance(part, DocumentPart)
        and _is_mention(part)
        and isinstance(following, ImagePart)
    )


def _written(parts: Sequence[Part]) -> Iterator[tuple[Part, bool]]:
    last: Part | None = None
    for part in parts:
        pictured = isinstance(part, ImagePart) and _is_mention(last)
        yield part, isinstance(part, TextPart) or _is_mention(part) or pictured
        last = part


def _is_mention(part: Part | None) -> bool:
    return isinstance(part, DocumentPart) and part.id.startswith("@")
