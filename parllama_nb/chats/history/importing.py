"""Writes whole conversations into the store, and knows those that are there."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from ...providers.messages import Message
from ...store.encryption import Encryption
from .attachments import kept, named_by_content
from .names import find_session
from .saved import SavedConversation, SavedTurn

__all__ = ["Present", "insert"]


def insert(
    connection: sqlite3.Connection,
    saved: SavedConversation,
    is_taken: Callable[[str], bool],
) -> tuple[str, str]:
    """Write a conversation under a free name; return its id and the name.

    Its ids are new, and its times are kept. `is_taken` says of a name whether something
    that is not in the store has it.
    """
    name = _free(connection, saved.name, is_taken)
    session = uuid.uuid4().hex
    connection.execute(
        """
        INSERT INTO session (id, name, created, used, folder, tags, pinned, model,
            options, cost, input_tokens, output_tokens)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            session,
            name,
            created := saved.created or time.time(),
            created,
            saved.folder,
            json.dumps(saved.tags, ensure_ascii=False),
            saved.pinned,
            saved.model,
            json.dumps(dict(saved.options)),
            saved.cost,
            saved.input_tokens,
            saved.output_tokens,
        ),
    )
    ids: dict[int, int] = {}
    for turn in saved.turns:
        parent = None if turn.parent is None else ids[turn.parent]
        ids[turn.number] = _insert_turn(connection, session, turn, parent)
    tip = None if saved.tip is None else ids[saved.tip]
    connection.execute("UPDATE session SET tip = ? WHERE id = ?", (tip, session))
    return session, name


def _free(
    connection: sqlite3.Connection, wanted: str, is_taken: Callable[[str], bool]
) -> str:
    """Return `wanted`, with a number added if a conversation has that name."""
    # Doubled first, so that a thousand of one name are not tried one by one.
    name, low, high = wanted, 1, 1
    while find_session(connection, name) is not None or is_taken(name):
        low, high = high, 2 * high
        name = f"{wanted} {high}"
    if name == wanted:
        return name
    while high - low > 1:
        middle = (low + high) // 2
        tried = f"{wanted} {middle}"
        if find_session(connection, tried) is not None or is_taken(tried):
            low = middle
        else:
            high = middle
    return f"{wanted} {high}"


def _insert_turn(
    connection: sqlite3.Connection, session: str, turn: SavedTurn, parent: int | None
) -> int:
    error, prompt = turn.error, turn.library_prompt
    values: dict[str, Any] = {
        "session_id": session,
        "parent": parent,
        "asked_after": parent,
        "model": turn.model,
        "options": json.dumps(dict(turn.options)),
        "state": turn.state,
        "question": "",
        "answer": _answer(turn),
        "finish_reason": turn.finish_reason,
        "error": error and error.message,
        "error_code": error and error.code,
        "error_hint": error and error.hint,
        "usage": json.dumps(asdict(turn.usage)),
        "timing": None if turn.timing is None else json.dumps(asdict(turn.timing)),
        "cost": turn.cost,
        "notes": json.dumps(turn.notes),
        "library_prompt": prompt and json.dumps([prompt.name, prompt.version]),
        "created": turn.created,
        "edited": turn.edited,
    }
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    (turn_id,) = connection.execute(
        f"INSERT INTO turn ({names}) VALUES ({marks}) RETURNING id",  # noqa: S608
        tuple(values.values()),
    ).fetchone()
    question = kept(
        connection,
        session,
        turn_id,
        turn.question,
        encryptor=None,
        decrypt=Encryption().decrypt,
    )
    connection.execute(
        "UPDATE turn SET question = ? WHERE id = ?", (_json(question), turn_id)
    )
    return int(turn_id)


def _json(question: Sequence[Message]) -> str:
    return json.dumps([message.to_dict() for message in question])


def _answer(turn: SavedTurn) -> str:
    return json.dumps(turn.answer.to_dict())


class Present:
    """The conversations that are there, as far as an import has to know them.

    A conversation is there already if one holds all its turns, under whatever name and
    with whatever turns after them. Of one that is encrypted only the times are known.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._by_first: dict[bytes, list[str]] = {}
        self._encrypted: dict[tuple[float, float], list[str]] = {}
        rows = connection.execute(
            """
            SELECT session.id, sealed, session.created, turn.created, question, answer
            FROM session JOIN turn ON turn.id = (
                SELECT min(id) FROM turn WHERE session_id = session.id
            )
            WHERE name IS NOT NULL
            """
        )
        for session, sealed, created, first, question, answer in rows:
            if sealed:
                self._encrypted.setdefault((created, first), []).append(session)
            else:
                self._add(_digest(connection, question, answer), session)

    def name_of(
        self, connection: sqlite3.Connection, saved: SavedConversation
    ) -> str | None:
        """Return the name of the conversation that holds this one, if any does."""
        if not saved.turns:
            return None
        first = saved.turns[0]
        digest = _digest_of(connection, first)
        for session in self._by_first.get(digest, ()):
            if _holds(connection, session, saved.turns):
                return _name(connection, session)
        for session in self._encrypted.get((saved.created, first.created), ()):
            return _name(connection, session)
        return None

    def add(
        self, connection: sqlite3.Connection, saved: SavedConversation, session: str
    ) -> None:
        """Know a conversation that was just written, under this id."""
        if saved.turns:
            self._add(_digest_of(connection, saved.turns[0]), session)

    def _add(self, digest: bytes, session: str) -> None:
        self._by_first.setdefault(digest, []).append(session)


def _name(connection: sqlite3.Connection, session: str) -> str | None:
    row = connection.execute("SELECT name FROM session WHERE id = ?", (session,))
    return (row.fetchone() or (None,))[0]


def _holds(
    connection: sqlite3.Connection, session: str, turns: Sequence[SavedTurn]
) -> bool:
    """Whether a session, given by its id, has all these turns."""
    rows = connection.execute(
        "SELECT question, answer FROM turn WHERE session_id = ?", (session,)
    )
    stored = {_digest(connection, *row) for row in rows.fetchall()}
    return all(_digest_of(connection, turn) in stored for turn in turns)


def _digest_of(connection: sqlite3.Connection, turn: SavedTurn) -> bytes:
    return _digest(connection, _json(turn.question), _answer(turn))


def _digest(connection: sqlite3.Connection, question: str, answer: str | None) -> bytes:
    if ";attachment," in question or ";base64," in question:
        # A file has the bytes that the database keeps apart.
        messages = [Message.from_dict(each) for each in json.loads(question)]
        question = _json(named_by_content(connection, messages))
    # NUL stands in no JSON.
    return hashlib.sha256(f"{question}\0{answer}".encode()).digest()
