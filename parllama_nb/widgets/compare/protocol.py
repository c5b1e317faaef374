"""What a compare view and the kernel say to each other, beside what every view says.

Methods: those of every view, and stop, rerun, pick, remove, add, ask, models, chat.
Events: snapshot (CompareSnapshot), deltas (CompareDeltas), column (ColumnData: added,
begun anew, settled, picked), waits (ColumnWaitsData), removed (ColumnParams), models
(ModelGroup), notice (NoticeData: how many have answered).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from .._protocol import Failure, ProgressData, _Wire

__all__ = [
    "WIRE",
    "AddParams",
    "ChatShown",
    "ColumnData",
    "ColumnParams",
    "ColumnWaitsData",
    "CompareDelta",
    "CompareDeltas",
    "CompareSnapshot",
    "Picked",
    "StopParams",
]

# view -> kernel


class ColumnParams(_Wire):
    """Parameters of `rerun`, `pick`, `remove` and `chat`: a column by its number."""

    column: int


class StopParams(_Wire):
    """Parameters of `stop`: a column, or all."""

    column: int | None = None


class AddParams(_Wire):
    """Parameters of `add`: one more model, `provider/model`."""

    model: str = Field(min_length=1, max_length=200)


# kernel -> view


class Picked(_Wire):
    """The result of `pick`: where the answer is now; turns count from 1."""

    session: str
    turn: int


class ChatShown(_Wire):
    """The result of `chat`: the model of a view that shows the conversation."""

    model_id: str
    session: str


class ColumnData(_Wire):
    """A column. Without `text` and `thinking` these are what the deltas gave.

    `asked_s` is when it was asked, in seconds of the comparison's clock; the other
    times are from then on. `cost` is in words, `ending` says how it ended where it did
    not end as it should.
    """

    id: int
    model: str
    state: Literal["idle", "waiting", "streaming", "done", "stopped", "failed"]
    asked_s: float = 0.0
    picked: bool = False
    text: str | None = None
    thinking: str | None = None
    notice: str = ""
    progress: ProgressData | None = None
    error: Failure | None = None
    ending: str = ""
    first_token_s: float | None = None
    total_s: float | None = None
    tokens_per_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: str | None = None


class CompareDelta(_Wire):
    """More of one answer, to be appended to its text or to its thinking."""

    column: int
    kind: Literal["text", "thinking"]
    text: str


class CompareDeltas(_Wire):
    """More of several answers; `at` is the comparison's clock, in seconds."""

    at: float
    deltas: list[CompareDelta]


class ColumnWaitsData(_Wire):
    """What a column waits for."""

    column: int
    notice: str = ""
    progress: ProgressData | None = None


class CompareSnapshot(_Wire):
    """All of a compare view.

    A `lasting` one stays where it is; the others are replaced by what they settle
    into. `state` and `model` are for a page that has only the loader yet. `at` is the
    comparison's clock in seconds, `most` how many columns there can be. `options` are
    in words.
    """

    seq: int
    state: Literal["waiting", "done"]
    model: str
    lasting: bool
    session: str
    prompt: str
    system: str = ""
    options: str = ""
    at: float = 0.0
    most: int
    columns: list[ColumnData]


WIRE: list[type[BaseModel]] = [
    ColumnParams,
    StopParams,
    AddParams,
    Picked,
    ChatShown,
    ColumnWaitsData,
    CompareDeltas,
    CompareSnapshot,
]
"""What `protocol.ts` is to know of these."""
