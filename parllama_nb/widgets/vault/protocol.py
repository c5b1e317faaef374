"""What the view of the vault and the kernel send each other.

Passwords and values are in `sealed`, by the names that each class says (`_sealed`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, SealedTexts, Snapshot, Wire

__all__ = [
    "AuditData",
    "AuditEntry",
    "AuditParams",
    "BackupData",
    "BackupMade",
    "BackupsData",
    "CreateVaultParams",
    "CreatedVault",
    "DifferenceData",
    "EntriesData",
    "FileParams",
    "FoundSecret",
    "FoundSecrets",
    "ImportSecretsParams",
    "ImportedSecretsData",
    "MarkParams",
    "PasswordParams",
    "ReadSecretsParams",
    "RemoveSecretParams",
    "RestoreParams",
    "RevealSecretParams",
    "RevealedValue",
    "SecretData",
    "SecretsFile",
    "SetSecretParams",
    "VaultEvent",
    "VaultSnapshot",
    "VaultState",
    "VaultStateData",
]


class SecretData(Wire):
    """A secret without its value.

    `created` and `modified` are in seconds since 1970. `export` says whether it is put
    into the environment while the vault is unlocked, `exportable` whether it may be.
    `shadowed`: the environment has a value of its own under this name, which comes
    first. `version` is what a change of it names in `expect`.
    """

    name: str
    version: int
    created: float
    modified: float
    export: bool
    exportable: bool
    shadowed: bool


class VaultState(Wire):
    """The vault as it stands, but for its secrets.

    `left` are the seconds until it locks, null for never. `idle` and `absolute` are the
    limits in seconds: without use, and at the latest; null for never. `wait` are the
    seconds until a password may be tried again. `why_locked` is a sentence. `place` is
    its file, `network` whether that is on a network file system. `problem` is why it
    cannot be read; then the rest says nothing.
    """

    state: Literal["absent", "locked", "unlocked"]
    left: float | None = None
    idle: float | None = None
    absolute: float | None = None
    wait: float = 0.0
    why_locked: str = ""
    warning: str = ""
    place: str = ""
    network: bool = False
    problem: Failure | None = None


class VaultStateData(EventData, VaultState):
    """The state has changed."""

    event = "vault"


class EntriesData(EventData):
    """All secrets, sorted by name; none while the vault is locked."""

    event = "entries"
    entries: list[SecretData]


class VaultSnapshot(Snapshot, VaultState):
    """All that the view shows; `key_names` are the usual names of models' keys."""

    entries: list[SecretData]
    key_names: list[str]


VaultEvent = VaultStateData | EntriesData


class CreateVaultParams(Wire):
    """A new vault: `password`."""

    sealed: SealedTexts


class CreatedVault(Wire):
    """The vault is created and unlocked. `word` judges its password."""

    word: str


class PasswordParams(Wire):
    """Another password: `old`, `new`."""

    sealed: SealedTexts


class SetSecretParams(Wire):
    """Store a secret: `value`.

    `expect` is the version it must have, 0 if it must not exist. `export` null leaves
    the mark as it is.
    """

    name: str = Field(max_length=256)
    sealed: SealedTexts
    expect: int
    export: bool | None = None


class RevealSecretParams(Wire):
    """Ask for a value, sealed under the view's own key: a point of P-256, in base64."""

    name: str = Field(max_length=256)
    public_key: str = Field(max_length=128)


class RevealedValue(Wire):
    """The value, sealed by HPKE for the request `reveal/NAME`; base64."""

    sealed: str


class RemoveSecretParams(Wire):
    """Remove a secret if it has this version."""

    name: str = Field(max_length=256)
    expect: int


class MarkParams(Wire):
    """Mark a secret for the environment, or remove the mark."""

    name: str = Field(max_length=256)
    export: bool


class FileParams(Wire):
    """The path of a file on the kernel's machine; "" for the usual one."""

    path: str = Field(default="", max_length=4096)


class BackupMade(Wire):
    """Where the checked copy is."""

    path: str


class BackupData(Wire):
    """A backup that the vault has made: its file, its seconds since 1970, bytes, why.

    `why` is the operation before which it was made, as "backup", "clear", "restore".
    """

    path: str
    made: float
    size: int
    why: str


class BackupsData(Wire):
    """The backups of the vault's own folder, the newest first."""

    folder: str
    backups: list[BackupData]


class RestoreParams(Wire):
    """Compare a backup with the vault, or with `apply` put it back: its `password`."""

    path: str = Field(max_length=4096)
    sealed: SealedTexts
    apply: bool = False


class DifferenceData(Wire):
    """What a backup would change, or has changed, by the names of the secrets.

    `known` is false if the vault is locked: nothing is compared, `added` is all that
    the backup has. `log` is what is wrong with the backup's log. `kept` is where the
    vault from before is.
    """

    added: list[str]
    removed: list[str]
    changed: list[str]
    same: int
    known: bool
    log: str = ""
    kept: str = ""


class AuditParams(Wire):
    """The entries before this number; null for the newest."""

    before: int | None = None


class AuditEntry(Wire):
    """One entry of the log. `at` is an ISO time in UTC.

    `names` are the names of those secrets it is about that still exist, `count` is how
    many it is about. `sealed` is false for an entry that no key vouches for yet.
    """

    seq: int
    at: str
    event: str
    kernel: str
    names: list[str]
    count: int
    sealed: bool


class AuditData(Wire):
    """Entries of the log, the newest first, and how many there are in all.

    `problem` is what is wrong with the log. `checked` is false while the vault is
    locked: then nothing vouches for it.
    """

    entries: list[AuditEntry]
    total: int
    more: bool
    checked: bool
    problem: str = ""


class SecretsFile(Wire):
    """The file that would be imported, and whether it has a password of its own."""

    path: str
    password: bool


class ReadSecretsParams(Wire):
    """Read a file: its `password`, if it has one."""

    path: str = Field(max_length=4096)
    sealed: SealedTexts | None = None


class FoundSecret(Wire):
    """A secret of the file: new, there already, or why it cannot be imported.

    `note` says what is unusual about it, `exported` whether PAR LLAMA puts it into the
    environment.
    """

    name: str
    state: Literal["new", "exists", "skipped"]
    note: str = ""
    exported: bool = False


class FoundSecrets(Wire):
    """What a file holds. The kernel keeps it until it is imported or dropped."""

    path: str
    rows: list[FoundSecret]


class ImportSecretsParams(Wire):
    """Import these secrets of the file that was read.

    `export` marks those for the environment that PAR LLAMA puts there.
    """

    names: list[str] = Field(max_length=100_000)
    export: bool = False


class ImportedSecretsData(Wire):
    """How many secrets were imported."""

    count: int
