"""How servers of each wire format answer, piece by piece, so that it can go wrong."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = [
    "ALL",
    "COUNTED",
    "DIALECTS",
    "EVENTS",
    "OPENAI",
    "Anthropic",
    "Dialect",
    "chunk",
]

Part = dict[str, Any] | str
"""An object, or a word that stands where one would."""


class Dialect(ABC):
    """A server's way to answer: `opening`, texts, and `closing`.

    An answer of two texts has a usage of 7 tokens in and 3 out.
    """

    opening: ClassVar[tuple[Part, ...]] = ()
    closing: ClassVar[tuple[Part, ...]]

    @abstractmethod
    def text(self, text: str) -> dict[str, Any]:
        """The object of some more text."""

    @abstractmethod
    def whole(self, text: str) -> dict[str, Any]:
        """The object of a whole answer."""

    def parts(self, *texts: str) -> list[Part]:
        """All of an answer."""
        return [*self.opening, *map(self.text, texts), *self.closing]

    def encode(self, part: Part) -> bytes:
        """An event of an event stream."""
        return f"data: {self.words(part)}\n\n".encode()

    def stream(self, *texts: str) -> list[bytes]:
        """All of an answer, as this server sends it."""
        return [self.encode(part) for part in self.parts(*texts)]

    def begin(self, *texts: str) -> list[bytes]:
        """An answer without its end."""
        return [self.encode(part) for part in (*self.opening, *map(self.text, texts))]

    def end(self) -> list[bytes]:
        """The end of an answer."""
        return [self.encode(part) for part in self.closing]

    @staticmethod
    def words(part: Part) -> str:
        """A part as it is written."""
        return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)


def chunk(
    delta: dict[str, Any] | None = None, reason: str | None = None, **fields: Any
) -> dict[str, Any]:
    """A chunk of the OpenAI wire format; `fields` are further ones of its choice."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": reason, **fields}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [choice]}


COUNTED: Part = {
    "choices": [],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}


class OpenAIWire(Dialect):
    """The OpenAI wire format."""

    opening = (chunk({"role": "assistant", "content": ""}),)
    closing = (chunk({}, "stop"), COUNTED, "[DONE]")

    def text(self, text: str) -> dict[str, Any]:
        return chunk({"content": text})

    def whole(self, text: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return {"object": "chat.completion", "choices": [choice], "usage": usage}


class Azure(OpenAIWire):
    """Azure's, which says first that it has looked for what is not allowed."""

    opening = (
        {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
        *OpenAIWire.opening,
    )


class OpenRouter(OpenAIWire):
    """OpenRouter's, which says first that it works on it."""

    def begin(self, *texts: str) -> list[bytes]:
        return [b": OPENROUTER PROCESSING\n\n", *super().begin(*texts)]


class Anthropic(Dialect):
    """Anthropic's Messages API."""

    opening = (
        {"type": "message_start", "message": {"usage": {"input_tokens": 7}}},
        {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
    )
    closing = (
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 3},
        },
        {"type": "message_stop"},
    )

    def text(self, text: str) -> dict[str, Any]:
        delta = {"type": "text_delta", "text": text}
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    def whole(self, text: str) -> dict[str, Any]:
        usage = {"input_tokens": 7, "output_tokens": 3}
        content = [{"type": "text", "text": text}]
        return {
            "type": "message",
            "content": content,
            "stop_reason": "end_turn",
            "usage": usage,
        }

    def encode(self, part: Part) -> bytes:
        name = part["type"] if isinstance(part, dict) and "type" in part else "message"
        return f"event: {name}\ndata: {self.words(part)}\n\n".encode()


class Ollama(Dialect):
    """Ollama's API."""

    closing = (
        {
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 7,
            "eval_count": 3,
        },
    )

    def text(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text}, "done": False}

    def whole(self, text: str) -> dict[str, Any]:
        closing = self.closing[0]
        assert isinstance(closing, dict)
        return {**closing, "message": {"role": "assistant", "content": text}}

    def encode(self, part: Part) -> bytes:
        return f"{self.words(part)}\n".encode()


@dataclass(frozen=True)
class Home:
    """Where a dialect is spoken: a provider, and the variables of its address."""

    dialect: Dialect
    provider: str
    environ: Mapping[str, str]


DIALECTS = {
    "openai": Home(OpenAIWire(), "openai", {"OPENAI_BASE_URL": "/v1"}),
    "azure": Home(Azure(), "azure", {"AZURE_OPENAI_ENDPOINT": ""}),
    "openrouter": Home(OpenRouter(), "openrouter", {"OPENROUTER_BASE_URL": "/api/v1"}),
    "llamacpp": Home(OpenAIWire(), "llamacpp", {"LLAMACPP_BASE_URL": "/v1"}),
    "anthropic": Home(Anthropic(), "anthropic", {"ANTHROPIC_BASE_URL": ""}),
    "ollama": Home(Ollama(), "ollama", {"OLLAMA_HOST": ""}),
}

ALL = tuple(DIALECTS)
EVENTS = tuple(name for name in DIALECTS if name != "ollama")
"""Those that answer in event streams."""
OPENAI = tuple(n for n in DIALECTS if isinstance(DIALECTS[n].dialect, OpenAIWire))
