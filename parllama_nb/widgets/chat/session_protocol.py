"""What a chat view and the kernel send each other about conversations."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .._protocol import EventData, Wire

__all__ = [
    "ChatTab",
    "ChatTabs",
    "DeletedEntry",
    "FileSession",
    "ForgetSession",
    "FoundSessions",
    "FoundText",
    "OpenSession",
    "PinSession",
    "RenameSession",
    "SessionEntry",
    "SessionName",
    "SessionQuery",
    "SessionsData",
    "ShowTab",
    "TagSession",
]

LONGEST_NAME = 200
LONGEST_ID = 64

# view -> kernel


class OpenSession(Wire):
    """A session to open in a tab; with a `turn`, such that it shows that one."""

    name: str = Field(max_length=LONGEST_NAME)
    turn: int | None = None


class ShowTab(Wire):
    """A tab by its id."""

    id: str = Field(max_length=LONGEST_ID)


class SessionName(Wire):
    """A session by its name."""

    name: str = Field(max_length=LONGEST_NAME)


class RenameSession(Wire):
    """A session and its new name."""

    name: str = Field(max_length=LONGEST_NAME)
    new: str = Field(max_length=LONGEST_NAME)


class FileSession(Wire):
    """A session and the folder that it goes into, "" for none."""

    name: str = Field(max_length=LONGEST_NAME)
    folder: str = Field(max_length=LONGEST_NAME)


class TagSession(Wire):
    """A session and all its tags."""

    name: str = Field(max_length=LONGEST_NAME)
    tags: list[str] = Field(max_length=100)


class PinSession(Wire):
    """A session, and whether lists begin with it."""

    name: str = Field(max_length=LONGEST_NAME)
    pinned: bool


class ForgetSession(Wire):
    """A session to delete; `now` is for good."""

    name: str = Field(max_length=LONGEST_NAME)
    now: bool = False


class SessionQuery(Wire):
    """What is looked for in all sessions."""

    query: str = Field(max_length=500)


# kernel -> view


class ChatTab(Wire):
    """A session that is open in a tab. `id` stays, whatever its name becomes."""

    id: str
    name: str
    answering: bool = False
    encrypted: bool = False
    locked: bool = False


class ChatTabs(EventData):
    """The sessions that are open in tabs, and the one that is shown, by its id."""

    event: ClassVar[str] = "tabs"
    tabs: list[ChatTab]
    current: str


class SessionEntry(Wire):
    """A session that can be opened. Times are in seconds since the epoch.

    A `locked` one has a name that says nothing, and neither folder nor tags.
    """

    name: str
    used: float
    turns: int
    created: float = 0
    model: str | None = None
    folder: str = ""
    tags: list[str] = Field(default_factory=list)
    pinned: bool = False
    encrypted: bool = False
    locked: bool = False


class DeletedEntry(Wire):
    """A session that can be restored by its `name`, and when it was deleted.

    `title` is what it was called. The name of an encrypted one is its handle. Times are
    in seconds since the epoch.
    """

    name: str
    title: str
    deleted: float
    encrypted: bool = False
    locked: bool = False


class SessionsData(Wire):
    """All sessions that can be opened, and those that can be restored."""

    sessions: list[SessionEntry]
    deleted: list[DeletedEntry] = Field(default_factory=list)


class FoundText(Wire):
    """Where a session has what was looked for; without a `turn`, in its name or tags.

    `snippet` alternates between text and what was looked for, beginning with text.
    """

    session: str
    turn: int | None = None
    snippet: list[str]


class FoundSessions(Wire):
    """What a search found, the best first.

    `complete` is false while not all sessions are indexed. `locked` is how many could
    not be searched because they are encrypted.
    """

    hits: list[FoundText]
    complete: bool = True
    locked: int = 0
