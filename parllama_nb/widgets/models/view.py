"""The view of local models: installed, running, in the library, made anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ...errors import ParllamaError
from .._base import AnyView, View, failure
from .._protocol import Failure
from .._requests import request
from ..jobs.feed import JobFeed
from ..jobs.protocol import CancelParams, JobsData
from .forms_protocol import (
    AddEmbeddedParams,
    CreateParams,
    ModelfileText,
    QuantizeParams,
    QuantizeTypes,
    QuantizeTypesParams,
)
from .installed import LOCAL, Installed
from .library_protocol import LibraryData, LibraryParams, TagsData, TagsParams
from .library_wire import library_data, tags_data
from .protocol import (
    ChatOpened,
    CopyParams,
    Deleted,
    DetailsData,
    ModelNames,
    ModelParams,
    ModelsData,
    ModelsSnapshot,
    NotDeleted,
    PlaceData,
    RunningModels,
    Started,
    TransferParams,
    UpdateData,
    Updates,
)
from .wire import details_data, running_data

if TYPE_CHECKING:
    from ...application import Parllama
    from ...jobs import Job

__all__ = ["ModelBrowser", "OpenChat"]

OpenChat = Callable[[str], Awaitable[str]]
"""Shows a chat with a model where there is one; returns the conversation's name."""


