"""What the view of local models and the kernel send each other of the library."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import Wire

__all__ = [
    "LibraryData",
    "LibraryModelData",
    "LibraryParams",
    "RecommendedData",
    "TagData",
    "TagsData",
    "TagsParams",
]

# view -> kernel


class LibraryParams(Wire):
    """Which models of the library: the official ones, or with words those of all users.

    `refresh` asks the site even if its list is not old.
    """

    query: str = Field(default="", max_length=400)
    sort: Literal["popular", "newest"] = "popular"
    refresh: bool = False


class TagsParams(Wire):
    """A model of the library whose tags are wanted."""

    name: str = Field(min_length=1, max_length=400)
    refresh: bool = False


# kernel -> view


class LibraryModelData(Wire):
    """A model of the library. `updated` is in the page's words, `sizes` as "1b"."""

    name: str
    description: str = ""
    capabilities: list[str] = Field(default_factory=list)
    sizes: list[str] = Field(default_factory=list)
    pulls: int | None = None
    tags: int | None = None
    updated: str = ""
    url: str = ""


class RecommendedData(Wire):
    """A model that Ollama recommends; a cloud model may require a subscription."""

    name: str
    description: str = ""
    context_window: int | None = None
    memory: int | None = None
    plan: str = ""


class LibraryData(Wire):
    """Models of the library, in the order of the site.

    `fetched` is when they were read, in seconds of the kernel's clock, which is `now`.
    `note` says in one line why they are not newer, or what could not be read.
    """

    now: float
    fetched: float
    note: str = ""
    models: list[LibraryModelData]
    recommended: list[RecommendedData]


class TagData(Wire):
    """A tag of a model. `fit` says roughly whether it fits into memory, and why."""

    name: str
    size: int | None = None
    context_window: int | None = None
    inputs: list[str] = Field(default_factory=list)
    updated: str = ""
    digest: str = ""
    is_latest: bool = False
    fit: Literal["yes", "slowly", "no", ""] = ""
    reason: str = ""


class TagsData(Wire):
    """The tags of a model, in the order of the site."""

    now: float
    fetched: float
    note: str = ""
    tags: list[TagData]
