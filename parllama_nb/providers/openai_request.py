"""A request as the OpenAI wire format writes it."""

from __future__ import annotations

from typing import Any

from .messages import ChatRequest, ImagePart, Message, TextPart

__all__ = ["body_of", "is_loopback", "is_within"]

_HOST_NAMES: dict[str, dict[str, str]] = {
    "openai.com": {"max_tokens": "max_completion_tokens"},
    "mistral.ai": {"seed": "random_seed"},
}
"""What a maker calls an option that all others call by its usual name."""


def body_of(request: ChatRequest, host: str, *, asks_usage: bool) -> dict[str, Any]:
    """The body of a streamed chat completion; an option that is not set is left out."""
    names = next((n for maker, n in _HOST_NAMES.items() if is_within(host, maker)), {})
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
    }
    for name, value in request.options().items():
        body[names.get(name, name)] = list(value) if name == "stop" else value
    if asks_usage:
        body["stream_options"] = {"include_usage": True}
    return body | dict(request.extra)


def _message(message: Message) -> dict[str, Any]:
    """A message on the wire. Thoughts are not sent back: providers refuse them."""
    if message.role == "user" and any(isinstance(p, ImagePart) for p in message.parts):
        parts: list[dict[str, Any]] = []
        for part in message.parts:
            if isinstance(part, TextPart):
                parts.append({"type": "text", "text": part.text})
            elif isinstance(part, ImagePart):
                parts.append({"type": "image_url", "image_url": {"url": part.url}})
        return {"role": "user", "content": parts}
    return {"role": message.role, "content": message.text}


def is_within(host: str, domain: str) -> bool:
    """Whether a host is a domain or below it."""
    return host == domain or host.endswith(f".{domain}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "::1") or host.startswith("127.")
