"""What can be done with the session that a chat shows, and which others there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...chats.memory_taken import without_memory
from .._requests import request
from .opening import opened
from .parts import ChatParts
from .protocol import NameParams, OptionsParams, SessionEntry, SessionsData

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["SessionRequests"]


class SessionRequests:
    """Answers what is asked of the session that a chat shows, and of all others."""

    def __init__(self, app: Parllama, chat: ChatParts) -> None:
        self._app = app
        self._chat = chat

    @request
    async def on_set_model(self, params: NameParams) -> None:
        """Choose the model that answers, or with "" the default."""
        session, name = self._chat.session, params.name.strip()
        model = "/".join(self._app.providers.parse(name)) if name else None
        await session.configure(model=model, options=session.options)

    @request
    async def on_set_options(self, params: OptionsParams) -> None:
        """Set what questions are asked with."""
        session = self._chat.session
        # An option that no page knows stays.
        options = {**session.options, **params.options.model_dump()}
        await session.configure(model=session.model, options=options)

    @request
    async def on_sessions(self) -> SessionsData:
        """List the sessions that can be opened."""
        sessions = await self._app.chats.sessions()
        entries = [
            SessionEntry(
                name=each.name, used=each.used, turns=each.turns, model=each.model
            )
            for each in sessions
        ]
        return SessionsData(sessions=entries)

    @request
    async def on_new(self) -> None:
        """Show a new session, with the model and options of this one."""
        await self.begin()

    async def begin(self) -> None:
        """Show a new session."""
        before = self._chat.session
        session = await self._app.sessions.new()
        session.model = before.model
        session.options = without_memory(before.options)
        self._chat.show(session)

    @request
    async def on_open(self, params: NameParams) -> None:
        """Show another session."""
        self._chat.show(await opened(self._app, params.name))

    @request
    async def on_rename(self, params: NameParams) -> None:
        """Rename the session."""
        await self._chat.session.rename(params.name)

    @request
    async def on_encrypt(self) -> None:
        """Store the session encrypted."""
        await self._chat.session.encrypt()

    @request
    async def on_decrypt(self) -> None:
        """Store the session in clear text."""
        await self._chat.session.decrypt()

    @request
    async def on_remove(self) -> None:
        """Delete the session; `begin_anew` of the view shows a new one."""
        await self._chat.session.delete()
        await self._chat.begun_anew()
