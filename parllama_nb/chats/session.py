"""A conversation that several views, cells and functions share.

A kernel has one `Session` per name, so all of them see the same. It answers one
question at a time: a cell that asks meanwhile waits for its turn; a view is refused,
because whoever typed there has not seen the answer yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import ParllamaError, StoreError, StoreUnavailableError, UsageError
from ..events import SessionChanged, SessionDeleted
from ..jobs import Job
from ..providers.accounting import name_of, occasion
from ..providers.base import Provider
from .answer import Answer
from .engine import shielded
from .fitting import built_to_fit, noted
from .history.reading import SessionInfo, Turn
from .live_turn import LiveTurn, begin
from .memory_taken import is_taken, keep_options, with_memory
from .preview import RequestPreview, preview_of
from .question import Question
from .queue import QuestionQueue, begun_or_over
from .request import Built
from .services import ChatServices
from .session_names import SessionNames
from .session_row import SessionRow
from .session_turns import SessionTurns
from .transcript import AT_HAND, Transcript

__all__ = ["Session"]


class Session:
    """One conversation. Made by `Sessions`; used on the service loop only.

    Its events (`TurnChanged`, `TurnsRemoved`, `SessionChanged`, `SessionDeleted`) are
    emitted under `id`, which is valid in this kernel only. `transcript` holds the last
    turns. `model` and `options` are the defaults of its questions; the option `system`
    is the system prompt, `memory` what it has taken of the user's memory with its first
    question. `encrypted`: it is stored encrypted, and `handle` is what finds it without
    its title. `locked` says why it cannot be read now, and then no text is held here;
    it is "" otherwise. One that is not `named` yet has no row in the store, where
    another kernel may have one of the same name; its first question names it.
    """

    def __init__(
        self,
        name: str,
        services: ChatServices,
        names: SessionNames[Session],
        *,
        named: bool,
    ) -> None:
        self.id = f"session {uuid.uuid4().hex}"
        self.name = name
        self.transcript = Transcript(self.id, services.events.emit)
        self.live: LiveTurn | None = None
        self.model: str | None = None
        self.options: dict[str, Any] = {}
        self.encrypted = self.deleted = False
        self.row = SessionRow(services.store)
        self.handle = self.locked = ""
        self._locks = 0
        self._known: tuple[object, ...] = ()  # what it has beside turns and sums
        self._services = services
        self._names = names
        self.named = named
        self._queue = QuestionQueue(self.id, services.events.emit)

    @property
    def shown_name(self) -> str:
        """Its name, or what stands for it while it is locked."""
        return self.handle if self.locked and self.handle else self.name

    @property
    def is_blank(self) -> bool:
        """Whether it is new: nobody has named it, and nothing was asked."""
        return not (self.named or self.transcript.total or self.answering)

    @property
    def key(self) -> str:
        """What the store finds it by, whatever another kernel has named it."""
        return self.row.key(self.name)

    @property
    def answering(self) -> bool:
        """Whether a question is being answered or waits."""
        return self._queue.first is not None

    @property
    def turns(self) -> SessionTurns:
        """What can be done with its turns."""
        # Made anew: a session must end with the last reference from elsewhere.
        store, refuse = self._services.store, self._queue.refuse
        return SessionTurns(self, store, refuse, self._changed)

    async def load(self) -> None:
        """Read the session from the store, unless a question is being answered."""
        if not self.answering:
            await self._read(AT_HAND, lambda: not self.answering)

    async def _read(
        self, limit: int | None = None, wanted: Callable[[], bool] = lambda: True
    ) -> list[Turn]:
        """Return its last turns, and take them if they are still `wanted` then."""
        while True:
            locks, before = self._locks, self.transcript.changes
            info, turns = await self._load(limit)
            # What was read before a lock of the vault may be what it is to hide.
            if locks == self._locks:
                break
        if before == self.transcript.changes and wanted():
            self._update(info, turns[-AT_HAND:], info.turns if info else 0)
        return turns

    async def _load(
        self, limit: int | None = None
    ) -> tuple[SessionInfo | None, list[Turn]]:
        """Read it from the store, under the name that it has there by now.

        Raises:
            UsageError: it is encrypted, and another kernel has deleted it.

        """
        row = self.row
        if not self.named and not row.id:
            return None, []
        try:
            info, turns = await row.load(self.name, limit, encrypted=self.encrypted)
        except UsageError:
            self._forget()
            raise
        except ParllamaError as error:
            if error.code == "vault-locked" and not self.encrypted:
                # Another kernel has encrypted it.
                info = await row.find(self.name)
                self.lock(error.message, info.handle if info else "")
            raise
        if info is not None and info.name != self.name:
            self._names.renamed(self, info.name)
        return info, turns

    # asking

    def send(self, question: Question) -> Job[Answer]:
        """Ask on behalf of a view. Returns the job, which is just being started.

        Raises:
            UsageError: the session is answering already.

        """
        self._queue.refuse()
        # The list of jobs does not lock with the vault.
        title = "chat again" if self.encrypted else f"chat {question.brief}"
        job = self._services.jobs.start(title, lambda job: self.ask(question, job))
        self._queue.add(job)
        return job

    async def begun(self, job: Job[Answer]) -> None:
        """Wait until a job of `send` has begun its turn.

        Raises:
            ParllamaError: it could not begin, for example because there is no model.

        """

        def has_begun() -> bool:
            return self.live is not None and self.live.job is job and self.live.id != 0

        await begun_or_over(job, has_begun, self._services.events, self.id)

    def stop(self) -> None:
        """Stop the answer under way; the text so far is kept."""
        job = self.live.job if self.live is not None else self._queue.first
        if job is not None:
            job.cancel()

    async def ask(self, question: Question, job: Job[Any]) -> Answer:
        """Ask within a job, after the questions before it are answered.

        Raises:
            ParllamaError: it could not be asked. An error that breaks an answer off is
                part of the answer.

        """
        async with self._queue.turn(job):
            with occasion("chat", name_of(self)):
                try:
                    return await self._turn(question, job)
                finally:
                    if self.transcript.unsaved:
                        self._names.keep(self)

    async def preview(self, question: Question) -> RequestPreview:
        """Return what would be sent if it was asked now; nothing is sent or written.

        Raises:
            ParllamaError: it could not be asked.

        """
        provider, built, _ = await self.built(question, ask=False)
        return await preview_of(provider, built, question.notes)

    async def built(
        self, question: Question, *, ask: bool = True
    ) -> tuple[Provider, Built, list[Turn]]:
        """Return the request and the turns so far; see `built_to_fit`."""
        services, turns = self._services, await self._all_turns()
        provider, model = await services.choose(question.model or self.model)
        options = await with_memory(self.options, turns, services)
        built = await built_to_fit(
            question, provider, model, services, options=options, turns=turns, ask=ask
        )
        return provider, await services.readable(built, provider, ask=ask), turns

    async def _turn(self, question: Question, job: Job[Any]) -> Answer:
        services = self._services
        provider, built, turns = await self.built(question)
        before = built.replaced
        if not self.named:
            await self._names.name_after(self, built.title)
            await self._settle_name()
        if is_taken(built.memory, self.options):
            self.options = {**self.options, "memory": built.memory}
            await keep_options(self.key, self.model, self.options, services)
        live = begin(
            services.store,
            job,
            built,
            question,
            before=before,
            turns=turns,
            model=f"{provider.spec.name}/{built.request.model}",
            session=self.name,
            row=self.row.id,
            transcript=self.transcript,
        )
        if before is not None and before.id < 0:
            self.turns.remove(before.id)
        self.live = live
        remove = services.events.listen(job.id, live.answer.hear)
        # Not awaited: a stop between here and the engine would leave the turn open.
        announcing = asyncio.ensure_future(live.announce_when_begun())
        try:
            answer = await services.engine.turn(
                provider,
                built.request,
                job,
                live,
                noted(question, built),
                library_prompt=built.library_prompt,
                begins_with=live.answer.parts,
            )
        finally:
            remove()
            announcing.cancel()
            self.live = None
            self.row.id = live.record.row or self.row.id
        await self._settle(live, before, answer)
        first = None if turns else self.transcript.find(live.id)
        if first is not None and answer.text.strip():
            self._names.name_by_model(self, first)
        return answer

    async def _all_turns(self) -> list[Turn]:
        """Return the turns of the conversation, with those that are not on disk.

        Without a database there are only these: the footer of the answer says that
        nothing is kept.
        """
        with contextlib.suppress(StoreUnavailableError):
            # A preview may be asked for while a question is answered.
            turns = await self._read(wanted=lambda: self.live is None)
            return [*turns, *self.transcript.unsaved]
        return self.transcript.unsaved

    async def _settle(
        self, live: LiveTurn, before: Turn | None, answer: Answer
    ) -> None:
        if live.id < 0 < live.record.id:
            # It was written after all.
            self.turns.remove(live.id)
            live.id = live.record.id
        settled = live.as_settled(answer)
        self.transcript.add_usage(answer)
        if live.record.restored and before is not None:
            # The earlier answer stays; only the error of the new try is shown.
            settled = replace(before, error=answer.error)
            if live.follows is not None:
                self.turns.remove(live.id)
                with contextlib.suppress(ParllamaError):
                    await shielded(self._read(AT_HAND))
        if not live.deleted:
            self.transcript.put(settled)

    # changing

    async def configure(self, *, model: str | None, options: Mapping[str, Any]) -> None:
        """Set the default model and options of its questions; None unsets an option.

        The memory that it has taken stays unless `options` name it; "" removes it.

        Raises:
            VaultLockedError: it is locked.
            UsageError: it was locked until now. Whoever gives new options did not know
                those that it has.

        """
        if self.locked:
            await self.unlock()
            message = "The conversation was locked until now."
            raise UsageError(message, hint="Choose it once more.")
        given = {"memory": self.options.get("memory"), **options}
        chosen = {name: value for name, value in given.items() if value is not None}
        if self.named or self.row.id:  # else with its first question
            await self._services.store.configure(self.key, model, chosen)
        self.model, self.options = model, chosen
        self._changed()

    async def rename(self, name: str) -> None:
        """Rename the conversation.

        Raises:
            UsageError: another one has the name, or it is empty.

        """
        name = " ".join(name.split())
        if not name:
            message = "A conversation needs a name."
            raise UsageError(message)
        await self._names.rename(self, name)
        await self._settle_name()
        self._changed()

    async def _settle_name(self) -> None:
        was_named, self.named = self.named, True
        if not was_named:
            await self._keep_options()

    async def _keep_options(self) -> None:
        """Store what was chosen while it had no row."""
        if self.model or self.options:
            await keep_options(self.key, self.model, self.options, self._services)

    async def encrypt(self) -> None:
        """Encrypt all its texts, past and future, its name among them.

        Raises:
            VaultLockedError: the vault is locked.
            StoreError: it failed, or the old texts may still be in a file.

        """
        try:
            if not self.named and not self.row.id:
                await self._names.claim(self)
                await self.row.find(self.name)
                await self._keep_options()
            self.handle = await self._services.store.encrypt(self.key)
        except StoreError:
            # If only the purge failed, it is encrypted.
            info = await self.row.find(self.name)
            if info is not None and info.encrypted:
                await self._note_encryption(info.handle)
            raise
        await self._note_encryption(self.handle)

    async def _note_encryption(self, handle: str) -> None:
        self.encrypted, self.handle = True, handle
        self._queue.hide_questions()
        if self.live is not None:
            await self.live.record.outlast_lock()
        self._changed()

    async def decrypt(self) -> None:
        """Store its texts unencrypted again.

        Raises:
            VaultLockedError: the vault is locked.

        """
        name = await self._services.store.decrypt(self.key)
        self.encrypted, self.handle = False, ""
        if name != self.name:
            self._names.renamed(self, name)
        self._changed()

    def take_lock(self, why: str) -> None:
        """Lock it if it is encrypted, for `why` the vault cannot be read."""
        # Its texts may be under way, also if it is not known yet to be encrypted.
        self._locks += 1
        if self.encrypted and not self.locked:
            self.lock(why)

    def lock(self, why: str, handle: str = "") -> None:
        """Drop its texts, which are encrypted, for `why` the vault cannot be read.

        An answer under way goes on, and is stored encrypted. `handle` is what finds it,
        if it is not known yet.
        """
        self.handle = handle or self.handle
        self.encrypted, self.locked, self.options = True, why, {}
        self.transcript.lock()
        self._queue.hide_questions()
        self._services.events.emit(SessionChanged(self.id, reread=True))

    async def unlock(self) -> None:
        """Read its texts again.

        Raises:
            StoreError: its turns cannot be read.
            VaultLockedError: the vault is locked again.

        """
        while self.locked:
            # Unlike `load`, also while an answer is under way: it goes on meanwhile.
            await self._read(AT_HAND)

    async def delete(self, *, now: bool = False) -> None:
        """Delete it and all its turns; without `now` it can be restored."""
        await self._queue.stop()
        info = await self.row.find(self.name)
        if info is not None:
            name = info.handle or info.name
            await self._services.store.library.delete(name, now=now)
        self._forget()

    def _forget(self) -> None:
        self._names.forget(self)
        self.deleted = True
        self._services.events.emit(SessionDeleted(self.id))

    def _update(self, info: SessionInfo | None, turns: list[Turn], total: int) -> None:
        was_locked, self.locked, before = self.locked, "", self._known
        if info is not None:
            self.model, self.options = info.model, dict(info.options)
            self.encrypted, self.handle = info.encrypted, info.handle
        self._known = self.name, self.model, self.options, self.encrypted, self.handle
        changed, reread = self._known != before, bool(was_locked)
        self.transcript.update(info, turns, total, changed=changed, reread=reread)

    def _changed(self) -> None:
        self._services.events.emit(SessionChanged(self.id))
