"""What a chat view and the kernel send each other of single turns."""

from __future__ import annotations

from pydantic import Field

from .._protocol import Wire
from .session_protocol import LONGEST_ID

__all__ = [
    "ContinueParams",
    "DeletedTurn",
    "FoundTurns",
    "RetryParams",
    "TurnQuery",
]

_LONGEST_QUERY = 500

# view -> kernel


class ContinueParams(Wire):
    """A turn whose answer goes on; `tab` is as for a question."""

    tab: str = Field("", max_length=LONGEST_ID)
    turn: int


class RetryParams(Wire):
    """A turn whose question is asked again; `tab` is as for a question.

    `model` is another model to ask, "" the one of the session. `temperature` is one for
    this answer, None that of the session.
    """

    tab: str = Field("", max_length=LONGEST_ID)
    turn: int
    model: str = Field("", max_length=200)
    temperature: float | None = Field(None, ge=0, le=2)


class TurnQuery(Wire):
    """What is looked for in the turns of the session, whatever its case."""

    query: str = Field(max_length=_LONGEST_QUERY)


# kernel -> view


class FoundTurns(Wire):
    """The turns in which a text is, by their ids, and how often it is there."""

    turns: list[int]
    hits: int


class DeletedTurn(Wire):
    """Whether the turn that was deleted can be put back."""

    undo: bool
