"""Opens a conversation for a command, and the vault for an encrypted one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..passwords import unlock_vault

if TYPE_CHECKING:
    from ...chats.session import Session
    from ..table import Call

__all__ = ["readable_session"]


async def readable_session(name: str, call: Call) -> Session:
    """Return a conversation that can be read; unlocks the vault for an encrypted one.

    Raises:
        UsageError: there is none of this name.

    """
    session = await call.app.sessions.known(name)
    info = await call.app.chats.session(name)
    if info is not None and info.encrypted:
        await unlock_vault(call)
        await session.load()
    return session
