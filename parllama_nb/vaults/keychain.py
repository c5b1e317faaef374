"""Where secrets come from: the environment, then the vault."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from ..errors import ParllamaError, StoreError
from ..paths import directory
from ..secret import Redactor, Secret
from .errors import VaultError, VaultLockedError, VaultMissingError
from .timer import Limits
from .unattended import Unattended

if TYPE_CHECKING:
    from ..events import VaultState
    from .vault import Vault

__all__ = ["Keychain"]

_log = logging.getLogger(__name__)

# Seconds between checks whether the vault must lock. A longer sleep would not do: the
# clock of an event loop stops while the machine sleeps.
_CHECK = 15.0


class Keychain:
    """The secrets of one kernel, by their environment names.

    Args:
        redact: hides every secret that `find` has returned.
        submit: starts a coroutine on the service loop, from any thread.
        limits: returns the limits of the present settings.
        log_entries: returns how many entries of the vault's log they keep; 0 for all.
        changed: called, on whatever thread did it, when the vault has locked, unlocked
            or changed.

    """

    def __init__(
        self,
        redact: Redactor,
        submit: Callable[[Coroutine[Any, Any, None]], object],
        limits: Callable[[], Limits],
        log_entries: Callable[[], int],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.unattended = Unattended()
        self._redact = redact
        self._submit = submit
        self._limits = limits
        self._log_entries = log_entries
        self._changed = changed
        self._watching = False
        self._beginning = threading.Lock()
        self._applied: Limits | None = None
        self._vault: Vault | None = None
        self._lock = threading.Lock()

    @property
    def vault(self) -> Vault:
        """The vault of this user, made at the first use: its imports are not free."""
        with self._lock:
            if self._vault is None:
                from .user_vault import user_vault  # noqa: PLC0415 - imports cryptography

                self._vault = user_vault(
                    unattended=self.unattended,
                    log_entries=self._log_entries,
                    changed=self._on_changed,
                    handed_out=self._redact.add,
                )
                self.renew_limits()
            return self._vault

    @property
    def unlocked(self) -> Vault | None:
        """The vault if it is unlocked, else None; imports nothing to find out."""
        vault = self._vault
        return vault if vault is not None and vault.lock_if_due() != 0 else None

    def standing(self) -> tuple[VaultState, str]:
        """Return the state of the vault, and why it cannot be read: "" if it can.

        Never raises; imports nothing to find that there is no vault.
        """
        try:
            if not self._has_vault():
                return "absent", "There is no vault."
            status = self.vault.status()
        except ParllamaError as error:
            return "locked", error.message
        if status.state == "unlocked":
            return "unlocked", ""
        return status.state, status.why_locked or "The vault is locked."

    def find(self, name: str) -> Secret | None:
        """Return a secret, which the redactor hides from then on, or None.

        The environment comes before the vault: what is set for this kernel is meant for
        it, and an answer does not depend on whether the vault is locked.
        """
        return self._find(name, use=True)

    def peek(self, name: str) -> Secret | None:
        """`find` for whoever only shows what there is: the lock is not put off."""
        return self._find(name, use=False)

    def source(self, name: str) -> str:
        """Return "environment" or "vault", wherever `find` finds it; "" if nowhere."""
        if not self.peek(name):
            return ""
        return "environment" if _in_environment(name) else "vault"

    def key_hint(self, name: str) -> str:
        """Return ", or unlock the vault …" to end a hint with.

        If it is not locked, that is how to keep a key of this name in it; "" without a
        name, or if the vault is no help.
        """
        store = f"%parllama vault set {name}"
        try:
            # A vault that only was looked for has no file.
            state = self.vault.state if self._has_vault() else "absent"
            if state == "locked":
                return ", or unlock the vault: %parllama vault unlock"
        except StoreError:
            return ""
        except VaultError:
            return ", or repair the vault: %parllama vault"
        if not name:
            return ""
        if state != "absent":
            return f", or keep it in the vault: {store}"
        return f", or keep it in a vault: %parllama vault create, then {store}"

    def renew_limits(self) -> None:
        """Apply the limits of the settings if they were changed."""
        vault, limits = self._vault, self._limits()
        if vault is not None and limits != self._applied:
            self._applied = limits
            vault.set_limits(limits)

    def close(self) -> None:
        """Lock the vault, if it was used."""
        if self._vault is not None:
            self._vault.close()

    def _find(self, name: str, *, use: bool) -> Secret | None:
        value = _in_environment(name)
        secret = Secret(name, value) if value else self._from_vault(name, use=use)
        return self._redact.add(secret) if secret else None

    def _from_vault(self, name: str, *, use: bool) -> Secret | None:
        try:
            return self.vault.find(name, use=use) if self._has_vault() else None
        except (VaultLockedError, VaultMissingError):
            return None
        except ParllamaError as error:
            _log.warning("the vault: %s", error.message)
            return None

    def _has_vault(self) -> bool:
        """Whether there is a vault's file; imports nothing to find out."""
        return self._vault is not None or (directory("data") / "vault.db").exists()

    def _on_changed(self) -> None:
        self._changed()
        vault = self._vault
        if vault is None or self._watching or vault.lock_if_due() == 0:
            return
        if self._watches():
            self._submit(self._lock_in_time(vault))

    def _watches(self) -> bool:
        """Begin to watch the vault; False if somebody does."""
        with self._beginning:
            before, self._watching = self._watching, True
            return not before

    async def _lock_in_time(self, vault: Vault) -> None:
        """Check repeatedly, on a thread: a lock writes into the vault's log."""

        def check() -> float | None:
            self.renew_limits()
            if (left := vault.lock_if_due()) != 0:
                return left
            self._watching = False
            # Whoever has unlocked it meanwhile saw that it was watched.
            left = vault.lock_if_due()
            return left if left != 0 and self._watches() else 0.0

        while (left := await asyncio.to_thread(check)) != 0:  # noqa: ASYNC110
            await asyncio.sleep(_CHECK if left is None else min(left, _CHECK))


def _in_environment(name: str) -> str:
    return os.environ.get(name, "").strip()
