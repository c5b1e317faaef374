"""The composition root: builds all services and owns their lifetime."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import uuid
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from .applied_settings import AppliedSettings, check_memory, check_setting
from .batches.batch import Batch
from .batches.run_store import RunStore
from .chats.choice import choose
from .chats.engine import Engine
from .chats.history.store import ChatStore
from .chats.services import ChatServices
from .chats.sessions import Sessions
from .chats.unkept import text_unkept
from .comparisons.comparisons import Comparisons
from .events import Event, Events, SettingsChanged, VaultChanged
from .jobs import JobRunner
from .ledger.ledger import Ledger
from .ledger.rows import forget_conversation
from .memories.memory import Memory
from .memories.proposals import MemoryProposals
from .model_catalog.knowledge import ModelKnowledge
from .model_catalog.lists import ModelLists
from .model_catalog.prices import PriceTable
from .paths import directory
from .plugins import Plugins
from .prompting.library.library import PromptLibrary
from .prompting.library.rendering import PromptVersion
from .providers.base import Provider, ProviderContext
from .providers.registry import Registry
from .redaction.belt import put_on
from .redaction.logs import redact_logs
from .runtime import Runtime
from .secret import Redactor
from .settings.file import SettingsFile
from .store.database import Store
from .store.encryption import Encryption, Encryptor
from .surrogates import without_surrogates
from .vaults.keychain import Keychain

if TYPE_CHECKING:
    from .attachments.reader import AttachmentReader
    from .chats.transfer.exporting import ConversationExports
    from .chats.transfer.importing import ConversationImports
    from .local_models.service import LocalModels
    from .prompting.import_jobs import ImportJobs
    from .prompting.importing import PromptImports
    from .prompting.sources.registry import PromptSources
    from .vaults.vault import Vault

__all__ = ["Parllama", "get_app"]


class Parllama:
    """All services of one kernel. Made by `get_app`; a test makes its own."""

    def __init__(self) -> None:
        self.events = Events()
        self.runtime = Runtime()
        self.jobs = JobRunner(self.runtime, self.events)
        self.redact = Redactor(self._on_handed_out)
        self.applied = AppliedSettings(lambda: self.settings.current)
        self.keychain = Keychain(
            self.redact,
            self.runtime.submit,
            self.applied.limits,
            lambda: self.settings.current.vault.log_entries,
            self._on_vault_changed,
        )
        self.settings = SettingsFile(
            lambda: directory("config") / "settings.json",
            changed=self._on_settings_changed,
            check=self._check,
        )
        self.store = Store(lambda: directory("data") / "parllama.db")
        encryption = Encryption(self._encryptor, self._decrypt)
        self._encryption = encryption
        self.chats = ChatStore(self.store, encryption, forget_conversation)
        self.session_library = self.chats.library
        self.prompts = PromptLibrary(self.store, encryption, self.events.emit)
        self.memory = Memory(
            self.store,
            self.events.emit,
            lambda: self.settings.current.memory.enabled,
            lambda text: check_memory(text, self.redact),
        )
        self.prices = PriceTable()
        self.ledger = Ledger(
            self.store, lambda: self.notebook_name, self.applied.budget, self._emit_soon
        )
        self.engine = Engine(
            self.events,
            self.prices,
            used=self._count_use,
            remark=self.ledger.remark,
        )
        self.plugins = Plugins()
        self.providers = Registry(
            ProviderContext(
                secret=self.keychain.find,
                peek=self.keychain.peek,
                redact=self.redact,
                environ=_environ,
                cache_dir=lambda: str(directory("cache")),
                options=self.applied.options,
                prices=self.prices,
                key_hint=self.keychain.key_hint,
                source=self.keychain.source,
                accounts=self.ledger,
            ),
            self.plugins,
        )
        self.runs = RunStore(self.store)
        self.model_lists = ModelLists(
            self.providers,
            self.store,
            self.events,
            limit=lambda: self.settings.current.timeouts.models,
            describe=self.prices.described,
        )
        self.model_knowledge = ModelKnowledge(
            self.model_lists, self.prices, self.providers.spec
        )
        self.batch = Batch(self.providers.get, self.model_knowledge.price)
        services = ChatServices(
            store=self.chats,
            engine=self.engine,
            events=self.events,
            jobs=self.jobs,
            choose=self.choose,
            defaults=self.applied.defaults,
            window=self.model_knowledge.window,
            name_seeing=self.model_knowledge.one_that_sees,
            memory=self.memory.for_conversation,
            naming=self.applied.naming_model,
        )
        self.memory_proposals = MemoryProposals(
            self.memory,
            self.jobs,
            self.events.emit,
            ask=partial(
                text_unkept,
                services,
                "memory",
                lambda: self.settings.current.memory.model,
            ),
        )
        self.sessions = Sessions(services)
        self.comparisons = Comparisons(services, self.sessions, self.redact)
        self.model: str | None = None
        """The model that this notebook has chosen; see `default_model`."""
        self._attachments: AttachmentReader | None = None
        self._local_models: LocalModels | None = None
        self._prompt_sources: PromptSources | None = None
        self._prompt_import_jobs: ImportJobs | None = None
        self._making = threading.Lock()
        self._pid = os.getpid()
        self._kernel = f"kernel {uuid.uuid4().hex[:12]}"

    @property
    def notebook_name(self) -> str:
        """The name of the conversation that belongs to this kernel's notebook.

        Jupyter says which notebook that is; a kernel without one has its own name. A
        file's name need not be UTF-8.
        """
        return without_surrogates(os.environ.get("JPY_SESSION_NAME")) or self._kernel

    @property
    def default_model(self) -> str | None:
        """The model if none is named: the notebook's choice, else the settings'."""
        return self.model or self.settings.current.model

    @property
    def attachments(self) -> AttachmentReader:
        """Reads what is sent with questions. Imported when first used."""
        with self._making:
            if self._attachments is None:
                from .attachments.reader import AttachmentReader  # noqa: PLC0415

                self._attachments = AttachmentReader(self.applied.attachment_limits)
            return self._attachments

    @property
    def local_models(self) -> LocalModels:
        """The life of local models. Imported when first used: a question needs none."""
        with self._making:
            if self._local_models is None:
                from .local_models.library.library import (  # noqa: PLC0415
                    PublicLibrary,
                )
                from .local_models.service import LocalModels  # noqa: PLC0415

                self._local_models = LocalModels(
                    self.providers,
                    self.jobs,
                    PublicLibrary(self.redact),
                    refresh=lambda name: self.model_lists.get([name], refresh=True),
                    parallel=lambda: self.settings.current.local_models.parallel_pulls,
                )
            return self._local_models

    @property
    def prompt_sources(self) -> PromptSources:
        """Where prompts are imported from, and exported to."""
        with self._making:
            if self._prompt_sources is None:
                from .prompting.sources.registry import PromptSources  # noqa: PLC0415

                self._prompt_sources = PromptSources(self.plugins)
            return self._prompt_sources

    @property
    def prompt_imports(self) -> PromptImports:
        """Imports prompts from their sources."""
        from .prompting.importing import PromptImports  # noqa: PLC0415 - as above
        from .prompting.sources.source import SourceContext  # noqa: PLC0415

        context = SourceContext(lambda: directory("cache"), self.redact, _environ)
        return PromptImports(self.prompts, self.prompt_sources.get, context)

    @property
    def prompt_import_jobs(self) -> ImportJobs:
        """The import of prompts that views show: under way, or the last one."""
        with self._making:
            if self._prompt_import_jobs is None:
                from .prompting.import_jobs import ImportJobs  # noqa: PLC0415

                self._prompt_import_jobs = ImportJobs(
                    self.jobs, lambda: self.prompt_imports
                )
            return self._prompt_import_jobs

    @property
    def conversation_exports(self) -> ConversationExports:
        """Writes conversations into files."""
        from .chats.transfer.exporting import (  # noqa: PLC0415 - when it is used
            ConversationExports,
        )

        return ConversationExports(self.store, self._encryption, self.redact)

    @property
    def conversation_imports(self) -> ConversationImports:
        """Reads conversations of files into the store."""
        from .chats.transfer.importing import (  # noqa: PLC0415 - when it is used
            ConversationImports,
        )

        return ConversationImports(self.store, self.sessions.has_open)

    @property
    def vault(self) -> Vault:
        """The user's vault."""
        return self.keychain.vault

    def _encryptor(self) -> Encryptor:
        return self.vault.sealer()

    def _decrypt(self, encrypted: str, context: str) -> str:
        return self.vault.open_text(encrypted, context)

    def _emit_soon(self, event: Event) -> None:
        self.runtime.loop.call_soon_threadsafe(self.events.emit, event)

    def _on_settings_changed(self, event: SettingsChanged) -> None:
        # A change may be made, or noticed in the file, on any thread.
        self._emit_soon(event)
        if any(key.startswith("local_models.") for key in event.keys):
            self.local_models.review_pulls()
        if any(key.startswith("vault.") for key in event.keys):
            self.runtime.submit(asyncio.to_thread(self.keychain.renew_limits))

    def _on_vault_changed(self) -> None:
        # The loop has ended when the vault locks at the very end.
        with contextlib.suppress(RuntimeError):
            self.runtime.loop.call_soon_threadsafe(self._tell_vault)

    def _tell_vault(self) -> None:
        state, why = self.keychain.standing()
        # Conversations first: whoever hears the event may look at them.
        self.sessions.take_lock(why)
        self.events.emit(VaultChanged(state))

    def _on_handed_out(self) -> None:
        redact_logs()
        put_on(self.redact, lambda: self.settings.current.vault.redact_outputs)

    def _count_use(self, prompt: PromptVersion) -> None:
        # Not awaited: an answer does not wait for a count.
        self.runtime.submit(self.prompts.count_use(prompt.name))

    def _check(self, key: str, value: object) -> tuple[str, object]:
        return check_setting(
            key, value, providers=self.providers, redact=self.redact, environ=_environ
        )

    async def choose(self, model: str | None) -> tuple[Provider, str]:
        """Return the provider of a model, and the provider's own name of it.

        If `model` is None, it is the notebook's choice, else the settings', else a
        model of a running Ollama.

        Raises:
            NoModelError: there is no default.
            UnknownProviderError: there is no such provider.
            ProviderDisabledError: the provider is disabled.

        """
        return await choose(self.providers, model or self.default_model)

    async def abilities(self, model: str | None = None) -> Mapping[str, bool]:
        """Return what is known of a model's abilities, by the words of `ModelInfo`.

        What is missing is not known. Asks no server but a local one, and that once.

        Raises:
            ParllamaError: as of `choose`.

        """
        provider, name = await self.choose(model)
        return await provider.abilities(name)

    def close(self) -> None:
        """End connections, child processes and threads; finish pending writes.

        Does nothing in a forked child, because they belong to the parent.
        """
        if self._pid != os.getpid():
            return
        for job in self.jobs.list():
            if job.state == "running":
                job.cancel()
        self.keychain.close()
        if self._local_models is not None:
            self.runtime.run(self._local_models.aclose())
        self.runtime.run(self.providers.aclose())
        self.runtime.close()
        self.store.close()


def _environ(name: str) -> str | None:
    # A function, because the repr of `os.environ.get` prints all keys it holds.
    return os.environ.get(name)


_lock = threading.Lock()
_app: Parllama | None = None


def get_app() -> Parllama:
    """Return the app of this kernel; the first call makes it."""
    global _app  # noqa: PLW0603 - the only global there is
    with _lock:
        if _app is None:
            _app = Parllama()
            atexit.register(_app.close)
        return _app


def _forget() -> None:
    """Begin anew in a forked child: connections and threads are the parent's."""
    global _app, _lock
    _app, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
