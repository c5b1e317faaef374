"""What can be done with the session that a chat shows, and with its tabs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ...chats.memory_taken import without_memory
from ...errors import UsageError
from .._requests import request
from .opening import opened
from .parts import ChatParts
from .protocol import NameParams, OptionsParams
from .session_protocol import OpenSession, ShowTab

if TYPE_CHECKING:
    from ...application import Parllama
    from ...chats.session import Session

__all__ = ["SessionRequests"]


class SessionRequests:
    """Answers what is asked of the session that a chat shows, and of its tabs."""

    def __init__(self, app: Parllama, chat: ChatParts) -> None:
        self._app = app
        self._chat = chat

    @request
    async def on_set_model(self, params: NameParams) -> None:
        """Choose the model that answers, or with "" the default."""
        await self.set_model(self._chat.session, params.name.strip())

    async def set_model(self, session: Session, name: str) -> None:
        """Choose the model that answers in a session, or with "" the default."""
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
    async def on_new(self) -> None:
        """Show a new session, with the model and options of this one."""
        await self.begin()

    async def begin(self) -> Session:
        """Show a new session, and return it."""
        before = self._chat.session
        session = await self._app.sessions.new()
        session.model = before.model
        session.options = without_memory(before.options)
        self._chat.show(session)
        return session

    @request
    async def on_open(self, params: OpenSession) -> None:
        """Show another session, in a tab of its own."""
        session = await opened(self._app, params.name)
        turn, library = params.turn, self._app.session_library
        if turn is not None and not session.locked:
            # One that is answering shows what it shows.
            with contextlib.suppress(UsageError):
                if not await library.is_shown(session.key, turn):
                    await session.turns.show(turn)
        self._chat.show(session)

    @request
    async def on_show_tab(self, params: ShowTab) -> None:
        """Show another tab."""
        session = self._chat.tab(params.id)
        if session is not None:
            self._chat.show(session)

    @request
    async def on_close_tab(self, params: ShowTab) -> None:
        """Close a tab; its session stays."""
        await self._chat.close_tab(params.id)

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
        """Delete the session so that it can be restored; another one is shown."""
        await self._chat.session.delete()
        await self._chat.begun_anew()
