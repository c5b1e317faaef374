"""Whether a vault is locked or unlocked, and what changes that.

One lock, `guard`, protects the state. The key derivation runs outside it, so that no
request for a secret waits for it.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Callable
from typing import Literal, TypeVar

from ..secret import Secret
from .attempts import Attempts
from .contents import Contents
from .environment import Exports
from .errors import (
    VaultDamagedError,
    VaultError,
    VaultLockedError,
    VaultVersionError,
    WeakPasswordError,
    WrongPasswordError,
    locked,
    missing_vault,
)
from .format.crypto import Key, password_buffer, wipe
from .format.keys import new_slot
from .format.layout import HEADER, Header, Slot
from .policy import Policy
from .storage.protocol import Reader, Storage
from .storage.watermark import Watermark
from .timer import Limits, LockTimer
from .transaction import Transaction
from .unattended import Unattended
from .unlocked import Unlocked

__all__ = ["Access", "State"]

T = TypeVar("T")

State = Literal["absent", "locked", "unlocked"]

_all: weakref.WeakSet[Access] = weakref.WeakSet()


class Access:
    """The lock state of one vault. May be used on any thread.

    Args:
        storage: where the vault is stored.
        policy: its rules.
        watermark: remembers the highest generation.
        unattended: the password if nobody is there to type it.
        log_entries: returns how many entries an unlock leaves in the log; 0 for all.
        changed: called, on whatever thread did it, after a lock, an unlock or a write.
        handed_out: gets every secret that leaves the vault, and returns it.

    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is a part that a test replaces
        self,
        storage: Storage,
        policy: Policy,
        watermark: Watermark,
        unattended: Unattended | None,
        log_entries: Callable[[], int],
        changed: Callable[[], None],
        *,
        handed_out: Callable[[Secret], Secret],
    ) -> None:
        self.storage = storage
        self.policy = policy
        self.watermark = watermark
        self.timer = LockTimer(policy.limits)
        self.attempts = Attempts(storage)
        self.exports = Exports()
        self.unlocked: Unlocked | None = None
        self.why_locked = ""
        self.warning = ""
        """The last problem that did not stop an operation, "" if there was none."""
        self._unattended = unattended
        self._log_entries = log_entries
        self.changed = changed
        self.handed_out = handed_out
        self._make_locks()
        _all.add(self)

    @property
    def state(self) -> State:
        """Whether there is a vault, and whether it is unlocked; never prompts.

        Raises:
            VaultStorageError: the file cannot be read.

        """
        with self.guard:
            self.lock_if_due()
            if self.unlocked is not None:
                return "unlocked"
        return "locked" if self._exists() else "absent"

    def ready(self) -> bool:
        """Whether it is unlocked, or has just unlocked itself unattended.

        Raises:
            VaultMissingError: there is no vault.

        """
        with self.guard:
            try:
                self.current()
            except VaultLockedError:
                return False
            return True

    def current(self, *, use: bool = True) -> Contents:
        """Return the contents of this moment. Call it under the guard.

        Locks the vault if it is time, and takes over what other kernels have written.
        Without `use` it does not count as a use, which puts off the automatic lock.

        Raises:
            VaultLockedError: it is locked, and cannot unlock itself unattended.
            VaultMissingError: there is no vault.

        """
        left = self.timer.left()
        if left is not None and left <= 0:
            self.lock("auto-lock")
        if self.unlocked is None:
            self._unlock_unattended()
        unlocked = self.unlocked
        if unlocked is None:
            raise self._why()
        if unlocked.is_stale():
            self.read(lambda _: None)
            self.sync_environment()
        if use:
            self.timer.use()
        return unlocked.contents

    def read(self, work: Callable[[Reader], T]) -> T:
        """`Unlocked.read`. Call it under the guard.

        Raises:
            VaultLockedError: it is locked.

        """
        return self.use(lambda unlocked: unlocked.read(work))

    def write(
        self, event: str, edit: Callable[[Transaction], None], *, patient: bool = True
    ) -> int:
        """`Unlocked.write`. Call it under the guard.

        Raises:
            VaultLockedError: it is locked.

        """

        def work(unlocked: Unlocked) -> int:
            generation = unlocked.write(event, edit, patient=patient)
            self.watermark.note(unlocked.keys, generation)
            return generation

        generation = self.use(work)
        self.timer.use()
        return generation

    def use(self, work: Callable[[Unlocked], T]) -> T:
        """Run `work`; lock the vault if it finds the keys outdated. Under the guard.

        Raises:
            VaultLockedError: it is locked.

        """
        unlocked = self.unlocked
        if unlocked is None:
            raise locked(self.why_locked)
        try:
            return work(unlocked)
        finally:
            if unlocked.is_outdated:
                self._forget("changed elsewhere")
                self.changed()

    def unlock_with(
        self, password: bytearray, *, accept_older: bool = False, wait: bool = True
    ) -> Key:
        """Unlock it, or check the password if it is unlocked already.

        With `accept_older` it is not checked against the watermark. Without `wait` it
        gives up while another thread is unlocking it.

        Returns:
            the data key, which the caller wipes.

        Raises:
            VaultLockedError: another thread is unlocking it, without `wait`.
            VaultError: see `Vault.unlock`.

        """
        if not self._unlocking.acquire(blocking=wait):
            raise self._why()
        try:
            header, slot, data_key = self.attempts.open(password)
            try:
                is_new = self._open_unlocked(
                    header, slot, password, data_key, accept_older
                )
            except BaseException:
                data_key.wipe()
                raise
        finally:
            self._unlocking.release()
        if is_new:
            self.changed()
        return data_key

    def set_unlocked(self, unlocked: Unlocked, *, anew: bool = True) -> None:
        """Replace what is unlocked. Call it under the guard, `changed` after it.

        `anew`: the watermark takes its generation even if it has seen a higher one.
        """
        before, self.unlocked = self.unlocked, unlocked
        if before is not None:
            before.wipe()
        self.why_locked = ""
        self.timer.start()
        generation = unlocked.contents.manifest.generation
        self.watermark.note(unlocked.keys, generation, anew=anew)

    def lock(self, why: str = "lock") -> None:
        """Wipe the keys, and withdraw what is in the environment; `why` is logged.

        Does nothing to a locked vault.
        """
        with self.guard:
            if why == "lock" and self._unattended is not None:
                self._unattended.drop()
            if self.unlocked is None:
                return
            # A log that cannot be written must not keep a vault unlocked.
            try:
                with contextlib.suppress(VaultError):
                    self.write(why, lambda _: None, patient=False)
            finally:
                self._forget(why)
        self.changed()

    def lock_if_due(self) -> float | None:
        """Lock it if it is time. Returns the seconds that are left, None for never.

        A locked vault has 0 seconds left.
        """
        with self.guard:
            if self.unlocked is None:
                return 0.0
            left = self.timer.left()
            if left is not None and left <= 0:
                self.lock("auto-lock")
                return 0.0
            return left

    def set_limits(self, limits: Limits) -> None:
        """Change the limits; locks it if one of the new ones has passed."""
        with self.guard:
            self.timer.limits = limits
            self.lock_if_due()
        self.changed()

    def sync_environment(self) -> None:
        """Set what is marked for export, with its present value. Under the guard."""
        if self.unlocked is not None:
            contents = self.unlocked.contents
            problem = self.exports.sync(
                contents.exported,
                contents.ids,
                lambda name: self.handed_out(
                    contents.secret(contents.ids[name])
                ).reveal(),
            )
            self.warning = problem or self.warning

    def lock_forked(self) -> None:
        """Lock it in a forked child, which goes on inheriting what is exported."""
        self._make_locks()
        unlocked, self.unlocked = self.unlocked, None
        self.exports = Exports()
        if unlocked is not None:
            unlocked.wipe()
            self.why_locked = "fork"

    def _open_unlocked(
        self,
        header: Header,
        slot: Slot,
        password: bytearray,
        data_key: Key,
        accept_older: bool,  # noqa: FBT001
    ) -> bool:
        """Load the contents with this key. Returns False if it is unlocked already."""
        with self.guard:
            if self.unlocked is not None:
                with contextlib.suppress(VaultLockedError):
                    self.current()  # locks it if the password was changed
            if self.unlocked is not None:
                return False
            unlocked = Unlocked.load(self.storage, header, slot, data_key)
            try:
                if not accept_older:
                    generation = unlocked.contents.manifest.generation
                    self.watermark.check(unlocked.keys, generation)
            except BaseException:
                unlocked.wipe()
                raise
            self.set_unlocked(unlocked, anew=accept_older)
            self._after_unlock(slot, password, data_key)
            return True

    def _after_unlock(self, slot: Slot, password: bytearray, data_key: Key) -> None:
        """Log the unlock, prune the log, raise the cost of guessing, export.

        A failure of these must not keep an unlocked vault from being used.
        """

        def edit(transaction: Transaction) -> None:
            if not slot.kdf.at_least(self.policy.kdf):
                header = transaction.contents.keys.header
                fresh = new_slot(header, self.policy.kdf, password, data_key)
                transaction.put_slot(fresh.pack())
            transaction.prune_log(self._log_entries(), not_pruned)

        def not_pruned(problem: str) -> None:
            self.warning = f"The log is damaged, so that it is not pruned: {problem}."

        try:
            self.write("unlock", edit, patient=False)
        except VaultLockedError:
            raise
        except VaultError as error:
            self.warning = f"The unlock could not be logged: {error.message}"
        self.sync_environment()

    def _unlock_unattended(self) -> None:
        unattended = self._unattended
        password = None if unattended is None else unattended.password()
        if unattended is None or password is None:
            return
        try:
            with password_buffer(password) as raw:
                self.unlock_with(raw, wait=False).wipe()
        except (WrongPasswordError, WeakPasswordError):
            unattended.drop()
            self.why_locked = "unattended"
        except (VaultDamagedError, VaultVersionError):
            # Or every request for a secret would cost a key derivation.
            unattended.drop()
            raise
        finally:
            wipe(password)

    def _why(self) -> VaultError:
        return locked(self.why_locked) if self._exists() else missing_vault()

    def _exists(self) -> bool:
        return self.storage.read(lambda reader: reader.get(HEADER)) is not None

    def _forget(self, why: str) -> None:
        unlocked, self.unlocked = self.unlocked, None
        self.why_locked = why
        self.exports.withdraw_all()
        if unlocked is not None:
            unlocked.wipe()

    def _make_locks(self) -> None:
        self.guard = threading.RLock()
        self._unlocking = threading.Lock()


def _lock_forked() -> None:
    for access in list(_all):
        access.lock_forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_lock_forked)
