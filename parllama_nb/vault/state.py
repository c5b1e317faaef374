"""The states of a vault, and what is said of them."""

from __future__ import annotations

import os
from typing import Literal

from .errors import RollbackError, VaultLockedError, VaultMissingError
from .format.layout import HEADER, MANIFEST, SLOT, Header, Slot, damaged
from .storage.protocol import Reader
from .unattended import VARIABLE

__all__ = [
    "Password",
    "State",
    "kernel",
    "locked",
    "missing_vault",
    "older",
    "read_header",
]

Password = str | bytes | bytearray
"""A password; a `bytearray` (of UTF-8) can be wiped by whoever made it."""

State = Literal["absent", "locked", "unlocked"]

_WHY = {
    "unattended": f"{VARIABLE} is not the password of the vault.",
    "auto-lock": "The vault has locked itself.",
    "changed elsewhere": "The vault's password or keys were changed elsewhere.",
}


def read_header(reader: Reader) -> tuple[Header, Slot]:
    """What the password is tried on.

    Raises:
        VaultMissingError: there is no vault.
        VaultDamagedError: there is half of one.

    """
    header, slot = reader.get(HEADER), reader.get(SLOT)
    if header is None:
        if slot is not None or reader.get(MANIFEST) is not None:
            damaged("its header is gone")
        raise missing_vault()
    if slot is None:
        damaged("the slot of its password is gone")
    return Header.unpack(header), Slot.unpack(slot)


def locked(why: str) -> VaultLockedError:
    """That it is locked, and why."""
    message = _WHY.get(why, "The vault is locked.")
    return VaultLockedError(message, hint="%parllama vault unlock")


def missing_vault() -> VaultMissingError:
    """That there is none."""
    return VaultMissingError("There is no vault yet.", hint="%parllama vault create")


def older() -> RollbackError:
    """That its file went back to an earlier state."""
    return RollbackError(
        "The vault's file is older than what this machine has seen of it.",
        hint="If it was put back on purpose: %parllama vault unlock --accept-older",
    )


def kernel() -> str:
    """Who writes, for the log."""
    return f"pid {os.getpid()}"
