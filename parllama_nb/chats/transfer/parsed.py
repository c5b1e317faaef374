"""What a file of a conversation gives."""

from __future__ import annotations

from dataclasses import dataclass

from ..history.saved import SavedConversation

__all__ = ["Parsed"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The conversation of a file, and what of it the file does not have."""

    conversation: SavedConversation
    notes: tuple[str, ...] = ()
