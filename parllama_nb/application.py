"""The one composition root: builds every room and owns its lifetime."""

from __future__ import annotations

import atexit
import os
import threading

from .chats.batch import Batch
from .chats.choice import choose
from .chats.comparisons import Comparisons
from .chats.engine import Engine
from .chats.run_store import RunStore
from .chats.sessions import Sessions
from .chats.store import ChatStore
from .events import Events
from .jobs import JobRunner
from .paths import directory
from .plugins import Plugins
from .providers.base import Provider, ProviderContext
from .providers.messages import Usage
from .providers.price_table import PriceTable
from .providers.registry import Registry
from .runtime import Runtime
from .secret import Redactor, Secret
from .store import Store

__all__ = ["Parllama", "get_app"]


class Parllama:
    """All services of one kernel. Made by `get_app`; a test makes its own."""

    def __init__(self) -> None:
        self.events = Events()
        self.runtime = Runtime()
        self.jobs = JobRunner(self.runtime, self.events)
        self.redact = Redactor()
        self.store = Store(lambda: directory("data") / "parllama.db")
        self.chats = ChatStore(self.store)
        self.prices = PriceTable()
        self.engine = Engine(self.events, prices=self.prices)
        self.plugins = Plugins()
        self.providers = Registry(
            ProviderContext(
                secret=self.secret,
                redact=self.redact,
                environ=_environ,
                cache_dir=lambda: str(directory("cache")),
                prices=self.prices,
            ),
            self.plugins,
        )
        self.batch = Batch(self.providers.get, self.price)
        self.runs = RunStore(self.store)
        self.sessions = Sessions(
            self.chats, self.engine, self.events, self.jobs, self.choose
        )
        self.comparisons = Comparisons(self.sessions, self.redact)
        self.model: str | None = None
        self._pid = os.getpid()

    def secret(self, name: str) -> Secret | None:
        """A secret by its environment name, known to the redactor from then on."""
        value = os.environ.get(name, "").strip()
        return self.redact.add(Secret(name, value)) if value else None

    def price(self, provider: str, model: str, usage: Usage) -> float | None:
        """US dollars of a usage; None where no price is known."""
        facts = self.prices.facts(provider, model)
        return None if facts is None else facts.cost(usage)

    async def choose(self, model: str | None) -> tuple[Provider, str]:
        """The provider and its own name of a model: the one named, or the default.

        The default is the user's choice, else a model of a running Ollama.

        Raises:
            NoModelError: there is no default.
            UnknownProviderError: there is no such provider.

        """
        return await choose(self.providers, model or self.model)

    def close(self) -> None:
        """End connections, child processes and threads; finish what is written.

        In a forked child it does nothing: they are the parent's.
        """
        if self._pid != os.getpid():
            return
        for job in self.jobs.list():
            if job.state == "running":
                job.cancel()
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
