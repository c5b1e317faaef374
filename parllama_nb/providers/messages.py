"""Messages, requests and what comes back, as plain values.

They have no identity and no behaviour: which conversation a message belongs to, and
under what id it is stored, is the store's concern. Everything turns into JSON with
`to_dict` and back with `from_dict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal

__all__ = [
    "OPTIONS",
    "ChatRequest",
    "Completion",
    "DeltaKind",
    "DocumentPart",
    "Finish",
    "FinishReason",
    "ImagePart",
    "Message",
    "Part",
    "Reasoning",
    "Role",
    "StreamEvent",
    "TextDelta",
    "TextPart",
    "TextWasThinking",
    "ThinkingDelta",
    "ThinkingPart",
    "ToolCallPart",
    "ToolResultPart",
    "Usage",
    "part_from_dict",
    "part_of",
    "parts_of",
]

Role = Literal["system", "user", "assistant"]

FinishReason = Literal["stop", "length", "content_filter", "cancelled", "error"]
"""Why an answer ended: complete; out of tokens; withheld by the provider; stopped by
the user; broken off."""

Reasoning = Literal["off", "low", "medium", "high"]
"""How much a reasoning model should think before it answers."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text."""

    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    """What a reasoning model thought before it answered."""

    text: str
    type: Literal["thinking"] = "thinking"


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image as a `data:` URL."""

    url: str
    type: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A document, or an excerpt of one, handed in with a question.

    `id` is what an answer cites it by (`[1]`), `source` says where it is from (an
    address, a page), `title` is its name. `data` is the original file as a `data:` URL,
    for a model that reads it itself; `text` is what all others read.
    """

    text: str
    id: str
    source: str = ""
    title: str = ""
    data: str = field(default="", repr=False)
    type: Literal["document"] = "document"


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A tool that the model wants to be called; `id` is the provider's for the call."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    type: Literal["tool_call"] = "tool_call"


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a tool returned for the call of this `id`; an error if it `failed`."""

    id: str
    text: str
    failed: bool = False
    type: Literal["tool_result"] = "tool_result"


Part = (
    TextPart | ThinkingPart | ImagePart | DocumentPart | ToolCallPart | ToolResultPart
)

DeltaKind = Literal["text", "thinking"]
"""The kinds of parts that come piece by piece; `part_of` makes the part."""

_GROWING: dict[DeltaKind, type[TextPart | ThinkingPart]] = {
    "text": TextPart,
    "thinking": ThinkingPart,
}

_PARTS: dict[str, type[Part]] = {
    "text": TextPart,
    "thinking": ThinkingPart,
    "image": ImagePart,
    "document": DocumentPart,
    "tool_call": ToolCallPart,
    "tool_result": ToolResultPart,
}
"""Every kind of part by its `type`, as it is kept in JSON."""


def part_of(kind: DeltaKind, text: str) -> TextPart | ThinkingPart:
    """The part that pieces of this kind add up to."""
    return _GROWING[kind](text)


def parts_of(text: str, thinking: str = "") -> tuple[Part, ...]:
    """The parts of an answer: its thinking, if any, and its text."""
    return (*([ThinkingPart(thinking)] if thinking else []), TextPart(text))


@dataclass(frozen=True, slots=True)
class Message:
    """What one side said: a role and its parts, in order."""

    role: Role
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, role: Role, text: str) -> Message:
        """A message of one text."""
        return cls(role, (TextPart(text),))

    @property
    def text(self) -> str:
        """All text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def thinking(self) -> str:
        """All thinking parts, joined."""
        return "".join(
            part.text for part in self.parts if isinstance(part, ThinkingPart)
        )

    def to_dict(self) -> dict[str, Any]:
        """The message as JSON values."""
        return {"role": self.role, "parts": [asdict(part) for part in self.parts]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Message:
        """The reverse of `to_dict`; ValueError for what is no message."""
        if data.get("role") not in ("system", "user", "assistant"):
            message = f"not a role: {data.get('role')!r}"
            raise ValueError(message)
        return cls(data["role"], tuple(map(part_from_dict, data["parts"])))


def part_from_dict(data: Mapping[str, Any]) -> Part:
    """A part from its JSON values.

    Raises:
        ValueError: it is no part, or one with a field too many, too few or of
            another type.

    """
    kind = _PARTS.get(str(data.get("type")))
    values = {name: value for name, value in data.items() if name != "type"}
    if kind is not None and _fits(kind, values):
        return kind(**values)
    message = f"not a part: {data!r:.80}"
    raise ValueError(message)


def _fits(kind: type[Part], values: Mapping[str, Any]) -> bool:
    types = {"failed": bool, "arguments": Mapping}
    known = {each.name: each for each in fields(kind) if each.name != "type"}
    needed = {name for name, each in known.items() if each.default is MISSING}
    return needed <= values.keys() <= known.keys() and all(
        isinstance(value, types.get(name, str)) for name, value in values.items()
    )


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to one model, with all that shapes the answer.

    `model` is the provider's own name for it, without the provider. An option that
    is None (or an empty tuple) is not sent, so that the provider's default holds.

    `reasoning` is how much a model should think and `reasoning_budget` how many tokens
    it may think; `response_schema` is the JSON schema that the answer has to fit, `{}`
    for any JSON. `context_window` (tokens) and `keep_alive` (how long the model stays
    in memory, `5m`, `-1` for ever, `0` for not at all) are for servers that load models
    themselves. `extra` is passed on as it is, in the words of the provider.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    reasoning: Reasoning | None = None
    reasoning_budget: int | None = None
    response_schema: Mapping[str, Any] | None = None
    context_window: int | None = None
    keep_alive: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """The options that are set, by name, `extra` left out."""
        named = {name: getattr(self, name) for name in OPTIONS}
        return {name: value for name, value in named.items() if value not in (None, ())}

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON values."""
        return {
            "model": self.model,
            "messages": [message.to_dict() for message in self.messages],
            "extra": dict(self.extra),
            **self.options(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ChatRequest:
        """The reverse of `to_dict`; ValueError for what holds no messages."""
        messages = tuple(map(Message.from_dict, data["messages"]))
        stop = tuple(data.get("stop", ()))
        return cls(**{**data, "messages": messages, "stop": stop})


OPTIONS = (
    "temperature",
    "max_tokens",
    "seed",
    "top_p",
    "top_k",
    "stop",
    "reasoning",
    "reasoning_budget",
    "response_schema",
    "context_window",
    "keep_alive",
)
"""The options of a `ChatRequest` that a provider may or may not take."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer, as the provider counted them; None where it did not.

    `cached_tokens` (read from the provider's cache of prompts) and `cache_write_tokens`
    are part of `input_tokens`; `reasoning_tokens` are part of `output_tokens`.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Some more text of the answer."""

    text: str
    kind: ClassVar[DeltaKind] = "text"


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """Some more of what the model thinks."""

    text: str
    kind: ClassVar[DeltaKind] = "thinking"


@dataclass(frozen=True, slots=True)
class TextWasThinking:
    """All text so far was what the model thought; the answer comes after it.

    That is only known at the end of the thoughts, where the prompt had their beginning.
    """


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of every stream that was not broken off."""

    reason: FinishReason
    usage: Usage = field(default_factory=Usage)


StreamEvent = TextDelta | ThinkingDelta | TextWasThinking | Finish


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer at once. `first_token_s` is None if it did not stream."""

    text: str
    reason: FinishReason
    thinking: str = ""
    usage: Usage = field(default_factory=Usage)
    first_token_s: float | None = None
