"""How well a new password withstands guessing, and which ones are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .errors import WeakPasswordError
from .format.crypto import password_bytes, wipe

__all__ = ["LEAST_GUESSES", "Strength", "check", "strength"]

LEAST_GUESSES: Final = 10**10
"""About a day on hardware that makes a hundred thousand guesses a second."""

# zxcvbn takes seconds on long texts in leet; what the first characters do not give,
# the others need not.
_LOOKED_AT = 24

_WORDS = (
    (10**6, "very weak"),
    (10**10, "weak"),
    (10**12, "fair"),
    (10**16, "strong"),
)


@dataclass(frozen=True, slots=True)
class Strength:
    """What zxcvbn thinks. `word` says it to a person; `advice` is its suggestions."""

    guesses: float
    word: str
    advice: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether a vault takes it."""
        return self.guesses >= LEAST_GUESSES


def strength(password: str | bytes | bytearray) -> Strength:
    """Judge a password; its length, its mixture of signs as such say nothing.

    Raises:
        WeakPasswordError: it is empty, blank, too long, or no text.

    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - only who chooses one pays for it

    raw = password_bytes(password)
    text = raw.decode()[:_LOOKED_AT]
    wipe(raw)
    found = zxcvbn(text)
    guesses = float(found["guesses"])
    word = next((word for limit, word in _WORDS if guesses < limit), "very strong")
    feedback = found["feedback"]
    said = (feedback.get("warning") or "", *feedback.get("suggestions", ()))
    return Strength(guesses, word, tuple(filter(None, said)))


def check(password: str | bytes | bytearray) -> None:
    """Refuse a new password that would be guessed.

    Raises:
        WeakPasswordError: why, and what would be better.

    """
    found = strength(password)
    del password  # a verbose traceback shows what a frame has
    if not found.enough:
        message = f"The password is {found.word}: about {found.guesses:.0e} guesses."
        advice = " ".join(found.advice)
        raise WeakPasswordError(
            message, hint=f"Take five or six random words. {advice}".strip()
        )
