"""What imports and exports of the view of the prompt library send."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...prompting.library.merging import ImportState
from .._protocol import EventData, Failure, Wire
from ..jobs.protocol import JobData

__all__ = [
    "BesideData",
    "CandidateData",
    "CandidateParams",
    "ExportParams",
    "ExportedData",
    "ImportData",
    "ImportParams",
    "OfferData",
    "ProblemData",
    "SourceData",
    "SourcesData",
    "TakeParams",
]

_NAME = 1000
_PATH = 4096
_MOST = 20_000

# view -> kernel


class ImportParams(Wire):
    """A source to read; without a `location` it is the source's own."""

    source: str = Field(min_length=1, max_length=200)
    location: str = Field(default="", max_length=_PATH)
    refresh: bool = False


class TakeParams(Wire):
    """The candidates to import, by their names at the source."""

    names: list[str] = Field(max_length=_MOST)


class CandidateParams(Wire):
    """One candidate, by its name at the source."""

    name: str = Field(min_length=1, max_length=_NAME)


class ExportParams(Wire):
    """Prompts to be exported, none for all, in the format of a source.

    Without a `path` the files are sent to the page. Files that are at the path
    already are replaced only with `overwrite`.
    """

    names: list[str] = Field(default_factory=list, max_length=_MOST)
    format: str = Field(min_length=1, max_length=200)
    path: str = Field(default="", max_length=_PATH)
    overwrite: bool = False


# kernel -> view


class SourceData(Wire):
    """A source of prompts; `location` says in words what a location of it is."""

    name: str
    title: str
    location: str
    needs_location: bool
    writes: bool


class SourcesData(Wire):
    """The sources that prompts can be imported from or exported to."""

    sources: list[SourceData]


class ImportData(EventData):
    """How the import stands, the last one there was.

    `job` is the one under way. After "offered" the request `offer` tells what there
    is; `error` is why the last step failed. When it is "done", the lists hold the
    names that were added, updated, and added beside others.
    """

    event = "import"
    stage: Literal["none", "reading", "offered", "taking", "done", "failed"] = "none"
    id: str = ""
    source: str = ""
    title: str = ""
    location: str = ""
    job: JobData | None = None
    error: Failure | None = None
    added: list[str] = Field(default_factory=list)
    updated: list[str] = Field(default_factory=list)
    beside: list[str] = Field(default_factory=list)


class CandidateData(Wire):
    """A prompt that a source offers.

    `current` is the prompt that has its place or its name, `beside` the name under
    which it is added if that one stays.
    """

    name: str
    description: str
    tags: list[str]
    state: ImportState
    current: str = ""
    beside: str = ""


class ProblemData(Wire):
    """What could not be read, and why."""

    where: str
    what: str


class OfferData(Wire):
    """All that a source offers.

    `from_cache` is when it was fetched, in seconds since the epoch, if the network
    was not reached. Of many problems some are left out; `problem_count` is all.
    """

    origin: str
    from_cache: float | None = None
    candidates: list[CandidateData]
    problems: list[ProblemData]
    problem_count: int


class BesideData(Wire):
    """Two prompts as texts: the one of the library, and the one that is offered."""

    mine: str
    theirs: str


class ExportedData(Wire):
    """What was exported: the files are at `path`, or in the response's buffer.

    `existing` are files that are there already; then nothing was written.
    """

    count: int
    files: int
    path: str = ""
    file_name: str = ""
    existing: list[str] = Field(default_factory=list)
