"""What of a conversation is left out of a request, and why, in words."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ALL_OF_IT", "Fitting"]


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a request fits into the model's context window.

    Attributes:
        window: how many tokens the model reads; None if that is not known.
        reserved: how many of them are kept for the answer.
        tokens: about how many the request has without what is left out.
        left_out: how many turns are left out, the earliest ones.
        left_out_tokens: about how many tokens those have.

    """

    window: int | None = None
    reserved: int = 0
    tokens: int = 0
    left_out: int = 0
    left_out_tokens: int = 0

    @property
    def fits(self) -> bool:
        """Whether it fits, as far as that is known."""
        return self.window is None or self.tokens + self.reserved <= self.window

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of it before it is sent."""
        window, found = self.window, []
        if window is None:
            return ()
        if self.left_out:
            turns = _turns(self.left_out)
            tokens = _rounded(self.left_out_tokens)
            verb = "is" if self.left_out == 1 else "are"
            found.append(
                f"The first {turns}, about {tokens:,} tokens, {verb} not sent: the "
                f"model reads {window:,} tokens and {self.reserved:,} are kept for the "
                "answer."
            )
        if self.tokens > window:
            found.append(
                f"The question has about {_rounded(self.tokens):,} tokens by itself, "
                f"and the model reads {window:,}: it may be refused, or cut."
            )
        elif not self.fits:
            left = window - self.tokens
            found.append(
                f"About {_rounded(left):,} tokens are left for the answer: the model "
                f"reads {window:,}."
            )
        return tuple(found)

    @property
    def note(self) -> str:
        """What the footer of the answer says of it; "" for nothing."""
        verb = "was" if self.left_out == 1 else "were"
        if not self.left_out:
            return ""
        return f"the first {_turns(self.left_out)} {verb} not sent"


ALL_OF_IT = Fitting()
"""Nothing is left out, as far as that is known."""


def _turns(count: int) -> str:
    return "turn" if count == 1 else f"{count:,} turns"


def _rounded(tokens: int) -> int:
    """Return a count of tokens to two digits, since it is an estimate."""
    digits = len(str(max(1, tokens))) - 2
    return round(tokens, -digits) if digits > 0 else tokens
