"""What the parts of a chat view need of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...chats.history.reading import Turn
    from ...chats.question import Question
    from ...chats.session import Session
    from ...providers.spec import Spec
    from .protocol import ChatEvent, SessionData, TurnData

__all__ = ["ChatParts"]


class ChatParts(Protocol):
    """A chat view, for what answers some of its requests."""

    @property
    def session(self) -> Session:
        """The session that is shown."""

    @property
    def tabs(self) -> Sequence[Session]:
        """The sessions that are open in tabs, in order."""

    @property
    def model(self) -> str | None:
        """The model that answers, as far as it is known."""

    @property
    def spec(self) -> Spec | None:
        """Its provider, None if that is not known."""

    def learn_models(self) -> None:
        """Find out which models there are."""

    def session_data(self) -> SessionData:
        """Return the session, and what is known of its model."""

    def tell(self, event: ChatEvent, /) -> None:
        """Send an event."""

    def tell_all(self) -> None:
        """Send everything anew."""

    def show(self, session: Session) -> None:
        """Show another session, in a tab of its own."""

    async def close_tab(self, tab: str) -> None:
        """Close a tab; the session stays."""

    def tab(self, tab: str) -> Session | None:
        """Return the session of a tab; None if it is closed."""

    async def begun_anew(self) -> None:
        """Wait until a new session is shown, after this one was deleted."""

    def session_of(self, tab: str) -> Session:
        """Return the session of a tab; "" is the one that is shown.

        Raises:
            UsageError: the tab is closed.

        """

    async def ask(self, question: Question, session: Session) -> None:
        """Ask in a session, shown or not, and return when the turn has begun."""

    def turn_data(self, turn: Turn) -> TurnData:
        """Return a turn of the session."""
