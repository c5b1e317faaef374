"""What a chat view and the kernel send each other of attachments."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, Wire

__all__ = [
    "PART",
    "AttachParams",
    "AttachedData",
    "AttachedId",
    "AttachmentLimits",
    "AttachmentsData",
    "HeldParams",
    "PartParams",
    "Picture",
    "PicturesData",
    "TurnAttachment",
    "UploadParams",
]

PART = 1_000_000
"""Bytes of a file in one message, at most: the page's connection breaks off above
10 MB, and what else is sent waits for each message."""

_LONGEST_NAME = 500
_LONGEST_ID = 64

# view -> kernel


class UploadParams(Wire):
    """A file that the page is about to send; `size` is in bytes.

    `tab` is the id of the tab that it is attached in; "" is the one that is shown.
    """

    tab: str = Field("", max_length=_LONGEST_ID)
    name: str = Field(max_length=_LONGEST_NAME)
    size: int = Field(ge=0)


class PartParams(Wire):
    """The next bytes of a file, which come beside it; `at` is how many came before."""

    id: str = Field(max_length=_LONGEST_ID)
    at: int = Field(ge=0)


class AttachParams(Wire):
    """What the kernel attaches by itself: a path, an address, or a variable's name.

    `image`: it has to be an image.
    """

    source: str = Field(max_length=4096)
    image: bool = False


class HeldParams(Wire):
    """An attachment by its id."""

    id: str = Field(max_length=_LONGEST_ID)


# kernel -> view


class AttachedId(Wire):
    """The id of an attachment that the composer holds from now on."""

    id: str


class AttachedData(Wire):
    """An attachment of the next question.

    While its `state` is "receiving" the page sends it, while it is "reading" the kernel
    reads it; `note` says how far that is. `size` is in bytes, `pixels` are width and
    height, `tokens` are estimated, `excerpt` is how its text begins. `notes` say what
    was left out of it.
    """

    id: str
    name: str
    state: Literal["receiving", "reading", "ready", "failed"]
    kind: str = ""
    size: int = 0
    tokens: int = 0
    pages: int | None = None
    pixels: list[int] | None = None
    excerpt: str = ""
    note: str = ""
    notes: list[str] = Field(default_factory=list)
    error: Failure | None = None


class AttachmentsData(EventData):
    """All attachments of the next question, in order."""

    event = "attachments"
    attachments: list[AttachedData] = Field(default_factory=list)


class AttachmentLimits(Wire):
    """How much may be attached: bytes of a file, an image and all; their number.

    `part` are the bytes of a file in one message.
    """

    file: int
    image: int
    message: int
    count: int
    part: int = PART


class TurnAttachment(Wire):
    """What was sent with a question: an image or a document."""

    kind: Literal["image", "document"]
    name: str = ""


class Picture(Wire):
    """An image that comes beside it, made small; "" if it could not be."""

    media_type: str = ""


class PicturesData(Wire):
    """Images, in order: the bytes of each come as a buffer."""

    pictures: list[Picture]
