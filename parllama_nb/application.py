"""The one composition root: builds every room and owns its lifetime."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from typing import TYPE_CHECKING, Any

from .batches.batch import Batch
from .batches.run_store import RunStore
from .chats.choice import choose
from .chats.engine import Engine
from .chats.history.encryption import Sealer, Sealing
from .chats.history.store import ChatStore
from .chats.sessions import Sessions
from .comparisons.comparisons import Comparisons
from .errors import UsageError
from .events import Events, SettingsChanged
from .jobs import JobRunner
from .model_catalog.lists import ModelLists
from .model_catalog.prices import PriceTable
from .paths import directory
from .plugins import Plugins
from .providers.address import address
from .providers.base import Provider, ProviderContext, ProviderOptions, Timeouts
from .providers.messages import Usage
from .providers.registry import Registry
from .runtime import Runtime
from .secret import Redactor
from .settings.file import SettingsFile
from .settings.keys import path_of, refuse_secret
from .store.database import Store
from .vault.keychain import Keychain
from .vault.timer import Limits

if TYPE_CHECKING:
    from .vault.vault import Vault

__all__ = ["Parllama", "get_app"]


class Parllama:
    """All services of one kernel. Made by `get_app`; a test makes its own."""

    def __init__(self) -> None:
        self.events = Events()
        self.runtime = Runtime()
        self.jobs = JobRunner(self.runtime, self.events)
        self.redact = Redactor()
        self.keychain = Keychain(self.redact, self.runtime.submit, self.limits)
        self.settings = SettingsFile(
            lambda: directory("config") / "settings.json",
            changed=self._tell,
            check=self._check,
        )
        self.store = Store(lambda: directory("data") / "parllama.db")
        self.chats = ChatStore(self.store, Sealing(self._sealer, self._opened))
        self.prices = PriceTable()
        self.engine = Engine(self.events, prices=self.prices)
        self.plugins = Plugins()
        self.providers = Registry(
            ProviderContext(
                secret=self.keychain.find,
                redact=self.redact,
                environ=_environ,
                cache_dir=lambda: str(directory("cache")),
                options=self.options,
                prices=self.prices,
                elsewhere=self.keychain.elsewhere,
            ),
            self.plugins,
        )
        self.batch = Batch(self.providers.get, self.price)
        self.runs = RunStore(self.store)
        self.model_lists = ModelLists(
            self.providers,
            self.store,
            self.events,
            limit=lambda: self.settings.current.timeouts.models,
            describe=self.prices.described,
        )
        self.sessions = Sessions(
            self.chats,
            self.engine,
            self.events,
            self.jobs,
            choose=self.choose,
            defaults=self.defaults,
        )
        self.comparisons = Comparisons(self.sessions, self.redact)
        self.model: str | None = None
        """What this notebook has chosen; see `default_model`."""
        self._pid = os.getpid()

    @property
    def default_model(self) -> str | None:
        """What answers where none is named: the notebook's choice, or the user's."""
        return self.model or self.settings.current.model

    def options(self, name: str) -> ProviderOptions:
        """What the user has chosen for a provider, now."""
        settings = self.settings.current
        own, usual = settings.provider(name), settings.timeouts
        return ProviderOptions(
            enabled=own.enabled,
            base_url=own.base_url or "",
            cache_hours=own.cache_hours,
            timeouts=Timeouts(
                connect=own.connect_timeout or usual.connect,
                first_token=own.first_token_timeout or usual.first_token,
                stall=own.stall_timeout or usual.stall,
            ),
        )

    def limits(self) -> Limits:
        """When the vault locks by itself."""
        chosen = self.settings.current.vault
        return Limits(
            idle=chosen.idle_minutes * 60 or None,
            absolute=chosen.longest_hours * 3600 or None,
        )

    @property
    def vault(self) -> Vault:
        """The vault of this user."""
        return self.keychain.vault

    def _sealer(self) -> Sealer:
        return self.vault.sealer()

    def _opened(self, sealed: str, context: str) -> str:
        return self.vault.open_text(sealed, context)

    def price(self, provider: str, model: str, usage: Usage) -> float | None:
        """US dollars of a usage; None where no price is known."""
        facts = self.prices.facts(provider, model)
        return None if facts is None else facts.cost(usage)

    def _tell(self, event: SettingsChanged) -> None:
        # A setting may be changed, or noticed to be, on any thread.
        self.runtime.loop.call_soon_threadsafe(self.events.emit, event)
        if any(key.startswith("vault.") for key in event.keys):
            self.runtime.submit(asyncio.to_thread(self.keychain.renew_limits))

    def _check(self, key: str, value: object) -> tuple[str, object]:
        """A setting as it is kept, checked by those whom it is for.

        Raises:
            UsageError: it cannot be, or holds a key.
            UnknownProviderError: it is for a provider that is not there.

        """
        if isinstance(value, str) and self.redact(value) != value:
            message = f"{key}: this holds a key that is known here."
            raise UsageError(message, hint="Settings hold no keys.")
        # Before anyone says what else is wrong with it, and what it is.
        refuse_secret(key, value)
        first, *rest = path_of(key)
        if first == "providers":
            spec = self.providers.spec(rest[0])
            key = f"{first}.{spec.name}.{rest[1]}"
            if rest[1] == "base_url" and not (spec.base_url or spec.url_env):
                message = f"{spec.title} has no address that could be set."
                raise UsageError(message)
            if rest[1] == "base_url" and isinstance(value, str):
                address(spec, _environ, value)  # refuses what is none
        elif key == "model" and isinstance(value, str):
            value = "/".join(self.providers.parse(value))
        return key, value

    async def choose(self, model: str | None) -> tuple[Provider, str]:
        """The provider and its own name of a model: the one named, or the default.

        The default is the notebook's choice, else the settings', else a model of a
        running Ollama.

        Raises:
            NoModelError: there is no default.
            UnknownProviderError: there is no such provider.
            ProviderDisabledError: it is switched off.

        """
        return await choose(self.providers, model or self.default_model)

    def defaults(self, provider: Provider) -> dict[str, Any]:
        """What questions are asked with that do not say it, as far as it is chosen.

        Only what the provider can take: `system`, `temperature`, `max_tokens`.
        """
        chosen = self.settings.current.chat
        usual: dict[str, Any] = {
            name: getattr(chosen, name)
            for name in ("temperature", "max_tokens")
            if name in provider.spec.options
        }
        usual["system"] = chosen.system or None
        return {name: value for name, value in usual.items() if value is not None}

    def close(self) -> None:
        """End connections, child processes and threads; finish what is written.

        In a forked child it does nothing: they are the parent's.
        """
        if self._pid != os.getpid():
            return
        for job in self.jobs.list():
            if job.state == "running":
                job.cancel()
        self.keychain.close()
        self.runtime.run(self.providers.aclose())
        self.runtime.close()
        self.store.close()


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
