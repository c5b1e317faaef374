"""Facts, as frozen values, and the one way to hear them.

A command is a method call; a fact is an event. Whoever wants to know what a job does
listens to that job, whoever wants to know of all jobs listens to `ALL`, and what
happens in a conversation is heard of its session, what happens side by side of that
comparison. What is none of these has a source of its own: `SETTINGS`, `MODELS`. Events
are emitted on the service loop, and listeners are called there: they must be quick and
must not block.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .providers.messages import DeltaKind
from .secret import where

if TYPE_CHECKING:
    from psygnal import SignalInstance

__all__ = [
    "ALL",
    "MODELS",
    "SETTINGS",
    "AnswerDelta",
    "AnswerDone",
    "ColumnChanged",
    "ColumnDelta",
    "ColumnRemoved",
    "ColumnWaits",
    "ColumnsGrew",
    "ComparisonBegun",
    "ComparisonEvent",
    "Event",
    "Events",
    "JobChanged",
    "JobEvent",
    "JobForgotten",
    "JobState",
    "ModelsListed",
    "Notice",
    "Progress",
    "ProgressChanged",
    "SessionChanged",
    "SessionDeleted",
    "SessionEvent",
    "SettingsChanged",
    "TurnChanged",
    "TurnsRemoved",
]

_log = logging.getLogger(__name__)

ALL = "*"
"""The source to listen to for the events of every job."""

SETTINGS = "settings"
"""The source to listen to for changes of the settings, here or in another kernel."""

MODELS = "models"
"""The source to listen to for lists of models that came."""

JobState = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long thing is. `total` is None while it is not known.

    `rate` is in units a second and `eta` in seconds, both None until they can be
    told honestly.
    """

    phase: str
    done: float = 0.0
    total: float | None = None
    unit: Literal["bytes", "items", ""] = ""
    rate: float | None = None
    eta: float | None = None


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job began or ended."""

    job_id: str
    title: str
    state: JobState


@dataclass(frozen=True, slots=True)
class JobForgotten:
    """A job that has ended is listed no more."""

    job_id: str


@dataclass(frozen=True, slots=True)
class ProgressChanged:
    """A job came further."""

    job_id: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know while waiting: a retry, and why."""

    job_id: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    """Some more of an answer; deltas are joined, so this is not one token each."""

    job_id: str
    kind: DeltaKind
    text: str


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """An answer is settled: complete, stopped or broken off."""

    job_id: str


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Settings have other values than before, by their keys."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelsListed:
    """A provider was asked for its models: the list is new, or why there is none."""

    provider: str


@dataclass(frozen=True, slots=True)
class TurnChanged:
    """A turn of a session began, settled or was given back what it had."""

    session_id: str
    turn: int


@dataclass(frozen=True, slots=True)
class TurnsRemoved:
    """Turns are no longer in a session."""

    session_id: str
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A session's name, model, options or sums changed; `reread`: all of it did."""

    session_id: str
    reread: bool = False


@dataclass(frozen=True, slots=True)
class SessionDeleted:
    """A session is gone, and all that was said in it."""

    session_id: str


@dataclass(frozen=True, slots=True)
class ComparisonBegun:
    """What a job asks is asked of several models, side by side."""

    job_id: str
    comparison_id: str


@dataclass(frozen=True, slots=True)
class ColumnDelta:
    """Some more of one answer among several."""

    column: int
    kind: DeltaKind
    text: str


@dataclass(frozen=True, slots=True)
class ColumnsGrew:
    """More of several answers; joined over all columns, so that there are few."""

    comparison_id: str
    deltas: tuple[ColumnDelta, ...]


@dataclass(frozen=True, slots=True)
class ColumnWaits:
    """What a column waits for is another thing: its notice or its progress."""

    comparison_id: str
    column: int


@dataclass(frozen=True, slots=True)
class ColumnChanged:
    """A column was added, began anew, settled, or was picked or no longer is."""

    comparison_id: str
    column: int


@dataclass(frozen=True, slots=True)
class ColumnRemoved:
    """A column is no longer in a comparison."""

    comparison_id: str
    column: int


JobEvent = (
    JobChanged
    | JobForgotten
    | ProgressChanged
    | Notice
    | AnswerDelta
    | AnswerDone
    | ComparisonBegun
)
ComparisonEvent = ColumnsGrew | ColumnWaits | ColumnChanged | ColumnRemoved
SessionEvent = TurnChanged | TurnsRemoved | SessionChanged | SessionDeleted
Event = JobEvent | SessionEvent | ComparisonEvent | SettingsChanged | ModelsListed


class Events:
    """Where events are emitted and heard."""

    def __init__(self) -> None:
        self._signals: dict[str, SignalInstance] = {}

    def listen(
        self, source: str, listener: Callable[[Event], object]
    ) -> Callable[[], None]:
        """Call `listener` with every event of a source; gives its remover.

        A source is the id of a job, of a session or of a comparison, `ALL`, `SETTINGS`
        or `MODELS`.
        """
        from psygnal import SignalInstance  # noqa: PLC0415 - not paid by %load_ext

        def heard(event: Event) -> None:
            # A function of its own: psygnal forgets methods whose object is gone, and
            # stops at the first listener that fails.
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - whatever a listener raises
                kind = type(event).__name__
                _log.error("a listener to %s failed: %s", kind, where(error))

        signal = self._signals.get(source)
        if signal is None:
            signal = self._signals[source] = SignalInstance((object,))
        signal.connect(heard)

        def remove() -> None:
            signal.disconnect(heard, missing_ok=True)
            if not len(signal):
                self._signals.pop(source, None)

        return remove

    def emit(self, event: Event) -> None:
        """Tell whoever listens. A listener that fails is logged, and that is all."""
        for source in _sources(event):
            signal = self._signals.get(source)
            if signal is not None:
                signal.emit(event)


def _sources(event: Event) -> tuple[str, ...]:
    match event:
        case SettingsChanged():
            return (SETTINGS,)
        case ModelsListed():
            return (MODELS,)
        case TurnChanged() | TurnsRemoved() | SessionChanged() | SessionDeleted():
            return (event.session_id,)
        case ColumnsGrew() | ColumnWaits() | ColumnChanged() | ColumnRemoved():
            return (event.comparison_id,)
        case _:
            return (event.job_id, ALL)
