"""What a chat view and the kernel send each other of mentions of the notebook."""

from __future__ import annotations

from pydantic import Field

from .._protocol import Wire

__all__ = [
    "MentionData",
    "MentionOffer",
    "MentionOffers",
    "MentionQuery",
    "MentionsData",
    "MentionsParams",
]

# view -> kernel


class MentionQuery(Wire):
    """What was typed after an `@`."""

    typed: str = Field(max_length=400)


class MentionsParams(Wire):
    """A text that may mention something of the notebook."""

    text: str = Field(max_length=200_000)


# kernel -> view


class MentionOffer(Wire):
    """What may follow an `@`; `about` says what it is in a few words."""

    text: str
    about: str = ""


class MentionOffers(Wire):
    """What may follow an `@`, the best first."""

    offers: list[MentionOffer]


class MentionData(Wire):
    """Something that a text mentions, and what would be sent of it.

    `picture`: a picture is. `problem` is why nothing is.
    """

    path: str
    about: str = ""
    tokens: int = 0
    picture: bool = False
    problem: str = ""


class MentionsData(Wire):
    """All that a text mentions, in its order."""

    mentions: list[MentionData]
