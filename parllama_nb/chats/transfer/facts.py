"""What a file says of an answer and of an attachment, beside their texts."""

from __future__ import annotations

import time
from typing import cast

from ...errors import ParllamaError
from ...providers.messages import FinishReason, ImagePart
from ...sizes import size_in_words
from ..answer import Answer, Timing
from ..history.saved import SavedConversation, SavedTurn

__all__ = ["answer_of", "date_of", "image_facts", "turn_count"]


def answer_of(turn: SavedTurn) -> Answer:
    """Return the answer as it was returned to whoever asked."""
    error = turn.error
    return Answer(
        parts=turn.answer.parts,
        model=turn.model,
        finish_reason=cast("FinishReason", turn.finish_reason or "error"),
        timing=turn.timing or Timing(turn.created, None, 0.0),
        usage=turn.usage,
        cost=turn.cost,
        error=None if error is None else ParllamaError(error.message, hint=error.hint),
        notes=turn.notes,
        library_prompt=turn.library_prompt,
    )


def image_facts(image: ImagePart) -> str:
    """Return the kind and the size of an image, such as "PNG, 120 kB"."""
    head, comma, data = image.url.partition(",")
    kind = head.removeprefix("data:").partition(";")[0].rpartition("/")[2]
    if not comma or not kind.isalnum():
        return "an image"
    return f"{kind.upper()}, {size_in_words(len(data) * 3 // 4)}"


def date_of(created: float) -> str:
    """Return a time as people read it, in UTC; "" if it is unknown."""
    if not created:
        return ""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(created))


def turn_count(conversation: SavedConversation) -> str:
    """Return how many turns a conversation shows, and how many it does not."""
    shown, hidden = len(conversation.shown), len(conversation.hidden)
    text = f"{shown:,} turn{'' if shown == 1 else 's'}"
    return f"{text}, and {hidden:,} in other branches" if hidden else text
