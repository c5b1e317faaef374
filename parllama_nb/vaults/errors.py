"""What can go wrong with the vault, a branch of the tree in `parllama_nb.errors`.

VaultError
├── VaultMissingError     there is no vault yet
├── VaultExistsError      there is one already
├── VaultLockedError      it is locked
├── WrongPasswordError    the password does not open it
├── WaitError             too soon after a wrong password
├── WeakPasswordError     a new password that is too easy to guess
├── SecretMissingError    no secret has this name
├── SecretRefusedError    a name or a value that cannot be stored
├── VaultConflictError    changed elsewhere in the meantime
├── VaultDamagedError     the stored data was changed, or cannot be read
│   └── RollbackError     an older state of the whole file
├── VaultVersionError     written by a newer version
├── VaultStorageError     the file cannot be read or written
└── ImportFileError       a file of secrets that cannot be read

No message holds a secret or a password.
"""

from __future__ import annotations

from typing import NoReturn

from ..errors import ParllamaError
from .unattended import VARIABLE

__all__ = [
    "ImportFileError",
    "RollbackError",
    "SecretMissingError",
    "SecretRefusedError",
    "VaultConflictError",
    "VaultDamagedError",
    "VaultError",
    "VaultExistsError",
    "VaultLockedError",
    "VaultMissingError",
    "VaultStorageError",
    "VaultVersionError",
    "WaitError",
    "WeakPasswordError",
    "WrongPasswordError",
    "damaged",
    "locked",
    "missing_secret",
    "missing_vault",
]

_RESTORE = "%parllama vault restore brings back a backup."

_WHY_LOCKED = {
    "unattended": f"{VARIABLE} is not the password of the vault.",
    "auto-lock": "The vault has locked itself.",
    "changed elsewhere": "The vault's password or keys were changed elsewhere.",
}


class VaultError(ParllamaError):
    """An operation of the vault failed. No message holds a secret or a password."""

    code = "vault"


class VaultMissingError(VaultError):
    """There is no vault yet."""

    code = "vault-missing"


class VaultExistsError(VaultError):
    """There is a vault already."""

    code = "vault-exists"


class VaultLockedError(VaultError):
    """The vault is locked."""

    code = "vault-locked"


class WrongPasswordError(VaultError):
    """The password does not open it."""

    code = "wrong-password"


class WaitError(VaultError):
    """Too soon after wrong passwords; try again in `seconds`."""

    code = "wait"
    seconds: float = 0.0


class WeakPasswordError(VaultError):
    """A new password that is empty, too long, or too easy to guess."""

    code = "weak-password"


class SecretMissingError(VaultError):
    """No secret has this name."""

    code = "secret-missing"


class SecretRefusedError(VaultError):
    """A name, a value or an export that is not allowed."""

    code = "secret-refused"


class VaultConflictError(VaultError):
    """The secret, or the vault, was changed elsewhere in the meantime."""

    code = "vault-conflict"


class VaultDamagedError(VaultError):
    """The stored data was changed by somebody else, or cannot be read."""

    code = "vault-damaged"


class RollbackError(VaultDamagedError):
    """The whole file is an older state of itself."""

    code = "vault-rollback"


class VaultVersionError(VaultError):
    """The vault was written by a newer version."""

    code = "vault-version"


class VaultStorageError(VaultError):
    """The file of the vault cannot be read or written."""

    code = "vault-storage"


class ImportFileError(VaultError):
    """A file of secrets cannot be read."""

    code = "import-file"


def damaged(problem: str = "") -> NoReturn:
    """Report that the stored data is not what the vault wrote.

    Raises:
        VaultDamagedError: always; `problem` is the end of its message.

    """
    end = f": {problem}." if problem else "."
    message = f"The vault is damaged, or was tampered with{end}"
    raise VaultDamagedError(message, hint=_RESTORE)


def locked(why: str) -> VaultLockedError:
    """An error for a locked vault; `why` is the event that locked it."""
    message = _WHY_LOCKED.get(why, "The vault is locked.")
    return VaultLockedError(message, hint="%parllama vault unlock")


def missing_vault() -> VaultMissingError:
    """An error for a vault that was not created yet."""
    return VaultMissingError("There is no vault yet.", hint="%parllama vault create")


def missing_secret(name: str) -> SecretMissingError:
    """An error for a name that no secret has."""
    return SecretMissingError(
        f"There is no secret {name!r} in the vault.",
        hint="%parllama vault list shows their names.",
    )
