"""Finds a session in the store, where other kernels rename, delete and encrypt, too."""

from __future__ import annotations

from ..errors import UsageError
from .history.names import RowId
from .history.reading import SessionInfo, Turn
from .history.store import ChatStore

__all__ = ["SessionRow"]


class SessionRow:
    """The row of an open session in the store.

    `id` is "" while it has no row, or none that is known. A name alone would not do:
    another kernel may give it to another conversation.
    """

    def __init__(self, store: ChatStore) -> None:
        self.id = ""
        self._store = store

    def key(self, name: str) -> str:
        """Return what the store finds the session by; `name` is its name here."""
        return RowId(self.id) if self.id else name

    async def find(self, name: str) -> SessionInfo | None:
        """Return the session, `locked` if it cannot be decrypted; None if gone."""
        info = await self._store.session(self.key(name))
        if info is not None:
            self.id = info.id
        return info

    async def load(
        self, name: str, limit: int | None = None, *, encrypted: bool
    ) -> tuple[SessionInfo | None, list[Turn]]:
        """Return the session and the last turns that it shows; see `ChatStore.load`.

        Raises:
            UsageError: it is `encrypted`, and was deleted. What is asked in it would be
                stored in clear, as a new conversation of that name.

        """
        info, turns = await self._store.load(self.key(name), limit)
        if info is None and self.id:
            if encrypted:
                message = "This conversation was deleted."
                hint = "%parllama sessions restore lists what can be brought back."
                raise UsageError(message, hint=hint)
            self.id = ""
            info, turns = await self._store.load(name, limit)
        if info is not None:
            self.id = info.id
        return info, turns
