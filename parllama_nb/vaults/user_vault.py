"""Where the user's own vault is: its file, its backups, its watermark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..paths import directory
from ..secret import Secret
from .storage.sqlite import SQLiteStorage
from .storage.watermark import Watermark
from .unattended import Unattended
from .vault import Vault

__all__ = ["backup_directory", "user_vault"]


def user_vault(
    *,
    unattended: Unattended | None = None,
    log_entries: Callable[[], int] = int,
    changed: Callable[[], None] = lambda: None,
    handed_out: Callable[[Secret], Secret] = lambda secret: secret,
) -> Vault:
    """Return the vault in the file `vault.db` of the user's data directory.

    Its backups are below that directory, its watermark is in the state directory. The
    arguments are those of `Vault`.
    """
    return Vault(
        SQLiteStorage(lambda: directory("data") / "vault.db"),
        watermark=Watermark(lambda: directory("state")),
        unattended=unattended,
        backups=backup_directory,
        log_entries=log_entries,
        changed=changed,
        handed_out=handed_out,
    )


def backup_directory() -> Path:
    """Return the directory of automatic backups, which the first of them makes."""
    return directory("data") / "backups"
