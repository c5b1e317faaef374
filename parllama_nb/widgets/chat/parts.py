"""What the parts of a chat view need of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...chats.history.reading import Turn
    from ...chats.question import Question
    from ...chats.session import Session
    from .protocol import ChatEvent, TurnData

__all__ = ["ChatParts"]


class ChatParts(Protocol):
    """A chat view, for what answers some of its requests."""

    @property
    def session(self) -> Session:
        """The session that is shown."""

    def tell(self, event: ChatEvent, /) -> None:
        """Send an event."""

    def show(self, session: Session) -> None:
        """Show another session."""

    async def begun_anew(self) -> None:
        """Wait until a new session is shown, after this one was deleted."""

    async def ask(self, question: Question) -> None:
        """Ask in the session, and return when the turn has begun."""

    def turn_data(self, turn: Turn) -> TurnData:
        """Return a turn of the session."""
