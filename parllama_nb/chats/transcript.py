"""The last turns of a session, held in memory, and the sums of what all have used."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from ..events import SessionChanged, TurnChanged, TurnsRemoved
from ..providers.messages import Usage
from .answer import Answer
from .history.reading import SessionInfo, Turn

__all__ = ["AT_HAND", "Transcript"]

AT_HAND = 100
"""How many turns are read when a session is opened; up to twice as many are held."""


class Transcript:
    """The last turns of a session in order; `total` counts all turns it has.

    Each change is emitted under the session's id. A turn whose `id` is below 0 could
    not be written to disk; it comes after those that were. `cost` (US dollars, None if
    no price was known) and `usage` count every answer, deleted ones too. `changes`
    counts the turns put and removed. While it is `locked`, no turn is held but those
    that are not on disk: `update` reads them again.
    """

    def __init__(
        self,
        session_id: str,
        emit: Callable[[SessionChanged | TurnChanged | TurnsRemoved], None],
    ) -> None:
        self.turns: list[Turn] = []
        self.total = 0
        self.cost: float | None = None
        self.usage = Usage(0, 0)
        self.changes = 0
        self.locked = False
        self._session_id = session_id
        self._emit = emit
        self._last_changed: Turn | None = None
        self._unsaved_ids = itertools.count(-1, -1)

    @property
    def context_tokens(self) -> int | None:
        """Tokens of the conversation by the last answer's count; None if unknown.

        What an answer had that broke off, nobody has counted to its end.
        """
        for turn in reversed(self.turns):
            sent, received = turn.usage.input_tokens, turn.usage.output_tokens
            if sent is not None and received is not None:
                whole = not turn.to_answer().broke_off
                return sent + received if whole else None
            if turn.answer.text:
                return None
        return None

    @property
    def unsaved(self) -> list[Turn]:
        """The turns that could not be written to disk."""
        return [turn for turn in self.turns if turn.id < 0]

    def new_unsaved_id(self) -> int:
        """Return an id, below 0, for a turn that cannot be written to disk."""
        return next(self._unsaved_ids)

    def get(self, turn: int) -> Turn | None:
        """Return a turn by its id; None if it is not held here."""
        return next((each for each in self.turns if each.id == turn), None)

    def find(self, turn: int) -> Turn | None:
        """Return a turn by its id if it is held here or is the one that changed last.

        An older turn may change although it is not held here.
        """
        held, changed = self.get(turn), self._last_changed
        if held is None and changed is not None and changed.id == turn:
            return changed
        return held

    def update(
        self,
        info: SessionInfo | None,
        turns: list[Turn],
        total: int,
        *,
        changed: bool = False,
        reread: bool = False,
    ) -> None:
        """Replace sums and turns by those that were read from the store.

        Emits nothing if these are the same, unless something else of the session has
        `changed`, or views are to read all turns again (`reread`). Whoever hears of a
        change may read the session: two views would do so for ever.
        """
        self.locked = False
        before = self.cost, self.usage, self.total
        if info is not None:
            self.cost, self.usage = info.cost, info.usage
        current = [*turns, *self.unsaved]
        self.total = total + len(current) - len(turns)
        if _versions(self.turns[-len(current) :]) != _versions(current):
            self.turns, reread = current, True
        if reread or changed or before != (self.cost, self.usage, self.total):
            self._emit(SessionChanged(self._session_id, reread=reread))

    def put(self, turn: Turn) -> None:
        """Replace the turn of the same id, or insert a new one in order."""
        self.changes += 1
        if self.locked and turn.id > 0:
            # For whoever waits until it has begun.
            self._emit(SessionChanged(self._session_id))
            return
        self._last_changed = turn
        self._insert(turn)
        self._emit(TurnChanged(self._session_id, turn.id))

    def _insert(self, turn: Turn) -> None:
        others = [each for each in self.turns if each.id != turn.id]
        if len(others) == len(self.turns):
            first = next((each.id for each in others if each.id > 0), None)
            if first is not None and 0 < turn.id < first:
                return  # one of the older turns, which are not held here
            self.total += 1
        others.append(turn)
        others.sort(key=lambda each: (each.id < 0, abs(each.id)))
        self.turns = others[-2 * AT_HAND :]

    def lock(self) -> None:
        """Drop the turns that can be read again."""
        self.locked = True
        self.changes += 1
        self.turns = self.unsaved
        self._last_changed = None

    def remove(self, turn: int) -> None:
        """Remove a turn by its id. It may be an older one, or removed already."""
        self.changes += 1
        others = [each for each in self.turns if each.id != turn]
        first = next((each.id for each in others if each.id > 0), turn + 1)
        if len(others) < len(self.turns) or 0 < turn < first:
            self.total = max(0, self.total - 1)
        self.turns = others
        if self._last_changed is not None and self._last_changed.id == turn:
            self._last_changed = None
        self._emit(TurnsRemoved(self._session_id, (turn,)))

    def drop_from(self, turn: int, total: int) -> None:
        """Remove a turn and those after it, which leaves `total` of them."""
        self.changes += 1
        gone = [each.id for each in self.turns if each.id >= turn]
        self.turns = [each for each in self.turns if each.id < turn]
        self.total = total
        if gone:
            self._emit(TurnsRemoved(self._session_id, tuple(gone)))

    def add_usage(self, answer: Answer) -> None:
        """Add the cost and the tokens of an answer to the sums."""
        if answer.cost is not None:
            self.cost = (self.cost or 0.0) + answer.cost
        self.usage = Usage(
            (self.usage.input_tokens or 0) + (answer.usage.input_tokens or 0),
            (self.usage.output_tokens or 0) + (answer.usage.output_tokens or 0),
        )


def _versions(turns: list[Turn]) -> list[tuple[object, ...]]:
    """Return what of each turn tells that it changed."""
    return [
        (turn.id, turn.created, turn.state, turn.edited, turn.alternatives)
        for turn in turns
    ]
