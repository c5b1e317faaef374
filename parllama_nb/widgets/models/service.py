"""What the view asks of the service of local models beyond pulling and deleting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

from ...local_models.service import LocalModels

__all__ = [
    "Fetched",
    "Fit",
    "Full",
    "LibraryModel",
    "LibraryTag",
    "Recommendation",
    "Update",
    "full",
]

T_co = TypeVar("T_co", covariant=True)


class Update(Protocol):
    """Whether a registry has a newer model of a name; None if it does not tell."""

    @property
    def model(self) -> str:
        """The name that was asked for."""

    @property
    def available(self) -> bool | None:
        """Whether there is an update."""

    @property
    def note(self) -> str:
        """Why it is not known."""


class LibraryModel(Protocol):
    """A model of the public library."""

    name: str
    description: str
    capabilities: tuple[str, ...]
    sizes: tuple[str, ...]
    pulls: int | None
    tags: int | None
    updated: str
    url: str


class LibraryTag(Protocol):
    """A tag of a model of the public library."""

    name: str
    digest: str
    size: int | None
    context: int | None
    inputs: tuple[str, ...]
    updated: str
    is_latest: bool


class Fetched(Protocol, Generic[T_co]):
    """Entries of the library, and how fresh they are."""

    @property
    def entries(self) -> tuple[T_co, ...]:
        """The entries."""

    @property
    def fetched(self) -> float:
        """When they were fetched, in seconds since 1970."""

    def note(self, now: float) -> str:
        """Say what is wrong with the entries; "" if nothing is."""


class Library(Protocol):
    """The public library."""

    async def search(
        self,
        query: str = "",
        *,
        namespace: str = "library",
        sort: Literal["popular", "newest"] = "popular",
        refresh: bool = False,
    ) -> Fetched[LibraryModel]:
        """Return models of the library."""

    async def tags(self, name: str, *, refresh: bool = False) -> Fetched[LibraryTag]:
        """Return the tags of a model."""


class Recommendation(Protocol):
    """A model that Ollama recommends."""

    model: str
    description: str
    context: int | None
    memory: int | None
    plan: str


class Fit(Protocol):
    """Whether a model fits into memory, roughly."""

    verdict: Literal["yes", "slowly", "no"]
    reason: str


class Full(Protocol):
    """The service with all that the view uses."""

    @property
    def library(self) -> Library:
        """The public library."""

    async def recommendations(self) -> Sequence[Recommendation]:
        """Return what the server recommends."""

    async def fits(self, sizes: Sequence[int]) -> Sequence[Fit | None]:
        """Say of models of these bytes whether they fit; None if that is not known."""

    async def updates(self, models: Sequence[str]) -> Sequence[Update]:
        """Ask the registries for newer models."""


def full(service: LocalModels) -> Full:
    """Return the service with all that the view uses."""
    return cast("Full", cast("Any", service))
