"""The vault: named secrets behind one password, on disk for all kernels of a user."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ..secret import Secret
from . import administration
from .access import Access, State
from .backups import Backups, Difference
from .contents import Entry
from .environment import check_export
from .format import envelope, log
from .format.crypto import Password, password_buffer, wipe
from .format.log_entry import LogEntry
from .policy import Policy, value_bytes
from .status import Status, status
from .storage.copies import Source
from .storage.protocol import Storage
from .storage.watermark import Watermark
from .timer import Limits
from .transaction import Changes
from .unattended import Unattended

__all__ = ["Vault"]


class Vault:
    """Secrets by their names; locked until `unlock`. May be used on any thread.

    Every method that needs an unlocked vault raises `VaultLockedError` if it is locked.
    Every method may also raise `VaultStorageError` (the file cannot be read or written)
    and `VaultDamagedError` (somebody who does not have the password has changed it).

    Args:
        storage: where it is stored.
        policy: its rules.
        watermark: remembers its highest generation; None does not.
        unattended: the password if nobody is there to type it.
        backups: returns the directory of automatic backups; None makes none.
        log_entries: returns how many entries an unlock leaves in the log; 0 for all.
        changed: called, on whatever thread did it, after a lock, an unlock or a write.
        handed_out: gets every secret that leaves the vault, and returns it.

    """

    def __init__(  # noqa: PLR0913 - each is a part that a test replaces
        self,
        storage: Storage,
        *,
        policy: Policy | None = None,
        watermark: Watermark | None = None,
        unattended: Unattended | None = None,
        backups: Callable[[], Path] | None = None,
        log_entries: Callable[[], int] = int,
        changed: Callable[[], None] = lambda: None,
        handed_out: Callable[[Secret], Secret] = lambda secret: secret,
    ) -> None:
        self.storage = storage
        self._access = Access(
            storage,
            policy or Policy(),
            watermark or Watermark(),
            unattended,
            log_entries,
            changed,
            handed_out=handed_out,
        )
        self._backups = Backups(self._access, backups)

    # locked and unlocked

    @property
    def policy(self) -> Policy:
        """The rules of the vault."""
        return self._access.policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._access.policy = policy

    @property
    def warning(self) -> str:
        """The last problem that did not stop an operation, "" if there was none."""
        return self._access.warning

    @property
    def state(self) -> State:
        """Whether there is a vault, and whether it is unlocked; never prompts."""
        return self._access.state

    def status(self) -> Status:
        """Return what is known of it without a password. Does not count as a use."""
        return status(self._access)

    def ready(self) -> bool:
        """Whether it is unlocked, or has just unlocked itself unattended.

        Raises:
            VaultMissingError: there is no vault.

        """
        return self._access.ready()

    def unlock(self, password: Password, *, accept_older: bool = False) -> None:
        """Unlock it; if it is unlocked already, only check the password.

        Args:
            password: the vault's.
            accept_older: open the file although this machine has seen a later state of
                it: somebody has put it back on purpose.

        Raises:
            VaultMissingError: there is no vault.
            WrongPasswordError: it is not the vault's password.
            WaitError: too soon after wrong ones.
            RollbackError: the file is an older state of itself.
            VaultDamagedError: somebody who does not have the password has changed it.

        """
        # A verbose traceback shows the variables of its frames: hide this one.
        __tracebackhide__ = True
        with password_buffer(password) as raw:
            del password
            self._access.unlock_with(raw, accept_older=accept_older).wipe()

    def lock(self, why: str = "lock") -> None:
        """Wipe its keys, and withdraw what it has put into the environment.

        `why` goes into the log. Does nothing to a locked vault.
        """
        self._access.lock(why)

    def lock_if_due(self) -> float | None:
        """Lock it if it is due. Returns the seconds left; None is never, 0 locked."""
        return self._access.lock_if_due()

    def set_limits(self, limits: Limits) -> None:
        """Change when it locks by itself; locks it if one of the limits has passed."""
        self._access.set_limits(limits)

    def close(self) -> None:
        """Lock it, and close the file."""
        self._access.lock("close")
        self.storage.close()

    # secrets

    def get(self, name: str) -> Secret:
        """Return a secret; `.reveal()` gives its value.

        Raises:
            SecretMissingError: no secret has this name.

        """
        with self._access.guard:
            contents = self._access.current()
            return self._access.handed_out(contents.secret(contents.find(name)))

    def find(self, name: str, *, use: bool = True) -> Secret | None:
        """Return a secret, None if no secret has this name.

        Without `use` the automatic lock is not put off: for whoever only looks.
        """
        with self._access.guard:
            contents = self._access.current(use=use)
            record_id = contents.ids.get(name)
            if record_id is None:
                return None
            return self._access.handed_out(contents.secret(record_id))

    def secrets(self) -> list[Secret]:
        """Return all secrets, sorted by name, to somebody who shows none of them.

        They do not count as handed out: no output and no log is searched for them.
        """
        with self._access.guard:
            contents = self._access.current()
            return [contents.secret(key) for _, key in sorted(contents.ids.items())]

    def names(self) -> list[str]:
        """Return the names of all secrets, sorted."""
        with self._access.guard:
            return sorted(self._access.current().ids)

    def entries(self, *, use: bool = True) -> list[Entry]:
        """Return all secrets without their values, by name; `use` as in `find`."""
        with self._access.guard:
            contents = self._access.current(use=use)
            return [contents.entry(key) for _, key in sorted(contents.ids.items())]

    def set(
        self,
        name: str,
        value: str | bytes | bytearray,
        *,
        export: bool | None = None,
        expect: int | None = None,
    ) -> int:
        """Store a secret; it is on the disk when this returns.

        Args:
            name: often that of an environment variable.
            value: its text; a buffer is copied and can be wiped by the caller.
            export: whether it is put into the environment of the kernel while the
                vault is unlocked. None changes nothing; a new secret is not exported.
            expect: the version it must have (0: it must not exist), so that nothing is
                overwritten unseen. None overwrites.

        Returns:
            its version.

        Raises:
            SecretRefusedError: this name or value cannot be stored.
            VaultConflictError: it does not have the expected version.

        """
        __tracebackhide__ = True  # see `unlock`
        raw = value_bytes(value)
        del value
        try:
            with self.batch() as changes:
                changes.set(name, raw, export=export, expect=expect)
        finally:
            wipe(raw)
        return changes.version

    def set_export(self, name: str, *, export: bool) -> None:
        """Mark a secret for export to the environment, or remove the mark.

        Raises:
            SecretMissingError: no secret has this name.
            SecretRefusedError: a variable of this name must not be exported.

        """
        if export:
            check_export(name)
        with self._access.guard:
            self._access.current()
            self._access.write("export", lambda t: t.set(name, None, export=export))
            self._access.sync_environment()
        self._access.changed()

    def remove(self, name: str, *, expect: int | None = None) -> None:
        """Remove a secret.

        Raises:
            SecretMissingError: no secret has this name.
            VaultConflictError: it does not have the expected version.

        """
        with self.batch() as changes:
            changes.remove(name, expect=expect)

    @contextlib.contextmanager
    def batch(self, event: str = "write") -> Iterator[Changes]:
        """Make many changes in one transaction: `with vault.batch() as changes:`.

        They are stored when the block ends; if it fails, none of them is.
        """
        changes = Changes()
        try:
            yield changes
            if changes:
                with self._access.guard:
                    self._access.current()
                    changes.version = self._access.write(event, changes.apply)
                    self._access.sync_environment()
                self._access.changed()
        finally:
            changes.wipe()

    @contextlib.contextmanager
    def env(self, *names: str) -> Iterator[None]:
        """Put these secrets into `os.environ` while the block runs.

        Child processes that are started in it inherit them. When the vault locks, they
        are withdrawn too.

        Raises:
            SecretMissingError: no secret has this name.
            SecretRefusedError: a variable of this name must not be exported.

        """
        with self._access.guard:
            exports = self._access.exports
            epoch = exports.put_all(names, lambda name: self.get(name).reveal())
        try:
            yield
        finally:
            with self._access.guard:
                exports.withdraw_since(names, epoch)

    def exported(self) -> list[str]:
        """Return the names that this vault has put into the environment."""
        with self._access.guard:
            return self._access.exports.names

    # data that is stored elsewhere

    def seal(self, plaintext: bytes | bytearray, context: str) -> bytes:
        """Encrypt data that is stored elsewhere: a conversation, an attachment.

        `context` says what it is (`session 4f1d…`); `open` needs the same, so that one
        cannot be put in another's place.
        """
        with self._access.guard:
            return envelope.encrypt(self._access.current().keys, plaintext, context)

    def open(self, sealed: bytes, context: str) -> bytearray:
        """Decrypt what `seal` returned.

        Raises:
            VaultDamagedError: it was changed, or is something else.

        """
        with self._access.guard:
            return envelope.decrypt(self._access.current().keys, sealed, context)

    def sealer(self) -> envelope.TextEncryptor:
        """Return what encrypts texts, also after a lock. The caller wipes it."""
        with self._access.guard:
            return envelope.TextEncryptor(self._access.current().keys)

    def open_text(self, text: str, context: str) -> str:
        """Decrypt a text that a `sealer` has encrypted.

        Raises:
            VaultDamagedError: it was changed, or is something else.

        """
        with self._access.guard:
            return envelope.decrypt_text(self._access.current().keys, text, context)

    # the log

    def log(self) -> list[LogEntry]:
        """Return the log without a check, the oldest entry first; also while locked."""
        return self.storage.read(log.entries)

    def verify(self) -> str:
        """Check the log. Returns what is wrong with it, "" if nothing is."""
        with self._access.guard:
            contents = self._access.current()
            keys = contents.keys
            return self._access.read(
                lambda r: log.verify(r, keys.header, contents.manifest, keys.audit_key)
            )

    # rare operations

    def create(self, password: Password) -> None:
        """Create the vault and unlock it.

        Raises:
            WeakPasswordError: the password is too easy to guess.
            VaultExistsError: there is a vault already.

        """
        __tracebackhide__ = True  # see `unlock`
        with password_buffer(password) as raw:
            del password
            administration.create(self._access, raw)

    def change_password(self, old: Password, new: Password) -> None:
        """Change the password, which locks other kernels. Nothing is encrypted again.

        Raises:
            WrongPasswordError: `old` is not the vault's password.
            WeakPasswordError: `new` is too easy to guess.

        """
        __tracebackhide__ = True  # see `unlock`
        with password_buffer(old) as before, password_buffer(new) as after:
            del old, new
            administration.change_password(self._access, before, after)

    def rotate(self, password: Password) -> None:
        """Replace the data key: encrypt everything again, in one transaction.

        What `seal` has encrypted can still be opened. Other kernels are locked.

        Raises:
            WrongPasswordError: it is not the vault's password.

        """
        __tracebackhide__ = True  # see `unlock`
        with password_buffer(password) as raw:
            del password
            administration.rotate(self._access, raw)

    def clear(self, password: Password) -> Path | None:
        """Remove all secrets. Returns where the backup of them is.

        Password, log and keys stay, so that what `seal` has encrypted can be opened.

        Raises:
            WrongPasswordError: it is not the vault's password.

        """
        __tracebackhide__ = True  # see `unlock`
        with password_buffer(password) as raw:
            del password
            return administration.clear(self._access, self._backups, raw)

    def backup(self, path: Source | None = None) -> Path | None:
        """Copy the vault into a file, and check the copy. Returns its path.

        The copy of an unlocked vault is checked with its keys, that of a locked one as
        far as possible. Without a path it is one of five that replace each other, or
        None if this vault makes no automatic backups.

        Raises:
            VaultMissingError: there is no vault.
            VaultStorageError: the file exists already, or cannot be written.

        """
        return self._backups.make(path)

    def restore(
        self, source: Source, password: Password, *, apply: bool = False
    ) -> Difference:
        """Return what a backup would change; with `apply`, put it back.

        The present file is kept: as a backup, or put aside if it is damaged. Then the
        vault is unlocked, with the backup's password.

        Raises:
            WrongPasswordError: it is not the backup's password.
            VaultDamagedError: it is not a backup, or was tampered with.

        """
        __tracebackhide__ = True  # see `unlock`
        with password_buffer(password) as raw:
            del password
            return self._backups.restore(source, raw, apply=apply)
