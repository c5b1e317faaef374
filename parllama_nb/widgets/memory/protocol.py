"""What the view of the memory and the kernel send each other."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, Snapshot, Wire

__all__ = [
    "MemoryData",
    "MemoryDraft",
    "MemoryLine",
    "MemoryProposal",
    "MemorySnapshot",
    "RevisionParams",
    "RewriteParams",
    "SaveMemoryParams",
    "SwitchParams",
]

# The memory says what is too long; this only bounds a message.
_TEXT = 1_000_000

# view -> kernel


class SwitchParams(Wire):
    """Whether new conversations get the memory."""

    on: bool


class RevisionParams(Wire):
    """A change of the memory as the page shows it."""

    revision: int


class SaveMemoryParams(RevisionParams):
    """A new memory; with `over` on top of what was changed elsewhere meanwhile."""

    text: str = Field(max_length=_TEXT)
    over: bool = False


class MemoryDraft(Wire):
    """What is typed and not saved, with what it began with; null if nothing is."""

    text: str | None = Field(default=None, max_length=_TEXT)
    revision: int = 0


class RewriteParams(Wire):
    """What to remember or to forget; with `plain`, without a model."""

    verb: Literal["remember", "forget"]
    text: str = Field(max_length=_TEXT)
    plain: bool = False


# kernel -> view


class MemoryLine(Wire):
    """A line of a change: removed, added or as before."""

    mark: Literal["-", "+", " "]
    text: str


class MemoryProposal(Wire):
    """A change that waits for the user.

    `model` wrote it, "" for none; `note` is why it is not a model's. It is `stale` if
    the memory was changed since it was made.
    """

    verb: Literal["remember", "forget"]
    wanted: str
    lines: list[MemoryLine]
    model: str = ""
    note: str = ""
    stale: bool = False


class MemoryData(EventData):
    """All of the memory, and what is proposed for it.

    `working` says what is being made, "" if nothing; `failure` is why the last proposal
    could not be made, `problem` why the memory cannot be read.
    """

    event = "memory"
    text: str = ""
    revision: int = 0
    on: bool
    can_undo: bool = False
    can_redo: bool = False
    longest: int
    working: str = ""
    proposal: MemoryProposal | None = None
    failure: Failure | None = None
    problem: Failure | None = None


class MemorySnapshot(Snapshot):
    """All that a page begins with; `memory` is null until it was read."""

    memory: MemoryData | None = None
    draft: MemoryDraft | None = None
