"""The disk of an Ollama server that is full, in whatever words it says so."""

from __future__ import annotations

import re
from typing import Final

from ...errors import ProviderError

__all__ = ["explain_full_disk"]

_FULL: Final = re.compile(r"no space left|not enough space|disk quota", re.IGNORECASE)
"""As Linux and macOS say it, Windows, and file systems with a quota."""


def explain_full_disk(error: ProviderError) -> None:
    """Say in an error's hint what to do if the server's disk is full."""
    if _FULL.search(error.message):
        error.hint = "The server's disk is full: delete models there, and try again."
        error.retriable = False
