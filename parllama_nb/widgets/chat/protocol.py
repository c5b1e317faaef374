"""What a chat view and the kernel send each other, beside what every view does."""

from __future__ import annotations

from pydantic import Field

from ...providers.messages import Reasoning
from .._protocol import (
    AnswerData,
    Delta,
    EventData,
    Failure,
    NoticeData,
    ProgressData,
    Settled,
    Snapshot,
    Wire,
)
from .attach_protocol import AttachmentLimits, AttachmentsData, TurnAttachment
from .prompt_protocol import ChosenPrompt, PromptValues
from .session_protocol import LONGEST_ID, ChatTabs

__all__ = [
    "LONGEST_QUESTION",
    "AmendParams",
    "ChatEvent",
    "ChatOptions",
    "ChatSnapshot",
    "DefaultModel",
    "DraftParams",
    "EarlierParams",
    "EditParams",
    "InputsData",
    "ModelEntry",
    "ModelGroup",
    "ModelGroups",
    "ModelsParams",
    "NameParams",
    "OptionsParams",
    "PreviewParams",
    "SendParams",
    "SessionData",
    "TurnData",
    "TurnDelta",
    "TurnNotice",
    "TurnParams",
    "TurnProgress",
    "TurnSettled",
    "TurnText",
    "TurnsData",
    "TurnsGone",
]

LONGEST_QUESTION = 4_000_000
"""Characters that one question may have. A page's message to the kernel is refused as
a whole above 10 MB."""

_LONGEST_NAME = 200

# view -> kernel


class SendParams(Wire):
    """A question. The response comes when its turn has begun.

    With a `prompt` the chosen prompt asks; it may need no text. `attachments` are ids
    of what the composer holds. `tab` is the id of the tab that it is asked in; "" is
    the one that is shown.
    """

    tab: str = Field("", max_length=LONGEST_ID)
    text: str = Field(max_length=LONGEST_QUESTION)
    prompt: PromptValues | None = None
    attachments: list[str] = Field(default_factory=list, max_length=100)


class TurnParams(Wire):
    """A turn by its id."""

    turn: int


class EditParams(Wire):
    """Another question in the place of a turn's; `tab` as for a question."""

    tab: str = Field("", max_length=LONGEST_ID)
    turn: int
    text: str = Field(min_length=1, max_length=LONGEST_QUESTION)


class AmendParams(Wire):
    """Another text of a turn's question or answer; what is None stays as it is."""

    turn: int
    question: str | None = Field(None, min_length=1, max_length=LONGEST_QUESTION)
    answer: str | None = Field(None, max_length=LONGEST_QUESTION)


class EarlierParams(Wire):
    """The turn before which more turns are wanted, by its id."""

    before: int


class NameParams(Wire):
    """The name of a model, "" for the default one, or of a session."""

    name: str = Field(max_length=_LONGEST_NAME)


class PreviewParams(Wire):
    """A question that is not asked yet, "" for none.

    With a `prompt` the chosen prompt would ask. `attachments` are ids.
    """

    text: str = Field(max_length=LONGEST_QUESTION)
    prompt: PromptValues | None = None
    attachments: list[str] = Field(default_factory=list, max_length=100)


class DraftParams(Wire):
    """What stands in the composer of a tab, for a page loaded again.

    `tab` is the tab's id; "" is the one that is shown.
    """

    tab: str = Field("", max_length=LONGEST_ID)
    text: str = Field(max_length=200_000)


class ChatOptions(Wire):
    """What questions are asked with; what is not set is the provider's default.

    `memory` is what the user wants to be remembered, as it was when the session began.
    """

    system: str | None = Field(None, max_length=200_000)
    memory: str | None = Field(None, max_length=200_000)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: int | None = Field(None, ge=1, le=10_000)
    seed: int | None = Field(None, ge=-(2**53), le=2**53)
    max_tokens: int | None = Field(None, ge=1)
    context_window: int | None = Field(None, ge=1)
    stop: list[str] | None = Field(None, max_length=16)
    reasoning: Reasoning | None = None
    reasoning_budget: int | None = Field(None, ge=1)
    keep_alive: str | None = Field(None, max_length=40)


