"""What a compare view and the kernel send each other, beside what every view does."""

from __future__ import annotations

from pydantic import Field

from .._protocol import (
    AnswerData,
    AnswerState,
    Delta,
    EventData,
    NoticeData,
    ProgressData,
    Settled,
    Snapshot,
    Wire,
)
from ..chat.protocol import LONGEST_QUESTION, ModelGroup

__all__ = [
    "AddParams",
    "ChatShown",
    "ColumnData",
    "ColumnDelta",
    "ColumnFigures",
    "ColumnGone",
    "ColumnParams",
    "ColumnPreviewParams",
    "ColumnSettled",
    "ColumnWaitsData",
    "CompareDeltas",
    "CompareEvent",
    "CompareSnapshot",
    "Picked",
    "StopParams",
]

# view -> kernel


class ColumnParams(Wire):
    """A column by its number."""

    column: int


class StopParams(Wire):
    """Which column is to stop; without one, all."""

    column: int | None = None


class ColumnPreviewParams(Wire):
    """A column, and a question that is not asked yet; "" for the one that was."""

    column: int
    text: str = Field(max_length=LONGEST_QUESTION)


class AddParams(Wire):
    """One more model, `provider/model`."""

    model: str = Field(min_length=1, max_length=200)


# kernel -> view


class Picked(Wire):
    """Where the picked answer is now; turns count from 1."""

    session: str
    turn: int


class ChatShown(Wire):
    """The model of a view that shows the conversation."""

    model_id: str
    session: str


class ColumnFigures(Wire):
    """What is known of a column beside its answer.

    `asked_s` is when it was asked, in seconds of the comparison's clock; the other
    times are from then on. `cost` is in words, `ending` says how it ended if not as it
    should.
    """

    model: str
    asked_s: float = 0.0
    picked: bool = False
    ending: str = ""
    first_token_s: float | None = None
    total_s: float | None = None
    tokens_per_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: str | None = None


class ColumnData(ColumnFigures, AnswerData, EventData):
    """All of a column, which was added or asked anew."""

    event = "column"
    id: int


class ColumnSettled(ColumnFigures, Settled):
    """How a column's answer ended, or that it is picked, or no longer is."""

    column: int


class ColumnDelta(Delta):
    """More of a column's answer."""

    column: int


class CompareDeltas(EventData):
    """More of several answers; `at` is the comparison's clock, in seconds."""

    event = "deltas"
    at: float
    deltas: list[ColumnDelta]


class ColumnWaitsData(EventData):
    """What a column waits for."""

    event = "waits"
    column: int
    notice: str = ""
    progress: ProgressData | None = None


class ColumnGone(EventData):
    """A column that is no longer there."""

    event = "removed"
    column: int


class CompareSnapshot(Snapshot):
    """All of a compare view.

    A `lasting` one stays where it is; the others are replaced by what they settle
    into. `state` and `model` are for a page that has only the loader yet. `at` is the
    comparison's clock in seconds, `most` how many columns there can be. `options` are
    in words.
    """

    state: AnswerState
    model: str
    lasting: bool
    session: str
    prompt: str
    system: str = ""
    options: str = ""
    at: float = 0.0
    most: int
    columns: list[ColumnData]


CompareEvent = (
    ColumnData
    | ColumnSettled
    | CompareDeltas
    | ColumnWaitsData
    | ColumnGone
    | ModelGroup
    | NoticeData  # how many have answered
)
