"""What a view and the kernel send each other: the types that all views share.

A view sends `request`, answered by exactly one `response`, and `cancel`. The kernel
sends `event` of its own accord, numbered by `seq` without gaps, so that a view that
missed one asks for a snapshot. The key is `request_id` and never `id`: ipykernel 7.4
keeps an entry for every outgoing `content.id`.

Each view declares its requests with `@request` and its events as the parameters of
`View`; `_schema` reads both, and `npm run protocol` writes `js/src/protocol.ts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ..chats.live_answer import AnswerState as LiveState
from ..events import Progress, VaultState
from ..providers.messages import DeltaKind

__all__ = [
    "AddKeyParams",
    "AnswerData",
    "AnswerState",
    "AssetData",
    "AssetParams",
    "Cancel",
    "Delta",
    "Event",
    "EventData",
    "Failure",
    "FromView",
    "KeyParams",
    "LayerData",
    "LockData",
    "NoticeData",
    "OutputData",
    "ProgressData",
    "Request",
    "Response",
    "SealedTexts",
    "SealingKey",
    "Settled",
    "Snapshot",
    "UnlockParams",
    "VaultData",
    "Wire",
]


class Wire(BaseModel):
    """Base of everything that is sent: frozen, and no field that is not declared."""

    # Built when first used, which for most is never in a kernel.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class EventData(Wire):
    """Base of what an event carries; `event` is the name it is sent under."""

    event: ClassVar[str]


# view -> kernel


class Request(Wire):
    """Something a view asks. Repeated under the same id until it is answered."""

    type: Literal["request"] = "request"
    request_id: str = Field(min_length=1, max_length=64)
    method: str = Field(max_length=64)
    params: dict[str, Any] = Field(default_factory=dict)


class Cancel(Wire):
    """A view no longer wants the answer to a request."""

    type: Literal["cancel"] = "cancel"
    request_id: str = Field(min_length=1, max_length=64)


FromView = Annotated[Request | Cancel, Field(discriminator="type")]


class AssetParams(Wire):
    """A built file, sent as the one buffer of the response.

    `name` is a key of the manifest: `core` for what all views share, the name of a view
    for its own, `katex` for formulas, `highlight` for the colours of code.
    """

    name: str = Field(max_length=64)


class SealedTexts(Wire):
    """Texts that only the kernel can read: see `_sealed`. All bytes are in base64.

    `key` names the kernel's key. `wrapped` is HPKE's encapsulated key and ciphertext of
    the view's key, each text is nonce, ciphertext and tag under that.
    """

    key: str = Field(max_length=64)
    wrapped: str = Field(max_length=1024)
    texts: dict[str, Annotated[str, Field(max_length=200_000)]] = Field(max_length=4)


class KeyParams(Wire):
    """The name of a key that is missed; "" for none."""

    name: str = Field(default="", max_length=256)


class AddKeyParams(Wire):
    """A key for the vault.

    `sealed` has its `value`, and the vault's `password` if the vault is not unlocked.
    """

    name: str = Field(max_length=256)
    sealed: SealedTexts


class UnlockParams(Wire):
    """`sealed` has the vault's `password`.

    `older` accepts a file that the user has put back on purpose. `name` is that of the
    key that is missed, "" for none.
    """

    sealed: SealedTexts
    older: bool = False
    name: str = Field(default="", max_length=256)


# kernel -> view


class SealingKey(Wire):
    """The kernel's public key for one message: a point of P-256, uncompressed."""

    key: str
    public_key: str


class VaultData(Wire):
    """Whether there is a vault and whether it is unlocked.

    `found`: the key that is missed is there now.
    """

    state: VaultState
    found: bool = False


class LockData(EventData):
    """The vault has locked or unlocked, or its secrets have changed.

    Every view hears it, and may ask for what was missing again.
    """

    event = "lock"
    state: VaultState


class Failure(Wire):
    """An error as every view shows it.

    `missing_key` is the name of a key that is missing; the request `add_key` takes it.
    `field` is the field of a form that has the invalid value. `wait` are the seconds
    until it may be tried again.
    """

    code: str
    message: str
    hint: str | None = None
    missing_key: str | None = None
    field: str | None = None
    wait: float | None = None


class Response(Wire):
    """The one answer to a request: a result or an error."""

    type: Literal["response"] = "response"
    request_id: str
    result: dict[str, Any] | None = None
    error: Failure | None = None


class Event(Wire):
    """Something that happened. `seq` counts up by one from the view's first event."""

    type: Literal["event"] = "event"
    event: str
    seq: int
    data: dict[str, Any]


class AssetData(Wire):
    """Which version of a built file the response's buffer is."""

    hash: str


class OutputData(Wire):
    """A cell's output, as a MIME bundle; empty while a view is the output."""

    data: dict[str, str]


class Snapshot(EventData):
    """All that a view shows. `seq` is that of the last event it already holds.

    It is the result of `hello` and `snapshot`. The first event may be a snapshot that
    nobody asked for: the kernel sends it when no hello came in time.
    """

    event = "snapshot"
    seq: int


# an answer, in whichever view: all of it, or one of four changes

AnswerState = Literal[LiveState, "unfinished"]
"""Where an answer is; "unfinished" if its kernel ended first."""


class LayerData(Wire):
    """One file of a transfer, in bytes."""

    name: str
    done: float
    total: float


class ProgressData(EventData):
    """How far a job, or the slow step before an answer, is (see `events.Progress`)."""

    event = "progress"
    phase: str
    done: float = 0.0
    total: float | None = None
    unit: Literal["bytes", "items", ""] = ""
    rate: float | None = None
    eta: float | None = None
    layers: list[LayerData] | None = None
    percent: float | None = None

    @classmethod
    def of(
        cls, progress: Progress, redact: Callable[[str], str] = str, **more: object
    ) -> Self:
        """Return a progress as views show it; `more` are fields of a subclass."""
        data = {**asdict(progress), "phase": redact(progress.phase), **more}
        return cls.model_validate(data | {"layers": data["layers"] or None})


class NoticeData(EventData):
    """One line the user should know while waiting."""

    event = "notice"
    text: str


class Delta(EventData):
    """More of an answer, to be appended to its text or to its thinking."""

    event = "delta"
    kind: DeltaKind
    text: str


class Settled(EventData):
    """How an answer ended. Its text is what the deltas gave."""

    event = "settled"
    state: AnswerState
    footer: str = ""
    error: Failure | None = None


class AnswerData(Wire):
    """All of an answer until now."""

    state: AnswerState
    text: str = ""
    thinking: str = ""
    notice: str = ""
    progress: ProgressData | None = None
    footer: str = ""
    error: Failure | None = None
