"""All conversations: listed, searched, put in folders, copied, deleted and restored."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from ...errors import ParllamaError, StoreError, UsageError
from ...fuzzy import near
from ...quoting import quoted
from ...store.database import Store, purged, written
from ...store.encryption import Encryption
from ...surrogates import without_surrogates
from . import deletion
from .about import About
from .branches import is_shown
from .copying import duplicate
from .encryption import change_about
from .finding import (
    Candidate,
    Found,
    in_index,
    in_memory,
    in_titles,
    in_unsettled,
    unindexed_sessions,
)
from .matching import Wanted
from .names import find_session
from .reading import SessionInfo, read_sessions
from .rows import session_id
from .search import add_new, is_indexable
from .search import purge as purge_index

__all__ = ["SessionLibrary"]

T = TypeVar("T")

# Turns that are added to the index at once: others wait for the store meanwhile.
_AT_ONCE = 200
_LONGEST_FOLDER, _LONGEST_TAG, _MOST_TAGS = 80, 40, 30


class SessionLibrary:
    """What can be done with conversations that need not be open.

    A name is the title of a session, or the handle of an encrypted one. Every method
    may raise StoreError, and those that change or read the texts of an encrypted
    session VaultLockedError.
    """

    def __init__(self, store: Store, encryption: Encryption) -> None:
        self._store = store
        self._encryption = encryption

    async def sessions(self, query: str = "") -> list[SessionInfo]:
        """Return the sessions, pinned ones first, and the one used last before others.

        With a `query`, those whose title, folder, tags or model have all of its words.
        Encrypted ones that cannot be decrypted are `locked`.
        """
        wanted = Wanted(query)
        decrypt = self._encryption.decrypt

        def sessions(connection: sqlite3.Connection) -> list[SessionInfo]:
            which = "TRUE ORDER BY pinned DESC, used DESC, name"
            return read_sessions(connection, which, (), decrypt, keep_unreadable=True)

        infos = await self._call(sessions)
        if not query.strip():
            return infos
        return [
            info
            for info in infos
            if wanted.part_of(
                " ".join((info.name, info.folder, *info.tags, info.model or ""))
            )
        ]

    async def search(
        self, query: str, *, limit: int = 50, patience: float | None = None
    ) -> Found:
        """Search titles, folders, tags, questions and answers of all sessions.

        Those that are encrypted are searched while the vault is unlocked. With
        `patience`, in seconds, what cannot be searched in that time is left out.
        """
        wanted = Wanted(without_surrogates(query))
        decrypt = self._encryption.decrypt
        ends = None if patience is None else time.monotonic() + patience
        found = await self._call(lambda c: in_titles(c, wanted, decrypt))
        complete = await self.index(ends)
        found += await self._call(lambda c: in_index(c, wanted))
        found += await self._call(lambda c: in_unsettled(c, wanted, decrypt))
        for session in await self._call(unindexed_sessions):
            if ends is not None and time.monotonic() > ends:
                complete = False
                break
            found += await self._call(partial(self._in_memory, session, wanted))
        found.sort(key=lambda each: (-each.worth, -(each.turn or 0)))
        return Found(tuple(each.hit(wanted) for each in found[:limit]), complete)

    def _in_memory(
        self, session: str, wanted: Wanted, connection: sqlite3.Connection
    ) -> list[Candidate]:
        try:
            return in_memory(connection, session, wanted, self._encryption.decrypt)
        except ParllamaError:
            return []

    async def index(self, ends: float | None = None) -> bool:
        """Have full text search know all turns; whether it does.

        It stops at the time `ends`, of the monotonic clock.
        """
        if not await self._call(is_indexable):
            return True
        while await self._call(lambda c: add_new(c, _AT_ONCE)):
            if ends is not None and time.monotonic() > ends:
                return False
        return True

    async def is_shown(self, name: str, turn: int) -> bool:
        """Whether a session shows a turn now, and not an alternative."""
        return await self._call(lambda c: is_shown(c, self._known(c, name), turn))

    async def file(self, name: str, folder: str) -> str:
        """Put a session into a folder, "" for none. Returns the folder's name.

        Raises:
            UsageError: there is no such session, or the folder's name is too long.

        """
        whole = " ".join(folder.split())
        if len(whole) > _LONGEST_FOLDER:
            message = f"The name of a folder may have {_LONGEST_FOLDER} characters."
            raise UsageError(message)
        await self._change_about(name, lambda about: replace(about, folder=whole))
        return whole

    async def tag(
        self, name: str, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> tuple[str, ...]:
        """Add and remove tags of a session. Returns those it has.

        Raises:
            UsageError: there is no such session, or a tag is empty or too long.

        """
        new = [_checked_tag(each) for each in add]
        gone = {each.strip().casefold() for each in remove}

        def change(about: About) -> About:
            tags: dict[str, str] = {}
            for each in (*about.tags, *new):
                tags.setdefault(each.casefold(), each)
            kept = sorted(
                (each for key, each in tags.items() if key not in gone),
                key=str.casefold,
            )
            if len(kept) > _MOST_TAGS:
                message = f"A conversation may have {_MOST_TAGS} tags."
                raise UsageError(message)
            return replace(about, tags=tuple(kept))

        return (await self._change_about(name, change)).tags

    async def pin(self, name: str, *, pinned: bool) -> None:
        """Pin a session, so that lists begin with it, or no more.

        Raises:
            UsageError: there is no such session.

        """
        await self._call(
            lambda c: c.execute(
                "UPDATE session SET pinned = ? WHERE id = ?",
                (pinned, self._known(c, name)),
            )
        )

    async def create(self, name: str) -> None:
        """Begin a session.

        Raises:
            UsageError: there is one of this name already, or the name is empty.

        """

        def create(connection: sqlite3.Connection) -> bool:
            if find_session(connection, name) is not None:
                return False
            session_id(connection, name)
            return True

        if not name.strip():
            message = "A conversation needs a name."
            raise UsageError(message)
        if not await self._call(create):
            message = f"There is a conversation {name!r:.80} already."
            raise UsageError(message, hint="Choose another name.")

    async def duplicate(
        self, name: str, new: str | None = None, *, turn: int | None = None
    ) -> str:
        """Copy a session, encrypted if it is. Returns the name of the copy.

        With `turn`, the id of one that it shows, the copy ends with that.

        Raises:
            UsageError: there is no such session or turn, or `new` is taken.

        """

        def copy(connection: sqlite3.Connection) -> str:
            own_id = self._known(connection, name)
            if turn is not None and not is_shown(connection, own_id, turn):
                message = "That turn is no longer in the conversation."
                raise UsageError(message)
            if new is not None and find_session(connection, new) is not None:
                message = f"There is a conversation {new!r} already."
                raise UsageError(message, hint="Choose another name.")
            return duplicate(connection, own_id, new, turn, self._encryption)

        return await self._call(copy)

    async def delete(self, name: str, *, now: bool = False) -> None:
        """Delete a session and all its turns. Its name is free at once.

        `restore` brings it back for 7 days; `now` deletes it for good.

        Raises:
            StoreError: the store fails. If only the purge failed, the message says so.

        """

        def delete(connection: sqlite3.Connection) -> bool:
            session = find_session(connection, name)
            if session is None and now:
                session = deletion.was_deleted(connection, name)
            if session is not None:
                deletion.delete(connection, session, now=now)
            expired = deletion.expire(connection)
            if now or expired:
                purge_index(connection)
            return expired

        expired = await self._call(delete)
        if now:
            hint = f"Again: %parllama sessions delete {quoted(name)} --now"
            await purged(self._store, name, "deleted", hint)
        elif expired:
            # What is left in the log goes with the next purge.
            with contextlib.suppress(StoreError):
                await written(self._store.purge())

    async def is_deleted(self, name: str) -> bool:
        """Whether there is no session of this name but one that can be restored."""
        return await self._call(
            lambda c: (
                find_session(c, name) is None
                and deletion.was_deleted(c, name) is not None
            )
        )

    async def deleted(self) -> list[deletion.DeletedSession]:
        """Return the sessions that can be restored, the one deleted last first."""
        decrypt = self._encryption.decrypt
        return await self._call(lambda c: deletion.deleted_sessions(c, decrypt))

    async def restore(self, name: str) -> str:
        """Bring back the session of a name that was deleted last. Returns its name.

        Raises:
            UsageError: no session of that name was deleted lately.

        """
        return await self._call(lambda c: deletion.restore(c, name, self._encryption))

    async def folders(self) -> list[str]:
        """Return the folders that there are, in order."""
        found = {info.folder for info in await self.sessions()}
        return sorted(found - {""}, key=str.casefold)

    def _known(self, connection: sqlite3.Connection, name: str) -> str:
        session = find_session(connection, name)
        if session is not None:
            return session
        message = f"There is no conversation {name!r:.80}."
        hint = "%parllama sessions lists them."
        if deletion.was_deleted(connection, name) is not None:
            hint = (
                "It was deleted. To undo that: "
                f"%parllama sessions restore {quoted(name)}"
            )
        else:
            rows = connection.execute(
                "SELECT name FROM session WHERE name IS NOT NULL AND NOT sealed"
            )
            offered = near(name, [row[0] for row in rows], 3)
            if offered:
                hint = f"Did you mean {' or '.join(offered)}?"
        raise UsageError(message, hint=hint)

    async def known(self, name: str) -> None:
        """Check that there is a session of this name.

        Raises:
            UsageError: there is none; the hint says which ones are like it.

        """
        await self._call(lambda c: self._known(c, name))

    async def _change_about(self, name: str, change: Callable[[About], About]) -> About:
        return await self._call(
            lambda c: change_about(c, self._known(c, name), self._encryption, change)
        )

    async def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await written(self._store.call(work))
        return result


def _checked_tag(tag: str) -> str:
    whole = " ".join(tag.split())
    if not whole or len(whole) > _LONGEST_TAG or "," in whole:
        message = f"{tag!r:.60} is not a tag."
        hint = f"A tag has 1 to {_LONGEST_TAG} characters and no comma."
        raise UsageError(message, hint=hint)
    return whole
