"""The conversations that are open in this kernel, one `Session` per name."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Coroutine, Sequence
from typing import Any

from ..errors import ParllamaError, UsageError
from ..jobs import Job
from ..providers.base import Provider
from ..surrogates import without_surrogates
from .answer import Answer
from .fitting import built_to_fit
from .history.reading import SessionInfo, Turn
from .history.rows import NewTurn
from .naming import model_name_for
from .preview import RequestPreview, preview_of
from .question import Question
from .request import Built
from .services import ChatServices
from .session import Session

__all__ = ["Sessions"]

_NEW = "New chat"
_LONGEST_TITLE = 48


class Sessions:
    """Opens sessions, and asks questions. Used on the service loop only.

    A session is dropped here when no view, cell or function holds it any more; its
    turns are in the store. One with turns that could not be written stays.
    """

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._open: weakref.WeakValueDictionary[str, Session] = (
            weakref.WeakValueDictionary()
        )
        self._unsaved: set[Session] = set()
        # The names that sessions have of their first questions, and of nobody else.
        self._given: weakref.WeakKeyDictionary[Session, str] = (
            weakref.WeakKeyDictionary()
        )
        # The loop itself keeps no task alive.
        self._unlocking: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question, job: Job[Any]) -> Answer:
        """Ask within a job, in the question's conversation or on its own.

        Raises:
            ParllamaError: it could not be asked. An error that breaks an answer off is
                part of the answer.

        """
        if question.conversation is not None:
            session = await self._get(question.conversation)
            return await session.ask(question, job)
        services = self._services
        provider, built = await self._built(question)
        turn = NewTurn(
            f"{provider.spec.name}/{built.request.model}",
            built.request,
            built.new,
            cell_id=question.cell_id,
            library_prompt=built.library_prompt,
        )
        record = services.store.begin(turn)
        return await services.engine.turn(
            provider,
            built.request,
            job,
            record,
            question,
            library_prompt=built.library_prompt,
        )

    async def preview(self, question: Question) -> RequestPreview:
        """Return what would be sent for a question; nothing is sent or written.

        Raises:
            ParllamaError: it could not be asked.

        """
        if question.conversation is not None:
            session = await self._get(question.conversation)
            return await session.preview(question)
        provider, built = await self._built(question, ask=False)
        return await preview_of(provider, built, question.notes)

    async def _built(
        self, question: Question, *, ask: bool = True
    ) -> tuple[Provider, Built]:
        """Return the request of a question on its own."""
        services = self._services
        provider, model = await services.choose(question.model)
        built = await built_to_fit(question, provider, model, services, ask=ask)
        return provider, await services.readable(built, provider, ask=ask)

    async def open(self, name: str) -> Session:
        """Return the session of this name, read anew; a new one if there is none.

        Raises:
            StoreError: its turns cannot be read.
            VaultLockedError: it is encrypted, and the vault is locked.

        """
        session = await self._get(name)
        await session.load()
        return session

    def take_lock(self, why: str) -> None:
        """Lock the encrypted sessions, for `why` the vault cannot be read.

        If `why` is "", the locked ones are read again.
        """
        for session in list(self._open.values()):
            if why:
                session.take_lock(why)
            elif session.locked:
                self._later(session.unlock())
        if not why:
            self._later(self._services.store.complete_encryption())
        elif plain := [
            session
            for session in list(self._open.values())
            if session.row.id and not session.encrypted
        ]:
            self._later(self._lock_encrypted(plain, why))

    async def _lock_encrypted(self, sessions: Sequence[Session], why: str) -> None:
        """Lock the sessions that another kernel has encrypted since they were read."""
        for session in sessions:
            info = await self._services.store.session(session.key)
            if info is not None and info.locked and not session.locked:
                session.lock(why, info.handle)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(_silent(work))
        self._unlocking.add(task)
        task.add_done_callback(self._unlocking.discard)

    async def _get(self, name: str) -> Session:
        name = without_surrogates(name)
        session = self._open.get(name)
        try:
            info = await self._services.store.session(name)
            if session is None:
                session = self._same(name, info)
            elif session.row.id and (info is None or info.id != session.row.id):
                # Another kernel has renamed or deleted it.
                await session.load()
                session = None
        except UsageError:
            raise  # it was encrypted: what is asked now would be stored in clear
        except ParllamaError:
            pass
        session = session or self._open.get(name)
        if session is None:
            session = self._open[name] = self._new(name, named=True)
        return session

    def _same(self, name: str, info: SessionInfo | None) -> Session | None:
        """Return the open session of another name that is the same one, if any.

        An encrypted one has a title and a handle, and another kernel may have renamed
        one since it was read.
        """
        if info is None:
            return None
        for session in list(self._open.values()):
            handles = (session.name, session.handle)
            if info.id == session.row.id or (info.handle and info.handle in handles):
                if info.handle in {"", session.name}:
                    self.renamed(session, name)
                return session
        return None

    async def known(self, name: str) -> Session:
        """Return an existing session, without reading its turns.

        Raises:
            UsageError: there is no session of this name.

        """
        if name not in self._open:
            await self._services.store.library.known(name)
        return await self._get(name)

    async def begin(self, name: str) -> Session:
        """Return a new session of this name.

        Raises:
            UsageError: there is one already, or the name is empty.

        """
        name = " ".join(without_surrogates(name).split())
        if name in self._open and self._open[name].answering:
            message = f"There is a conversation {name!r} already."
            raise UsageError(message, hint="Choose another name.")
        await self._services.store.library.create(name)
        return await self.open(name)

    async def new(self) -> Session:
        """Return a new session, which its first question will name."""
        name = await self.free_name(_NEW)
        session = self._open[name] = self._new(name, named=False)
        return session

    def _new(self, name: str, *, named: bool) -> Session:
        return Session(name, self._services, self, named=named)

    def has_open(self, name: str) -> bool:
        """Whether a session of this name is open here; from any thread."""
        return name in self._open

    async def free_name(self, wanted: str, session: Session | None = None) -> str:
        """Return `wanted` if no other session has that name, else with a number added.

        `session` is one that is not in the store yet.
        """
        name, number = wanted, 1
        while (
            self._open.get(name, session) is not session
            or await self._services.store.session(name) is not None
        ):
            number += 1
            name = f"{wanted} {number}"
        return name

    async def rename(self, session: Session, name: str) -> None:
        """Rename a session, here and in the store.

        Raises:
            UsageError: another one has the name.

        """
        before, name = session.name, without_surrogates(name)
        is_new = not session.named and not session.row.id
        if name == before and not is_new:
            return
        if self._open.get(name, session) is not session:
            message = f"There is a conversation {name!r} already."
            raise UsageError(message, hint="Choose another name.")
        # Reserved before it is written, so that nobody opens it meanwhile.
        self._open[name] = session
        try:
            if is_new:
                await self._services.store.library.create(name)
            else:
                await self._services.store.rename(session.key, name)
        except BaseException:
            if name != session.name:
                del self._open[name]
            raise
        if name != session.name:
            # It may have been renamed meanwhile, by a read of it.
            before, session.name = session.name, name
            if self._open.get(before) is session:
                del self._open[before]

    async def claim(self, session: Session) -> None:
        """Make a row for a new session, under another name if its own is taken."""
        await self.rename(session, await self.free_name(session.name, session))

    def renamed(self, session: Session, name: str) -> None:
        """Know a session by its title, which could not be read until now."""
        if self._open.get(session.name) is session:
            del self._open[session.name]
        session.name = name
        self._open[name] = session

    async def name_after(self, session: Session, text: str) -> None:
        """Name a session after its first question, if the store can be written."""
        line = " ".join(text.split())
        if len(line) > _LONGEST_TITLE:
            cut = line[:_LONGEST_TITLE]
            line = f"{cut.rpartition(' ')[0] or cut}…"
        with contextlib.suppress(ParllamaError):
            await self.rename(session, await self.free_name(line))
            self._given[session] = session.name

    def name_by_model(self, session: Session, first: Turn) -> None:
        """Begin to name a session after its first turn by a model, if that is on.

        What the user has named stays, and so does what is encrypted: a name is not.
        """
        model = self._services.naming()
        if model is None or not self._is_renamable(session):
            return

        async def name(job: Job[str]) -> str:
            chosen = model or first.model
            name = await model_name_for(self._services, first, chosen, job)
            if not self._is_renamable(session):
                return session.name
            return await self._rename_freely(session, name)

        # Without its name: the list of jobs does not lock with the vault.
        self._services.jobs.start("name a conversation", name)

    async def named_by_model(
        self, session: Session, job: Job[Any], model: str | None = None
    ) -> str:
        """Name a session by a model now, whoever has named it. Returns the name.

        Raises:
            UsageError: it is encrypted, has no answer yet, or the model gave no name.
            ParllamaError: there is no answer of the model.

        """
        if session.encrypted:
            message = f"{session.name} is encrypted, and its name would not be."
            hint = "Name it yourself: %parllama sessions rename NAME NEW."
            raise UsageError(message, hint=hint)
        _, turns = await self._services.store.load(session.key)
        first = next((turn for turn in turns if turn.answer.text.strip()), None)
        if first is None:
            message = "There is no answer yet that says what it is about."
            raise UsageError(message, hint="Ask something first.")
        chosen = model or self._services.naming() or session.model or first.model
        name = await model_name_for(self._services, first, chosen, job)
        return await self._rename_freely(session, name)

    def _is_renamable(self, session: Session) -> bool:
        automatic = self._given.get(session) == session.name
        return automatic and not session.encrypted and not session.deleted

    async def _rename_freely(self, session: Session, name: str) -> str:
        """Rename a session, with a number if the name is taken. Returns its name."""
        if name != session.name:
            await session.rename(await self.free_name(name))
        return session.name

    def keep(self, session: Session) -> None:
        """Keep a session, for some of its turns are nowhere else."""
        self._unsaved.add(session)

    def forget(self, session: Session) -> None:
        """Remove a session that was deleted."""
        if self._open.get(session.name) is session:
            del self._open[session.name]
        self._unsaved.discard(session)


async def _silent(work: Coroutine[Any, Any, None]) -> None:
    # A session that still cannot be read stays locked, and says so.
    with contextlib.suppress(ParllamaError):
        await work
