"""Where the user's own vault is: its file, its backups, its watermark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..paths import directory
from .errors import VaultStorageError
from .storage.sqlite import SQLiteStorage
from .storage.watermark import Watermark
from .unattended import Unattended
from .vault import Vault

__all__ = ["backup_directory", "user_vault"]


def user_vault(
    *,
    unattended: Unattended | None = None,
    changed: Callable[[], None] = lambda: None,
) -> Vault:
    """Return the vault in the file `vault.db` of the user's data directory.

    Its backups are below that directory, its watermark is in the state directory.
    """
    return Vault(
        SQLiteStorage(lambda: directory("data") / "vault.db"),
        watermark=Watermark(lambda: directory("state")),
        unattended=unattended,
        backups=backup_directory,
        changed=changed,
    )


def backup_directory() -> Path:
    """Return the directory of automatic backups; the first call makes it.

    Raises:
        VaultStorageError: it cannot be made.

    """
    backups = directory("data") / "backups"
    try:
        backups.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return backups
    message = f"{backups}: {reason}."
    raise VaultStorageError(message)
