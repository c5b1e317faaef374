"""What a chat view and the kernel say to each other, beside what every view says.

Methods: those of every view, and send, stop, retry, edit, delete, read, earlier,
models, set_model, set_options, sessions, new, open, rename, remove, inputs, draft.
Events: snapshot (ChatSnapshot), turn (TurnData: begun, or other than it was), delta
(TurnDelta), turn_notice (TurnNotice), turn_progress (TurnProgress), settled
(TurnSettled), removed (TurnsGone), session (SessionData), models (ModelGroup),
default (DefaultModel).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import Failure, ProgressData, _Wire

__all__ = [
    "ChatOptions",
    "ChatSnapshot",
    "DefaultModel",
    "DraftParams",
    "EarlierParams",
    "EditParams",
    "ModelEntry",
    "ModelGroup",
    "NameParams",
    "OptionsParams",
    "SendParams",
    "SessionData",
    "SessionEntry",
    "TurnData",
    "TurnDelta",
    "TurnNotice",
    "TurnParams",
    "TurnProgress",
    "TurnSettled",
    "TurnsGone",
]

LONGEST_QUESTION = 4_000_000
"""Characters that one question may have. A page's message to the kernel is refused as
a whole above 10 MB."""

_LONGEST_NAME = 200

# view -> kernel


class SendParams(_Wire):
    """Parameters of `send`: a question. Its result comes when the turn has begun."""

    text: str = Field(min_length=1, max_length=LONGEST_QUESTION)


class TurnParams(_Wire):
    """Parameters of `retry`, `delete` and `read`: a turn.

    `read` gives all of it: `{"question", "text", "thinking"}`.
    """

    turn: int


class EditParams(_Wire):
    """Parameters of `edit`: another question in the place of a turn's."""

    turn: int
    text: str = Field(min_length=1, max_length=LONGEST_QUESTION)


class EarlierParams(_Wire):
    """Parameters of `earlier`: `{"turns": [TurnData], "earlier": N}` before a turn."""

    before: int


class NameParams(_Wire):
    """Parameters of `set_model` ("" is the default), `open` and `rename`."""

    name: str = Field(max_length=_LONGEST_NAME)


class DraftParams(_Wire):
    """Parameters of `draft`: what stands in the composer, for a page loaded again."""

    text: str = Field(max_length=200_000)


class ChatOptions(_Wire):
    """What questions are asked with; what is not set is the provider's default."""

    system: str | None = Field(None, max_length=200_000)
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1)
    top_p: float | None = Field(None, ge=0, le=1)
    seed: int | None = None


class OptionsParams(_Wire):
    """Parameters of `set_options`."""

    options: ChatOptions


# kernel -> view

TurnState = Literal["waiting", "streaming", "done", "stopped", "failed", "unfinished"]


class TurnData(_Wire):
    """A turn. `unfinished` is one whose kernel ended first.

    A long `question` comes without its end; `question_length` is how many characters
    it has. `images` is how many came along with it. `created` is in seconds since the
    epoch.
    """

    id: int
    created: float
    state: TurnState
    model: str
    question: str
    question_length: int
    images: int = 0
    cell: bool = False
    text: str = ""
    thinking: str = ""
    footer: str = ""
    error: Failure | None = None
    notice: str = ""
    progress: ProgressData | None = None


class TurnDelta(_Wire):
    """More of an answer, to be appended to its text or to its thinking."""

    turn: int
    kind: Literal["text", "thinking"]
    text: str


class TurnNotice(_Wire):
    """One line the user should know while waiting."""

    turn: int
    text: str


class TurnProgress(_Wire):
    """How far the slow step before an answer is."""

    turn: int
    progress: ProgressData


class TurnSettled(_Wire):
    """An answer is over. Its text is what the deltas gave."""

    turn: int
    state: TurnState
    footer: str = ""
    error: Failure | None = None


class TurnsGone(_Wire):
    """Turns that are no longer there."""

    turns: list[int]


class SessionData(_Wire):
    """What a view shows of the session itself.

    `option` is with what a cell asks in it; `encrypted` is how it is kept. `model` is
    the chosen one, None where the default answers. `cost` is in US dollars,
    `context_tokens` of `context_window` tokens are in use; None is not known.
    """

    name: str
    option: str = ""
    model: str | None = None
    options: ChatOptions
    encrypted: bool = False
    answering: bool = False
    turns: int = 0
    cost: float | None = None
    context_tokens: int | None = None
    context_window: int | None = None


class DefaultModel(_Wire):
    """Which model answers where none is chosen, or why none does."""

    model: str | None = None
    error: Failure | None = None


class ChatSnapshot(_Wire):
    """All of a chat view. `earlier` turns come before the first of `turns`."""

    seq: int
    session: SessionData
    turns: list[TurnData]
    earlier: int = 0
    draft: str = ""
    default: DefaultModel | None = None


class ModelEntry(_Wire):
    """A model that can be chosen. `id` is `provider/model`."""

    id: str
    context_window: int | None = None
    capabilities: list[str] = Field(default_factory=list)


class ModelGroup(_Wire):
    """A provider's models, as far as they are known.

    `problem` is why there are none. While `listing` there may come more.
    """

    provider: str
    title: str
    local: bool = False
    listing: bool = False
    problem: str = ""
    models: list[ModelEntry] = Field(default_factory=list)


class SessionEntry(_Wire):
    """A session that can be opened; `sessions` gives `{"sessions": [SessionEntry]}`."""

    name: str
    used: float
    turns: int
    model: str | None = None
