"""The memory: one text that is sent with every question of a new conversation."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from ..errors import ChangedElsewhereError, FieldError, UsageError
from ..events import MemoryChanged
from ..store.database import Store, written
from ..surrogates import without_surrogates
from . import rows
from .rows import MemoryText

__all__ = ["LONGEST", "Memory", "MemoryText", "checked"]

T = TypeVar("T")

LONGEST = 20_000
"""Characters of the memory: it takes its part of the context of every question."""


class Memory:
    """The memory of the user, which all kernels share.

    Every change emits `MemoryChanged` in this kernel. All methods raise StoreError if
    the database fails. Those that change something take the `revision` that the caller
    has seen, and raise ChangedElsewhereError if it is not the last one, so that nobody
    overwrites what they have not read; None changes it all the same.

    `is_on` says whether new conversations get it, and `check` refuses a text that must
    not be kept.
    """

    def __init__(
        self,
        store: Store,
        emit: Callable[..., object],
        is_on: Callable[[], bool],
        check: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._store = store
        self._emit = emit
        self._is_on = is_on
        self._check = check

    @property
    def is_on(self) -> bool:
        """Whether new conversations get the memory."""
        return self._is_on()

    async def read(self) -> MemoryText:
        """Return the memory as it is now."""
        return await self._call(rows.read)

    async def for_conversation(self) -> str:
        """Return what a new conversation gets: the text, "" if the memory is off."""
        return (await self.read()).text if self.is_on else ""

    async def save(self, text: str, *, revision: int | None = None) -> MemoryText:
        """Make a text the memory. Nothing is written if it is as before.

        Raises:
            FieldError: the text is too long, or holds a secret.

        """
        whole = checked(text)
        self._check(whole)

        def save(connection: sqlite3.Connection) -> bool:
            if rows.read(connection).text == whole:
                return False
            rows.write(connection, whole)
            return True

        return await self._change(save, revision)

    async def undo(self, *, revision: int | None = None) -> MemoryText:
        """Undo the last change; the one before it is next.

        Raises:
            UsageError: there is none, or it is older than those that are kept.

        """

        def undo(connection: sqlite3.Connection) -> bool:
            if rows.undo(connection):
                return True
            message = "There is no change of the memory to undo."
            raise UsageError(message, hint=f"The last {rows.KEPT} can be undone.")

        return await self._change(undo, revision)

    async def redo(self, *, revision: int | None = None) -> MemoryText:
        """Take the last undo back.

        Raises:
            UsageError: nothing was undone.

        """

        def redo(connection: sqlite3.Connection) -> bool:
            if rows.redo(connection):
                return True
            message = "Nothing of the memory was undone last."
            raise UsageError(message, hint="%parllama memory undo undoes a change.")

        return await self._change(redo, revision)

    async def _change(
        self, work: Callable[[sqlite3.Connection], bool], revision: int | None
    ) -> MemoryText:
        def change(connection: sqlite3.Connection) -> tuple[bool, MemoryText]:
            if revision is not None and rows.read(connection).revision != revision:
                message = "The memory was changed meanwhile."
                raise ChangedElsewhereError(message, hint="Read it, and try again.")
            changed = work(connection)
            return changed, rows.read(connection)

        changed, memory = await self._call(change)
        if changed:
            self._emit(MemoryChanged())
        return memory

    async def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await written(self._store.call(work))
        return result


def checked(text: str) -> str:
    """Return a text as it is kept.

    Raises:
        FieldError: it is too long.

    """
    lines = without_surrogates(text).replace("\r\n", "\n").replace("\r", "\n")
    whole = "\n".join(line.rstrip() for line in lines.split("\n")).strip("\n")
    if len(whole) > LONGEST:
        message = f"The memory would have {len(whole):,} characters."
        hint = (
            f"At most {LONGEST:,} are allowed: all of it is sent with every question "
            "of a conversation."
        )
        raise FieldError(message, hint=hint, field="text")
    return whole
