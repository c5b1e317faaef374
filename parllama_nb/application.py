"""The one composition root: builds every room and owns its lifetime."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from typing import TYPE_CHECKING

from .chats.engine import Engine
from .chats.store import ChatStore
from .errors import (
    ParllamaError,
    StoreError,
    VaultError,
    VaultLockedError,
    VaultMissingError,
)
from .events import Events
from .jobs import JobRunner
from .paths import directory
from .plugins import Plugins
from .providers.base import ProviderContext
from .providers.registry import Registry
from .runtime import Runtime
from .secret import Redactor, Secret
from .store import Store
from .vault.unattended import Unattended

if TYPE_CHECKING:
    from .vault.vault import Vault

__all__ = ["Parllama", "get_app"]

_log = logging.getLogger(__name__)

# Seconds between looks at whether the vault is to lock: a loop's own clock stands still
# while the machine sleeps.
_LOOK = 15.0


class Parllama:
    """All services of one kernel. Made by `get_app`; a test makes its own."""

    def __init__(self) -> None:
        self.events = Events()
        self.runtime = Runtime()
        self.jobs = JobRunner(self.runtime, self.events)
        self.redact = Redactor()
        self.store = Store(lambda: directory("data") / "parllama.db")
        self.chats = ChatStore(self.store)
        self.engine = Engine(self.events)
        self.plugins = Plugins()
        self.providers = Registry(
            ProviderContext(
                secret=self.secret,
                redact=self.redact,
                environ=_environ,
                cache_dir=lambda: str(directory("cache")),
                elsewhere=self._elsewhere,
            ),
            self.plugins,
        )
        self.model: str | None = None
        self.unattended = Unattended()
        self._vault: Vault | None = None
        self._vault_lock = threading.Lock()
        self._pid = os.getpid()

    def secret(self, name: str) -> Secret | None:
        """A secret by its environment name, known to the redactor from then on.

        The environment goes before the vault: what was set for this kernel is meant
        for it, and an answer does not depend on whether the vault is locked.
        """
        value = os.environ.get(name, "").strip()
        secret = Secret(name, value) if value else self._from_vault(name)
        return self.redact.add(secret) if secret else None

    @property
    def vault(self) -> Vault:
        """The vault of this user; made with the first use, for it takes imports."""
        with self._vault_lock:
            if self._vault is None:
                from .vault.vault import Vault  # noqa: PLC0415 - see above

                self._vault = Vault.at(
                    lambda: directory("data"),
                    lambda: directory("state"),
                    unattended=self.unattended,
                    changed=self._watch_vault,
                )
            return self._vault

    @property
    def unlocked_vault(self) -> Vault | None:
        """The vault, if it is unlocked by now; nothing is imported to find out."""
        vault = self._vault
        return vault if vault is not None and vault.lock_if_due() != 0 else None

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

    def _elsewhere(self) -> str:
        try:
            is_locked = self._has_vault() and self.vault.state == "locked"
        except StoreError:
            return ""
        except VaultError:
            return ", or mend the vault: %parllama vault"
        return ", or unlock the vault: %parllama vault unlock" if is_locked else ""

    def _watch_vault(self) -> None:
        vault = self._vault
        if vault is not None and vault.lock_if_due() != 0:
            self.runtime.submit(_lock_in_time(vault))

    def close(self) -> None:
        """End connections, child processes and threads; finish what is written.

        In a forked child it does nothing: they are the parent's.
        """
        if self._pid != os.getpid():
            return
        for job in self.jobs.list():
            if job.state == "running":
                job.cancel()
        if self._vault is not None:
            self._vault.close()
        self.runtime.run(self.providers.aclose())
        self.runtime.close()
        self.store.close()


async def _lock_in_time(vault: Vault) -> None:
    """Look again and again, on a thread: to lock it is to write into its log."""
    while (left := await asyncio.to_thread(vault.lock_if_due)) != 0:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK if left is None else min(left, _LOOK))


def _environ(name: str) -> str | None:
    # A function: a bound method of the environment prints all of it, keys included.
    return os.environ.get(name)


_lock = threading.Lock()
_app: Parllama | None = None


def get_app() -> Parllama:
    """The app of this kernel, made with the first call."""
    global _app  # noqa: PLW0603 - the only global there is
    with _lock:
        if _app is None:
            _app = Parllama()
            atexit.register(_app.close)
        return _app


def _forget() -> None:
    """In a forked child: connections and threads are the parent's, so begin anew."""
    global _app, _lock
    _app, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
