"""The turns of a session: read, shown instead of others, changed and deleted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from ..errors import ParllamaError, UsageError
from .history.reading import Turn
from .history.removed import RemovedTurn
from .history.store import ChatStore
from .live_turn import LiveTurn
from .transcript import Transcript

__all__ = ["SessionTurns", "TurnsOwner"]


class TurnsOwner(Protocol):
    """A session: its last turns, the one under way, and what the store finds it by."""

    transcript: Transcript
    live: LiveTurn | None

    @property
    def key(self) -> str:
        """What the store finds it by."""

    async def load(self) -> None:
        """Read it from the store; after the answer, if one is under way."""


class SessionTurns:
    """What can be done with the turns of a session. Used on the service loop only.

    `refuse` raises UsageError while a question is being answered, and `changed` tells
    the session's listeners that it has changed.
    """

    def __init__(
        self,
        session: TurnsOwner,
        store: ChatStore,
        refuse: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._session = session
        self._store = store
        self.refuse = refuse
        self._changed = changed

    async def read(self, turn: int) -> Turn:
        """Return a turn of the conversation by its id.

        Raises:
            UsageError: it is no longer there.

        """
        found = self._session.transcript.find(turn)
        found = found or await self._store.turn(self._session.key, turn)
        if found is None:
            raise _gone()
        return found

    async def earlier(self, before: int, count: int) -> list[Turn]:
        """Return the last `count` turns before the turn `before`."""
        return await self._store.turns(self._session.key, before=before, limit=count)

    async def show(self, turn: int) -> None:
        """Show a turn instead of its alternatives, and what followed it.

        Raises:
            UsageError: it is no longer there, or a question is being answered.

        """
        self.refuse()
        if not await self._store.show(self._session.key, turn):
            raise _gone()
        await self._session.load()

    async def amend(
        self, turn: int, *, question: str | None = None, answer: str | None = None
    ) -> None:
        """Change the text of a turn's question or answer, without asking again.

        Raises:
            UsageError: it is no longer there, or a question is being answered.

        """
        self.refuse()
        changed = await self._store.amend(
            self._session.key, turn, question=question, answer=answer
        )
        if changed is None:
            raise _gone()
        self._session.transcript.put(changed)

    async def delete(self, turn: int) -> RemovedTurn | None:
        """Delete a turn, question and answer; stops it first if it is under way.

        Returns what puts it back; None if it was not on disk.
        """
        live = self._session.live
        before = live.before if live is not None and live.follows is None else None
        if live is not None and turn in (live.id, before and before.id):
            live.job.cancel()
            with contextlib.suppress(ParllamaError):
                await asyncio.shield(asyncio.wrap_future(live.job.future))
        removed = await self._store.take_out(self._session.key, turn)
        self.remove(turn)
        # Another alternative may be shown in its place, with what followed that.
        await self._session.load()
        self._changed()
        return removed

    def remove(self, turn: int) -> None:
        """Remove a turn from those that are held here."""
        live = self._session.live
        if live is not None and live.id == turn:
            live.deleted = True
        self._session.transcript.remove(turn)


def _gone() -> UsageError:
    return UsageError("That turn is no longer in the conversation.")
