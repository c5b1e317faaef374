"""Events: what has happened, as frozen values, and how to listen to them.

A command is a method call; a fact is an event. Each event has a source to listen to:
the id of its job, session or comparison; `ALL` for all jobs; `SETTINGS`, `MODELS`,
`PROMPTS`, `MEMORY`, `USAGE` or `VAULT`.
Events are emitted on the service loop, and listeners are called there: they must be
quick and must not block.
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
    "MEMORY",
    "MODELS",
    "PROMPTS",
    "SETTINGS",
    "USAGE",
    "VAULT",
    "AnswerDelta",
    "AnswerDone",
    "AnswerRecast",
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
    "Layer",
    "MemoryChanged",
    "ModelsListed",
    "Notice",
    "Progress",
    "ProgressChanged",
    "PromptsChanged",
    "SessionChanged",
    "SessionDeleted",
    "SessionEvent",
    "SettingsChanged",
    "TurnChanged",
    "TurnsRemoved",
    "UsageRecorded",
    "VaultChanged",
    "VaultState",
]

_log = logging.getLogger(__name__)

ALL = "*"
"""The source to listen to for the events of every job."""

SETTINGS = "settings"
"""The source to listen to for changes of settings, here or in another kernel."""

MODELS = "models"
"""The source to listen to for new lists of models."""

PROMPTS = "prompts"
"""The source to listen to for changes of the prompt library, in this kernel."""

MEMORY = "memory"
"""The source to listen to for changes of the memory, in this kernel."""

USAGE = "usage"
"""The source to listen to for requests that are noted in the ledger, in this kernel."""

VAULT = "vault"
"""The source to listen to for changes of the vault and its lock, in this kernel."""

JobState = Literal["running", "done", "failed", "cancelled"]

VaultState = Literal["absent", "locked", "unlocked"]


@dataclass(frozen=True, slots=True)
class Layer:
    """How far one file of a transfer is, in bytes."""

    name: str
    done: float
    total: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `total` is None while it is unknown.

    `rate` is in units per second and `eta` in seconds, both None until they are
    meaningful. `layers` are the files of a transfer that has several. `percent` is how
    far the whole work is where `done` is of its present phase alone; from 0 to 100.
    """

    phase: str
    done: float = 0.0
    total: float | None = None
    unit: Literal["bytes", "items", ""] = ""
    rate: float | None = None
    eta: float | None = None
    layers: tuple[Layer, ...] = ()
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job began or ended."""

    job_id: str
    title: str
    state: JobState


@dataclass(frozen=True, slots=True)
class JobForgotten:
    """A job that has ended is no longer listed."""

    job_id: str


@dataclass(frozen=True, slots=True)
class ProgressChanged:
    """A job has made progress."""

    job_id: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know while waiting: a retry, and why."""

    job_id: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    """A piece of an answer. Deltas are joined, so it may hold several tokens."""

    job_id: str
    kind: DeltaKind
    text: str


@dataclass(frozen=True, slots=True)
class AnswerRecast:
    """All text of an answer so far has turned out to be its thinking."""

    job_id: str


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """An answer has settled: complete, stopped or broken off."""

    job_id: str


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """The settings with these keys have new values."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelsListed:
    """A provider's list of models is new, or the reason why it has none."""

    provider: str


@dataclass(frozen=True, slots=True)
class PromptsChanged:
    """Prompts of the library were added, changed or deleted."""


@dataclass(frozen=True, slots=True)
class MemoryChanged:
    """The memory has changed, or what is proposed for it."""


@dataclass(frozen=True, slots=True)
class UsageRecorded:
    """Requests that were sent are in the ledger now."""


@dataclass(frozen=True, slots=True)
class VaultChanged:
    """The vault has locked or unlocked, or its secrets have changed."""

    state: VaultState


@dataclass(frozen=True, slots=True)
class TurnChanged:
    """A turn of a session began, settled, or has its earlier answer again."""

    session_id: str
    turn: int


@dataclass(frozen=True, slots=True)
class TurnsRemoved:
    """Turns are no longer in a session."""

    session_id: str
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A session's name, model, options or sums changed; `reread`: its turns, too."""

    session_id: str
    reread: bool = False


