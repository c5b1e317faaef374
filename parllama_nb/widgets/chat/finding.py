"""Finds a text in the turns that a session shows."""

from __future__ import annotations

from collections.abc import Iterable

from ...chats.history.reading import Turn
from ...chats.live_turn import LiveTurn

__all__ = ["found"]

_MARKS = str.maketrans("", "", "*_`~")


def found(
    turns: Iterable[Turn], query: str, live: LiveTurn | None
) -> list[tuple[int, int]]:
    """Return the ids of the turns in which a text is, and how often it is there.

    Case does not count, nor which white space is between words, nor marks of Markdown
    within them. `live` is the turn under way, whose answer is searched as far as it has
    come.
    """
    wanted = _plain(query)
    if not wanted:
        return []
    hits = []
    for turn in turns:
        under_way = live is not None and live.id == turn.id
        answer = live.answer.text if under_way and live else turn.answer.text
        count = _count(turn.prompt, wanted) + _count(answer, wanted)
        if count:
            hits.append((turn.id, count))
    return hits


def _count(text: str, wanted: str) -> int:
    plain = _plain(text)
    # Of `a **word**`, "a word" is what is seen, and `**` is what was written.
    return max(plain.count(wanted), plain.translate(_MARKS).count(wanted))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
