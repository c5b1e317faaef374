"""Passwords that are tried on a vault: delayed after wrong ones, which are logged.

The delay is against a person at the keyboard. Somebody who has the file is held up only
by the cost of the key derivation, and by the password itself.
"""

from __future__ import annotations

import contextlib

from .errors import VaultError, WaitError, WrongPasswordError
from .format import log
from .format.crypto import Key
from .format.keys import open_slot
from .format.layout import Header, Slot, read_header
from .storage.protocol import Storage, Writer
from .timer import since_boot

__all__ = ["Attempts"]

_LONGEST = 30.0


class Attempts:
    """No delay after the first wrong password; then 1, 2, 4, ... up to 30 seconds."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._failures = 0
        self._until = 0.0

    def open(self, password: bytearray) -> tuple[Header, Slot, Key]:
        """Try a password. Returns header, slot and data key, which the caller wipes.

        Raises:
            WaitError: too soon after wrong ones.
            VaultMissingError: there is no vault.
            WrongPasswordError: it is not the vault's password.

        """
        self.check()
        header, slot = self._storage.read(read_header)
        try:
            data_key = open_slot(header, slot, password)
        except WrongPasswordError:
            self.failed()
            self._log(header)
            raise
        self.succeeded()
        return header, slot, data_key

    def failed(self) -> None:
        """Count a wrong password."""
        self._failures += 1
        if self._failures > 1:
            pause = min(_LONGEST, 2.0 ** (self._failures - 2))
            self._until = since_boot() + pause

    def succeeded(self) -> None:
        """Forget the wrong passwords."""
        self._failures, self._until = 0, 0.0

    @property
    def wait(self) -> float:
        """The seconds until the next attempt is allowed; 0 if it is now."""
        return max(0.0, self._until - since_boot())

    def check(self) -> None:
        """Refuse an attempt that comes too soon.

        Raises:
            WaitError: with the seconds that are left.

        """
        seconds = self.wait
        if seconds > 0:
            hint = f"Wait {seconds:.0f} s."
            error = WaitError("Too soon after a wrong password.", hint=hint)
            error.seconds = seconds
            raise error

    def _log(self, header: Header) -> None:
        def work(writer: Writer) -> None:
            log.append(writer, header, "wrong password")

        # If the log cannot be written, the user still learns that it was wrong.
        with contextlib.suppress(VaultError):
            self._storage.write(work, patient=False)
