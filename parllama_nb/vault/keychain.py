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
    from .vault import Vault

__all__ = ["Keychain"]

_log = logging.getLogger(__name__)

# Seconds between looks at whether the vault is to lock: a loop's own clock stands still
# while the machine sleeps.
_LOOK = 15.0


class Keychain:
    """The secrets of one kernel, by their environment names.

    Args:
        redact: what hides a secret from then on that was found.
        submit: starts a coroutine on the service loop, from any thread.
        limits: when the vault locks by itself, as it is set now.

    """

    def __init__(
        self,
        redact: Redactor,
        submit: Callable[[Coroutine[Any, Any, None]], object],
        limits: Callable[[], Limits],
    ) -> None:
        self.unattended = Unattended()
        self._redact = redact
        self._submit = submit
        self._limits = limits
        self._set_to: Limits | None = None
        self._vault: Vault | None = None
        self._lock = threading.Lock()

    @property
    def vault(self) -> Vault:
        """The vault of this user; made with the first use, for it takes imports."""
        with self._lock:
            if self._vault is None:
                from .vault import Vault  # noqa: PLC0415 - see above

                self._vault = Vault.at(
                    lambda: directory("data"),
                    lambda: directory("state"),
                    unattended=self.unattended,
                    changed=self._watch,
                )
                self.renew_limits()
            return self._vault

    @property
    def unlocked(self) -> Vault | None:
        """The vault, if it is unlocked by now; nothing is imported to find out."""
        vault = self._vault
        return vault if vault is not None and vault.lock_if_due() != 0 else None

    def find(self, name: str) -> Secret | None:
        """A secret, known to the redactor from then on.

        The environment goes before the vault: what was set for this kernel is meant
        for it, and an answer does not depend on whether the vault is locked.
        """
        value = _in_environment(name)
        secret = Secret(name, value) if value else self._from_vault(name)
        return self._redact.add(secret) if secret else None

    def source(self, name: str) -> str:
        """Where `find` has it from, in a word or two; "" where it has none."""
        if not self.find(name):
            return ""
        return "environment" if _in_environment(name) else "vault"

    def elsewhere(self) -> str:
        """What else than the environment may hold a secret, for the end of a hint."""
        try:
            is_locked = self._has_vault() and self.vault.state == "locked"
        except StoreError:
            return ""
        except VaultError:
            return ", or mend the vault: %parllama vault"
        return ", or unlock the vault: %parllama vault unlock" if is_locked else ""

    def renew_limits(self) -> None:
        """Have the vault lock as it is set now, if that was set anew."""
        vault, limits = self._vault, self._limits()
        if vault is not None and limits != self._set_to:
            self._set_to = limits
            vault.set_limits(limits)

    def close(self) -> None:
        """Lock the vault, if it was used."""
        if self._vault is not None:
            self._vault.close()

    def _from_vault(self, name: str) -> Secret | None:
        try:
            return self.vault.find(name) if self._has_vault() else None
        except (VaultLockedError, VaultMissingError):
            return None
        except ParllamaError as error:
            _log.warning("the vault: %s", error.message)
            return None

    def _has_vault(self) -> bool:
        """Whether there is a file; known without the imports of a vault."""
        return self._vault is not None or (directory("data") / "vault.db").exists()

    def _watch(self) -> None:
        vault = self._vault
        if vault is not None and vault.lock_if_due() != 0:
            self._submit(self._lock_in_time(vault))

    async def _lock_in_time(self, vault: Vault) -> None:
        """Look again and again, on a thread: to lock it is to write into its log."""

        def look() -> float | None:
            self.renew_limits()
            return vault.lock_if_due()

        while (left := await asyncio.to_thread(look)) != 0:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK if left is None else min(left, _LOOK))


def _in_environment(name: str) -> str:
    return os.environ.get(name, "").strip()
