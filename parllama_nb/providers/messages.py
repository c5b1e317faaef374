"""Messages, requests and what comes back, as plain values.

They have no identity and no behaviour: which conversation a message belongs to, and
under what id it is stored, is the store's concern. Everything turns into JSON with
`to_dict` and back with `from_dict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = [
    "ChatRequest",
    "Finish",
    "FinishReason",
    "ImagePart",
    "Message",
    "Part",
    "Role",
    "StreamEvent",
    "TextDelta",
    "TextPart",
    "ThinkingDelta",
    "ThinkingPart",
    "Usage",
    "part_from_dict",
]

Role = Literal["system", "user", "assistant"]

FinishReason = Literal["stop", "length", "content_filter", "cancelled", "error"]
"""Why an answer ended: complete; out of tokens; withheld by the provider; stopped by
the user; broken off."""


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


Part = TextPart | ThinkingPart | ImagePart


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
    """A part from its JSON values; ValueError for what is no part."""
    match data:
        case {"type": "text", "text": str(text)}:
            return TextPart(text)
        case {"type": "thinking", "text": str(text)}:
            return ThinkingPart(text)
        case {"type": "image", "url": str(url)}:
            return ImagePart(url)
    message = f"not a part: {data!r:.80}"
    raise ValueError(message)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to one model, with all that shapes the answer.

    `model` is the provider's own name for it, without the provider. An option that
    is None is not sent, so that the provider's default holds.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer, as the provider counted them; None where it did not."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Some more text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """Some more of what the model thinks."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of every stream that was not broken off."""

    reason: FinishReason
    usage: Usage = field(default_factory=Usage)


StreamEvent = TextDelta | ThinkingDelta | Finish
