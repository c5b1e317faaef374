"""Offers the names of prompts to completion."""

from __future__ import annotations

from concurrent.futures import wait
from typing import TYPE_CHECKING

from ...quoting import quoted

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["offered_names", "quoted"]

# Seconds a completion may take.
_TIMEOUT = 0.4


def offered_names(app: Parllama) -> list[str]:
    """Returns the names of all prompts, in quotes where a line needs them."""
    future = app.runtime.submit(app.prompts.find())
    wait([future], _TIMEOUT)
    if not future.done() or future.exception() is not None:
        return []
    return [quoted(row.name) for row in future.result().rows]
