"""How long a streamed answer may be silent."""

from __future__ import annotations

import asyncio

from ..spec import Timeouts
from .answer_so_far import AnswerSoFar
from .stream_errors import SilentError

__all__ = ["Deadline"]

_AFTER_FINISH = 5.0
"""Seconds to wait for the usage of an answer that is complete."""

_ALIVE = 10
"""How many times as long a limit is at most for a server that sends signs of life."""


class Deadline:
    """Until when the next token has to be there; times are the loop's, in seconds.

    Whatever else a server sends (comments, pings, empty pieces) says that it is alive,
    and begins the limit anew, up to ten times its length in all: a request may stand in
    a queue, a model may think where nobody sees it.
    """

    def __init__(self, timeouts: Timeouts, sent: float) -> None:
        self._timeouts = timeouts
        self._begun = self._closing = False
        self._length = 0
        self._limit = timeouts.first_token
        self._since = sent
        self.time = sent + self._limit

    def note(self, answer: AnswerSoFar) -> None:
        """Begin the limit anew, now that the server sent something."""
        now = asyncio.get_running_loop().time()
        grown, self._length = answer.length > self._length, answer.length
        if answer.closing:
            if grown or not self._closing:
                self.time = now + min(_AFTER_FINISH, self._timeouts.stall)
        elif grown:
            self._begun = True
            self._limit, self._since = self._timeouts.stall, now
            self.time = now + self._limit
        elif not answer.certain:
            self.time = min(now + self._limit, self._since + _ALIVE * self._limit)
        self._closing = answer.closing

    def missed(self) -> SilentError:
        """Return the error for a token that did not arrive in time."""
        return SilentError.in_answer(
            self._timeouts, begun=self._begun, waited=self.time - self._since
        )
