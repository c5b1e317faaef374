"""A whole conversation as a value: what is exported, and what is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...prompting.library.rendering import PromptVersion
from ...providers.messages import Message, Usage
from ..answer import Timing

__all__ = ["SavedConversation", "SavedError", "SavedTurn"]


@dataclass(frozen=True, slots=True)
class SavedError:
    """What broke an answer off; `code` is that of its class."""

    message: str
    code: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A question and its answer, with all that is known of them.

    `number` is that of the turn in its conversation, from 1, and `parent` that of the
    turn that it follows, None for a first one. `options` are those of the request. The
    rest is as in `Turn`.
    """

    number: int
    question: tuple[Message, ...]
    answer: Message
    parent: int | None = None
    state: Literal["settled", "streaming"] = "settled"
    model: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    finish_reason: str | None = None
    usage: Usage = field(default_factory=Usage)
    timing: Timing | None = None
    cost: float | None = None
    error: SavedError | None = None
    notes: tuple[str, ...] = ()
    library_prompt: PromptVersion | None = None
    created: float = 0.0
    edited: float | None = None


@dataclass(frozen=True, slots=True)
class SavedConversation:
    """A conversation with all its turns, those that it does not show now among them.

    `tip` is the number of the last turn that it shows. `created` is in seconds since
    the epoch. `cost` (US dollars, None if no price was known) and the tokens are the
    sums of all answers, deleted ones too.
    """

    name: str
    turns: tuple[SavedTurn, ...] = ()
    tip: int | None = None
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    created: float = 0.0
    cost: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def shown(self) -> list[SavedTurn]:
        """The turns that lead to the tip."""
        numbered = {turn.number: turn for turn in self.turns}
        turns: list[SavedTurn] = []
        number = self.tip
        while number is not None:
            turns.append(numbered[number])
            number = turns[-1].parent
        return turns[::-1]

    @property
    def hidden(self) -> list[SavedTurn]:
        """The turns of its other branches."""
        shown = {turn.number for turn in self.shown}
        return [turn for turn in self.turns if turn.number not in shown]

    @property
    def system(self) -> str:
        """Its system prompt; "" if it has none."""
        return str(self.options.get("system") or "")
