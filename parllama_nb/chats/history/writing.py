"""Writes one turn to the database while it streams."""

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
from ...providers.messages import DeltaKind, Message, TextPart, ThinkingPart
from ...store.database import Store, written
from ...store.encryption import Encryption, Encryptor
from ..answer import Answer
from .attachments import kept, link_only
from .branches import end_at, parent_of, path_to, place_of, remove, tip_of
from .encryption import (
    ENCRYPTED_COLUMNS,
    chunk_context,
    complete_encryption,
    for_columns,
    is_encrypted,
)
from .names import RowId, find_session
from .reading import unsettled
from .rows import (
    EncryptColumn,
    NewTurn,
    begin_row,
    new_row,
    replaced_row,
    restore_row,
    session_id,
    settle_row,
)
from .search import forget
from .spent import Spent, add_spent, fold_spent

__all__ = ["TurnWriter"]

T = TypeVar("T")


class TurnWriter:
    """Writes one turn while it streams; a `Record` of the engine.

    Made by `ChatStore.begin`. A write takes all pieces that wait by then. If one fails,
    the pieces after it are dropped, because a locked file makes each write wait and a
    full disk stays full. The settled answer is written all the same.

    Each write checks whether the session is encrypted, because that may change
    meanwhile. The key is fetched once, when the turn begins, so that an answer under
    way can be finished after the vault was locked.
    """

    def __init__(
        self,
        store: Store,
        turn: NewTurn,
        on_failure: Callable[[StoreError], None],
        encryption: Encryption,
    ) -> None:
        self.created = time.time()
        """When the turn began, in seconds since the epoch."""
        self.restored = False
        """Whether the new try gave none, so that the earlier answer is shown again."""
        self._store = store
        self._turn = turn
        self._on_failure = on_failure
        self._encryption = encryption
        self._encryptor: Encryptor | None = None
        self._id = 0
        self._parent: int | None = None
        self._session_id = ""
        self._question = turn.question
        self._before: dict[str, Any] | None = None
        self._tip_before: int | None = None
        self._count = 0
        # Pieces of the answer that goes on, which nothing replaces.
        self._kept = 0
        # None: those before it are dropped, on disk too.
        self._pieces: deque[tuple[DeltaKind, str] | None] = deque()
        self._failure: StoreError | None = None
        self._beginning = self._store.call(self._begin)
        self._beginning.add_done_callback(self._check_beginning)

    @property
    def id(self) -> int:
        """The turn's id; 0 while it is not on disk."""
        return self._id

    @property
    def row(self) -> str:
        """The id of its session's row; "" while the turn is not on disk."""
        return self._session_id if self._id else ""

    @property
    def parent(self) -> int | None:
        """The turn that it follows; None if there is none, or it is not known yet."""
        return self._parent

    @property
    def question(self) -> tuple[Message, ...]:
        """The question; once it is on disk, without the bytes of its attachments."""
        return self._question

    async def begun(self) -> None:
        """Wait until the turn is on disk, or cannot be."""
        with contextlib.suppress(StoreError):
            await written(self._beginning)

    async def outlast_lock(self) -> None:
        """Fetch the key now, so that the turn can be finished if the vault locks."""
        with contextlib.suppress(StoreError):
            await written(self._store.call(self._get_encryptor))

    def append(self, kind: DeltaKind, text: str) -> None:
        """Write a piece of the answer."""
        self._write((kind, text))

    def recast(self, thinking: str) -> None:
        """Replace all pieces so far by this thinking."""
        self._write(None, ("thinking", thinking))

    def _write(self, *pieces: tuple[DeltaKind, str] | None) -> None:
        self._pieces.extend(pieces)
        writing = self._store.call(self._add, unless=self._nothing_to_add)
        writing.add_done_callback(self._check)

    async def settle(self, answer: Answer) -> Answer:
        """Write the settled answer; returns it with its session and turn."""
        settling = self._store.call(lambda c: self._settle(c, answer))
        # On the store's thread, after the last text was encrypted.
        settling.add_done_callback(lambda _: self._wipe_encryptor())
        try:
            turn = await written(settling)
        except StoreError as error:
            note = f"not kept on disk: {error.message}"
            return replace(answer, notes=(*answer.notes, note))
        if self._turn.session is None or not turn:
            return answer
        return replace(answer, session=self._turn.session, turn=turn)

    def _check_beginning(self, future: Future[Any]) -> None:
        if future.exception() is not None:
            # Its id was rolled back: `settle` begins it again.
            self._id, self._question = 0, self._turn.question
        self._check(future)

    def _check(self, future: Future[Any]) -> None:
        error = future.exception()
        if isinstance(error, StoreError) and self._failure is None:
            self._failure = error
            self._on_failure(error)

    def _nothing_to_add(self) -> bool:
        return self._failure is not None or not self._pieces

    def _get_encryptor(self, connection: sqlite3.Connection) -> Encryptor | None:
        """Return the turn's encryptor; None if its session is not encrypted now.

        Raises:
            StoreError: the session is encrypted and the vault is locked. Nothing is
                written unencrypted then.

        """
        if not is_encrypted(connection, self._session_id):
            return None
        if self._encryptor is None:
            self._encryptor = _as_store_error(self._encryption.encryptor)
        complete_encryption(connection, self._session_id, self._encryptor)
        return self._encryptor

    def _wipe_encryptor(self) -> None:
        encryptor, self._encryptor = self._encryptor, None
        if encryptor is not None:
            encryptor.wipe()

    def _encrypt_column(self, encryptor: Encryptor | None, turn: int) -> EncryptColumn:
        """Return what encrypts a turn's columns; the identity without an encryptor."""
        if encryptor is None:
            return lambda _, text: text
        return for_columns(encryptor, self._session_id, turn)

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether the row is still this turn's: its cell may have been run again."""
        rows = connection.execute(
            "SELECT 1 FROM turn WHERE id = ? AND created = ?", (self._id, self.created)
        )
        return rows.fetchone() is not None

    def _add(self, connection: sqlite3.Connection) -> None:
        encryptor = self._get_encryptor(connection) if self._session_id else None
        rows: list[tuple[int, int, str, str]] = []
        replaces = False
        while self._pieces:
            piece = self._pieces.popleft()
            if piece is None:
                replaces = True
                rows.clear()
                continue
            kind, text = piece
            if encryptor is not None:
                context = chunk_context(self._session_id, self._id, self._count, kind)
                text = encryptor(text, context)
            rows.append((self._id, self._count, kind, text))
            self._count += 1
        if not self._is_ours(connection):
            return
        if replaces:
            connection.execute(
                "DELETE FROM chunk WHERE turn_id = ? AND n >= ?", (self._id, self._kept)
            )
        connection.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?)", rows)

    def _begin(self, connection: sqlite3.Connection) -> None:
        turn = self._turn
        self._session_id = session_id(
            connection, RowId(turn.row) if turn.row else turn.session
        )
        if turn.session is None and turn.beside is not None:
            connection.execute(
                """
                UPDATE session SET sealed =
                    coalesce((SELECT sealed FROM session WHERE id = ?), 0)
                WHERE id = ?
                """,
                (find_session(connection, turn.beside), self._session_id),
            )
        encryptor = self._get_encryptor(connection)
        session = self._session_id
        if encryptor is not None:
            decrypt = self._encryption.decrypt
            _as_store_error(lambda: fold_spent(connection, session, encryptor, decrypt))
        replaced = replaced_row(connection, session, turn)
        if replaced is not None:
            turn_id, values = replaced
            self._parent = values.pop("parent")
            encrypted = encryptor is not None
            self._before = self._decrypted(
                connection, turn_id, values, encrypted=encrypted
            )
            connection.execute("DELETE FROM chunk WHERE turn_id = ?", (turn_id,))
            forget(connection, [turn_id])
        else:
            self._tip_before = tip_of(connection, session)
            cell_id = turn.cell_id if turn.session is not None else None
            self._parent = parent_of(connection, session, turn.alternative_to)
            turn_id = new_row(connection, session, cell_id, self._parent)
            end_at(connection, session, turn_id)
        encrypt = self._encrypt_column(encryptor, turn_id)
        question = _as_store_error(
            lambda: kept(
                connection,
                session,
                turn_id,
                turn.question,
                encryptor=encryptor,
                decrypt=self._encryption.decrypt,
            )
        )
        stored = replace(turn, question=question)
        begin_row(connection, turn_id, stored, self.created, encrypt)
        self._id, self._question = turn_id, question
        if turn.begins_with:
            # In pieces at once, so that a killed kernel does not lose them.
            parts: list[tuple[DeltaKind, str]] = [
                (part.type, part.text)
                for part in turn.begins_with
                if isinstance(part, TextPart | ThinkingPart)
            ]
            self._kept = len(parts)
            self._pieces.extendleft(reversed(parts))
            self._add(connection)

    def _decrypted(
        self,
        connection: sqlite3.Connection,
        turn: int,
        values: dict[str, Any],
        *,
        encrypted: bool,
    ) -> dict[str, Any]:
        """Return the columns that a turn had before, decrypted."""
        session, decrypt = self._session_id, self._encryption.decrypt
        if encrypted:
            column = for_columns(decrypt, session, turn)
            for name in ENCRYPTED_COLUMNS:
                values[name] = _as_store_error(partial(column, name, values[name]))
        if values["answer"] is None:
            # Its kernel was killed: the text so far is still in pieces.
            key = session if encrypted else None
            partial_answer = _as_store_error(
                lambda: unsettled(connection, turn, key, decrypt)
            )
            values["answer"] = json.dumps(partial_answer.to_dict())
        return values

    def _settle(self, connection: sqlite3.Connection, answer: Answer) -> int:
        if not self._id:
            self._begin(connection)
        encryptor = self._get_encryptor(connection)
        add_spent(connection, self._session_id, Spent.of(answer), encryptor)
        no_answer = self._gave_nothing(answer)
        if self._is_ours(connection):  # else a newer run of the cell has the row
            encrypt = self._encrypt_column(encryptor, self._id)
            gives_way = self._turn.again and self._turn.alternative_to is not None
            if no_answer and self._before is None and gives_way:
                self.restored = True
                self._give_way(connection)
                return 0
            if no_answer and self._before is not None:
                # A try without an answer must not cost the turn's earlier answer.
                self.restored = True
                restore_row(connection, self._id, self._before, encrypt)
                question = json.loads(self._before["question"] or "[]")
                self._question = tuple(map(Message.from_dict, question))
            else:
                settle_row(connection, self._id, answer, encrypt)
            if self._before is not None:
                link_only(connection, self._session_id, self._id, self._question)
        return place_of(connection, self._id)

    def _give_way(self, connection: sqlite3.Connection) -> None:
        """Delete the turn, and show what was shown before, if it is still there."""
        was_last = tip_of(connection, self._session_id) == self._id
        remove(connection, self._session_id, self._id)
        before = self._tip_before
        if was_last and before is not None and path_to(connection, before):
            end_at(connection, self._session_id, before)

    def _gave_nothing(self, answer: Answer) -> bool:
        """Whether the earlier answer, if there is one, is worth more."""
        if self._turn.begins_with:
            return answer.text == Message("assistant", self._turn.begins_with).text
        return answer.error is not None and not answer.text


def _as_store_error(work: Callable[[], T]) -> T:
    """Run `work`. An error of the vault becomes a StoreError: nothing is written."""
    try:
        return work()
    except ParllamaError as error:
        failure = StoreError(error.message, hint=error.hint)
    raise failure