class OptionsParams(Wire):
    """What questions are asked with from now on."""

    options: ChatOptions


class ModelsParams(Wire):
    """Whether providers are asked anew for models that are known already."""

    refresh: bool = False


# kernel -> view


class TurnData(AnswerData, EventData):
    """A turn that begun, or is other than it was.

    A long `question` comes without its end; `question_length` is how many characters
    it has. `attachments` were sent with it. `created` is in seconds since the
    epoch. `alternatives` are the turns in its place, itself among them, in order; none
    if there is no other. `edited`: the user changed a text of it. `cut`: its answer
    ended before it was complete, so that it can go on.
    """

    event = "turn"
    id: int
    created: float
    model: str
    question: str
    question_length: int
    attachments: list[TurnAttachment] = Field(default_factory=list)
    cell: bool = False
    alternatives: list[int] = Field(default_factory=list)
    edited: bool = False
    cut: bool = False


class TurnDelta(Delta):
    """More of a turn's answer."""

    turn: int


class TurnNotice(NoticeData):
    """One line the user should know while waiting for a turn."""

    turn: int


class TurnProgress(ProgressData):
    """How far the slow step before a turn's answer is."""

    turn: int


class TurnSettled(Settled):
    """How a turn's answer ended; `cut` as for a turn."""

    turn: int
    cut: bool = False


class TurnsGone(EventData):
    """Turns that are no longer there, by their ids."""

    event = "removed"
    turns: list[int]


class TurnsData(Wire):
    """Turns that come before one that a page has."""

    turns: list[TurnData]


class TurnText(Wire):
    """All of a turn, of which a page may have the beginning only."""

    question: str
    text: str
    thinking: str


class SessionData(EventData):
    """What a view shows of the session itself.

    `option` is the magic's option that asks in it; `encrypted`: it is stored encrypted.
    `locked` says why its texts cannot be read, and is "" if they can.
    `model` is the chosen one, None where the default answers. `takes` are the options
    that its provider, of the title `provider`, accepts; `sees`: it can be shown images.
    `cost` is in US dollars,
    `context_tokens` of `context_window` tokens are in use; None is not known.
    `left_out` says what of it the next question would not be sent with, "" for nothing.
    """

    event = "session"

    name: str
    option: str = ""
    model: str | None = None
    provider: str = ""
    takes: list[str] | None = None
    sees: bool | None = None
    options: ChatOptions
    encrypted: bool = False
    locked: str = ""
    answering: bool = False
    turns: int = 0
    cost: float | None = None
    context_tokens: int | None = None
    context_window: int | None = None
    left_out: str = ""


class DefaultModel(EventData):
    """Which model answers where none is chosen, or why none does."""

    event = "default"
    model: str | None = None
    error: Failure | None = None


class ChatSnapshot(Snapshot):
    """All of a chat view. `earlier` turns come before the first of `turns`."""

    session: SessionData
    tabs: ChatTabs
    turns: list[TurnData]
    earlier: int = 0
    draft: str = ""
    prompt: ChosenPrompt | None = None
    attached: AttachmentsData
    limits: AttachmentLimits
    default: DefaultModel | None = None


class ModelEntry(Wire):
    """A model that can be chosen. `id` is `provider/model`.

    `sent_to` is the host that a question goes on to from the provider's server.
    """

    id: str
    sent_to: str | None = None
    context_window: int | None = None
    capabilities: list[str] = Field(default_factory=list)


class ModelGroup(EventData):
    """A provider's models, as far as they are known.

    `problem` is why there are none. While `listing` there may come more.
    """

    event = "models"
    provider: str
    title: str
    local: bool = False
    listing: bool = False
    problem: str = ""
    models: list[ModelEntry] = Field(default_factory=list)


class ModelGroups(Wire):
    """What is known of models now; more may come as events."""

    groups: list[ModelGroup]


class InputsData(Wire):
    """Earlier questions, the newest first."""

    inputs: list[str]


ChatEvent = (
    TurnData
    | TurnDelta
    | TurnNotice
    | TurnProgress
    | TurnSettled
    | TurnsGone
    | SessionData
    | ModelGroup
    | DefaultModel
    | ChosenPrompt
    | ChatTabs
    | AttachmentsData
)
