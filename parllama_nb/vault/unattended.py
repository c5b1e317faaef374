"""PARLLAMA_VAULT_KEY: the password of a vault where nobody is there to type it.

It is taken out of `os.environ` when the extension is loaded, so that no child process
and no `%env` has it, and is used when a secret is first needed. On Linux it stays in
/proc/self/environ all the same, which the user and root can read.

Imports next to nothing: it is on the way of `%load_ext`.
"""

from __future__ import annotations

import os

__all__ = ["VARIABLE", "Unattended", "take"]

VARIABLE = "PARLLAMA_VAULT_KEY"

# Between the load of the extension and the first use of the app, which takes it over.
_taken: list[bytearray] = []


def take() -> None:
    """Take the variable out of the environment, if it is there."""
    value = os.environ.pop(VARIABLE, "")
    if value.strip():
        _taken[:] = [bytearray(value.encode("utf-8", "surrogateescape"))]


class Unattended:
    """The password that was taken. It is kept until the vault is locked on purpose."""

    def __init__(self) -> None:
        take()
        self._password = _taken.pop() if _taken else None

    def password(self) -> bytearray | None:
        """A copy, which the caller wipes; None where there is none."""
        return None if self._password is None else bytearray(self._password)

    def drop(self) -> None:
        """Forget it."""
        if self._password is not None:
            self._password[:] = bytes(len(self._password))
            self._password = None

    def __repr__(self) -> str:
        return "<Unattended>"
