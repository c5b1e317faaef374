"""The files around a vault, for its view: its log, its backups, files of secrets."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...importers import secret_files
from ...importers.imported_secrets import ImportedSecrets
from ...vaults.backups import Difference
from ...vaults.errors import VaultError
from ...vaults.format.crypto import Password
from ...vaults.storage.copies import automatic
from ...vaults.user_vault import backup_directory
from ...vaults.vault import Vault
from .protocol import (
    AuditData,
    AuditEntry,
    BackupData,
    BackupsData,
    DifferenceData,
    FoundSecret,
    FoundSecrets,
    SecretsFile,
)

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["FileSecrets", "audit", "backups", "difference_data"]

# Entries of the log in one response, at most.
_PAGE = 100

# Names of secrets with one entry of the log, at most.
_NAMES = 3


def audit(vault: Vault, before: int | None) -> AuditData:
    """Return a page of the log, the newest entry first, and whether it is whole."""
    entries = vault.log()
    checked, problem, names = False, "", dict[str, str]()
    if vault.state == "unlocked":
        try:
            problem, checked = vault.verify(), True
            names = {each.id: each.name for each in vault.entries(use=False)}
        except VaultError as error:
            problem = error.message
    older = [each for each in entries if before is None or each.seq < before]
    return AuditData(
        entries=[
            AuditEntry(
                seq=each.seq,
                at=each.at,
                event=each.event,
                kernel=each.kernel,
                names=[names[key] for key in each.ids if key in names][:_NAMES],
                count=each.count,
                sealed=each.sealed,
            )
            for each in reversed(older[-_PAGE:])
        ],
        total=len(entries),
        more=len(older) > _PAGE,
        checked=checked,
        problem=problem,
    )


def backups() -> BackupsData:
    """Return the backups that the vault has made by itself, the newest first."""
    folder = backup_directory()
    return BackupsData(
        folder=str(folder),
        backups=[
            BackupData(
                path=str(each.path), made=each.made, size=each.size, why=each.why
            )
            for each in automatic(folder)
        ],
    )


def difference_data(difference: Difference) -> DifferenceData:
    """Return what a backup would change."""
    return DifferenceData(
        added=[*difference.added],
        removed=[*difference.removed],
        changed=[*difference.changed],
        same=difference.same,
        known=difference.known,
        log=difference.log,
        kept=difference.kept,
    )


class FileSecrets:
    """The file of secrets that one view has read and not yet imported.

    Its values are wiped when they are dropped, on whatever thread that is, but never
    while they are being stored.
    """

    def __init__(self, app: Parllama) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._drops = 0
        self._secrets: ImportedSecrets | None = None

    def find(self, path: str) -> SecretsFile:
        """Find a file, and say whether it has a password.

        Raises:
            ImportFileError: there is no such file, or it cannot be read.

        """
        found = secret_files.secrets_path(path.strip())
        return SecretsFile(path=str(found), password=secret_files.has_password(found))

    def read(self, path: str, password: Password) -> FoundSecrets:
        """Read a file, and keep what it has.

        Raises:
            ImportFileError: it cannot be read.
            WrongPasswordError: it is not the file's password.
            VaultLockedError: there would be no vault to put it into.

        """
        drops = self._drops
        present = {*self._app.vault.names()}
        found = secret_files.secrets_path(path.strip())
        secrets = secret_files.read(found, password)
        self._keep(secrets, drops)
        rows = [
            FoundSecret(
                name=name,
                state="exists" if name in present else "new",
                note="`${…}` stays as written: the file does not set that variable."
                if name in secrets.unresolved
                else "",
                exported=name in secrets.exports,
            )
            for name in secrets.values
        ]
        rows += [
            FoundSecret(name=name, state="skipped", note=reason)
            for name, reason in secrets.skipped
        ]
        return FoundSecrets(path=str(found), rows=rows)

    def store(self, names: list[str], *, export: bool) -> int:
        """Store these secrets in the vault. Returns how many.

        Raises:
            UsageError: no file was read, or it has no such secret.
            VaultLockedError: the vault is locked.

        """
        with self._lock:
            secrets, drops = self._secrets, self._drops
            if secrets is None or not secrets.values.keys() >= {*names}:
                message = "What was read from the file is no longer there."
                raise UsageError(message, hint="Read the file again.")
            # A drop meanwhile would wipe what is being stored.
            self._secrets = None
        try:
            secret_files.store(self._app.vault, secrets, names, export=export)
        except BaseException:
            self._keep(secrets, drops)
            raise
        secrets.wipe()
        return len(names)

    def drop(self) -> None:
        """Overwrite what was read; what is being read or stored, once that is done."""
        with self._lock:
            self._drops += 1
            self._replace(None)

    def _keep(self, secrets: ImportedSecrets, drops: int) -> None:
        """Keep some secrets, unless they were dropped since there were `drops`."""
        with self._lock:
            if drops == self._drops:
                self._replace(secrets)
            else:
                secrets.wipe()

    def _replace(self, secrets: ImportedSecrets | None) -> None:
        before, self._secrets = self._secrets, secrets
        if before is not None:
            before.wipe()
