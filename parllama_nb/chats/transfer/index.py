"""The index of many conversations: a table with a link to each file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from ...markdown.sanitize import escape
from ...markdown.writing import table
from .facts import date_of
from .sources import INDEX_MARK

__all__ = ["INDEX", "Row", "index_of"]

INDEX = "index.md"


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the index; `used` is in seconds since the epoch."""

    name: str
    file: str
    turns: int
    folder: str
    used: float


def index_of(rows: Iterable[Row]) -> str:
    """Return the index of conversations, in their order."""
    lines = [
        (
            f"[{escape(row.name)}]({quote(row.file)})",
            f"{row.turns:,}",
            escape(row.folder),
            date_of(row.used),
        )
        for row in rows
    ]
    titles = table(("conversation", ">turns", "folder", "last used"), lines)
    return f"{INDEX_MARK}\n\n# Conversations\n\n{titles}\n"
