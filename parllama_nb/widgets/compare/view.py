"""The compare view: one question, several models, each answer in a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...comparisons.column import MOST_COLUMNS
from ...comparisons.comparison import Comparison
from ...comparisons.result import ComparisonResult
from ...errors import UsageError
from ...events import (
    ColumnChanged,
    ColumnRemoved,
    ColumnsGrew,
    ColumnWaits,
    ComparisonBegun,
    Event,
)
from .._base import Method, View
from .._job_view import JobView
from .._protocol import NoticeData
from ..chat.protocol import SendParams
from ..model_choice import ModelChoice
from .protocol import (
    AddParams,
    ChatShown,
    ColumnData,
    ColumnParams,
    CompareDelta,
    CompareDeltas,
    CompareSnapshot,
    Picked,
    StopParams,
)
from .wire import column_data, options_in_words, waits_data

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["CompareView"]


class CompareView(JobView):
    """Shows a comparison, and any other that is asked for in it.

    Made without one it is a cell's: it shows the comparison that the cell's job begins
    (hand `hear` to `JobRunner.start`) until that has settled.
    """

    bundle_name = "compare"
    without_widgets = (
        "The answers were still on their way when this was saved, or their kernel is "
        "gone; %parllama last N shows what had come."
    )

    def __init__(
        self,
        app: Parllama,
        comparison: Comparison | None = None,
        *,
        models: Sequence[str] = (),
    ) -> None:
        self._lasting = comparison is not None
        self._side = comparison
        self._named = models
        self._chat: View | None = None
        self._unlisten: Callable[[], None] = lambda: None
        self._models = ModelChoice(app, lambda group: self.tell("models", group))
        super().__init__(app)
        if comparison is not None:
            self._loop.call_soon_threadsafe(self._listen, comparison)

    def methods(self) -> dict[str, Method]:
        """As of every view, and those of a comparison."""
        return {
            **super().methods(),
            "stop": self._stop,
            "rerun": self._rerun,
            "pick": self._pick,
            "remove": self._remove,
            "add": self._add,
            "ask": self._ask,
            "models": self._list_models,
            "chat": self._show_chat,
        }

    def snapshot(self) -> CompareSnapshot:
        """The comparison as it is now."""
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
            columns=[self._data(side, each.id, whole=True) for each in side.columns],
        )

    def close(self) -> None:
        """Close it; what is under way goes on."""
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
            self._tell_all()

    def partial(self) -> ComparisonResult | None:
        """What had come, where nothing better is to be had. From any thread."""
        return None if self._side is None else self._side.comparison(stopped=True)

    def settle(self, result: object) -> None:
        """Nothing more is to be shown: each column has told how it ended."""

    # what is asked

    async def _left(self, params: dict[str, Any]) -> dict[str, Any]:
        result = await super()._left(params)
        if self._shown <= 0:
            self._listened = False
        return result

    async def _stop(self, params: dict[str, Any]) -> dict[str, Any]:
        column = StopParams.model_validate(params).column
        if self._side is None and self._job is not None:
            self._job.cancel()
        else:
            self._begun().stop(column)
        return {}

    async def _rerun(self, params: dict[str, Any]) -> dict[str, Any]:
        self._begun().rerun(_column(params))
        return {}

    async def _pick(self, params: dict[str, Any]) -> dict[str, Any]:
        kept = await self._begun().pick(_column(params))
        return Picked(session=kept.session or "", turn=kept.turn or 0).model_dump()

    async def _remove(self, params: dict[str, Any]) -> dict[str, Any]:
        self._begun().remove(_column(params))
        return {}

    async def _add(self, params: dict[str, Any]) -> dict[str, Any]:
        named = AddParams.model_validate(params).model.strip()
        model = "/".join(self._app.providers.parse(named))
        self._begun().add(model)
        return {}

    async def _ask(self, params: dict[str, Any]) -> dict[str, Any]:
        """Ask the models of the columns something else, in new columns."""
        text, before = SendParams.model_validate(params).text, self._begun()
        if not text.strip():
            message = "The question is empty."
            raise UsageError(message)
        if not before.columns:
            message = "No model is there to be asked."
            raise UsageError(message, hint="Add one.")
        if before.running:
            message = "These models are still answering."
            raise UsageError(message, hint="Wait for the end of it, or stop them.")
        question = replace(
            before.question, text=text, images=(), cell_id=None, notes=()
        )
        models = [column.model for column in before.columns]
        self._listen(self._app.comparisons.begin(question, models))
        self._tell_all()
        return {}

    async def _list_models(self, params: dict[str, Any]) -> dict[str, Any]:
        groups = self._models.groups(refresh=bool(params.get("refresh")))
        return {"groups": [group.model_dump(exclude_none=True) for group in groups]}

    async def _show_chat(self, params: dict[str, Any]) -> dict[str, Any]:
        """Keep an answer, and show the conversation with its model to go on with."""
        from ..chat.view import ChatView  # noqa: PLC0415 - where it is wanted only

        side, number = self._begun(), _column(params)
        column = side.column(number)
        if not column.picked:
            await side.pick(number)
        session = await self._app.sessions.open(side.question.conversation or "")
        await session.configure(model=column.model, options=session.options)
        if self._chat is None or self._chat.comm is None:
            self._chat = ChatView(self._app, session)
        shown = ChatShown(model_id=self._chat.model_id, session=session.name)
        return shown.model_dump()

    def _begun(self) -> Comparison:
        if self._side is not None:
            return self._side
        message = "The question is not asked yet."
        raise UsageError(message, hint="Try again in a moment.")

    # what happens

    def _listen(self, side: Comparison) -> None:
        self._unlisten()
        self._side = side
        self._unlisten = self._app.events.listen(side.id, self._take_up)

    def _tell_all(self) -> None:
        self.tell("snapshot", self.snapshot_at(self.seq + 1))

    def _take_up(self, event: Event) -> None:
        side = self._begun()
        match event:
            case ColumnsGrew(deltas=grown):
                deltas = [
                    CompareDelta(column=each.column, kind=each.kind, text=each.text)
                    for each in grown
                ]
                self.tell("deltas", CompareDeltas(at=side.seconds, deltas=deltas))
            case ColumnWaits(column=number):
                self.tell("waits", waits_data(side.column(number), self._app.redact))
            case ColumnChanged(column=number):
                begins = side.column(number).live.state in {"idle", "waiting"}
                self.tell("column", self._data(side, number, whole=begins))
                self._tell_count(side)
            case ColumnRemoved(column=number):
                self.tell("removed", ColumnParams(column=number))
            case _:
                pass

    def _tell_count(self, side: Comparison) -> None:
        """For a page that has only the loader, and for those who listen to a page."""
        ended = sum(column.answer is not None for column in side.columns)
        if ended:
            text = f"{ended} of {len(side.columns)} have answered"
            self.tell("notice", NoticeData(text=text))

    def _data(self, side: Comparison, number: int, *, whole: bool) -> ColumnData:
        column = side.column(number)
        return column_data(column, side, self._app.redact, whole=whole)


def _column(params: dict[str, Any]) -> int:
    return ColumnParams.model_validate(params).column