@dataclass(frozen=True, slots=True)
class SessionDeleted:
    """A session was deleted, with all its turns."""

    session_id: str


@dataclass(frozen=True, slots=True)
class ComparisonBegun:
    """A job has begun a comparison: it asks several models the same."""

    job_id: str
    comparison_id: str


@dataclass(frozen=True, slots=True)
class ColumnDelta:
    """A piece of the answer in one column of a comparison."""

    column: int
    kind: DeltaKind
    text: str


@dataclass(frozen=True, slots=True)
class ColumnsGrew:
    """Pieces of several answers, joined over all columns so that events are few."""

    comparison_id: str
    deltas: tuple[ColumnDelta, ...]


@dataclass(frozen=True, slots=True)
class ColumnWaits:
    """The notice or the progress of a column that waits for its answer has changed."""

    comparison_id: str
    column: int


@dataclass(frozen=True, slots=True)
class ColumnChanged:
    """A column was added, asked again, recast, settled, picked or unpicked."""

    comparison_id: str
    column: int


@dataclass(frozen=True, slots=True)
class ColumnRemoved:
    """A column was removed from a comparison."""

    comparison_id: str
    column: int


JobEvent = (
    JobChanged
    | JobForgotten
    | ProgressChanged
    | Notice
    | AnswerDelta
    | AnswerRecast
    | AnswerDone
    | ComparisonBegun
)
ComparisonEvent = ColumnsGrew | ColumnWaits | ColumnChanged | ColumnRemoved
SessionEvent = TurnChanged | TurnsRemoved | SessionChanged | SessionDeleted
Event = (
    JobEvent
    | SessionEvent
    | ComparisonEvent
    | SettingsChanged
    | ModelsListed
    | PromptsChanged
    | MemoryChanged
    | UsageRecorded
    | VaultChanged
)


class Events:
    """Passes events on to their listeners."""

    def __init__(self) -> None:
        self._signals: dict[str, SignalInstance] = {}

    def listen(
        self, source: str, listener: Callable[[Event], object]
    ) -> Callable[[], None]:
        """Call `listener` with every event of a source. Returns its remover.

        A source is the id of a job, of a session or of a comparison, `ALL`, `SETTINGS`,
        `MODELS`, `PROMPTS`, `MEMORY`, `USAGE` or `VAULT`.
        """
        from psygnal import SignalInstance  # noqa: PLC0415 - not paid by %load_ext

        def call(event: Event) -> None:
            # A wrapper, because psygnal drops methods whose object is gone, and stops
            # at the first listener that fails.
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - whatever a listener raises
                kind = type(event).__name__
                _log.error("a listener to %s failed: %s", kind, where(error))

        signal = self._signals.get(source)
        if signal is None:
            signal = self._signals[source] = SignalInstance((object,))
        signal.connect(call)

        def remove() -> None:
            signal.disconnect(call, missing_ok=True)
            if not len(signal):
                self._signals.pop(source, None)

        return remove

    def emit(self, event: Event) -> None:
        """Call the listeners of an event. If one fails, it is logged."""
        for source in _sources(event):
            signal = self._signals.get(source)
            if signal is not None:
                signal.emit(event)


_SOURCES: dict[type, str] = {
    SettingsChanged: SETTINGS,
    ModelsListed: MODELS,
    PromptsChanged: PROMPTS,
    MemoryChanged: MEMORY,
    UsageRecorded: USAGE,
    VaultChanged: VAULT,
}


def _sources(event: Event) -> tuple[str, ...]:
    match event:
        case SettingsChanged() | ModelsListed() | PromptsChanged():
            return (_SOURCES[type(event)],)
        case MemoryChanged() | UsageRecorded() | VaultChanged():
            return (_SOURCES[type(event)],)
        case TurnChanged() | TurnsRemoved() | SessionChanged() | SessionDeleted():
            return (event.session_id,)
        case ColumnsGrew() | ColumnWaits() | ColumnChanged() | ColumnRemoved():
            return (event.comparison_id,)
        case _:
            return (event.job_id, ALL)
