"""The vault: named secrets behind one password, on disk for all kernels of a user."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ..secret import Secret
from .administration import Upkeep
from .batch import Batch
from .contents import Entry
from .environment import check_export
from .errors import VaultError, VaultStorageError
from .format import envelope
from .format.crypto import wipe
from .format.log import AuditEntry, audit_entries, verify
from .policy import value_bytes
from .storage.sqlite import SQLiteStorage
from .storage.watermark import Watermark
from .unattended import Unattended
from .unlocked import secret

__all__ = ["Vault"]


class Vault(Upkeep):
    """Secrets by their names. Locked until `unlock`; see `Core` for what it is made of.

    What needs it unlocked raises `VaultLockedError` where it is not. Every method may
    also raise `VaultStorageError` (the file cannot be read or written) and
    `VaultDamagedError` (it was changed by somebody who has not the password).
    """

    @classmethod
    def at(
        cls,
        data: Callable[[], Path],
        state: Callable[[], Path],
        *,
        unattended: Unattended | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> Vault:
        """The vault in `vault.db` of a data directory.

        Its backups are below the data directory too, its watermark in that of the
        state; both are asked for when they are needed.
        """
        vault = cls(
            SQLiteStorage(lambda: data() / "vault.db"),
            watermark=Watermark(state),
            unattended=unattended,
            changed=changed,
        )
        vault.backups = lambda: _made(data() / "backups")
        return vault

    def get(self, name: str) -> Secret:
        """A secret; its value is `.reveal()`.

        Raises:
            SecretMissingError: there is none of this name.

        """
        with self._lock:
            contents = self._current()
            return secret(contents, contents.find(name))

    def find(self, name: str) -> Secret | None:
        """A secret, or None where there is none of this name."""
        with self._lock:
            contents = self._current()
            record_id = contents.ids.get(name)
            return None if record_id is None else secret(contents, record_id)

    def names(self) -> list[str]:
        """The names of all secrets, sorted."""
        with self._lock:
            return sorted(self._current().ids)

    def entries(self) -> list[Entry]:
        """What is known of all secrets but their values, sorted by name."""
        with self._lock:
            contents = self._current()
            return [contents.entry(key) for _, key in sorted(contents.ids.items())]

    def set(
        self,
        name: str,
        value: str | bytes | bytearray,
        *,
        export: bool | None = None,
        expect: int | None = None,
    ) -> int:
        """Keep a secret; it is on the disk when this returns.

        Args:
            name: by which it is found, often an environment variable's.
            value: its text; a buffer is copied and can be wiped by the caller.
            export: whether it is put into the environment of the kernel while the
                vault is unlocked. None leaves that as it is; a new one is not.
            expect: the version it must have (0: there must be none), so that nothing is
                overwritten unseen. None overwrites.

        Returns:
            its version.

        Raises:
            SecretRefusedError: a name or a value that cannot be kept.
            VaultConflictError: it does not have the version that is expected.

        """
        # A verbose traceback shows what frames have: not this one, and not the value.
        __tracebackhide__ = True
        raw = value_bytes(value)
        del value
        try:
            with self.batch() as batch:
                batch.set(name, raw, export=export, expect=expect)
        finally:
            wipe(raw)
        return batch.version

    def set_export(self, name: str, *, export: bool) -> None:
        """Mark a secret for the environment, or no longer.

        Raises:
            SecretMissingError: there is none of this name.
            SecretRefusedError: a name that must not be there.

        """
        if export:
            check_export(name)
        with self._lock:
            self._current()
            self._write("export", lambda draft: draft.set(name, None, export=export))
            self._export()

    def remove(self, name: str, *, expect: int | None = None) -> None:
        """Remove a secret.

        Raises:
            SecretMissingError: there is none of this name.
            VaultConflictError: it does not have the version that is expected.

        """
        with self.batch() as batch:
            batch.remove(name, expect=expect)

    @contextlib.contextmanager
    def batch(self, event: str = "write") -> Iterator[Batch]:
        """Many changes in one transaction: `with vault.batch() as batch:`.

        They are kept when the block ends; nothing is kept of one that fails.
        """
        batch = Batch()
        try:
            yield batch
            if batch:
                with self._lock:
                    self._current()
                    batch.version = self._write(event, batch.apply)
                    self._export()
        finally:
            batch.wipe()

    @contextlib.contextmanager
    def env(self, *names: str) -> Iterator[None]:
        """These secrets in `os.environ` for as long as the block runs.

        Child processes that are started in it inherit them. When the vault locks they
        are gone too.

        Raises:
            SecretMissingError: there is none of this name.
            SecretRefusedError: a name that must not be there.

        """
        put: list[str] = []
        with self._lock:
            exports = self._exports
            try:
                for name in names:
                    exports.put(name, self.get(name).reveal())
                    put.append(name)
            except VaultError:
                for name in put:
                    exports.withdraw(name)
                raise
            epoch = exports.epoch
        try:
            yield
        finally:
            with self._lock:
                for name in put if exports.epoch == epoch else ():
                    exports.withdraw(name)

    def seal(self, plaintext: bytes | bytearray, context: str) -> bytes:
        """Encrypt something that is kept elsewhere: a conversation, an attachment.

        `context` says what it is (`session 4f1d…`); it must be the same in `open`, so
        that sealed things cannot be put in each other's place.
        """
        with self._lock:
            return envelope.seal(self._current().keys, plaintext, context)

    def open(self, sealed: bytes, context: str) -> bytearray:
        """What was sealed.

        Raises:
            VaultDamagedError: it was changed, or is something else.

        """
        with self._lock:
            return envelope.unseal(self._current().keys, sealed, context)

    def sealer(self) -> envelope.Sealer:
        """What seals texts from now on, also once the vault has locked. Wipe it."""
        with self._lock:
            return envelope.Sealer(self._current().keys)

    def open_text(self, text: str, context: str) -> str:
        """A text that a `sealer` has sealed.

        Raises:
            VaultDamagedError: it was changed, or is something else.

        """
        opened = self.open(envelope.text_sealed(text), context)
        try:
            return opened.decode(errors="surrogatepass")
        finally:
            wipe(opened)

    def exported(self) -> list[str]:
        """The names this vault has put into the environment and not taken back."""
        with self._lock:
            return self._exports.names

    def log(self) -> list[AuditEntry]:
        """The log, unchecked, the oldest entry first. A locked vault has it too."""
        return self.storage.read(audit_entries)

    def verify(self) -> str:
        """What is wrong with the log; "" where nothing is."""
        with self._lock:
            contents = self._current()
            keys = contents.keys
            return self._read(
                lambda reader: verify(
                    reader, keys.header, contents.manifest, keys.audit_key
                )
            )


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return directory
    message = f"{directory}: {reason}."
    raise VaultStorageError(message)
