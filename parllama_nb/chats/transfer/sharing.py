"""What a conversation loses before others get it: secrets, and local paths."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ...providers.messages import DocumentPart, ImagePart, Message, Part
from ..history.saved import SavedConversation, SavedTurn
from .values import conversation_of, mapped, text_of, values_of

__all__ = ["redacted", "without_paths"]

_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,")
_PATH = re.compile(r"^(?:file:)?(?:[/\\~]|[A-Za-z]:[/\\]|\.{1,2}[/\\])")


def redacted(
    conversation: SavedConversation, redact: Callable[[str], str]
) -> tuple[SavedConversation, int]:
    """Return a conversation without known secrets, and how many texts had one."""
    count = 0

    def change(text: str) -> str:
        nonlocal count
        if _IMAGE.match(text):
            return text
        result = redact(text)
        count += result != text
        return result

    # The forms of a secret that are looked for are those within JSON, too. Pictures are
    # left out: they are long, and their bytes are no text.
    whole = text_of(_changed(conversation, _without_data))
    if redact(whole) == whole:
        return conversation, 0
    values = mapped(values_of(conversation), change)
    return conversation_of(values), count


def without_paths(conversation: SavedConversation) -> SavedConversation:
    """Return a conversation whose documents name their files without their folders."""
    return _changed(conversation, _without_folder)


def _changed(
    conversation: SavedConversation, change: Callable[[Part], Part]
) -> SavedConversation:
    """Return a conversation with every part changed."""

    def message(each: Message) -> Message:
        return replace(each, parts=tuple(map(change, each.parts)))

    def turn(each: SavedTurn) -> SavedTurn:
        question = tuple(map(message, each.question))
        return replace(each, question=question, answer=message(each.answer))

    return replace(conversation, turns=tuple(map(turn, conversation.turns)))


def _without_data(part: Part) -> Part:
    if isinstance(part, ImagePart) and _IMAGE.match(part.url):
        return replace(part, url="")
    return part


def _without_folder(part: Part) -> Part:
    if isinstance(part, DocumentPart):
        return replace(part, source=_name(part.source), title=_name(part.title))
    return part


def _name(text: str) -> str:
    """Return the last part of a path; another text as it is."""
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1] if _PATH.match(text) else text