class ModelBrowser(View[ModelsSnapshot, ModelsData | JobsData]):
    """Shows the local models as they are, whatever changes them.

    `words` are what the table is filtered by at first. The panel sets `open_chat`, to
    use its own chat; without it a chat is shown inside the view.
    """

    bundle_name = "models"
    without_widgets = "%parllama models lists the models."

    open_chat: OpenChat | None = None

    def __init__(self, app: Parllama, words: str = "") -> None:
        self._place = PlaceData(
            segment="installed", sort="name", down=False, filter=words
        )
        self._chat: AnyView | None = None
        super().__init__(app)
        self._local = app.local_models
        self._installed = Installed(app, self.tell)
        self._feed = JobFeed(app, self.tell, self._local.owns)

    def snapshot(self) -> ModelsSnapshot:
        """Return all models and jobs as they are now."""
        models, lists = self._installed.now()
        return ModelsSnapshot(
            seq=self.seq,
            now=time.time(),
            models=models,
            lists=lists,
            jobs=self._feed.jobs(),
            place=self._place,
            in_panel=self.open_chat is not None,
        )

    def close(self) -> None:
        """Close the view; jobs go on."""
        self._feed.close()
        self._soon(self._installed.close)
        if self._chat is not None:
            self._chat.close()
        super().close()

    @request
    async def on_hello(self) -> ModelsSnapshot:
        """Send what is known, and list the models of the local providers anew."""
        await self._installed.known()
        # What is new may be new to the pages that show this view already, too.
        self._installed.ask()
        return await super().on_hello()

    @request
    async def on_refresh(self) -> None:
        """List the models anew."""
        self._installed.ask()

    @request
    async def on_place(self, params: PlaceData) -> None:
        """Remember where the user is."""
        self._place = params

    # jobs

    @request
    async def on_pull(self, params: TransferParams) -> Started:
        """Download a model."""
        return _started(
            self._local.pull(params.model.strip(), insecure=params.insecure)
        )

    @request
    async def on_push(self, params: TransferParams) -> Started:
        """Upload a model to its registry."""
        return _started(
            self._local.push(params.model.strip(), insecure=params.insecure)
        )

    @request
    async def on_load(self, params: ModelParams) -> Started:
        """Load a model into memory."""
        job = self._local.load(params.model)
        # Which models are loaded is in their list.
        job.future.add_done_callback(lambda _: self._soon(self._installed.ask))
        return _started(job)

    @request
    async def on_create(self, params: CreateParams) -> Started:
        """Make a new model in Ollama."""
        from .forms import creation  # noqa: PLC0415 - only if it is used

        made = await asyncio.to_thread(creation, params)
        return _started(self._local.create(made))

    @request
    async def on_modelfile(self, params: CreateParams) -> ModelfileText:
        """Return the Modelfile of a model to be made."""
        from .forms import modelfile  # noqa: PLC0415 - only if it is used

        return ModelfileText(text=modelfile(params).render())

    @request
    async def on_quantize_types(self, params: QuantizeTypesParams) -> QuantizeTypes:
        """Return what a model or a file can be quantized to."""
        from .quantizing import types_of  # noqa: PLC0415 - only if it is used

        return await types_of(self._app.model_lists, params.source)

    @request
    async def on_quantize(self, params: QuantizeParams) -> Started:
        """Make a smaller model."""
        target = params.target.strip()
        return _started(
            self._local.quantize(
                params.source.strip(), target, params.type, place=params.place
            )
        )

    @request
    async def on_add_embedded(self, params: AddEmbeddedParams) -> Started:
        """Add a model to the embedded engine."""
        name = params.name.strip() or None
        return _started(self._local.add_embedded(params.source, name))

    @request
    async def on_cancel(self, params: CancelParams) -> None:
        """Cancel a job, unless it has ended."""
        self._app.jobs.get(params.job_id).cancel()

    # what is done at once

    @request
    async def on_unload(self, params: ModelParams) -> None:
        """Remove a model from memory."""
        await self._local.unload(params.model)
        self._installed.ask(_provider(params.model))

    @request
    async def on_copy(self, params: CopyParams) -> None:
        """Give a model one more name."""
        await self._local.copy(params.source, params.destination.strip())

    @request
    async def on_delete(self, params: ModelNames) -> Deleted:
        """Delete models; says which are still there."""
        failed = await self._local.delete(params.models)
        self._installed.ask(*dict.fromkeys(map(_provider, params.models)))
        return Deleted(
            failed=[
                NotDeleted(model=model, error=self._failure(error))
                for model, error in failed.items()
            ]
        )

    # what is asked

    @request
    async def on_details(self, params: ModelParams) -> DetailsData:
        """Return all that is known of a model."""
        details = await self._local.details(params.model)
        return details_data(details, self._app.redact)

    @request
    async def on_running(self) -> RunningModels:
        """Return the models in memory; a server that is not there is no error."""
        problem: Failure | None = None
        try:
            found = await self._local.running()
        except ParllamaError as error:
            found, problem = [], self._failure(error)
        models = [running_data(each) for each in found]
        return RunningModels(now=time.time(), models=models, problem=problem)

    @request
    async def on_library(self, params: LibraryParams) -> LibraryData:
        """Return models of the public library."""
        return await library_data(self._local, params, self._app.redact)

    @request
    async def on_tags(self, params: TagsParams) -> TagsData:
        """Return the tags of a model of the public library."""
        return await tags_data(self._local, params, self._app.redact)

    @request
    async def on_updates(self, params: ModelNames) -> Updates:
        """Ask the registries for newer models of these names."""
        if not params.models:
            return Updates(models=[])
        found = await self._local.updates(params.models)
        return Updates(
            models=[
                UpdateData(
                    model=model,
                    available=each.available,
                    note=self._app.redact(each.note),
                )
                for model, each in zip(params.models, found, strict=True)
            ]
        )

    @request
    async def on_chat(self, params: ModelParams) -> ChatOpened:
        """Open a chat with a model: the panel's, else one in this view."""
        model = "/".join(self._app.providers.parse(params.model))
        if self.open_chat is not None:
            return ChatOpened(session=await self.open_chat(model))
        from ..chat.view import ChatView  # noqa: PLC0415 - only if it is used

        session = await self._app.sessions.new()
        session.model = model
        if self._chat is None or self._chat.comm is None:
            self._chat = ChatView(self._app, session)
        elif isinstance(self._chat, ChatView):
            self._chat.show(session)
        return ChatOpened(session=session.shown_name, model_id=self._chat.model_id)

    # how

    def _failure(self, error: BaseException) -> Failure:
        return failure(error, self._app.redact)


def _started(job: Job[Any]) -> Started:
    return Started(job_id=job.id)


def _provider(model: str) -> str:
    """Return the provider of a model that a user named; Ollama if none is named."""
    provider = model.partition("/")[0]
    return provider if provider in LOCAL else LOCAL[0]
