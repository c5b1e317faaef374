"""The sums of what the answers of a session cost, deleted ones too.

Those of an encrypted session are encrypted. An answer may settle after the vault was
locked, when sums cannot be read, so each adds a row; they become one row now and then.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from ...store.encryption import Decrypt, Encryptor
from ..answer import Answer

__all__ = ["Spent", "add_spent", "fold_spent", "read_spent", "write_spent"]

_MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Spent:
    """US dollars (None if no price was known) and tokens."""

    cost: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Spent) -> Spent:
        """Return both together."""
        costs = [each for each in (self.cost, other.cost) if each is not None]
        return Spent(
            sum(costs) if costs else None,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )

    @classmethod
    def of(cls, answer: Answer) -> Spent:
        """Return what an answer cost."""
        usage = answer.usage
        return cls(answer.cost, usage.input_tokens or 0, usage.output_tokens or 0)


def add_spent(
    connection: sqlite3.Connection,
    session: str,
    spent: Spent,
    encryptor: Encryptor | None,
) -> None:
    """Add to the sums of a session, given by its id."""
    if encryptor is None:
        connection.execute(
            """
            UPDATE session SET
                cost = CASE WHEN ?1 IS NULL THEN cost ELSE coalesce(cost, 0) + ?1 END,
                input_tokens = input_tokens + ?2, output_tokens = output_tokens + ?3
            WHERE id = ?4
            """,
            (spent.cost, spent.input_tokens, spent.output_tokens, session),
        )
        return
    (last,) = connection.execute(
        "SELECT coalesce(max(n), 0) FROM session_spent WHERE session_id = ?", (session,)
    ).fetchone()
    values = json.dumps([spent.cost, spent.input_tokens, spent.output_tokens])
    connection.execute(
        "INSERT INTO session_spent VALUES (?, ?, ?)",
        (session, last + 1, encryptor(values, _context(session, last + 1))),
    )


def read_spent(connection: sqlite3.Connection, session: str, decrypt: Decrypt) -> Spent:
    """Return the sums of an encrypted session, given by its id.

    Raises:
        ParllamaError: `decrypt` raised it.

    """
    rows = connection.execute(
        "SELECT n, text FROM session_spent WHERE session_id = ?", (session,)
    ).fetchall()
    texts = (decrypt(text, _context(session, n)) for n, text in rows)
    return sum((Spent(*json.loads(text)) for text in texts), Spent())


def write_spent(
    connection: sqlite3.Connection,
    session: str,
    spent: Spent,
    encryptor: Encryptor | None,
) -> None:
    """Replace the sums of a session, given by its id."""
    connection.execute("DELETE FROM session_spent WHERE session_id = ?", (session,))
    connection.execute(
        "UPDATE session SET cost = NULL, input_tokens = 0, output_tokens = 0 "
        "WHERE id = ?",
        (session,),
    )
    if encryptor is None or spent != Spent():
        add_spent(connection, session, spent, encryptor)


def fold_spent(
    connection: sqlite3.Connection,
    session: str,
    encryptor: Encryptor,
    decrypt: Decrypt,
) -> None:
    """Make one row of the sums of an encrypted session, if they are many."""
    (count,) = connection.execute(
        "SELECT count(*) FROM session_spent WHERE session_id = ?", (session,)
    ).fetchone()
    if count > _MOST_ROWS:
        spent = read_spent(connection, session, decrypt)
        write_spent(connection, session, spent, encryptor)


def _context(session: str, number: int) -> str:
    return f"chat {session} spent {number}"
