"""How hard a new password is to guess, and which passwords are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .errors import WeakPasswordError
from .format.crypto import Password, password_bytes, wipe

__all__ = ["LEAST_GUESSES", "Strength", "check", "strength"]

LEAST_GUESSES: Final = 10**10
"""About a day on hardware that makes a hundred thousand guesses a second."""

# zxcvbn takes seconds on long texts in leet, so it judges the first characters only.
_JUDGED = 24

_WORDS = (
    (10**6, "very weak"),
    (10**10, "weak"),
    (10**12, "fair"),
    (10**16, "strong"),
)


@dataclass(frozen=True, slots=True)
class Strength:
    """The judgement of zxcvbn: guesses needed, a word for people, suggestions."""

    guesses: float
    word: str
    advice: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether a vault accepts it."""
        return self.guesses >= LEAST_GUESSES


def strength(password: Password) -> Strength:
    """Judge a password by the guesses it takes, not by length or kinds of characters.

    Raises:
        WeakPasswordError: it is empty, blank, too long, or not text.

    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - takes long to import

    raw = password_bytes(password)
    text = raw.decode()[:_JUDGED]
    wipe(raw)
    result = zxcvbn(text)
    guesses = float(result["guesses"])
    word = next((word for limit, word in _WORDS if guesses < limit), "very strong")
    feedback = result["feedback"]
    said = (feedback.get("warning") or "", *feedback.get("suggestions", ()))
    advice = tuple(f"{each.removesuffix('.')}." for each in said if each)
    return Strength(guesses, word, advice)


def check(password: Password) -> None:
    """Refuse a new password that is too easy to guess.

    Raises:
        WeakPasswordError: with the reason, and what would be better.

    """
    judged = strength(password)
    del password  # a verbose traceback shows the variables of its frames
    if not judged.enough:
        message = f"The password is {judged.word}: about {judged.guesses:.0e} guesses."
        advice = " ".join(judged.advice)
        raise WeakPasswordError(
            message, hint=f"Take five or six random words. {advice}".strip()
        )
