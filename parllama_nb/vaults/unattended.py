"""PARLLAMA_VAULT_KEY: the password of a vault if nobody is there to type it.

It is taken out of `os.environ` when the extension is loaded, so that child processes
and `%env` do not show it, and is used when a secret is first needed. On Linux it stays
in /proc/self/environ nevertheless, which the user and root can read.

This module imports almost nothing, because `%load_ext` imports it.
"""

from __future__ import annotations

import os

__all__ = ["VARIABLE", "Unattended", "take"]

VARIABLE = "PARLLAMA_VAULT_KEY"

# From the load of the extension until `Unattended` takes it over.
_taken: list[bytearray] = []


def take() -> None:
    """Take the variable out of the environment, if it is set."""
    value = os.environ.pop(VARIABLE, "")
    if value.strip():
        _taken[:] = [bytearray(value.encode("utf-8", "surrogateescape"))]


class Unattended:
    """The password from the environment, until the user locks the vault."""

    def __init__(self) -> None:
        take()
        self._password = _taken.pop() if _taken else None

    def password(self) -> bytearray | None:
        """Return a copy, which the caller wipes; None without a password."""
        return None if self._password is None else bytearray(self._password)

    def drop(self) -> None:
        """Overwrite it."""
        if self._password is not None:
            self._password[:] = bytes(len(self._password))
            self._password = None

    def __repr__(self) -> str:
        return "<Unattended>"
