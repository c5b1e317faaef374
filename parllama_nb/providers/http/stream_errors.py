"""What ends an answer before its time: internal errors of the clients.

`failures` turns them into those of the package.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..spec import Timeouts

__all__ = [
    "BrokenOffError",
    "RefusedError",
    "ReportedError",
    "SilentError",
    "UnreadableError",
]


class RefusedError(Exception):
    """A status of 300 and above, and what came with it."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


class ReportedError(Exception):
    """The server reported an error inside of an answer that began as a success."""

    def __init__(self, body: object) -> None:
        super().__init__("reported in the stream")
        self.body = body


class BrokenOffError(Exception):
    """The stream ended without the end of an answer."""


class UnreadableError(Exception):
    """The answer is not in the wire format; `what` says what it is."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class SilentError(Exception):
    """A time limit ran out; `text` says which."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    @classmethod
    def of(cls, missing: str, seconds: float) -> SilentError:
        """Say what did not arrive, and within how many seconds it should have."""
        return cls(f"no {missing} within {seconds:g} s.")

    @classmethod
    def in_answer(
        cls, timeouts: Timeouts, *, begun: bool, waited: float = 0.0
    ) -> SilentError:
        """Say that a token did not arrive; `begun`: another one had.

        `waited` are the seconds of a limit that signs of life made longer.
        """
        missing = "further token" if begun else "first token"
        limit = timeouts.stall if begun else timeouts.first_token
        seconds = round(waited, 1)
        if seconds <= limit:
            return cls.of(missing, limit)
        alive = f"within {seconds:g} s, though the server said that it is alive"
        return cls(f"no {missing} {alive}.")
