"""The conversations that a chat has open in tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...events import Event, Events, SessionChanged, SessionDeleted, TurnChanged
from .session_protocol import ChatTab, ChatTabs

if TYPE_CHECKING:
    from ...chats.session import Session

__all__ = ["Tabs"]


class Tabs:
    """Sessions in order, one of which is shown.

    `changed` is called when a tab is other than it was. Used on the service loop, but
    made before.
    """

    def __init__(
        self, session: Session, events: Events, changed: Callable[[], None]
    ) -> None:
        self.sessions = [session]
        self._current = session
        self._events = events
        self._changed = changed
        self._unlisten: dict[str, Callable[[], None]] = {}

    @property
    def data(self) -> ChatTabs:
        """The tabs as the page shows them."""
        tabs = [
            ChatTab(
                id=session.id,
                name=session.shown_name,
                answering=session.answering,
                encrypted=session.encrypted,
                locked=bool(session.locked),
            )
            for session in self.sessions
        ]
        return ChatTabs(tabs=tabs, current=self._current.id)

    def listen(self) -> None:
        """Hear of what happens in all tabs."""
        for session in self.sessions:
            if session.id not in self._unlisten:
                self._unlisten[session.id] = self._events.listen(session.id, self._hear)

    def close(self) -> None:
        """Hear of nothing any more."""
        for unlisten in self._unlisten.values():
            unlisten()
        self._unlisten.clear()

    def get(self, tab: str) -> Session | None:
        """Return the session of a tab; None if it is closed."""
        return next((each for each in self.sessions if each.id == tab), None)

    @property
    def readable(self) -> set[str]:
        """The ids of the sessions that are not locked."""
        return {session.id for session in self.sessions if not session.locked}

    def show(self, session: Session, *, empty: bool) -> None:
        """Show a session, in a tab of its own.

        If the composer of the one before is `empty` and nothing was asked there, its
        tab is dropped.
        """
        before = self._current
        if session is before:
            return
        if session not in self.sessions:
            self.sessions.insert(self.sessions.index(before) + 1, session)
        if before.deleted or (before.is_blank and empty):
            self._drop(before)
        self._current = session
        self.listen()

    def beside(self, session: Session) -> Session | None:
        """Return the session of the tab next to another; None if that is the only."""
        at = self.sessions.index(session)
        others = self.sessions[at + 1 : at + 2] or self.sessions[:at][-1:]
        return others[0] if others else None

    def remove(self, session: Session) -> None:
        """Close the tab of a session that is not shown."""
        if session in self.sessions and session is not self._current:
            self._drop(session)

    def _drop(self, session: Session) -> None:
        if session in self.sessions:
            self.sessions.remove(session)
        self._unlisten.pop(session.id, lambda: None)()

    def _hear(self, event: Event) -> None:
        match event:
            case SessionDeleted(session_id=deleted):
                session = self.get(deleted)
                # The chat shows another one than that which is shown.
                if session is not None:
                    self.remove(session)
            case SessionChanged() | TurnChanged():
                pass
            case _:
                return
        self._changed()
