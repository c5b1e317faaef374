"""Says in a chat what the next question would leave out, before it is asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...chats.forecast import forecast
from ...errors import ParllamaError

if TYPE_CHECKING:
    from ...chats.session import Session

__all__ = ["LeftOut"]

# The part of a window up to which nothing can be left out: what the last answer counted
# is exact, and what the next question adds is small beside it.
_SAFE = 0.5


class LeftOut:
    """Finds what the next question of a session leaves out.

    Used on the service loop. `words` is "" for nothing, and `changed` is called when
    they have changed.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.words = ""
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        # A session, its model, and how often its turns had changed.
        self._asked: tuple[Session, str | None, int] | None = None

    def look(self, session: Session, model: str | None, window: int | None) -> None:
        """Find out for a session; `model` answers there where it has chosen none."""
        if session.answering:
            return  # it is looked at again when the answer has settled
        used = session.transcript.context_tokens
        small = window is not None and used is not None and used < _SAFE * window
        if small or session.locked or not session.transcript.total:
            self._asked = None
            self._say("")
            return
        self._asked = session, model, session.transcript.changes
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._find())

    def forget(self) -> None:
        """Know nothing until it is looked at again; nobody is told."""
        self.words, self._asked = "", None

    def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()

    async def _find(self) -> None:
        while (asked := self._asked) is not None:
            words: tuple[str, ...] = ()
            # What is wrong is said elsewhere.
            with contextlib.suppress(ParllamaError):
                words = (await forecast(asked[0], asked[1])).warnings
            if self._asked == asked:
                self._asked = None
                self._say(" ".join(words))

    def _say(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self._changed()
