"""One turn on its way to the disk, written while it streams."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from ...errors import ParllamaError, StoreError
from ...providers.messages import DeltaKind
from ...store.database import Store, written
from ..answer import Answer
from .encryption import (
    SEALED_COLUMNS,
    Sealer,
    Sealing,
    chunk_context,
    in_turn,
    is_sealed,
)
from .reading import unsettled
from .rows import (
    Encrypt,
    NewTurn,
    begin_row,
    found_row,
    new_row,
    place_of,
    restore_row,
    session_id,
    settle_row,
    spend,
)

__all__ = ["TurnWriter"]

T = TypeVar("T")


class TurnWriter:
    """Writes one turn while it streams; a `Record` of the engine.

    Made by `ChatStore.begin`. A write takes all pieces that wait by then. If one fails,
    the pieces after it are dropped: a locked file makes each write wait, and a full
    disk stays full. The settled answer is written all the same.

    Each write looks whether the session is encrypted, for it may become so meanwhile.
    The key is fetched once, when the turn begins, so that an answer under way can be
    finished after the vault was locked.
    """

    def __init__(
        self,
        store: Store,
        turn: NewTurn,
        on_failure: Callable[[StoreError], None],
        sealing: Sealing,
    ) -> None:
        self.created = time.time()
        """When the turn began, in seconds since the epoch."""
        self.restored = False
        """Whether the turn has its earlier answer again: the new try gave none."""
        self._store = store
        self._turn = turn
        self._on_failure = on_failure
        self._sealing = sealing
        self._sealer: Sealer | None = None
        self._id = 0
        self._session_id = ""
        self._before: dict[str, Any] | None = None
        self._count = 0
        self._pieces: deque[tuple[DeltaKind, str]] = deque()
        self._failure: StoreError | None = None
        self._beginning = self._store.call(self._begin)
        self._beginning.add_done_callback(self._check)

    @property
    def id(self) -> int:
        """The turn's id; 0 while it is not on disk."""
        return self._id

    async def begun(self) -> None:
        """Wait until the turn is on disk, or cannot be."""
        with contextlib.suppress(StoreError):
            await written(self._beginning)

    async def outlast_lock(self) -> None:
        """Fetch the key now, so that the turn can be finished if the vault locks."""
        with contextlib.suppress(StoreError):
            await written(self._store.call(self._seal))

    def append(self, kind: DeltaKind, text: str) -> None:
        """Write some more of the answer."""
        self._pieces.append((kind, text))
        writing = self._store.call(self._add, unless=self._nothing_to_add)
        writing.add_done_callback(self._check)

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer; returns it with its session and turn."""
        settling = self._store.call(lambda c: self._settle(c, answer))
        # On the store's thread, once nothing is sealed any more.
        settling.add_done_callback(lambda _: self._forget_sealer())
        try:
            turn = await written(settling)
        except StoreError as error:
            note = f"not kept on disk: {error.message}"
            return replace(answer, notes=(*answer.notes, note))
        if self._turn.session is None:
            return answer
        return replace(answer, session=self._turn.session, turn=turn)

    def _check(self, future: Future[Any]) -> None:
        error = future.exception()
        if isinstance(error, StoreError) and self._failure is None:
            self._failure = error
            self._on_failure(error)

    def _nothing_to_add(self) -> bool:
        return self._failure is not None or not self._pieces

    def _seal(self, connection: sqlite3.Connection) -> Sealer | None:
        """What encrypts the turn; None if its session is not encrypted now.

        Raises:
            StoreError: it is, and the vault is locked. Nothing is written in the clear.

        """
        if not is_sealed(connection, self._session_id):
            return None
        if self._sealer is None:
            self._sealer = _as_store_error(self._sealing.sealer)
        return self._sealer

    def _forget_sealer(self) -> None:
        sealer, self._sealer = self._sealer, None
        if sealer is not None:
            sealer.wipe()

    def _encryption(self, seal: Sealer | None, turn: int) -> Encrypt:
        """What encrypts the columns of a turn; the identity without a `seal`."""
        if seal is None:
            return lambda _, text: text
        return in_turn(seal, self._session_id, turn)

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether the turn is still this one: its cell may have been run again."""
        found = connection.execute(
            "SELECT 1 FROM turn WHERE id = ? AND created = ?", (self._id, self.created)
        )
        return found.fetchone() is not None

    def _add(self, connection: sqlite3.Connection) -> None:
        first = self._count == 0
        seal = self._seal(connection) if self._session_id else None
        rows = []
        while self._pieces:
            kind, text = self._pieces.popleft()
            if seal is not None:
                own = chunk_context(self._session_id, self._id, self._count, kind)
                text = seal(text, own)
            rows.append((self._id, self._count, kind, text))
            self._count += 1
        if not self._is_ours(connection):
            return
        if first and self._turn.rewrites:
            connection.execute(
                "DELETE FROM turn WHERE session_id = ? AND id > ?",
                (self._session_id, self._id),
            )
        connection.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?)", rows)

    def _begin(self, connection: sqlite3.Connection) -> None:
        turn = self._turn
        self._session_id = session_id(connection, turn.session)
        if turn.session is None and turn.beside is not None:
            connection.execute(
                """
                UPDATE session SET sealed =
                    coalesce((SELECT sealed FROM session WHERE name = ?), 0)
                WHERE id = ?
                """,
                (turn.beside, self._session_id),
            )
        seal = self._seal(connection)
        found = found_row(connection, self._session_id, turn)
        if found is not None:
            own, values = found
            if not turn.rewrites:
                self._before = self._opened(connection, own, values, seal)
            connection.execute("DELETE FROM chunk WHERE turn_id = ?", (own,))
        else:
            cell_id = turn.cell_id if turn.session is not None else None
            own = new_row(connection, self._session_id, cell_id)
        encrypt = self._encryption(seal, own)
        begin_row(connection, own, turn, self.created, encrypt)
        self._id = own

    def _opened(
        self,
        connection: sqlite3.Connection,
        turn: int,
        values: dict[str, Any],
        seal: Sealer | None,
    ) -> dict[str, Any]:
        """The columns that a turn had before, in the clear."""
        sealed = None if seal is None else self._session_id
        if sealed is not None:
            opened = in_turn(self._sealing.open, sealed, turn)
            for name in SEALED_COLUMNS:
                values[name] = _as_store_error(partial(opened, name, values[name]))
        if values["answer"] is None:
            # Its kernel was killed: what had come is still in pieces.
            opens = self._sealing.open
            partly = _as_store_error(lambda: unsettled(connection, turn, sealed, opens))
            values["answer"] = json.dumps(partly.to_dict())
        return values

    def _settle(self, connection: sqlite3.Connection, answer: Answer) -> int:
        if not self._id:
            self._begin(connection)
        spend(connection, self._session_id, answer)
        gave_nothing = answer.error is not None and not answer.text
        if self._is_ours(connection):  # else a newer run of the cell has the row
            encrypt = self._encryption(self._seal(connection), self._id)
            if gave_nothing and self._before is not None:
                # A try that gave nothing does not cost the turn's earlier answer.
                self.restored = True
                restore_row(connection, self._id, self._before, encrypt)
            else:
                settle_row(connection, self._id, answer, encrypt)
        return place_of(connection, self._session_id, self._id)


def _as_store_error(work: Callable[[], T]) -> T:
    """Run `work`. An error of the vault becomes one of the store: nothing is kept."""
    try:
        return work()
    except ParllamaError as error:
        failure = StoreError(error.message, hint=error.hint)
    raise failure
