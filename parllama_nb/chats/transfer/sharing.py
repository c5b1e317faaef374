"""What a conversation loses before others get it: secrets, and local paths."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from ...providers.messages import DocumentPart, Message, Part
from ..history.saved import SavedConversation, SavedTurn
from .values import conversation_of, mapped, text_of

__all__ = ["redacted", "without_paths"]

_PATH = re.compile(r"^(?:file:)?(?:[/\\~]|[A-Za-z]:[/\\]|\.{1,2}[/\\])")


def redacted(
    conversation: SavedConversation, redact: Callable[[str], str]
) -> tuple[SavedConversation, int]:
    """Return a conversation without known secrets, and how many texts had one."""
    count = 0

    def change(text: str) -> str:
        nonlocal count
        result = redact(text)
        count += result != text
        return result

    whole = text_of(conversation)
    # The forms of a secret that are looked for are those within JSON, too.
    if redact(whole) == whole:
        return conversation, 0
    values = mapped(json.loads(whole), change)
    return conversation_of(values), count


def without_paths(conversation: SavedConversation) -> SavedConversation:
    """Return a conversation whose documents name their files without their folders."""
    return replace(conversation, turns=tuple(map(_turn, conversation.turns)))


def _turn(turn: SavedTurn) -> SavedTurn:
    return replace(
        turn,
        question=tuple(map(_message, turn.question)),
        answer=_message(turn.answer),
    )


def _message(message: Message) -> Message:
    return replace(message, parts=tuple(map(_part, message.parts)))


def _part(part: Part) -> Part:
    if isinstance(part, DocumentPart):
        return replace(part, source=_name(part.source), title=_name(part.title))
    return part


def _name(text: str) -> str:
    """Return the last part of a path; another text as it is."""
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1] if _PATH.match(text) else text
