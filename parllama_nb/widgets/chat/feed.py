"""Sends what happens in a session to the view that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ...events import (
    AnswerDelta,
    AnswerRecast,
    Event,
    Events,
    Notice,
    ProgressChanged,
    SessionChanged,
    SessionDeleted,
    TurnChanged,
    TurnsRemoved,
)
from .protocol import (
    ChatEvent,
    SessionData,
    TurnData,
    TurnDelta,
    TurnNotice,
    TurnProgress,
    TurnSettled,
    TurnsGone,
)

if TYPE_CHECKING:
    from ...chats.history.reading import Turn
    from ...chats.live_turn import LiveTurn
    from ...chats.session import Session

__all__ = ["ChatFeed", "SessionView"]


class SessionView(Protocol):
    """A view that shows one session."""

    def tell(self, event: ChatEvent, /) -> None:
        """Send an event."""

    def tell_all(self) -> None:
        """Send everything anew."""

    def forget_texts(self) -> None:
        """Drop what was typed, for the session has locked."""

    def begin_anew(self) -> None:
        """Show a new session."""

    def turn_data(self, turn: Turn) -> TurnData:
        """Return a turn of the session."""

    def session_data(self) -> SessionData:
        """Return the session."""


class ChatFeed:
    """Listens to a session and to its current turn."""

    def __init__(self, view: SessionView, session: Session, events: Events) -> None:
        self._view = view
        self._events = events
        self._session = session
        self._live: LiveTurn | None = None
        # The id under which its text is sent: one that is written late gets another.
        self._sent_as = 0
        self._unlisten: Callable[[], None] = lambda: None
        self._unfollow: Callable[[], None] = lambda: None

    def listen(self, session: Session) -> None:
        """Listen to this session instead of the previous one."""
        self.close()
        self._session = session
        self._unlisten = self._events.listen(session.id, self._hear)
        self._follow()

    def close(self) -> None:
        """Stop listening."""
        self._unlisten()
        self._unfollow()
        self._live = None

    def _follow(self) -> None:
        """Listen to the current turn, which was announced before its first event."""
        live = self._session.live
        if live is not None and live.id and live is not self._live:
            self._unfollow()
            self._live, self._sent_as = live, live.id
            self._unfollow = self._events.listen(live.job.id, self._hear_job)

    def _hear(self, event: Event) -> None:
        view = self._view
        match event:
            case TurnChanged(turn=turn):
                # One that is not on disk changes in a locked session, too.
                if not self._session.locked:
                    self._hear_turn(turn)
            case TurnsRemoved(turns=turns):
                view.tell(TurnsGone(turns=list(turns)))
            case SessionChanged(reread=True):
                if self._session.locked:
                    view.forget_texts()
                # A turn that began while the session was locked was not heard of.
                self._follow()
                view.tell_all()
            case SessionChanged():
                view.tell(view.session_data())
            case SessionDeleted():
                view.begin_anew()
            case _:
                pass

    def _hear_turn(self, turn: int) -> None:
        view = self._view
        found = self._session.transcript.find(turn)
        ended, sent_as = None, self._sent_as
        if self._session.live is not self._live:
            self._unfollow()
            ended, self._live = self._live, None
        self._follow()
        if found is None:
            return
        data = view.turn_data(found)
        if ended is not None and sent_as == turn and not ended.record.restored:
            # The page has the text already, so only the end is sent.
            end = TurnSettled(
                turn=turn,
                state=data.state,
                footer=data.footer,
                error=data.error,
                cut=data.cut,
            )
            view.tell(end)
        else:
            view.tell(data)
        view.tell(view.session_data())

    def _hear_job(self, event: Event) -> None:
        if self._live is None or self._live.deleted or self._session.locked:
            return
        tell, turn = self._view.tell, self._live.id
        match event:
            case AnswerDelta(kind=kind, text=text):
                tell(TurnDelta(turn=turn, kind=kind, text=text))
            case AnswerRecast() if turn_now := self._session.transcript.find(turn):
                tell(self._view.turn_data(turn_now))
            case ProgressChanged(progress=progress):
                tell(TurnProgress.of(progress, turn=turn))
            case Notice(text=text):
                tell(TurnNotice(turn=turn, text=text))
            case _:
                pass
