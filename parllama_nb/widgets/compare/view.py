"""The compare view: one question, several models, each answer in a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...chats.question import Question
from ...comparisons.column import MOST_COLUMNS
from ...comparisons.comparison import Comparison
from ...comparisons.result import ComparisonResult
from ...errors import ParllamaError, UsageError
from ...events import (
    ColumnChanged,
    ColumnRemoved,
    ColumnsGrew,
    ColumnWaits,
    ComparisonBegun,
    Event,
)
from .._base import AnyView
from .._job_view import JobView
from .._protocol import NoticeData
from .._requests import request
from ..chat.protocol import ModelGroups, ModelsParams, SendParams
from ..model_choice import ModelChoice
from ..sent import SentData, sent_data
from .protocol import (
    AddParams,
    ChatShown,
    ColumnDelta,
    ColumnGone,
    ColumnParams,
    ColumnPreviewParams,
    CompareDeltas,
    CompareEvent,
    CompareSnapshot,
    Picked,
    StopParams,
)
from .wire import column_data, options_in_words, settled_data, waits_data

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["CompareView"]

_ALL = StopParams()

_LASTING = (
    "The comparison needs the kernel that made it: while that runs, %parllama compare "
    "shows it again. %parllama last N shows the last N answers."
)


class CompareView(JobView[CompareSnapshot, CompareEvent]):
    """Shows a comparison, or another one that the user begins in it.

    Without one it is the view of a cell: it shows the comparison that the cell's job
    begins (pass `hear` to `JobRunner.start`) until that has settled.
    """

    bundle_name = "compare"
    without_widgets = (
        "The answers were still streaming when this was saved; %parllama last N shows "
        "what had arrived of the last N answers."
    )

    def __init__(
        self,
        app: Parllama,
        comparison: Comparison | None = None,
        *,
        models: Sequence[str] = (),
    ) -> None:
        self._lasting = comparison is not None
        if self._lasting:
            self.without_widgets = _LASTING
        self._side = comparison
        self._named = models
        self._chat: AnyView | None = None
        self._unlisten: Callable[[], None] = lambda: None
        self._models = ModelChoice(app, self.tell)
        super().__init__(app)
        if comparison is not None:
            self._loop.call_soon_threadsafe(self._listen, comparison)

    def snapshot(self) -> CompareSnapshot:
        """Return the comparison as it is now."""
        side = self._side
        if side is None:
            return CompareSnapshot(
                seq=self.seq,
                state="waiting",
                model=", ".join(self._named),
                lasting=False,
                session="",
                prompt="",
                most=MOST_COLUMNS,
                columns=[],
            )
        question = side.question
        return CompareSnapshot(
            seq=self.seq,
            state="waiting" if side.running else "done",
            model=", ".join(column.model for column in side.columns),
            lasting=self._lasting,
            session=question.conversation or "",
            prompt=question.text or "",
            system=question.system or "",
            options=options_in_words(side),
            at=side.seconds,
            most=MOST_COLUMNS,
            columns=[
                column_data(each, side, self._app.redact) for each in side.columns
            ],
        )

    def close(self) -> None:
        """Close the view; the comparison goes on."""
        self._unlisten()
        self._models.close()
        if self._chat is not None:
            self._chat.close()
        super().close()

    # as the view of a cell

    def hear(self, event: Event) -> None:
        """Show the comparison that the job begins. On the service loop."""
        if isinstance(event, ComparisonBegun):
            self._listen(self._app.comparisons.get(event.comparison_id))
            self.tell_all()

    def partial(self) -> ComparisonResult | None:
        """Return the partial result, or None before it has begun. From any thread."""
        return None if self._side is None else self._side.comparison(stopped=True)

    def settle(self, result: object) -> None:
        """Do nothing: each column has shown how it ended."""

    # requests

    @request
    async def on_left(self) -> None:
        """Stop sending once no page shows the view."""
        await super().on_left()
        if self._shown <= 0:
            self._listened = False

    @request
    async def on_stop(self, params: StopParams = _ALL) -> None:
        """Stop a column, or all of them."""
        if self._side is None and self._job is not None:
            self._job.cancel()
        else:
            self._begun().stop(params.column)

    @request
    async def on_rerun(self, params: ColumnParams) -> None:
        """Ask the model of a column again."""
        self._begun().rerun(params.column)

    @request
    async def on_pick(self, params: ColumnParams) -> Picked:
        """Make an answer a turn of the conversation."""
        answer = await self._begun().pick(params.column)
        return Picked(session=answer.session or "", turn=answer.turn or 0)

    @request
    async def on_remove(self, params: ColumnParams) -> None:
        """Remove a column."""
        self._begun().remove(params.column)

    @request
    async def on_add(self, params: AddParams) -> None:
        """Add a column with one more model."""
        self._begun().add("/".join(self._app.providers.parse(params.model.strip())))

    @request
    async def on_ask(self, params: SendParams) -> None:
        """Ask the models of the columns something else, in new columns."""
        before = self._begun()
        if not params.text.strip():
            message = "The question is empty."
            raise UsageError(message)
        if not before.columns:
            message = "There is no model to ask."
            raise UsageError(message, hint="Add a model.")
        if before.running:
            message = "These models are still answering."
            raise UsageError(message, hint="Wait until they finish, or stop them.")
        question = _following(before.question, params.text)
        models = [column.model for column in before.columns]
        self._listen(self._app.comparisons.begin(question, models))
        self.tell_all()

    @request
    async def on_preview(self, params: ColumnPreviewParams) -> SentData:
        """Say what the model of a column would be sent; nothing is sent."""
        side = self._begun()
        column, question = side.column(params.column), side.question
        if params.text.strip():
            question = _following(question, params.text)
        ((_, found),) = (
            await self._app.comparisons.preview(question, [column.model])
        ).found
        if isinstance(found, ParllamaError):
            raise found
        return await sent_data(found)

    @request
    async def on_models(self, params: ModelsParams) -> ModelGroups:
        """List the models that can be added, as far as they are known."""
        return ModelGroups(groups=self._models.groups(refresh=params.refresh))

    @request
    async def on_chat(self, params: ColumnParams) -> ChatShown:
        """Pick an answer and show the conversation, to continue with its model."""
        from ..chat.view import ChatView  # noqa: PLC0415 - only if it is used

        side = self._begun()
        column = side.column(params.column)
        if not column.picked:
            await side.pick(params.column)
        session = await self._app.sessions.open(side.question.conversation or "")
        await session.configure(model=column.model, options=session.options)
        if self._chat is None or self._chat.comm is None:
            self._chat = ChatView(self._app, session)
        return ChatShown(model_id=self._chat.model_id, session=session.shown_name)

    def _begun(self) -> Comparison:
        if self._side is not None:
            return self._side
        message = "The question has not been asked yet."
        raise UsageError(message, hint="Try again in a moment.")

    # events

    def _listen(self, side: Comparison) -> None:
        self._unlisten()
        self._side = side
        self._unlisten = self._app.events.listen(side.id, self._take_up)

    def _take_up(self, event: Event) -> None:
        side, redact = self._begun(), self._app.redact
        match event:
            case ColumnsGrew(deltas=grown):
                deltas = [
                    ColumnDelta(column=each.column, kind=each.kind, text=each.text)
                    for each in grown
                ]
                self.tell(CompareDeltas(at=side.seconds, deltas=deltas))
            case ColumnWaits(column=number):
                self.tell(waits_data(side.column(number), redact))
            case ColumnChanged(column=number):
                column = side.column(number)
                if column.answer is None:
                    self.tell(column_data(column, side, redact))
                else:
                    self.tell(settled_data(column, side, redact))
                self._tell_count(side)
            case ColumnRemoved(column=number):
                self.tell(ColumnGone(column=number))
            case _:
                pass

    def _tell_count(self, side: Comparison) -> None:
        """Send how many have answered, for the loader and for screen readers."""
        ended = sum(column.answer is not None for column in side.columns)
        if ended:
            text = f"{ended} of {len(side.columns)} have answered"
            self.tell(NoticeData(text=text))


def _following(question: Question, text: str) -> Question:
    """Return what is asked next in a comparison."""
    return replace(question, text=text, attached=(), cell_id=None, notes=())
