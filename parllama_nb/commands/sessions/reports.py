"""Conversations as Markdown."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...markdown.sanitize import escape
from ..report import table

if TYPE_CHECKING:
    from ...chats.history.reading import SessionInfo

__all__ = ["listed"]


def listed(infos: Sequence[SessionInfo], redact: Callable[[str], str]) -> str:
    """Return a table of conversations."""
    rows = []
    for info in infos:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(info.used))
        title, model = escape(redact(info.name)), escape(info.model or "")
        encrypted = "yes" if info.encrypted else ""
        rows.append((title, str(info.turns), model, when, encrypted))
    header = ("name", ">turns", "model", "last used", "encrypted")
    return table(header, rows)
