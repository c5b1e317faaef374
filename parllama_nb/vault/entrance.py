"""How a vault is unlocked: by a password that is typed, or one that was left for it."""

from __future__ import annotations

import contextlib

from .contents import Contents
from .errors import (
    VaultConflictError,
    VaultDamagedError,
    VaultError,
    VaultLockedError,
    VaultVersionError,
    WeakPasswordError,
    WrongPasswordError,
)
from .format.crypto import Key, password_bytes, wipe
from .format.keys import Keys, new_slot, open_slot, slot_hash
from .format.layout import Header, Slot, damaged
from .format.log import Happening, next_entry
from .locking import Locking
from .state import Password, kernel, older, read_header
from .storage.protocol import Reader, Writer
from .transaction import Transaction
from .unlocked import Opened

__all__ = ["Entrance"]


class Entrance(Locking):
    """The door of a vault."""

    def unlock(self, password: Password, *, accept_older: bool = False) -> None:
        """Unlock it; an unlocked one is checked against the password, and stays so.

        Args:
            password: the vault's.
            accept_older: open the file although this machine has seen a later state of
                it: it was put back on purpose.

        Raises:
            VaultMissingError: there is none.
            WrongPasswordError: that is not the password.
            WaitError: too soon after wrong ones.
            RollbackError: the file is an older state of itself.
            VaultDamagedError: it was changed by somebody who has not the password.

        """
        # A verbose traceback shows what frames have: not this one, and no password.
        __tracebackhide__ = True
        raw = password_bytes(password)
        del password
        try:
            self._enter(raw, accept_older=accept_older).wipe()
        finally:
            wipe(raw)

    def _enter(
        self, raw: bytearray, *, accept_older: bool = False, wait: bool = True
    ) -> Key:
        """Unlock it unless it is; gives the data key, which the caller wipes.

        Without `wait` it gives up where another thread is just about to unlock it.
        """
        if not self._unlocking.acquire(blocking=wait):
            raise self._why()
        try:
            self._throttle.check()
            header, slot = self.storage.read(read_header)
            try:
                data_key = open_slot(header, slot, raw)
            except WrongPasswordError:
                self._failed(header)
                raise
            self._throttle.succeeded()
            try:
                entered = self._admit(header, slot, raw, data_key, accept_older)
            except BaseException:
                data_key.wipe()
                raise
        finally:
            self._unlocking.release()
        if entered:
            self._changed()
        return data_key

    def _admit(
        self,
        header: Header,
        slot: Slot,
        raw: bytearray,
        data_key: Key,
        accept_older: bool,  # noqa: FBT001
    ) -> bool:
        """Have what the data key opens; whether it was not had before."""
        with self._lock:
            if self._opened is not None:
                with contextlib.suppress(VaultLockedError):
                    self._current()  # locks it where the password was changed
            if self._opened is not None:
                return False
            self._open(header, slot, data_key, accept_older=accept_older)
            self._welcome(slot, raw, data_key)
            return True

    def _open(
        self, header: Header, slot: Slot, data_key: Key, *, accept_older: bool
    ) -> None:
        keys = Keys(header, data_key)
        stamp = self.storage.stamp()

        def work(reader: Reader) -> Contents:
            if read_header(reader) != (header, slot):
                message = "The vault was changed elsewhere in this moment."
                raise VaultConflictError(message, hint="Try again.")
            contents = Contents(keys, reader)
            if contents.manifest.slot_hash != slot_hash(slot.pack()):
                damaged("the slot of its password is not its own")
            return contents

        try:
            contents = self.storage.read(work)
            if not accept_older:
                self._check_age(contents)
        except BaseException:
            keys.wipe()
            raise
        self._opened = Opened(keys, contents, stamp)
        self.why_locked = ""
        self.timer.start()
        self._mark(contents, anew=accept_older)

    def _check_age(self, contents: Contents) -> None:
        if self._watermark is not None:
            keys, now = contents.keys, contents.manifest.generation
            seen = self._watermark.seen(keys.header, keys.watermark)
            if seen is None or seen > now:
                raise older()

    def _welcome(self, slot: Slot, raw: bytearray, data_key: Key) -> None:
        """Log the unlock, make guessing dearer where it is time, export what is marked.

        None of it may keep an unlocked vault from being used.
        """

        def edit(draft: Transaction) -> None:
            if not slot.kdf.at_least(self.policy.kdf):
                header = draft.contents.keys.header
                fresh = new_slot(header, self.policy.kdf, raw, data_key)
                draft.put_slot(fresh.pack())

        try:
            self._write("unlock", edit, patient=False)
        except VaultLockedError:
            raise
        except VaultError as error:
            self.warning = f"The unlock could not be logged: {error.message}"
        self._export()

    def _unlock_unattended(self) -> None:
        left = self._unattended
        given = None if left is None else left.password()
        if left is None or given is None:
            return
        try:
            raw = password_bytes(given)
            try:
                self._enter(raw, wait=False).wipe()
            finally:
                wipe(raw)
        except (WrongPasswordError, WeakPasswordError):
            left.drop()
            self.why_locked = "unattended"
        except (VaultDamagedError, VaultVersionError):
            left.drop()  # or every secret that is asked for would cost a derivation
            raise
        finally:
            wipe(given)

    def _failed(self, header: Header) -> None:
        """Remember and log a wrong password. It is a help against people only."""
        self._throttle.failed()

        def work(writer: Writer) -> None:
            what = Happening("wrong password", kernel())
            _, entry = next_entry(writer, header, what)
            writer.put([entry])

        # A log that cannot be written changes nothing for whoever types.
        with contextlib.suppress(VaultError):
            self.storage.write(work, patient=False)
