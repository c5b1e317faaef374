"""The view of the prompt library: found, read, filled in, edited, imported, used."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ...errors import ParllamaError
from ...events import ALL, PROMPTS, Event, JobChanged
from .._base import View
from .._requests import request
from ..chat.protocol import ModelGroup, ModelGroups, ModelsParams
from ..jobs.feed import JobFeed
from ..jobs.protocol import JobsData
from ..model_choice import ModelChoice
from .editing import saved
from .exporting import exported
from .import_protocol import (
    BesideData,
    CandidateParams,
    ExportedData,
    ExportParams,
    ImportData,
    ImportParams,
    OfferData,
    SourcesData,
    TakeParams,
)
from .importing import beside, import_data, offer_data, sources_data
from .listing import facets, found
from .protocol import (
    DraftEdit,
    EditData,
    FacetsData,
    FavouriteParams,
    FillParams,
    FindParams,
    FoundData,
    PromptData,
    PromptName,
    PromptNames,
    PromptPlace,
    PromptsData,
    PromptsSnapshot,
    PromptUsed,
    RenderedData,
    SavedData,
    SaveParams,
    UseParams,
    VersionParams,
)
from .wire import given, is_complete, prompt_data, rendered_data

if TYPE_CHECKING:
    from ...application import Parllama
    from ..chat.view import ChatView

__all__ = ["OpenChat", "PromptBrowser"]

OpenChat = Callable[[], Awaitable["ChatView"]]
"""Shows a chat with nothing in it where there is one; returns its view."""

_WINDOW = 100
"""Prompts in the first snapshot."""

# Seconds for which changes are collected: an import and a cell make many.
_JOINED = 0.1


class PromptBrowser(
    View[PromptsSnapshot, PromptsData | JobsData | ImportData | ModelGroup]
):
    """Shows the prompts of the user, whatever changes them.

    `words` are what the list is searched for at first, `name` is the prompt that is
    open. The panel sets `open_chat`, to use its own chat; without it a chat is shown
    inside the view.
    """

    bundle_name = "prompts"
    without_widgets = "%parllama prompts lists the prompts."

    open_chat: OpenChat | None = None

    def __init__(self, app: Parllama, words: str = "", name: str = "") -> None:
        self._place = PromptPlace(
            query=words, tags=[], source=None, favourites=False, open=name
        )
        self._revision = 0
        self._draft: EditData | None = None
        self._found: FoundData | None = None
        self._facets: FacetsData | None = None
        self._changing: asyncio.TimerHandle | None = None
        self._chat: ChatView | None = None
        super().__init__(app)
        self._imports = app.prompt_import_jobs
        self._models = ModelChoice(app, self.tell)
        self._feed = JobFeed(app, self.tell, self._imports.owns)
        self._unlisten = (
            app.events.listen(PROMPTS, self._changed),
            app.events.listen(ALL, self._hear),
        )

    def snapshot(self) -> PromptsSnapshot:
        """Return what a page begins with."""
        return PromptsSnapshot(
            seq=self.seq,
            revision=self._revision,
            now=time.time(),
            place=self._place,
            found=self._found,
            facets=self._facets,
            draft=self._draft,
            importing=self._import(),
            in_panel=self.open_chat is not None,
        )

    def close(self) -> None:
        """Close the view; an import goes on."""
        for unlisten in self._unlisten:
            unlisten()
        self._feed.close()
        self._soon(self._models.close)
        if self._chat is not None:
            self._chat.close()
        super().close()

    # what is heard

    def _changed(self, _: Event) -> None:
        self._revision += 1
        self._found = self._facets = None
        if self._changing is None:
            self._changing = self._loop.call_later(_JOINED, self._tell_change)

    def _tell_change(self) -> None:
        self._changing = None
        self.tell(PromptsData(revision=self._revision))

    def _hear(self, event: Event) -> None:
        if isinstance(event, JobChanged) and self._imports.owns_id(event.job_id):
            # Its result is there once this event is over.
            self._loop.call_soon(lambda: self.tell(self._import()))

    def _import(self) -> ImportData:
        return import_data(self._app, self._imports.current, self._feed.data)

    # the list

    @request
    async def on_hello(self) -> PromptsSnapshot:
        """Send the beginning of the list along."""
        if self._found is None:
            # What is wrong with the database is said where the list is asked for.
            with contextlib.suppress(ParllamaError):
                await self._find()
        return await super().on_hello()

    async def _find(self) -> None:
        params = FindParams(**self._place.model_dump(), limit=_WINDOW)
        revision = self._revision
        listed = await found(self._app, params)
        counted = await facets(self._app)
        if revision == self._revision:
            self._found, self._facets = listed, counted

    @request
    async def on_find(self, params: FindParams) -> FoundData:
        """Return some of the prompts that are looked for."""
        return await found(self._app, params)

    @request
    async def on_facets(self) -> FacetsData:
        """Return by which tags and sources the list can be filtered."""
        return await facets(self._app)

    @request
    async def on_place(self, params: PromptPlace) -> None:
        """Remember where the user is."""
        self._place = params
        self._found = None

    # one prompt

    @request
    async def on_prompt(self, params: VersionParams) -> PromptData:
        """Return all of a prompt."""
        library = self._app.prompts
        row = await library.row(params.name)
        prompt = await library.get(row.name, params.version)
        return prompt_data(row, prompt, await library.versions(row.name))

    @request
    async def on_render(self, params: FillParams) -> RenderedData:
        """Return a prompt with its variables filled."""
        prompt = await self._app.prompts.get(params.name, params.version)
        return rendered_data(prompt, params.values, params.text, self._app.redact)

    @request
    async def on_use(self, params: UseParams) -> PromptUsed:
        """Open a chat with a prompt, and ask at once if that is wanted."""
        prompt = await self._app.prompts.get(params.name, params.version)
        values = given(prompt, params.values)
        chat = await self._chat_view()
        await chat.choose(prompt, values, params.text)
        send = params.send and is_complete(prompt, values, params.text)
        if send:
            await chat.send_chosen(params.text, values)
        shown = "" if self.open_chat is not None else chat.model_id
        return PromptUsed(session=chat.session.shown_name, model_id=shown, sent=send)

    async def _chat_view(self) -> ChatView:
        if self.open_chat is not None:
            return await self.open_chat()
        from ..chat.view import ChatView  # noqa: PLC0415 - only if it is used

        session = await self._app.sessions.new()
        if self._chat is None or self._chat.comm is None:
            self._chat = ChatView(self._app, session)
        else:
            self._chat.show(session)
        return self._chat

    @request
    async def on_favourite(self, params: FavouriteParams) -> None:
        """Make a prompt one of the favourites, or no more."""
        await self._app.prompts.set_favourite(params.name, favourite=params.favourite)

    @request
    async def on_duplicate(self, params: PromptName) -> SavedData:
        """Add a copy of a prompt."""
        copy = await self._app.prompts.duplicate(params.name)
        return SavedData(name=copy.name, version=copy.version)

    @request
    async def on_revert(self, params: VersionParams) -> SavedData:
        """Make an earlier version the current one."""
        prompt = await self._app.prompts.revert(params.name, params.version or 1)
        return SavedData(name=prompt.name, version=prompt.version)

    @request
    async def on_delete(self, params: PromptNames) -> PromptNames:
        """Delete prompts; returns their names."""
        return PromptNames(names=await self._app.prompts.delete(params.names))

    @request
    async def on_restore(self, params: PromptNames) -> PromptNames:
        """Bring deleted prompts back; returns the names they have now."""
        return PromptNames(names=await self._app.prompts.restore(params.names))

    # the form

    @request
    async def on_save(self, params: SaveParams) -> SavedData:
        """Save what the form says."""
        result = await saved(self._app, params)
        self._draft = None
        return result

    @request
    async def on_draft(self, params: DraftEdit) -> None:
        """Keep the form for a page that is loaded again."""
        self._draft = params.edit

    @request
    async def on_models(self, params: ModelsParams) -> ModelGroups:
        """List the models that a prompt can be for, as far as they are known."""
        return ModelGroups(groups=self._models.groups(refresh=params.refresh))

    # from elsewhere, and to there

    @request
    async def on_sources(self) -> SourcesData:
        """Return the sources of prompts."""
        return await asyncio.to_thread(sources_data, self._app)

    @request
    async def on_import(self, params: ImportParams) -> ImportData:
        """Begin to read a source."""
        title = self._app.prompt_sources.get(params.source).title
        self._imports.start(
            params.source, title, params.location.strip(), refresh=params.refresh
        )
        return self._import()

    @request
    async def on_offer(self) -> OfferData:
        """Return what the source offers that was read."""
        return offer_data(self._imports.run.offer, self._app.redact)

    @request
    async def on_beside(self, params: CandidateParams) -> BesideData:
        """Return a candidate and the prompt that has its place."""
        return beside(self._imports.run.offer, params.name)

    @request
    async def on_take(self, params: TakeParams) -> ImportData:
        """Import what was chosen."""
        self._imports.take(params.names)
        return self._import()

    @request
    async def on_stop_import(self) -> None:
        """Stop the step that is under way."""
        self._imports.run.job.cancel()

    @request
    async def on_forget_import(self) -> None:
        """Forget the last import, which stops it."""
        self._imports.forget()
        self.tell(self._import())

    @request
    async def on_export(self, params: ExportParams) -> tuple[ExportedData, list[bytes]]:
        """Export prompts to files, or send them to the page."""
        return await exported(self._app, params)
