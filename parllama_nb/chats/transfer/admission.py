"""What of a conversation in a file may be kept: files may come from anybody."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...providers.messages import OPTIONS, DocumentPart, ImagePart, Message, Part
from ...surrogates import without_surrogates
from ..history.saved import SavedConversation, SavedTurn

__all__ = ["admitted"]

_LONGEST_NAME = 200
_DATA = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)
_TYPES: dict[str, tuple[type, ...]] = {
    "system": (str,),
    "temperature": (int, float),
    "max_tokens": (int,),
    "seed": (int,),
    "top_p": (int, float),
    "top_k": (int,),
    "stop": (list, tuple),
    "reasoning": (str,),
    "reasoning_budget": (int,),
    "response_schema": (dict,),
    "context_window": (int,),
    "keep_alive": (str,),
}


def admitted(
    conversation: SavedConversation, stem: str
) -> tuple[SavedConversation, tuple[str, ...]]:
    """Return a conversation as it may be kept, and what is left out of it.

    Args:
        conversation: as it is in the file.
        stem: the name if it has none, as the file's.

    """
    notes: list[str] = []
    options, refused = _options(conversation.options)
    if refused:
        notes.append(f"What it sets as {', '.join(refused):.100} is left out.")
    turns = tuple(map(_turn, conversation.turns))
    images = sum(map(_images, conversation.turns)) - sum(map(_images, turns))
    if images:
        count = "1 image is" if images == 1 else f"{images:,} images are"
        notes.append(f"{count} no data, and left out.")
    created = conversation.created or time.time()
    turns = tuple(
        turn if turn.created else replace(turn, created=created) for turn in turns
    )
    model = conversation.model
    kept = replace(
        conversation,
        name=_line(conversation.name) or _line(stem) or "Imported",
        folder=_line(conversation.folder),
        tags=tuple(dict.fromkeys(filter(None, map(_line, conversation.tags)))),
        model=model if model and "/" in model and model.isprintable() else None,
        options=options,
        turns=turns,
        created=created,
    )
    return kept, tuple(notes)


def _line(text: str) -> str:
    """Return a text as one line of what can be seen."""
    line = " ".join(without_surrogates(text).split())
    return "".join(each for each in line if each.isprintable())[:_LONGEST_NAME].strip()


def _options(options: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the options that requests have, with values of their types."""
    kept: dict[str, Any] = {}
    refused: list[str] = []
    for name, value in options.items():
        types = _TYPES.get(name, (object,)) if name in {*OPTIONS, "system"} else ()
        is_flag = isinstance(value, bool)
        if value is None or (isinstance(value, types) and not is_flag):
            kept[name] = value
        else:
            refused.append(repr(_line(name))[:40])
    return kept, refused


def _turn(turn: SavedTurn) -> SavedTurn:
    return replace(
        turn,
        question=tuple(map(_message, turn.question)),
        answer=replace(_message(turn.answer), role="assistant"),
    )


def _message(message: Message) -> Message:
    parts = (_part(part) for part in message.parts if _is_kept(part))
    return replace(message, parts=tuple(parts))


def _part(part: Part) -> Part:
    if isinstance(part, DocumentPart) and part.data and not _DATA.match(part.data):
        # An address, or a reference to what another conversation has.
        return replace(part, data="")
    return part


def _is_kept(part: Part) -> bool:
    # Another address would have somebody fetch it.
    return not isinstance(part, ImagePart) or _IMAGE.match(part.url) is not None


def _images(turn: SavedTurn) -> int:
    messages = (*turn.question, turn.answer)
    return sum(isinstance(part, ImagePart) for each in messages for part in each.parts)
