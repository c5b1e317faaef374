"""Copies a session: all its branches, or those turns that lead to one of them."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from dataclasses import replace

from ...providers.messages import Message
from ...store.encryption import Decrypt, Encryption, Encryptor
from .about import read_about, write_about
from .attachments import kept
from .branches import end_at, path_to
from .encryption import (
    chunk_context,
    complete_encryption,
    for_columns,
    is_encrypted,
    options_context,
)
from .names import free_name

__all__ = ["duplicate"]

_COLUMNS = (
    *(
        "parent",
        "asked_after",
        "model",
        "options",
        "state",
        "question",
        "answer",
        "finish_reason",
    ),
    *("error", "error_code", "error_hint", "usage", "timing", "cost", "notes"),
    *("library_prompt", "created", "edited"),
)
_NAMES = ", ".join(_COLUMNS)


def duplicate(
    connection: sqlite3.Connection,
    session: str,
    name: str | None,
    turn: int | None,
    encryption: Encryption,
) -> str:
    """Copy a session, given by its id; return the name of the copy.

    The copy is encrypted if the session is. Its sums count what is asked in it. With
    `turn` it ends with that one, and has no other branches.

    Raises:
        ParllamaError: it is encrypted, and the vault is locked.

    """
    encryptor = None
    if is_encrypted(connection, session):
        encryptor = encryption.encryptor()
        complete_encryption(connection, session, encryptor)
    sealed, model, options, tip = connection.execute(
        "SELECT sealed, model, options, tip FROM session WHERE id = ?", (session,)
    ).fetchone()
    decrypt = encryption.decrypt if sealed else _as_it_is
    try:
        about = read_about(connection, session, encryption.decrypt)
        title = name or free_name(connection, about.title, "copy")
        copy, now = uuid.uuid4().hex, time.time()
        plain = decrypt(options, options_context(session))
        encrypt = encryptor or _as_it_is
        connection.execute(
            """
            INSERT INTO session (id, name, created, used, model, options, sealed)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            (
                copy,
                title,
                now,
                now,
                model,
                encrypt(plain, options_context(copy)),
                sealed,
            ),
        )
        write_about(connection, copy, replace(about, title=title), encryptor)
        copied = _Copy(connection, session, copy, sealed, decrypt, encryptor)
        ids = copied.turns(None if turn is None else path_to(connection, turn))
    finally:
        if encryptor is not None:
            encryptor.wipe()
    end_at(connection, copy, ids.get(tip if turn is None else turn))
    # Its turns began earlier, but it is used now.
    connection.execute("UPDATE session SET used = ? WHERE id = ?", (now, copy))
    return title


class _Copy:
    def __init__(  # noqa: PLR0913, PLR0917 - where from, where to, and how
        self,
        connection: sqlite3.Connection,
        session: str,
        copy: str,
        sealed: int,
        decrypt: Decrypt,
        encryptor: Encryptor | None,
    ) -> None:
        self._connection = connection
        self._session, self._copy, self._sealed = session, copy, sealed
        self._decrypt, self._encryptor = decrypt, encryptor
        self._encrypt = encryptor or _as_it_is

    def turns(self, wanted: set[int] | None) -> dict[int, int]:
        """Copy the turns, all if `wanted` is None; return the new ids by the old."""
        rows = self._connection.execute(
            f"SELECT id, {_NAMES} FROM turn WHERE session_id = ? ORDER BY id",  # noqa: S608
            (self._session,),
        ).fetchall()
        ids: dict[int, int] = {}
        for turn, parent, asked_after, *values in rows:
            if wanted is None or turn in wanted:
                before = ids.get(parent), ids.get(asked_after)
                columns = dict(zip(_COLUMNS, (*before, *values), strict=True))
                ids[turn] = self._turn(turn, columns)
        return ids

    def _turn(self, turn: int, columns: dict[str, object]) -> int:
        (new,) = self._connection.execute(
            """
            INSERT INTO turn (session_id, model, options, state, question, created)
            VALUES (?, '', '', '', '', 0) RETURNING id
            """,
            (self._copy,),
        ).fetchone()
        before = for_columns(self._decrypt, self._session, turn, self._sealed)
        after = for_columns(self._encrypt, self._copy, new, self._sealed)
        plain = {each: before(each, columns[each]) for each in _COLUMNS}
        plain["question"] = self._question(new, plain["question"])
        values = [after(each, plain[each]) for each in _COLUMNS]
        marks = ", ".join("?" * len(_COLUMNS))
        self._connection.execute(
            f"UPDATE turn SET ({_NAMES}) = ({marks}) WHERE id = ?",  # noqa: S608
            (*values, new),
        )
        self._pieces(turn, new)
        return int(new)

    def _question(self, new: int, stored: str) -> str:
        """Return a question that refers to attachments of the copy."""
        asked = [Message.from_dict(each) for each in json.loads(stored)]
        messages = kept(
            self._connection,
            self._copy,
            new,
            asked,
            encryptor=self._encryptor,
            decrypt=self._decrypt,
        )
        return json.dumps([message.to_dict() for message in messages])

    def _pieces(self, turn: int, new: int) -> None:
        rows = self._connection.execute(
            "SELECT n, kind, text FROM chunk WHERE turn_id = ?", (turn,)
        ).fetchall()
        for n, kind, text in rows:
            plain = self._decrypt(text, chunk_context(self._session, turn, n, kind))
            stored = self._encrypt(plain, chunk_context(self._copy, new, n, kind))
            self._connection.execute(
                "INSERT INTO chunk VALUES (?, ?, ?, ?)", (new, n, kind, stored)
            )


def _as_it_is(text: str, context: str) -> str:
    del context
    return text
