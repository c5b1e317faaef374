"""Conversations on disk: sessions of turns, each a question and its answer.

A turn is written while it streams. Its text is in `chunk` rows until it settles, so
whoever reads a turn that never did (its kernel was killed) still finds all that came.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ...errors import StoreError, UsageError
from ...store.database import Store, written
from .encryption import (
    Sealing,
    decrypt_session,
    encrypt_session,
    is_sealed,
    options_context,
)
from .reading import SessionInfo, StoredTurn, read_sessions, read_turns
from .rows import NewTurn, session_id
from .writing import TurnWriter

__all__ = ["ChatStore"]

T = TypeVar("T")

# Questions longer than this are not worth offering again.
_LONGEST_INPUT = 4000


class ChatStore:
    """Sessions and turns in the store. Every method may raise StoreError.

    What was said in an encrypted session is had by `sealing` only: whatever gives it
    may raise what that raises, VaultLockedError above all.
    """

    def __init__(self, store: Store, sealing: Sealing | None = None) -> None:
        self._store = store
        self._sealing = sealing or Sealing()

    async def turns(
        self, session: str, *, before: int | None = None, limit: int | None = None
    ) -> list[StoredTurn]:
        """The turns of a session in order; none where there is no such session.

        With `limit` the last ones; with `before` those before that turn.
        """
        which = "session.name = ?"
        values: list[str | int] = [session]
        if before is not None:
            which += " AND turn.id < ?"
            values.append(before)
        which += " ORDER BY turn.id DESC"
        if limit is not None:
            which += " LIMIT ?"
            values.append(limit)
        opens = self._sealing.open
        found = await self._call(lambda c: read_turns(c, which, values, opens))
        return found[::-1]

    async def turn(self, session: str, turn: int) -> StoredTurn | None:
        """One turn of a session."""
        which = "session.name = ? AND turn.id = ?"
        values, opens = (session, turn), self._sealing.open
        found = await self._call(lambda c: read_turns(c, which, values, opens))
        return found[0] if found else None

    async def newest(self, count: int) -> list[StoredTurn]:
        """The turns that began last, of all sessions, the newest first.

        Those that are encrypted and cannot be opened are `closed`.
        """
        which, opens = "TRUE ORDER BY turn.created DESC LIMIT ?", self._sealing.open
        return await self._call(
            lambda c: read_turns(c, which, (count,), opens, closed=True)
        )

    async def questions(self, count: int) -> list[str]:
        """What was asked last, each once and the newest first.

        In all sessions but those that are encrypted: it is offered in any of them.
        """
        which = "NOT sealed AND length(question) < ? ORDER BY turn.created DESC LIMIT ?"
        values, opens = (_LONGEST_INPUT, 4 * count), self._sealing.open
        turns = await self._call(lambda c: read_turns(c, which, values, opens))
        return list(dict.fromkeys(turn.prompt for turn in turns))[:count]

    async def sessions(self, count: int = 1000) -> list[SessionInfo]:
        """The sessions that have a name, the one used last first.

        Encrypted ones come without their options.
        """
        which = "TRUE GROUP BY session.id ORDER BY used DESC, name LIMIT ?"
        return await self._call(lambda c: read_sessions(c, which, (count,)))

    async def session(self, name: str) -> SessionInfo | None:
        """One session, an encrypted one without its options.

        None where there is none of this name yet.
        """
        which = "name = ? GROUP BY session.id"
        found = await self._call(lambda c: read_sessions(c, which, (name,)))
        return found[0] if found else None

    async def load(
        self, session: str, limit: int | None = None
    ) -> tuple[SessionInfo | None, list[StoredTurn]]:
        """A session and its turns, the last `limit`, as they are at one moment."""
        which, end = "session.name = ? ORDER BY turn.id DESC LIMIT ?", limit or -1
        opens = self._sealing.open

        def load(
            connection: sqlite3.Connection,
        ) -> tuple[SessionInfo | None, list[StoredTurn]]:
            found = read_sessions(
                connection, "name = ? GROUP BY session.id", (session,), opens
            )
            turns = read_turns(connection, which, (session, end), opens)
            return (found[0] if found else None), turns[::-1]

        return await self._call(load)

    async def configure(
        self, session: str, model: str | None, options: Mapping[str, Any]
    ) -> None:
        """Keep what a session asks with; it is made if need be."""
        kept = json.dumps(dict(options))

        def configure(connection: sqlite3.Connection) -> None:
            own, text = session_id(connection, session), kept
            if is_sealed(connection, own):
                seal = self._sealing.sealer()
                text = seal(kept, options_context(own))
                seal.wipe()
            connection.execute(
                "UPDATE session SET model = ?, options = ? WHERE id = ?",
                (model, text, own),
            )

        await self._call(configure)

    async def encrypt(self, session: str) -> None:
        """Seal all that was and will be said in a session; it is made if need be.

        What it was is then purged from the store's files. The name stays readable.

        Raises:
            StoreError: the store fails. Where it is but the purge that did, the hint
                says so; doing this once more purges again.

        """

        def encrypt(connection: sqlite3.Connection) -> None:
            own = session_id(connection, session)
            if is_sealed(connection, own):
                return
            seal = self._sealing.sealer()
            try:
                encrypt_session(connection, own, seal)
            finally:
                seal.wipe()

        await self._call(encrypt)
        failure = None
        try:
            await written(self._store.purge())
        except StoreError as error:
            failure = error.message
        if failure is not None:
            message = (
                f"{session!r} is encrypted, but what it was may still be in the "
                f"database's log: {failure}"
            )
            raise StoreError(message, hint="Do it again.")

    async def decrypt(self, session: str) -> None:
        """Keep a session in the clear again."""

        def decrypt(connection: sqlite3.Connection) -> None:
            own = session_id(connection, session)
            decrypt_session(connection, own, self._sealing.open)

        await self._call(decrypt)

    async def rename(self, session: str, name: str) -> None:
        """Give a session another name.

        Raises:
            UsageError: another one has it.

        """

        def rename(connection: sqlite3.Connection) -> bool:
            found = connection.execute("SELECT 1 FROM session WHERE name = ?", (name,))
            if found.fetchone() is not None:
                return False
            own = session_id(connection, session)
            connection.execute("UPDATE session SET name = ? WHERE id = ?", (name, own))
            return True

        if name != session and not await self._call(rename):
            message = f"There is a conversation {name!r} already."
            raise UsageError(message, hint="Choose another name.")

    async def delete(self, session: str) -> None:
        """Delete a session and all that was said in it."""
        await self._call(
            lambda c: c.execute("DELETE FROM session WHERE name = ?", (session,))
        )

    async def delete_turns(self, session: str, turns: Iterable[int]) -> None:
        """Delete some turns of a session."""
        rows = [(session, turn) for turn in turns]
        await self._call(
            lambda c: c.executemany(
                """
                DELETE FROM turn WHERE id = ?2
                    AND session_id = (SELECT id FROM session WHERE name = ?1)
                """,
                rows,
            )
        )

    def begin(
        self, turn: NewTurn, on_failure: Callable[[StoreError], None]
    ) -> TurnWriter:
        """Begin a turn; in a session it takes the place of the cell's earlier one.

        A question on its own gets a session without a name. `on_failure` is called
        once, on the store's thread, where the turn cannot be kept; it goes on.
        """
        return TurnWriter(self._store, turn, on_failure, self._sealing)

    async def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await written(self._store.call(work))
        return result
