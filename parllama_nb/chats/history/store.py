"""Conversations on disk: sessions of turns, each a question and its answer.

A turn is written while it streams. Its text is in `chunk` rows until it settles, so
whoever reads a turn that never did (its kernel was killed) still finds all that came.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ...errors import StoreError, UsageError
from ...providers.messages import Message
from ...store.database import Store, purged, written
from ...store.encryption import Encryption
from .about import read_about
from .attachments import filled, references_in
from .branches import PATH, show
from .encryption import (
    change_about,
    complete_encryption,
    decrypt_session,
    encrypt_session,
    is_encrypted,
    options_context,
)
from .library import SessionLibrary
from .names import find_session
from .reading import SessionInfo, Turn, read_sessions, read_turns
from .removed import RemovedTurn, put_back, take_out
from .rows import NewTurn, amend_row, session_id
from .search import forget
from .search import purge as purge_index
from .writing import TurnWriter

__all__ = ["ChatStore"]

T = TypeVar("T")

# Questions with more characters than this are not worth offering again.
_LONGEST_INPUT = 4000


class ChatStore:
    """Sessions and turns in the store. Every method may raise StoreError.

    Methods that read or write the texts of an encrypted session raise what `encryption`
    raises: VaultLockedError while the vault is locked. `library` is for sessions that
    need not be open. `encrypted(connection, id)` removes what others keep of a session
    that is being encrypted.
    """

    def __init__(
        self,
        store: Store,
        encryption: Encryption | None = None,
        encrypted: Callable[[sqlite3.Connection, str], object] = lambda *_: None,
    ) -> None:
        self._store = store
        self._encryption = encryption or Encryption()
        self._encrypted = encrypted
        self.library = SessionLibrary(store, self._encryption)

    async def turns(
        self, session: str, *, before: int | None = None, limit: int | None = None
    ) -> list[Turn]:
        """Return the turns that a session shows, in order; none if there is no session.

        With `limit`, only the last ones; with `before`, only those before that turn.
        """

        def turns(connection: sqlite3.Connection) -> list[Turn]:
            own_id = find_session(connection, session)
            return (
                []
                if own_id is None
                else self._shown(connection, own_id, before=before, limit=limit)
            )

        return await self._call(turns)

    def _shown(
        self,
        connection: sqlite3.Connection,
        session: str,
        *,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[Turn]:
        """Return the turns that a session, given by its id, shows."""
        which, values = f"turn.id IN ({PATH})", [session]
        if before is not None:
            which += " AND turn.id < ?"
            values.append(str(before))
        which += " ORDER BY turn.id DESC LIMIT ?"
        limits = -1 if limit is None else limit
        decrypt = self._encryption.decrypt
        return read_turns(connection, which, [*values, limits], decrypt)[::-1]

    async def turn(self, session: str, turn: int) -> Turn | None:
        """Return a turn of a session by its id; None if it is not there."""
        decrypt = self._encryption.decrypt

        def read(connection: sqlite3.Connection) -> list[Turn]:
            values = (find_session(connection, session) or "", turn)
            which = "session.id = ? AND turn.id = ?"
            return read_turns(connection, which, values, decrypt)

        turns = await self._call(read)
        return turns[0] if turns else None

    async def filled(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Return messages with the bytes of their attachments, to be sent or saved.

        The turns that are read have references in their place.
        """
        if not references_in(messages):
            return tuple(messages)
        decrypt = self._encryption.decrypt
        return await self._call(lambda c: filled(c, messages, decrypt))

    async def newest(self, count: int) -> list[Turn]:
        """Return the newest turns of all sessions, the newest first.

        Turns that cannot be decrypted are `unreadable`.
        """
        which = "deleted IS NULL ORDER BY turn.created DESC LIMIT ?"
        values, decrypt = (count,), self._encryption.decrypt
        return await self._call(
            lambda c: read_turns(c, which, values, decrypt, keep_unreadable=True)
        )

    async def questions(self, count: int) -> list[str]:
        """Return the latest questions of all sessions, each once, the newest first.

        Those of encrypted sessions are left out, because any session may show these.
        """
        which = (
            "NOT sealed AND deleted IS NULL AND length(question) < ? "
            "ORDER BY turn.created DESC LIMIT ?"
        )
        values, decrypt = (_LONGEST_INPUT, 4 * count), self._encryption.decrypt
        turns = await self._call(lambda c: read_turns(c, which, values, decrypt))
        return list(dict.fromkeys(turn.prompt for turn in turns))[:count]

    async def sessions(self) -> list[SessionInfo]:
        """Return the named sessions, the one used last first.

        Encrypted ones that cannot be decrypted are `locked`.
        """
        which = "TRUE ORDER BY used DESC, name"
        decrypt = self._encryption.decrypt
        return await self._call(
            lambda c: read_sessions(c, which, (), decrypt, keep_unreadable=True)
        )

    async def session(self, name: str) -> SessionInfo | None:
        """Return a session, `locked` if it cannot be decrypted.

        None if there is no session of this name.
        """
        decrypt = self._encryption.decrypt

        def session(connection: sqlite3.Connection) -> list[SessionInfo]:
            values = (find_session(connection, name) or "",)
            which = "session.id = ?"
            return read_sessions(
                connection, which, values, decrypt, keep_unreadable=True
            )

        infos = await self._call(session)
        return infos[0] if infos else None

    async def load(
        self, session: str, limit: int | None = None
    ) -> tuple[SessionInfo | None, list[Turn]]:
        """Return a session and the last `limit` of the turns that it shows.

        They are read in one transaction. `turns` of the session counts those it shows.
        """
        decrypt = self._encryption.decrypt

        def load(
            connection: sqlite3.Connection,
        ) -> tuple[SessionInfo | None, list[Turn]]:
            own_id = find_session(connection, session)
            if own_id is None:
                return None, []
            which = "session.id = ?"
            (info,) = read_sessions(connection, which, (own_id,), decrypt)
            turns = self._shown(connection, own_id, limit=limit)
            (total,) = connection.execute(
                f"SELECT count(*) FROM ({PATH})",  # noqa: S608 - a text of this package
                (own_id,),
            ).fetchone()
            return replace(info, turns=total), turns

        return await self._call(load)

    async def configure(
        self, session: str, model: str | None, options: Mapping[str, Any]
    ) -> None:
        """Save the model and the options of a session; makes it if need be."""
        plain = json.dumps(dict(options))

        def configure(connection: sqlite3.Connection) -> None:
            own_id, text = session_id(connection, session), plain
            if is_encrypted(connection, own_id):
                encryptor = self._encryption.encryptor()
                text = encryptor(plain, options_context(own_id))
                encryptor.wipe()
            connection.execute(
                "UPDATE session SET model = ?, options = ? WHERE id = ?",
                (model, text, own_id),
            )

        await self._call(configure)

    async def encrypt(self, session: str) -> str:
        """Encrypt all of a session, past and future; makes it if need be.

        Its title, its folder and its tags are encrypted, too. The old texts are then
        purged from the store's files. Returns the handle, which is its name from now on
        to whoever cannot read it.

        Raises:
            StoreError: the store fails. If only the purge failed, the message says so,
                and calling this again purges again.

        """

        def encrypt(connection: sqlite3.Connection) -> tuple[str, str]:
            own_id = session_id(connection, session)
            title = _name(connection, own_id)
            encryptor = self._encryption.encryptor()
            try:
                encrypt_session(connection, own_id, encryptor)
            finally:
                encryptor.wipe()
            self._encrypted(connection, own_id)
            purge_index(connection)
            return title, _name(connection, own_id)

        title, handle = await self._call(encrypt)
        await purged(self._store, title)
        return handle

    async def complete_encryption(self) -> None:
        """Encrypt what an earlier version left readable of encrypted sessions."""

        def complete(connection: sqlite3.Connection) -> bool:
            rows = connection.execute("SELECT id FROM session WHERE sealed = 1")
            found = rows.fetchall()
            if not found:
                return False
            encryptor = self._encryption.encryptor()
            try:
                for (own_id,) in found:
                    complete_encryption(connection, own_id, encryptor)
            finally:
                encryptor.wipe()
            return True

        if await self._call(complete):
            await purged(self._store, "What was encrypted")

    async def decrypt(self, session: str) -> str:
        """Store a session unencrypted again, and return its name.

        It gets another name if its own is taken by now.
        """

        def decrypt(connection: sqlite3.Connection) -> str:
            own_id = session_id(connection, session)
            decrypt_session(connection, own_id, self._encryption.decrypt)
            return read_about(connection, own_id, self._encryption.decrypt).title

        return await self._call(decrypt)

    async def rename(self, session: str, name: str) -> None:
        """Give a session another name.

        Raises:
            UsageError: another one has it.
            ParllamaError: it is encrypted, and the vault is locked.

        """

        def rename(connection: sqlite3.Connection) -> bool:
            own_id = session_id(connection, session)
            if find_session(connection, name) not in {None, own_id}:
                return False
            change_about(
                connection,
                own_id,
                self._encryption,
                lambda about: replace(about, title=name),
            )
            return True

        if name != session and not await self._call(rename):
            message = f"There is a conversation {name!r} already."
            raise UsageError(message, hint="Choose another name.")

    async def take_out(self, session: str, turn: int) -> RemovedTurn | None:
        """Delete a turn of a session, and return what `put_back` takes.

        None if it is not there.
        """
        return await self._call(
            lambda c: take_out(c, find_session(c, session) or "", turn)
        )

    async def put_back(self, removed: RemovedTurn) -> bool:
        """Undo the deletion of a turn. Returns whether that was possible."""
        return await self._call(lambda c: put_back(c, removed))

    async def show(self, session: str, turn: int) -> bool:
        """Show a turn and what follows it instead of its alternatives.

        Returns whether the turn is there.
        """
        return await self._call(lambda c: show(c, find_session(c, session) or "", turn))

    async def amend(
        self,
        session: str,
        turn: int,
        *,
        question: str | None = None,
        answer: str | None = None,
    ) -> Turn | None:
        """Change the text of a turn's question or answer, and return the turn.

        None if it is not there. Its answer is settled by that, if it was not.
        """
        decrypt = self._encryption.decrypt

        def amend(connection: sqlite3.Connection) -> Turn | None:
            own_id = find_session(connection, session) or ""
            which, values = "session.id = ? AND turn.id = ?", (own_id, turn)
            found = read_turns(connection, which, values, decrypt)
            if not found:
                return None
            encryptor = None
            if is_encrypted(connection, own_id):
                encryptor = self._encryption.encryptor()
            try:
                forget(connection, [turn])
                amend_row(connection, own_id, found[0], question, answer, encryptor)
            finally:
                if encryptor is not None:
                    encryptor.wipe()
            return read_turns(connection, which, values, decrypt)[0]

        return await self._call(amend)

    def begin(
        self,
        turn: NewTurn,
        on_failure: Callable[[StoreError], None] = lambda _: None,
    ) -> TurnWriter:
        """Begin to write a turn, which replaces an earlier turn of its cell, if any.

        A question on its own gets a session without a name. If the turn cannot be
        written, `on_failure` is called once, on the store's thread, and the turn goes
        on unsaved; the footer of its answer says so.
        """
        return TurnWriter(self._store, turn, on_failure, self._encryption)

    async def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await written(self._store.call(work))
        return result


def _name(connection: sqlite3.Connection, session: str) -> str:
    row = connection.execute("SELECT name FROM session WHERE id = ?", (session,))
    return str(row.fetchone()[0])
