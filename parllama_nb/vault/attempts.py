"""A pause after wrong passwords: against a person at the keyboard.

Against whoever has the file there is only the cost of the key derivation, and the
password itself.
"""

from __future__ import annotations

from .errors import WaitError
from .timer import since_boot

__all__ = ["Attempts"]

_LONGEST = 30.0


class Attempts:
    """None after the first wrong password; then 1, 2, 4, ... up to 30 seconds."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0

    def failed(self) -> None:
        """A password was wrong."""
        self._failures += 1
        if self._failures > 1:
            pause = min(_LONGEST, 2.0 ** (self._failures - 2))
            self._until = since_boot() + pause

    def succeeded(self) -> None:
        """One was right."""
        self._failures, self._until = 0, 0.0

    def check(self) -> None:
        """Refuse a try that comes too soon.

        Raises:
            WaitError: with the seconds that are left.

        """
        seconds = self._until - since_boot()
        if seconds > 0:
            hint = f"Wait {seconds:.0f} s."
            error = WaitError("Too soon after a wrong password.", hint=hint)
            error.seconds = seconds
            raise error
