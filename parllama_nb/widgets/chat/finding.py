"""Finds a text in the turns that a session shows."""

from __future__ import annotations

from collections.abc import Iterable

from ...chats.history.reading import Turn
from ...chats.live_turn import LiveTurn

__all__ = ["found"]


def found(
    turns: Iterable[Turn], query: str, live: LiveTurn | None
) -> list[tuple[int, int]]:
    """Return the ids of the turns in which a text is, and how often it is there.

    Case does not count, nor which white space is between words. `live` is the turn
    under way, whose answer is searched as far as it has come.
    """
    wanted = _plain(query)
    if not wanted:
        return []
    hits = []
    for turn in turns:
        under_way = live is not None and live.id == turn.id
        answer = live.answer.text if under_way and live else turn.answer.text
        count = _plain(turn.prompt).count(wanted) + _plain(answer).count(wanted)
        if count:
            hits.append((turn.id, count))
    return hits


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
