"""What a session asks of whoever knows the names of all sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .history.reading import Turn

if TYPE_CHECKING:
    from .session import Session

__all__ = ["SessionNames"]


class SessionNames(Protocol):
    """Whoever knows all sessions, and thus which names are free."""

    async def rename(self, session: Session, name: str) -> None:
        """Rename a session; UsageError if another one has the name."""

    def renamed(self, session: Session, name: str) -> None:
        """Know a session by its title, which could not be read until now."""

    async def name_after(self, session: Session, text: str) -> None:
        """Name a session after the first question in it."""

    def name_by_model(self, session: Session, first: Turn) -> None:
        """Have a model name a session after its first turn, if the user wants that."""

    def forget(self, session: Session) -> None:
        """Remove a session that was deleted."""
