"""Conversations as Markdown."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...markdown.sanitize import escape
from ..report import table

if TYPE_CHECKING:
    from ...chats.history.deletion import DeletedSession
    from ...chats.history.finding import Found
    from ...chats.history.reading import SessionInfo

__all__ = ["deleted", "found_texts", "listed"]

_SHOWN = 40
"""Conversations that are shown without --all."""

_TITLES = ("name", "folder", "tags", ">turns", "model", "last used", "encrypted")


def listed(
    infos: Sequence[SessionInfo], redact: Callable[[str], str], *, everything: bool
) -> str:
    """Return a table of conversations, and how many more there are."""
    shown = infos if everything else infos[:_SHOWN]
    rows = []
    for info in shown:
        row = (
            f"{'★ ' if info.pinned else ''}{escape(redact(info.name))}",
            escape(redact(info.folder)),
            escape(redact(", ".join(info.tags))),
            str(info.turns),
            escape(info.model or ""),
            _when(info.used),
            "locked" if info.locked else "yes" if info.encrypted else "",
        )
        rows.append(row)
    # A column without a value would only make the others narrower.
    empty = {"folder", "tags", "encrypted"}
    some = [
        n for n, t in enumerate(_TITLES) if t not in empty or any(r[n] for r in rows)
    ]
    text = table([_TITLES[n] for n in some], [[row[n] for n in some] for row in rows])
    if left := len(infos) - len(shown):
        text += (
            f"\n\nAnd {left:,} more: `%parllama sessions list WORD` looks for one, "
            "`--all` shows all."
        )
    return text


def deleted(found: Sequence[DeletedSession], redact: Callable[[str], str]) -> str:
    """Return a table of the conversations that can be restored."""
    rows = [(escape(redact(each.name)), _when(each.deleted)) for each in found]
    return table(("name", "deleted"), rows)


def found_texts(found: Found, redact: Callable[[str], str]) -> str:
    """Return a table of the conversations that a search found, and where."""
    rows = []
    for hit in found.hits:
        if hit.turn is None:
            where = "*its name, its folder or its tags*"
        else:
            # A secret may be partly marked, so that it is looked for before that.
            whole = redact("".join(hit.snippet))
            is_safe = whole == "".join(hit.snippet)
            where = _marked(hit.snippet) if is_safe else escape(whole)
        rows.append((escape(redact(hit.session)), where))
    return table(("name", "where"), rows)


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _marked(snippet: Sequence[str]) -> str:
    pieces = [
        f"**{escape(piece)}**" if number % 2 else _beside(piece)
        for number, piece in enumerate(snippet)
        if piece
    ]
    return "".join(pieces)


def _beside(text: str) -> str:
    """Return text, with the spaces at its ends, as Markdown that shows it literally."""
    before, after = (" " if each.isspace() else "" for each in (text[0], text[-1]))
    return f"{before}{escape(text)}{after}"
