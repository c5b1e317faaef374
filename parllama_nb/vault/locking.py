"""Whether a vault is absent, locked or unlocked, and how it comes to be locked.

Whoever asks for the contents locks it where it is time, and takes over what others have
written.
"""

from __future__ import annotations

import contextlib

from .contents import Contents
from .errors import VaultError, VaultLockedError
from .format.layout import HEADER
from .state import State, locked, missing_vault
from .timer import Limits
from .unlocked import Core

__all__ = ["Locking"]


class Locking(Core):
    """The state of a vault, and how it locks; `Entrance` unlocks it."""

    @property
    def state(self) -> State:
        """Whether there is a vault, and whether it is unlocked; never asks anybody.

        Raises:
            VaultStorageError: the file cannot be read.

        """
        with self._lock:
            self.lock_if_due()
            if self._opened is not None:
                return "unlocked"
        return "locked" if self.storage.read(lambda r: r.get(HEADER)) else "absent"

    def ready(self) -> bool:
        """Whether secrets can be had: it is unlocked, or unlocks itself unattended.

        Raises:
            VaultMissingError: there is none.

        """
        with self._lock:
            try:
                self._current()
            except VaultLockedError:
                return False
            return True

    def lock(self, why: str = "lock") -> None:
        """Lock it: wipe its keys, withdraw what it put into the environment.

        `why` goes into the log. Harmless where it is locked already.
        """
        with self._lock:
            if why == "lock" and self._unattended is not None:
                self._unattended.drop()
            if self._opened is None:
                return
            # A log that cannot be written must not keep anything unlocked.
            try:
                with contextlib.suppress(VaultError):
                    self._write(why, lambda _: None, patient=False)
            finally:
                self._forget(why)
        self._changed()

    def lock_if_due(self) -> float | None:
        """Lock it if it is time; gives the seconds that are left, None for never.

        A locked vault has 0 seconds left.
        """
        with self._lock:
            if self._opened is None:
                return 0.0
            left = self.timer.left()
            if left is not None and left <= 0:
                self.lock("auto-lock")
                return 0.0
            return left

    def set_limits(self, limits: Limits) -> None:
        """Lock after other times than until now; those that have passed count."""
        with self._lock:
            self.timer.limits = limits
            self.lock_if_due()
        self._changed()

    def close(self) -> None:
        """Lock it and let go of the file."""
        self.lock("close")
        self.storage.close()

    def _current(self) -> Contents:
        """The contents now. Call it under the lock.

        Raises:
            VaultLockedError: it is locked, and nothing unlocks it unattended.
            VaultMissingError: there is none.

        """
        left = self.timer.left()
        if left is not None and left <= 0:
            self.lock("auto-lock")
        if self._opened is None:
            self._unlock_unattended()
        opened = self._opened
        if opened is None:
            raise self._why()
        stamp = self.storage.stamp()
        if stamp is not None and stamp != opened.stamp:
            self._read(lambda _: None)
            self._export()
        self.timer.use()
        return opened.contents

    def _unlock_unattended(self) -> None:
        """What `Entrance` does."""

    def _why(self) -> VaultError:
        there = self.storage.read(lambda reader: reader.get(HEADER)) is not None
        return locked(self.why_locked) if there else missing_vault()
