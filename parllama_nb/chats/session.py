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

from ..errors import ParllamaError, StoreUnavailableError, UsageError
from ..events import SessionChanged, SessionDeleted
from ..jobs import Job
from ..providers.accounting import name_of, occasion
from ..providers.base import Provider
from .answer import Answer
from .engine import shielded
from .fitting import built_to_fit, noted
from .history.reading import SessionInfo, Turn
from .history.removed import RemovedTurn
from .live_turn import LiveTurn, begin
from .memory_taken import is_taken, keep_options, with_memory
from .preview import RequestPreview, preview_of
from .question import Question
from .queue import QuestionQueue, begun_or_over
from .request import Built
from .services import ChatServices
from .session_names import SessionNames
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
    it is "" otherwise.
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
        self.handle = self.locked = ""
        self._locks = 0
        self._read: tuple[object, ...] = ()  # what it has beside turns and sums
        self._services = services
        self._names = names
        self._named = named
        self._queue = QuestionQueue(self.id, services.events.emit)

    @property
    def shown_name(self) -> str:
        """Its name, or what stands for it while it is locked."""
        return self.handle if self.locked and self.handle else self.name

    @property
    def is_blank(self) -> bool:
        """Whether it is new: nobody has named it, and nothing was asked."""
        return not (self._named or self.transcript.total or self.answering)

    @property
    def answering(self) -> bool:
        """Whether a question is being answered or waits."""
        return self._queue.first is not None

    async def read(self, turn: int) -> Turn:
        """Return a turn of the conversation by its id.

        Raises:
            UsageError: it is no longer there.

        """
        found = self.transcript.find(turn)
        found = found or await self._services.store.turn(self.name, turn)
        if found is None:
            raise _gone()
        return found

    async def load(self) -> None:
        """Read the session from the store, unless a question is being answered."""
        if not self.answering:
            await self._reread(lambda: not self.answering)

    async def _reread(self, wanted: Callable[[], bool]) -> None:
        """Read the session, and take it if it is still `wanted` then."""
        while True:
            locks, before = self._locks, self.transcript.changes
            info, turns = await self._services.store.load(self.name, AT_HAND)
            # What was read before a lock of the vault may be what it is to hide.
            if locks == self._locks:
                break
        if before == self.transcript.changes and wanted():
            self._update(info, turns, info.turns if info else 0)

    async def earlier(self, before: int, count: int) -> list[Turn]:
        """Return the last `count` turns before the turn `before`."""
        return await self._services.store.turns(self.name, before=before, limit=count)

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
                return await self._turn(question, job)

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
        if not self._named:
            self._named = True
            await self._names.name_after(self, built.title)
        if is_taken(built.memory, self.options):
            self.options = {**self.options, "memory": built.memory}
            await keep_options(self.name, self.model, self.options, services)
        live = begin(
            services.store,
            job,
            built,
            question,
            before=before,
            turns=turns,
            model=f"{provider.spec.name}/{built.request.model}",
            session=self.name,
            transcript=self.transcript,
        )
        if before is not None and before.id < 0:
            self._remove(before.id)
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
            before = self.transcript.changes, self._locks
            info, turns = await self._services.store.load(self.name)
            now = self.transcript.changes, self._locks
            # A preview may be asked for while a question is answered.
            if self.live is None and before == now:
                self._update(info, turns[-AT_HAND:], len(turns))
            return [*turns, *self.transcript.unsaved]
        return self.transcript.unsaved

    async def _settle(
        self, live: LiveTurn, before: Turn | None, answer: Answer
    ) -> None:
        if live.id < 0 < live.record.id:
            # It was written after all.
            self._remove(live.id)
            live.id = live.record.id
        settled = live.as_settled(answer)
        self.transcript.add_usage(answer)
        if live.record.restored and before is not None:
            # The earlier answer stays; only the error of the new try is shown.
            settled = replace(before, error=answer.error)
            if live.follows is not None:
                self._remove(live.id)
                with contextlib.suppress(ParllamaError):
                    await shielded(self._reread(lambda: True))
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
        await self._services.store.configure(self.name, model, chosen)
        self.model, self.options = model, chosen
        self._emit(SessionChanged(self.id))

    async def delete_turn(self, turn: int) -> RemovedTurn | None:
        """Delete a turn, question and answer; stops it first if it is under way.

        Returns what puts it back; None if it was not on disk.
        """
        live = self.live
        before = live.before if live is not None and live.follows is None else None
        if live is not None and turn in (live.id, before and before.id):
            live.job.cancel()
            with contextlib.suppress(ParllamaError):
                await asyncio.shield(asyncio.wrap_future(live.job.future))
        removed = await self._services.store.take_out(self.name, turn)
        self._remove(turn)
        # Another alternative may be shown in its place, with what followed that.
        await self.load()
        self._emit(SessionChanged(self.id))
        return removed

    async def show(self, turn: int) -> None:
        """Show a turn instead of its alternatives, and what followed it.

        Raises:
            UsageError: it is no longer there, or a question is being answered.

        """
        self._queue.refuse()
        if not await self._services.store.show(self.name, turn):
            raise _gone()
        await self.load()

    async def amend(
        self, turn: int, *, question: str | None = None, answer: str | None = None
    ) -> None:
        """Change the text of a turn's question or answer, without asking again.

        Raises:
            UsageError: it is no longer there, or a question is being answered.

        """
        self._queue.refuse()
        changed = await self._services.store.amend(
            self.name, turn, question=question, answer=answer
        )
        if changed is None:
            raise _gone()
        self.transcript.put(changed)

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
        self._named = True
        self._emit(SessionChanged(self.id))

    async def encrypt(self) -> None:
        """Encrypt all its texts, past and future, its name among them.

        Raises:
            VaultLockedError: the vault is locked.
            StoreError: it failed, or the old texts may still be in a file.

        """
        try:
            self.handle = await self._services.store.encrypt(self.name)
            self.encrypted = True
            self._queue.hide_questions()
            if self.live is not None:
                await self.live.record.outlast_lock()
        finally:
            self._emit(SessionChanged(self.id))

    async def decrypt(self) -> None:
        """Store its texts unencrypted again.

        Raises:
            VaultLockedError: the vault is locked.

        """
        name = await self._services.store.decrypt(self.name)
        self.encrypted, self.handle = False, ""
        if name != self.name:
            self._names.renamed(self, name)
        self._emit(SessionChanged(self.id))

    def take_lock(self, why: str) -> None:
        """Lock it if it is encrypted, for `why` the vault cannot be read."""
        # Its texts may be under way, also if it is not known yet to be encrypted.
        self._locks += 1
        if self.encrypted and not self.locked:
            self.lock(why)

    def lock(self, why: str) -> None:
        """Drop its texts, which are encrypted, for `why` the vault cannot be read.

        An answer under way goes on, and is stored encrypted.
        """
        self.encrypted, self.locked, self.options = True, why, {}
        self.transcript.lock()
        self._queue.hide_questions()
        self._emit(SessionChanged(self.id, reread=True))

    async def unlock(self) -> None:
        """Read its texts again.

        Raises:
            StoreError: its turns cannot be read.
            VaultLockedError: the vault is locked again.

        """
        while self.locked:
            before = self.transcript.changes, self._locks
            info, turns = await self._services.store.load(self.name, AT_HAND)
            # Unlike `load`, also while an answer is under way: it goes on meanwhile.
            if before == (self.transcript.changes, self._locks):
                self._update(info, turns, info.turns if info else 0)

    async def delete(self, *, now: bool = False) -> None:
        """Delete it and all its turns; without `now` it can be restored."""
        await self._queue.stop()
        await self._services.store.library.delete(self.name, now=now)
        self._names.forget(self)
        self.deleted = True
        self._emit(SessionDeleted(self.id))

    def _remove(self, turn: int) -> None:
        if self.live is not None and self.live.id == turn:
            self.live.deleted = True
        self.transcript.remove(turn)

    def _update(self, info: SessionInfo | None, turns: list[Turn], total: int) -> None:
        was_locked, self.locked, before = self.locked, "", self._read
        if info is not None:
            self.model, self.options = info.model, dict(info.options)
            self.encrypted, self.handle = info.encrypted, info.handle
            if info.name != self.name:
                self._names.renamed(self, info.name)
        self._read = self.name, self.model, self.options, self.encrypted, self.handle
        changed, reread = self._read != before, bool(was_locked)
        self.transcript.update(info, turns, total, changed=changed, reread=reread)

    def _emit(self, event: SessionChanged | SessionDeleted) -> None:
        self._services.events.emit(event)


def _gone() -> UsageError:
    return UsageError("That turn is no longer in the conversation.")
