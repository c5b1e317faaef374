"""What the public library says of a model and of its tags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ...durations import in_words

__all__ = ["Fetched", "LibraryModel", "LibraryTag", "Reading"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LibraryModel:
    """A model of the library; None or empty where its page does not say.

    `pulls` is how often it was pulled, rounded, and `tags` how many it has. `sizes` are
    numbers of parameters, as "1b". `updated` is when, in the page's words.
    """

    namespace: str
    model: str
    description: str = ""
    capabilities: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    pulls: int | None = None
    tags: int | None = None
    updated: str = ""
    url: str = ""

    @property
    def name(self) -> str:
        """What to pull; a model of the official library has no namespace in it."""
        if self.namespace == "library":
            return self.model
        return f"{self.namespace}/{self.model}"


@dataclass(frozen=True, slots=True)
class LibraryTag:
    """A tag of a model; None or empty where its page does not say.

    `name` is what to pull, as "llama3.2:1b". `digest` is how that of its manifest
    begins. `size` is in bytes and rounded, `context` in tokens, and `inputs` are
    kinds as "text". `is_latest` says that the tag `latest` means the same.
    """

    name: str
    digest: str = ""
    size: int | None = None
    context: int | None = None
    inputs: tuple[str, ...] = ()
    updated: str = ""
    is_latest: bool = False


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What was read of a page.

    `unread` says in a few words each what could not be. `next_page` is the number of
    the page that it links as the next, None if it links none.
    """

    entries: tuple[T, ...]
    unread: tuple[str, ...] = ()
    next_page: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """Entries of the library, and how fresh they are.

    `fetched` is when they were, in seconds since the epoch. `failure` says why a later
    attempt failed, and `hint` what to do about it.
    """

    entries: tuple[T, ...]
    fetched: float
    unread: tuple[str, ...] = ()
    failure: str = ""
    hint: str = ""

    def note(self, now: float) -> str:
        """Say in one line what is wrong with the entries; "" if nothing is."""
        parts = []
        if self.failure:
            age = in_words(max(now - self.fetched, 0.0))
            parts.append(f"{self.failure.rstrip('.')}; the list is {age} old")
        if self.unread:
            parts.append(f"the page does not say {', '.join(self.unread)}")
        return "; ".join(parts)

    def with_entries(self, entries: tuple[T, ...]) -> Fetched[T]:
        """Return some of the entries, as fresh as all of them."""
        return replace(self, entries=entries)
