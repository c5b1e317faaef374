"""The turns of a session that are at hand, and what all of them have used."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from ..events import SessionChanged, TurnChanged, TurnsRemoved
from ..providers.messages import Usage
from .answer import Answer
from .history.reading import SessionInfo, StoredTurn

__all__ = ["AT_HAND", "Transcript"]

AT_HAND = 100
"""How many turns are read when a session is opened; twice as many are kept."""


class Transcript:
    """The last turns of a session in order, `total` counting all there are.

    What changes in it is told by `emit`, under the session's `id`. A turn whose `id` is
    below 0 could not be kept on disk; it comes after those that were. `cost` (US
    dollars, None where no price was known) and `usage` count every answer there was,
    deleted ones too. `changes` counts the turns put and removed.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the session's
        emit: Callable[[SessionChanged | TurnChanged | TurnsRemoved], None],
    ) -> None:
        self.turns: list[StoredTurn] = []
        self.total = 0
        self.cost: float | None = None
        self.usage = Usage(0, 0)
        self.changes = 0
        self._id = id
        self._emit = emit
        self._changed: StoredTurn | None = None
        self._not_kept = itertools.count(-1, -1)

    @property
    def context_tokens(self) -> int | None:
        """Tokens of all that was said, as far as the last answer told."""
        for turn in reversed(self.turns):
            sent, received = turn.usage.input_tokens, turn.usage.output_tokens
            if sent is not None and received is not None:
                return sent + received
            if turn.answer.text:
                return None
        return None

    @property
    def not_kept(self) -> list[StoredTurn]:
        """The turns that could not be kept on disk."""
        return [turn for turn in self.turns if turn.id < 0]

    def id_of_not_kept(self) -> int:
        """An id for one more turn that cannot be kept on disk."""
        return next(self._not_kept)

    def get(self, turn: int) -> StoredTurn | None:
        """A turn that is at hand."""
        return next((each for each in self.turns if each.id == turn), None)

    def find(self, turn: int) -> StoredTurn | None:
        """A turn that is at hand, or that changed last."""
        changed = self._changed
        found = self.get(turn)
        if found is None and changed is not None and changed.id == turn:
            return changed
        return found

    def take(
        self, info: SessionInfo | None, turns: list[StoredTurn], total: int
    ) -> None:
        """Take over what was read."""
        if info is not None:
            self.cost, self.usage = info.cost, info.usage
        kept = [*turns, *self.not_kept]
        self.total = total + len(kept) - len(turns)
        reread = _same(self.turns[-len(kept) :]) != _same(kept)
        if reread:
            self.turns = kept
        self._emit(SessionChanged(self._id, reread=reread))

    def put(self, turn: StoredTurn) -> None:
        """Put a turn in the place of its earlier self, or in order."""
        self._changed = turn
        self.changes += 1
        self._insert(turn)
        self._emit(TurnChanged(self._id, turn.id))

    def _insert(self, turn: StoredTurn) -> None:
        others = [each for each in self.turns if each.id != turn.id]
        if len(others) == len(self.turns):
            first = next((each.id for each in others if each.id > 0), None)
            if first is not None and 0 < turn.id < first:
                return  # one of those that are not at hand
            self.total += 1
        others.append(turn)
        others.sort(key=lambda each: (each.id < 0, abs(each.id)))
        self.turns = others[-2 * AT_HAND :]

    def remove(self, turn: int) -> None:
        """Forget a turn, which need not be at hand, or may be forgotten already."""
        self.changes += 1
        kept = [each for each in self.turns if each.id != turn]
        first = next((each.id for each in kept if each.id > 0), turn + 1)
        if len(kept) < len(self.turns) or 0 < turn < first:
            self.total = max(0, self.total - 1)
        self.turns = kept
        if self._changed is not None and self._changed.id == turn:
            self._changed = None
        self._emit(TurnsRemoved(self._id, (turn,)))

    def drop_after(self, turn: int, total: int) -> None:
        """Forget the turns after one, with which there are `total`."""
        gone = [each.id for each in self.turns if each.id > turn]
        self.turns = [each for each in self.turns if each.id <= turn]
        self.total = total
        if gone:
            self._emit(TurnsRemoved(self._id, tuple(gone)))

    def spend(self, answer: Answer) -> None:
        """Count what an answer used."""
        if answer.cost is not None:
            self.cost = (self.cost or 0.0) + answer.cost
        self.usage = Usage(
            (self.usage.input_tokens or 0) + (answer.usage.input_tokens or 0),
            (self.usage.output_tokens or 0) + (answer.usage.output_tokens or 0),
        )


def _same(turns: list[StoredTurn]) -> list[tuple[int, float, str]]:
    return [(turn.id, turn.created, turn.state) for turn in turns]
