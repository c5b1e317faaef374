"""The view of the memory: read, written, switched on and off, rewritten by a model."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from ...errors import ParllamaError, StoppedError
from ...events import MEMORY, SETTINGS, Event, MemoryChanged, SettingsChanged
from ...memories.memory import LONGEST
from .._base import View, failure
from .._protocol import Failure
from .._requests import request
from .protocol import (
    MemoryData,
    MemoryDraft,
    MemoryLine,
    MemoryProposal,
    MemorySnapshot,
    RevisionParams,
    RewriteParams,
    SaveMemoryParams,
    SwitchParams,
)

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["MemoryView"]

# Seconds between two looks at what other kernels have changed, while a page shows it.
_LOOK = 2.0


class MemoryView(View[MemorySnapshot, MemoryData]):
    """Shows the memory of the user, whoever changes it."""

    bundle_name = "memory"
    without_widgets = "%parllama memory shows the memory."

    def __init__(self, app: Parllama) -> None:
        self._told: MemoryData | None = None
        self._draft: MemoryDraft | None = None
        self._watching: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        super().__init__(app)
        self._unlisten = (
            app.events.listen(MEMORY, self._hear),
            app.events.listen(SETTINGS, self._hear),
        )

    def snapshot(self) -> MemorySnapshot:
        """Return what a page begins with."""
        return MemorySnapshot(seq=self.seq, memory=self._told, draft=self._draft)

    def close(self) -> None:
        """Close the view; a model that rewrites the memory goes on."""
        for unlisten in self._unlisten:
            unlisten()
        self._soon(self._stop_watching)
        super().close()

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def _hear(self, event: Event) -> None:
        if isinstance(event, MemoryChanged) or (
            isinstance(event, SettingsChanged) and "memory.enabled" in event.keys
        ):
            self._changed.set()

    async def _watch(self) -> None:
        """Tell what has changed, here and in other kernels."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._changed.wait()
            if self._changed.is_set() or self._shown > 0:
                self._changed.clear()
                await self._look()

    async def _look(self) -> None:
        data = await self._data()
        if data != self._told:
            self._told = data
            self.tell(data)

    async def _data(self) -> MemoryData:
        app, proposals = self._app, self._app.memory_proposals
        problem: Failure | None = None
        text, revision, can_undo, can_redo = "", 0, False, False
        try:
            memory = await app.memory.read()
        except ParllamaError as error:
            problem = failure(error, app.redact)
        else:
            text, revision = memory.text, memory.revision
            can_undo, can_redo = memory.can_undo, memory.can_redo
        job = proposals.job
        # Other kernels may have changed the settings file, which is read here.
        on = await asyncio.to_thread(lambda: app.memory.is_on)
        return MemoryData(
            text=text,
            revision=revision,
            on=on,
            can_undo=can_undo,
            can_redo=can_redo,
            longest=LONGEST,
            working=job.title if job is not None and proposals.working else "",
            proposal=self._proposal(revision),
            failure=self._failure(),
            problem=problem,
        )

    def _proposal(self, revision: int) -> MemoryProposal | None:
        proposal, redact = self._app.memory_proposals.proposal, self._app.redact
        if proposal is None:
            return None
        lines = [
            MemoryLine(mark=line.mark, text=redact(line.text))
            for line in proposal.lines
        ]
        return MemoryProposal(
            verb=proposal.verb,
            wanted=redact(proposal.wanted),
            lines=lines,
            model=proposal.model,
            note=redact(proposal.note),
            stale=proposal.revision != revision,
        )

    def _failure(self) -> Failure | None:
        job = self._app.memory_proposals.job
        error = job.error if job is not None else None
        if error is None or isinstance(error, StoppedError):
            return None
        return failure(error, self._app.redact)

    # what can be asked

    @request
    async def on_hello(self) -> MemorySnapshot:
        """Begin to look for changes, and send everything."""
        self._told = await self._data()
        if self._watching is None:
            self._watching = self._loop.create_task(self._watch())
        return await super().on_hello()

    @request
    async def on_switch(self, params: SwitchParams) -> None:
        """Give the memory to new conversations, or no more."""
        update = self._app.settings.update
        await asyncio.to_thread(lambda: update({"memory.enabled": params.on}))
        await self._look()

    @request
    async def on_save(self, params: SaveMemoryParams) -> MemoryData:
        """Save what was typed."""
        revision = None if params.over else params.revision
        await self._app.memory.save(params.text, revision=revision)
        self._draft = None
        return await self._now()

    @request
    async def on_undo(self, params: RevisionParams) -> MemoryData:
        """Undo the last change."""
        await self._app.memory.undo(revision=params.revision)
        return await self._now()

    @request
    async def on_redo(self, params: RevisionParams) -> MemoryData:
        """Take the last undo back."""
        await self._app.memory.redo(revision=params.revision)
        return await self._now()

    @request
    async def on_draft(self, params: MemoryDraft) -> None:
        """Keep what is typed for a page that is loaded again."""
        self._draft = None if params.text is None else params

    @request
    async def on_rewrite(self, params: RewriteParams) -> None:
        """Begin to propose a change."""
        self._app.memory_proposals.begin(params.verb, params.text, plain=params.plain)
        await self._look()

    @request
    async def on_stop(self) -> None:
        """Stop the model that rewrites the memory."""
        job = self._app.memory_proposals.job
        if job is not None:
            job.cancel()

    @request
    async def on_accept(self) -> MemoryData:
        """Make the proposal the memory."""
        await self._app.memory_proposals.accept()
        return await self._now()

    @request
    async def on_reject(self) -> MemoryData:
        """Throw the proposal away."""
        self._app.memory_proposals.reject()
        return await self._now()

    async def _now(self) -> MemoryData:
        await self._look()
        return self._told or await self._data()
