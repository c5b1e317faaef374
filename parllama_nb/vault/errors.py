"""What can go wrong with the vault, a branch of the tree in `parllama_nb.errors`.

VaultError
├── VaultMissingError     there is no vault yet
├── VaultExistsError      there is one already
├── VaultLockedError      it is locked
├── WrongPasswordError    the password does not open it
├── WaitError             too soon after a wrong password
├── WeakPasswordError     a new password that would be guessed
├── SecretMissingError    no secret of this name
├── SecretRefusedError    a name or a value that cannot be kept
├── VaultConflictError    changed elsewhere in the meantime
├── VaultDamagedError     what is stored is not what was stored
│   └── RollbackError     an older state of the whole file
├── VaultVersionError     written by a newer version
├── VaultStorageError     the file cannot be read or written
└── ImportFileError       a file of secrets that cannot be read

No message holds a secret or a password.
"""

from __future__ import annotations

from ..errors import ParllamaError

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
]


class VaultError(ParllamaError):
    """The vault did not do as asked. No message holds a secret or a password."""

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
    """Too soon after wrong passwords; `seconds` are to be waited."""

    code = "wait"
    seconds: float = 0.0


class WeakPasswordError(VaultError):
    """A new password that is empty, too long, or would be guessed."""

    code = "weak-password"


class SecretMissingError(VaultError):
    """There is no secret of this name."""

    code = "secret-missing"


class SecretRefusedError(VaultError):
    """A name, a value or an export that cannot be."""

    code = "secret-refused"


class VaultConflictError(VaultError):
    """The secret, or the vault, was changed elsewhere in the meantime."""

    code = "vault-conflict"


class VaultDamagedError(VaultError):
    """What is stored is not what was stored."""

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
