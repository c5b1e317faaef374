"""What a session asks of whoever knows the names of all sessions."""

from __future__ import annotations

from typing import Protocol, TypeVar

from .history.reading import Turn

__all__ = ["SessionNames"]

SessionT_contra = TypeVar("SessionT_contra", contravariant=True)


class SessionNames(Protocol[SessionT_contra]):
    """Whoever knows all sessions, and thus which names are free."""

    async def rename(self, session: SessionT_contra, name: str) -> None:
        """Rename a session; UsageError if another one has the name."""

    def renamed(self, session: SessionT_contra, name: str) -> None:
        """Know a session by its title, which could not be read until now."""

    async def claim(self, session: SessionT_contra) -> None:
        """Make a row for a new session, under another name if its own is taken."""

    async def name_after(self, session: SessionT_contra, text: str) -> None:
        """Name a session after the first question in it."""

    def name_by_model(self, session: SessionT_contra, first: Turn) -> None:
        """Have a model name a session after its first turn, if the user wants that."""

    def keep(self, session: SessionT_contra) -> None:
        """Keep a session, for some of its turns are nowhere else."""

    def forget(self, session: SessionT_contra) -> None:
        """Remove a session that was deleted."""
