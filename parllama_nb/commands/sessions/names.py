"""Offers the names of conversations to completion."""

from __future__ import annotations

from concurrent.futures import wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["offered_names"]

# Seconds a completion may take.
_TIMEOUT = 0.4


def offered_names(app: Parllama) -> list[str]:
    """Returns the names of the conversations, in quotes where a line needs them."""
    future = app.runtime.submit(app.chats.sessions())
    wait([future], _TIMEOUT)
    if not future.done() or future.exception() is not None:
        return []
    names = [info.name for info in future.result()]
    return [name if name.isidentifier() else f'"{name}"' for name in names]
