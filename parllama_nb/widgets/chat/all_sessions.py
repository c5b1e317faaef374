"""What can be done with all conversations: listed, searched, sorted, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._requests import request
from .session_protocol import (
    DeletedEntry,
    FileSession,
    ForgetSession,
    FoundSessions,
    FoundText,
    PinSession,
    RenameSession,
    SessionEntry,
    SessionName,
    SessionQuery,
    SessionsData,
    TagSession,
)

if TYPE_CHECKING:
    from ...application import Parllama
    from ...chats.history.finding import Hit
    from .parts import ChatParts

__all__ = ["AllSessionRequests"]

# Seconds that a search takes at most, and hits that it gives.
_PATIENCE = 1.5
_HITS = 100


class AllSessionRequests:
    """Answers what is asked of sessions that need not be open."""

    def __init__(self, app: Parllama, chat: ChatParts) -> None:
        self._app = app
        self._chat = chat

    @request
    async def on_sessions(self) -> SessionsData:
        """List all sessions, and those that can be restored."""
        library = self._app.session_library
        sessions = await library.sessions()
        entries = [
            SessionEntry(
                name=each.name,
                used=each.used,
                turns=each.turns,
                created=each.created,
                model=each.model,
                folder=each.folder,
                tags=list(each.tags),
                pinned=each.pinned,
                encrypted=each.encrypted,
                locked=each.locked,
            )
            for each in sessions
        ]
        deleted = [
            DeletedEntry(
                name=each.handle or each.name,
                title=each.name,
                deleted=each.deleted,
                encrypted=bool(each.handle),
                locked=each.locked,
            )
            for each in await library.deleted()
        ]
        return SessionsData(sessions=entries, deleted=deleted)

    @request
    async def on_search_sessions(self, params: SessionQuery) -> FoundSessions:
        """Search titles, folders, tags, questions and answers of all sessions."""
        library = self._app.session_library
        found = await library.search(params.query, limit=_HITS, patience=_PATIENCE)
        locked = sum(each.locked for each in await library.sessions())
        return FoundSessions(
            hits=[self._hit(each) for each in found.hits],
            complete=found.complete,
            locked=locked,
        )

    def _hit(self, hit: Hit) -> FoundText:
        snippet, whole = list(hit.snippet), "".join(hit.snippet)
        redacted = self._app.redact(whole)
        if redacted != whole:
            # A secret may be partly marked.
            snippet = [redacted]
        return FoundText(session=hit.session, turn=hit.turn, snippet=snippet)

    @request
    async def on_rename_session(self, params: RenameSession) -> None:
        """Rename a session."""
        session = await self._app.sessions.known(params.name)
        await session.rename(params.new)

    @request
    async def on_file_session(self, params: FileSession) -> None:
        """Put a session into a folder, or out of it."""
        await self._app.session_library.file(params.name, params.folder)

    @request
    async def on_tag_session(self, params: TagSession) -> None:
        """Give a session these tags, and no others."""
        library = self._app.session_library
        info = await self._app.chats.session(params.name)
        before = () if info is None else info.tags
        kept = {tag.casefold() for tag in params.tags}
        gone = [tag for tag in before if tag.casefold() not in kept]
        await library.tag(params.name, params.tags, gone)

    @request
    async def on_pin_session(self, params: PinSession) -> None:
        """Pin a session, or no more."""
        await self._app.session_library.pin(params.name, pinned=params.pinned)

    @request
    async def on_duplicate_session(self, params: SessionName) -> SessionName:
        """Copy a session; the response has the name of the copy."""
        name = await self._app.session_library.duplicate(params.name)
        return SessionName(name=name)

    @request
    async def on_encrypt_session(self, params: SessionName) -> None:
        """Store a session encrypted."""
        session = await self._app.sessions.known(params.name)
        await session.encrypt()

    @request
    async def on_decrypt_session(self, params: SessionName) -> None:
        """Store a session in clear text."""
        session = await self._app.sessions.known(params.name)
        await session.decrypt()

    @request
    async def on_forget_session(self, params: ForgetSession) -> None:
        """Delete a session, wherever it is open."""
        session = await self._app.sessions.known(params.name)
        await session.delete(now=params.now)
        await self._chat.begun_anew()

    @request
    async def on_restore_session(self, params: SessionName) -> SessionName:
        """Undo a deletion; the response has the name that the session has now."""
        name = await self._app.session_library.restore(params.name)
        return SessionName(name=name)
