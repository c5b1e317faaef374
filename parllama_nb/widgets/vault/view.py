"""The view of the vault: unlocked and locked, its secrets, its password."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ...events import VAULT, Event
from ...vaults.errors import VaultError
from ...vaults.strength import strength
from .._base import View, failure
from .._keys import vault_state
from .._protocol import UnlockParams, VaultData
from .._requests import request
from .._sealed import required, seal_for_view
from .._threads import to_the_end
from . import files
from .files import FileSecrets
from .protocol import (
    AuditData,
    AuditParams,
    BackupMade,
    BackupsData,
    CreatedVault,
    CreateVaultParams,
    DifferenceData,
    EntriesData,
    FileParams,
    FoundSecrets,
    ImportedSecretsData,
    ImportSecretsParams,
    MarkParams,
    PasswordParams,
    ReadSecretsParams,
    RemoveSecretParams,
    RestoreParams,
    RevealedValue,
    RevealSecretParams,
    SecretData,
    SecretsFile,
    SetSecretParams,
    VaultEvent,
    VaultSnapshot,
    VaultState,
    VaultStateData,
)
from .wire import secret_data, state_data

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["VaultView"]

# Seconds between two checks of what emits no events here: what other kernels write.
_LOOK = 2.0

T = TypeVar("T")


class VaultView(View[VaultSnapshot, VaultEvent]):
    """Shows the user's vault as it stands, whoever changes it.

    No value and no password is ever in its state, nor in a message in clear.
    """

    bundle_name = "vault"

    def __init__(self, app: Parllama, text: str = "") -> None:
        self.without_widgets = text or (
            "The vault of parllama_nb. Jupyter shows it while the kernel that made it "
            "runs; %parllama vault status says how it stands."
        )
        self._sent: VaultState | None = None
        self._entries: list[SecretData] = []
        self._generation = 0
        self._watching: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._looks: set[asyncio.Task[None]] = set()
        self._file = FileSecrets(app)
        super().__init__(app)
        self._unlisten = app.events.listen(VAULT, self._hear)

    def snapshot(self) -> VaultSnapshot:
        """Return all that the view shows, as the last look found it."""
        state = self._sent or VaultState(state="locked")
        providers = self._app.providers
        specs = [providers.spec(name) for name in providers.names()]
        return VaultSnapshot(
            seq=self.seq,
            entries=self._entries,
            key_names=sorted({name for spec in specs for name in spec.key_env[:1]}),
            **state.model_dump(exclude_none=True),
        )

    def close(self) -> None:
        """Close the view; the vault stays as it is."""
        self._unlisten()
        self._soon(self._stop)
        super().close()

    def _stop(self) -> None:
        self._file.drop()
        if self._watching is not None:
            self._watching.cancel()

    @request
    async def on_hello(self) -> VaultSnapshot:
        """Look at the vault, watch it from now on, and send everything."""
        with contextlib.suppress(VaultError):
            await asyncio.to_thread(vault_state, self._app)
        await self._look()
        if self._watching is None:
            self._watching = self._loop.create_task(self._watch())
        return await super().on_hello()

    @request
    async def on_left(self) -> None:
        """Drop what was read from a file once nobody shows the view."""
        await super().on_left()
        if self._shown <= 0:
            self._file.drop()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if self._shown > 0:
                await self._look()

    def _hear(self, event: Event) -> None:
        del event
        look = self._loop.create_task(self._look())
        # The loop itself keeps no task alive.
        self._looks.add(look)
        look.add_done_callback(self._looks.discard)

    async def _look(self) -> None:
        """Look at the vault, and tell what has changed."""
        async with self._looking:
            try:
                state, generation, entries = await asyncio.to_thread(self._read)
            except Exception as error:  # noqa: BLE001 - shown, and the watch goes on
                problem = failure(error, self._app.redact)
                state = VaultState(state="locked", problem=problem)
                generation, entries = 0, []
            self._generation = generation
            if entries is not None and entries != self._entries:
                self._entries = entries
                self.tell(EntriesData(entries=entries))
            if not _alike(state, self._sent):
                self.tell(VaultStateData(**state.model_dump(exclude_none=True)))
            self._sent = state
            if state.state != "unlocked":
                self._file.drop()

    def _read(self) -> tuple[VaultState, int, list[SecretData] | None]:
        """Return the state and, if they have changed, the secrets. On a thread."""
        vault = self._app.vault
        status = vault.status()
        state = state_data(vault, status)
        if status.generation == self._generation:
            return state, status.generation, None
        if status.state != "unlocked":
            return state, 0, []
        found = vault.entries(use=False)
        entries = [secret_data(each, status.exported) for each in found]
        return state, status.generation, entries

    async def _done(self, work: Callable[[], T]) -> T:
        """Run some work with the vault on a thread, and tell what it has changed."""
        try:
            return await to_the_end(work)
        finally:
            await self._look()

    # locked and unlocked

    @request
    async def on_create(self, params: CreateVaultParams) -> CreatedVault:
        """Create the vault and unlock it."""
        with self._sealing.opened(params.sealed, "create") as texts:
            password = required(texts, "password")
            await self._done(lambda: self._app.vault.create(password))
            judged = await asyncio.to_thread(lambda: strength(password))
        return CreatedVault(word=judged.word)

    @request
    async def on_unlock(self, params: UnlockParams) -> VaultData:
        """Unlock the vault; the view shows its secrets when the response comes."""
        try:
            return await super().on_unlock(params)
        finally:
            await self._look()

    @request
    async def on_lock(self) -> None:
        """Lock the vault."""
        await self._done(self._app.vault.lock)

    @request
    async def on_change_password(self, params: PasswordParams) -> CreatedVault:
        """Change the password of the vault."""
        with self._sealing.opened(params.sealed, "change_password") as texts:
            old, new = required(texts, "old"), required(texts, "new")
            await self._done(lambda: self._app.vault.change_password(old, new))
            judged = await asyncio.to_thread(lambda: strength(new))
        return CreatedVault(word=judged.word)

    # secrets

    @request
    async def on_set(self, params: SetSecretParams) -> None:
        """Store a secret, new or in the place of the version that the view shows."""
        name, vault = params.name.strip(), self._app.vault
        with self._sealing.opened(params.sealed, "set") as texts:
            value = required(texts, "value")
            await self._done(
                lambda: vault.set(
                    name, value, export=params.export, expect=params.expect
                )
            )

    @request
    async def on_reveal(self, params: RevealSecretParams) -> RevealedValue:
        """Return a value, sealed for the view that asks."""
        secret = await asyncio.to_thread(self._app.vault.get, params.name)
        sealed = seal_for_view(
            secret.reveal(), params.public_key, f"reveal/{params.name}"
        )
        return RevealedValue(sealed=sealed)

    @request
    async def on_remove(self, params: RemoveSecretParams) -> None:
        """Remove a secret."""
        vault = self._app.vault
        await self._done(lambda: vault.remove(params.name, expect=params.expect))

    @request
    async def on_mark(self, params: MarkParams) -> None:
        """Mark a secret for the environment, or remove the mark."""
        vault = self._app.vault
        await self._done(lambda: vault.set_export(params.name, export=params.export))

    # the log and files

    @request
    async def on_audit(self, params: AuditParams) -> AuditData:
        """Read entries of the log, and check all of it."""
        return await asyncio.to_thread(files.audit, self._app.vault, params.before)

    @request
    async def on_backup(self, params: FileParams) -> BackupMade:
        """Copy the vault into a file, and check the copy."""
        path = params.path.strip() or None
        copy = await self._done(lambda: self._app.vault.backup(path))
        return BackupMade(path=str(copy))

    @request
    async def on_backups(self) -> BackupsData:
        """List the backups that the vault has made."""
        return await asyncio.to_thread(files.backups)

    @request
    async def on_restore(self, params: RestoreParams) -> DifferenceData:
        """Say what a backup would change, or put it back."""
        with self._sealing.opened(params.sealed, "restore") as texts:
            password, vault = required(texts, "password"), self._app.vault
            difference = await self._done(
                lambda: vault.restore(params.path, password, apply=params.apply)
            )
        return files.difference_data(difference)

    @request
    async def on_import_file(self, params: FileParams) -> SecretsFile:
        """Find a file of secrets, and say whether it has a password."""
        return await asyncio.to_thread(self._file.find, params.path)

    @request
    async def on_import_read(self, params: ReadSecretsParams) -> FoundSecrets:
        """Read a file of secrets; what it has is kept until it is imported."""
        if params.sealed is None:
            return await self._read_file(params.path, bytearray())
        with self._sealing.opened(params.sealed, "import_read") as texts:
            return await self._read_file(params.path, required(texts, "password"))

    async def _read_file(self, path: str, password: bytearray) -> FoundSecrets:
        try:
            return await to_the_end(lambda: self._file.read(path, password))
        except asyncio.CancelledError:
            # Nobody is there to see it, or to say that it be dropped.
            self._file.drop()
            raise

    @request
    async def on_import(self, params: ImportSecretsParams) -> ImportedSecretsData:
        """Store secrets of the file that was read."""
        names, export = params.names, params.export
        count = await self._done(lambda: self._file.store(names, export=export))
        return ImportedSecretsData(count=count)

    @request
    async def on_import_drop(self) -> None:
        """Forget the file that was read."""
        self._file.drop()


def _alike(state: VaultState, other: VaultState | None) -> bool:
    """Whether the view need not be told; it counts the seconds down by itself."""
    if other is None:
        return False
    drop = {"left": None, "wait": 0.0}
    same = state.model_copy(update=drop) == other.model_copy(update=drop)
    # Until a second of use was counted, or of a wait.
    return same and not _later(state.left, other.left) and state.wait <= other.wait


def _later(left: float | None, before: float | None) -> bool:
    """Whether the lock was put off by a use."""
    if left is None or before is None:
        return left is not before
    return left > before
