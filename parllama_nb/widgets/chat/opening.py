"""Opens a conversation for a view, which shows it as locked if the vault is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...vaults.errors import VaultLockedError

if TYPE_CHECKING:
    from ...application import Parllama
    from ...chats.session import Session

__all__ = ["opened"]


async def opened(app: Parllama, name: str) -> Session:
    """Return the session of this name; without its texts if they cannot be decrypted.

    Raises:
        StoreError: its turns cannot be read.

    """
    try:
        return await app.sessions.open(name)
    except VaultLockedError as error:
        session = await app.sessions.known(name)
        session.lock(error.message)
        return session
