"""What a chat view and the kernel send each other of files of conversations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import Wire
from .session_protocol import LONGEST_NAME

__all__ = [
    "ConversationFile",
    "ExportFormat",
    "ExportSession",
    "ImportPart",
    "ImportedSessions",
    "SavePrompt",
    "SavedPrompt",
    "Untaken",
]

ExportFormat = Literal["markdown", "json", "notebook", "html"]

# view -> kernel


class ExportSession(Wire):
    """A conversation to export, or with "" all.

    Without a `path` the page downloads the file. `decrypted`: an encrypted one too, in
    a file that anybody can read. `overwrite`: files that exist are replaced.
    """

    name: str = Field("", max_length=LONGEST_NAME)
    format: ExportFormat = "markdown"
    path: str = Field("", max_length=4096)
    decrypted: bool = False
    overwrite: bool = False


class ImportPart(Wire):
    """The next bytes of a file of conversations, which come beside it.

    `id` is the page's own for the file, `size` all of its bytes, `at` how many came
    before.
    """

    id: str = Field(max_length=64)
    name: str = Field(max_length=500)
    size: int = Field(ge=0)
    at: int = Field(ge=0)


class SavePrompt(Wire):
    """How the questions of the conversation become a prompt of the library.

    Without a `name` it is called as the conversation. `answers` are part of it.
    `submit`: a chat sends it once it is chosen.
    """

    name: str = Field("", max_length=LONGEST_NAME)
    answers: bool = False
    submit: bool = False


# kernel -> view


class ConversationFile(Wire):
    """What was exported: the name of the download that comes beside it, or a path.

    `notes` say what is not in it, or other than here.
    """

    file_name: str = ""
    path: str = ""
    count: int = 1
    notes: list[str] = Field(default_factory=list)


class Untaken(Wire):
    """A file of an import that was not read, or not all of it, and why."""

    where: str
    why: str


class ImportedSessions(Wire):
    """What an import has done; not `done` means that more of the file is awaited.

    `present` are the names of conversations that are here already.
    """

    done: bool = True
    added: list[str] = Field(default_factory=list)
    present: list[str] = Field(default_factory=list)
    problems: list[Untaken] = Field(default_factory=list)


class SavedPrompt(Wire):
    """The name of a prompt that was added to the library."""

    name: str
