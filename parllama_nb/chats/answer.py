"""An answer as a value: its text, cost, time and ending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..errors import ParllamaError, UsageError
from ..markdown.sanitize import escape, sanitize
from ..output_schema import OutputSchema
from ..prompting.library.rendering import PromptVersion
from ..providers.messages import FinishReason, Message, Part, Usage, parts_of

__all__ = ["Answer", "Timing", "dollars"]

# Seconds of streaming below which a speed would be meaningless.
_SHORTEST = 0.1

_ENDINGS = {
    "cancelled": "stopped",
    "length": "cut at the token limit",
    "content_filter": "withheld by the provider",
}

# US dollars below which a cost is shown as "less than this".
_CHEAPEST = 0.0001


@dataclass(frozen=True, slots=True)
class Timing:
    """When an answer began (seconds since the epoch) and how long it took (seconds).

    `first_token_s` is None if no token came.
    """

    started: float
    first_token_s: float | None
    total_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer. Shows as Markdown in a notebook.

    `parts` are text and thinking in the order they came. `model` is `provider/model`.
    `error` is what broke the answer off, if anything did; `parts` then hold what had
    come by then. `session` is the conversation's name and `turn` the answer's number
    in it, counted from 1; both are None for a question on its own. `notes` are remarks
    for the reader. `library_prompt` is the prompt of the library that asked, with its
    version. `schema` is what `data` is parsed with. `cost` is in US dollars,
    None if no price is known; it is an estimate by the list prices of the installed
    litellm (`%parllama doctor` names its version).
    """

    parts: tuple[Part, ...]
    model: str
    finish_reason: FinishReason
    timing: Timing
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None
    session: str | None = None
    turn: int | None = None
    error: ParllamaError | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()
    schema: OutputSchema | None = field(default=None, compare=False, repr=False)
    library_prompt: PromptVersion | None = None

    @property
    def message(self) -> Message:
        """The answer as a message of the assistant."""
        return Message("assistant", self.parts)

    @property
    def text(self) -> str:
        """The text of the answer."""
        return self.message.text

    @property
    def thinking(self) -> str:
        """The model's thinking before its answer; "" if it sent none."""
        return self.message.thinking

    @property
    def data(self) -> Any:  # noqa: ANN401 - of the type that the user gave
        """The answer as a value that fits the `schema=` of the question.

        An instance of the pydantic model or the dataclass that was given; JSON values
        for a JSON schema.

        Raises:
            SchemaMismatchError: the answer does not fit, or is not JSON; `text` has it.
            UsageError: the question had no schema.

        """
        if self.schema is None:
            message = "No schema was given for this answer."
            raise UsageError(message, hint="Ask with schema=, or a cell with --json.")
        return self.schema.parse(self.text)

    @property
    def tokens_per_s(self) -> float | None:
        """Output tokens per second, from the first one on; None if not meaningful."""
        tokens, first = self.usage.output_tokens, self.timing.first_token_s
        if self.broke_off or not tokens or first is None:
            return None
        seconds = self.timing.total_s - first
        return tokens / seconds if seconds >= _SHORTEST else None

    @property
    def broke_off(self) -> bool:
        """Whether it was stopped or failed; its last tokens may not be counted then."""
        return self.error is not None or self.finish_reason in {"cancelled", "error"}

    @property
    def footer(self) -> str:
        """One line: model, ending, tokens, time, speed, cost, turn, prompt, notes."""
        facts = [self.model]
        if self.ending:
            facts.append(self.ending)
        if self.usage.output_tokens is not None:
            count = self.usage.output_tokens
            tokens = f"{count:,} token{'' if count == 1 else 's'}"
            if self.usage.input_tokens is not None:
                tokens = f"{self.usage.input_tokens:,} → {tokens}"
            facts.append(tokens)
        facts.append(f"{self.timing.total_s:.1f} s")
        if self.tokens_per_s is not None:
            facts.append(f"{self.tokens_per_s:,.0f} tokens/s")
        if self.cost is not None:
            facts.append(dollars(self.cost))
        if self.turn is not None:
            facts.append(f"turn {self.turn}")
        if self.library_prompt is not None:
            facts.append(str(self.library_prompt))
        return " ".join(" · ".join([*facts, *self.notes]).split())

    @property
    def ending(self) -> str:
        """How the answer ended, in words; "" if it is complete."""
        if self.error is not None:
            return "broke off" if self.text else "no answer"
        if self.finish_reason in _ENDINGS:
            return _ENDINGS[self.finish_reason]
        return "" if self.text.strip() else "empty answer"

    @property
    def markdown(self) -> str:
        """Text and footer, as Markdown that is safe to show and to share."""
        footer = f"<sub>{escape(self.footer)}</sub>"
        text = self.text
        if not text.strip():
            return footer
        if self.schema is not None and "```" not in text:
            # JSON read as Markdown loses its line breaks.
            text = f"```json\n{text.strip()}\n```"
        return f"{sanitize(text)}\n\n{footer}"

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON values; an error is left out."""
        return {
            "text": self.text,
            "thinking": self.thinking,
            "model": self.model,
            "finish_reason": self.finish_reason,
            "usage": asdict(self.usage),
            "timing": asdict(self.timing),
            "cost": self.cost,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answer:
        """The reverse of `to_dict`."""
        values = {**data}
        parts = parts_of(values.pop("text"), values.pop("thinking"))
        usage, timing = Usage(**values.pop("usage")), Timing(**values.pop("timing"))
        return cls(parts=parts, usage=usage, timing=timing, **values)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __str__(self) -> str:
        return self.text


def dollars(cost: float) -> str:
    """Return a cost as text; small ones get more digits, so that they differ."""
    if 0 < cost < _CHEAPEST:
        return f"<${_CHEAPEST}"
    return f"${cost:,.2f}" if cost >= 1 or not cost else f"${cost:.4f}"
