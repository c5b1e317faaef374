"""The rows of the ledger as the database has them: written, and their sums by day."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from ..providers.accounting import SentRequest
from ..surrogates import without_surrogates

__all__ = ["SUMS", "TOTAL", "day_of", "forget_conversation", "insert"]

SUMS = (
    "requests",
    "failed",
    "bytes",
    "attachments",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cost",
    "unpriced",
)

_COLUMNS = (
    *("began", "seconds", "notebook", "conversation", "purpose", "provider", "model"),
    *("host", "sent_to", "local", "bytes", "attachments", "input_tokens"),
    *("output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens"),
    *("cost", "ended", "error"),
)
_INSERT = (
    f"INSERT INTO ledger ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of columns
    f"VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_KEYS = ("by", "day", "name")
_ADD = (  # of names of columns
    f"INSERT INTO ledger_day ({', '.join((*_KEYS, *SUMS))}) "  # noqa: S608
    f"VALUES ({', '.join('?' * len((*_KEYS, *SUMS)))}) "
    f"ON CONFLICT DO UPDATE SET "
    f"{', '.join(f'{name} = {name} + excluded.{name}' for name in SUMS)}"
)

TOTAL = "purpose"
"""What a day has the fewest sums by, of which every request is in one."""


def insert(
    connection: sqlite3.Connection, notebook: str, requests: Sequence[SentRequest]
) -> None:
    """Write some requests, and add them to the sums of their days.

    A name that is no text (a notebook's, if its file's is not UTF-8) is made one: else
    nothing after it would ever be written.
    """
    notebook = without_surrogates(notebook)
    ids: dict[str, str | None] = {}
    for sent in requests:
        name = without_surrogates(sent.conversation)
        if name is not None and name not in ids:
            ids[name] = _open_conversation(connection, name)
        conversation = None if name is None else ids[name]
        row = without_surrogates(_row(sent, notebook, conversation))
        connection.execute(_INSERT, row)
        day, sums = day_of(sent.began), _sums(sent)
        common = without_surrogates(
            {
                "model": f"{sent.provider}/{sent.model}",
                "notebook": notebook,
                "host": sent.sent_to or sent.host,
                "purpose": sent.purpose,
                "conversation": conversation or "",
            }
        )
        rows = [(by, day, name, *sums) for by, name in common.items()]
        connection.executemany(_ADD, rows)


def forget_conversation(connection: sqlite3.Connection, conversation: str) -> None:
    """Add what a conversation, given by its id, sent to what is sent outside of any."""
    connection.execute(
        "UPDATE ledger SET conversation = NULL WHERE conversation = ?", (conversation,)
    )
    by, columns = "conversation", ", ".join(("day", *SUMS))
    rows = connection.execute(
        f"DELETE FROM ledger_day WHERE by = ? AND name = ? RETURNING {columns}",  # noqa: S608
        (by, conversation),
    ).fetchall()
    connection.executemany(_ADD, [(by, day, "", *sums) for day, *sums in rows])


def day_of(seconds: float) -> str:
    """Return the day on the wall's clock of a time since the epoch, in ISO 8601."""
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


def _open_conversation(connection: sqlite3.Connection, name: str) -> str | None:
    """Return the id of a conversation; None if it is encrypted, or not kept."""
    row = connection.execute(
        "SELECT id FROM session WHERE name = ? AND NOT sealed", (name,)
    ).fetchone()
    return None if row is None else str(row[0])


def _row(
    sent: SentRequest, notebook: str, conversation: str | None
) -> tuple[object, ...]:
    usage = sent.usage
    return (
        *(sent.began, sent.seconds, notebook, conversation, sent.purpose),
        *(sent.provider, sent.model, sent.host, sent.sent_to, sent.local, sent.bytes),
        *(" ".join(sent.attachments), usage.input_tokens, usage.output_tokens),
        *(usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens),
        *(sent.cost, sent.ended, sent.error),
    )


def _sums(sent: SentRequest) -> tuple[object, ...]:
    usage = sent.usage
    return (
        *(1, sent.ended == "error", sent.bytes or 0, len(sent.attachments)),
        *(usage.input_tokens or 0, usage.output_tokens or 0, usage.cached_tokens or 0),
        *(usage.reasoning_tokens or 0, sent.cost or 0.0),
        sent.cost is None and not sent.local,
    )
