"""A request as Ollama's API writes it: https://docs.ollama.com/api/chat."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from ...errors import BadRequestError
from ..message_parts import result_text, steps
from ..messages import ChatRequest, ImagePart, Message, ToolCallPart

__all__ = ["body_of", "option_names", "requested_window"]

_FIELDS = frozenset(
    {
        "format",
        "keep_alive",
        "logprobs",
        "shift",
        "think",
        "tools",
        "top_logprobs",
        "truncate",
    }
)
"""Fields of a request; every other name is one of its `options`."""

_NAMES = {
    "max_tokens": "num_predict",
    "context_window": "num_ctx",
    "reasoning": "think",
    "response_schema": "format",
}
"""Ollama's names of our options, where they differ."""

_OPTIONS = ("temperature", "max_tokens", "seed", "top_p", "top_k", "context_window")


def body_of(request: ChatRequest) -> dict[str, Any]:
    """Return the body of a streamed answer; an option that is not set is left out.

    Raises:
        BadRequestError: an image is not a `data:` URL.

    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [each for m in request.messages for each in _written(m)],
        "stream": True,
        # By default the server drops what does not fit without a word: the oldest
        # messages, then the middle of the last. So let it refuse, and widen the window.
        "truncate": False,
    }
    if request.reasoning is not None:
        off = request.reasoning == "off"
        body["think"] = False if off else request.reasoning
    if request.response_schema is not None:
        body["format"] = dict(request.response_schema) or "json"
    if request.keep_alive is not None:
        body["keep_alive"] = duration(request.keep_alive)
    body |= {name: v for name, v in request.extra.items() if name in _FIELDS}
    options = _options(request)
    if options:
        body["options"] = options
    return body


def option_names(request: ChatRequest) -> dict[str, str]:
    """Map the name on the wire of each option that is set to ours."""
    return {_NAMES.get(name, name): name for name in request.options()}


def _options(request: ChatRequest) -> dict[str, Any]:
    """Return the options of a model, and what else is passed on as one."""
    options: dict[str, Any] = {}
    for name in _OPTIONS:
        value = getattr(request, name)
        if value is not None:
            options[_NAMES.get(name, name)] = value
    if request.stop:
        options["stop"] = list(request.stop)
    for name, value in request.extra.items():
        if name == "options" and isinstance(value, Mapping):
            options |= value
        elif name not in _FIELDS:
            options[name] = value
    return options


def requested_window(request: ChatRequest) -> int | None:
    """Return the context window that a request asks for itself, in tokens."""
    options = request.extra.get("options")
    named = options.get("num_ctx") if isinstance(options, Mapping) else None
    window = request.extra.get("num_ctx", named)
    return window if isinstance(window, int) else request.context_window


def _written(message: Message) -> Iterator[dict[str, Any]]:
    """Write a message; one with results of tools becomes several.

    Thoughts are not sent back: templates leave them out.
    """
    images = [_image(p) for p in message.parts if isinstance(p, ImagePart)]
    names = {p.id: p.name for p in message.parts if isinstance(p, ToolCallPart)}
    for step in steps(message):
        written: dict[str, Any] = {"role": message.role, "content": step.text}
        if images and message.role == "user":
            written["images"] = images
        if step.calls:
            written["tool_calls"] = [_call(call) for call in step.calls]
        yield written
        for result in step.results:
            answer = {"role": "tool", "content": result_text(result)}
            name = names.get(result.id)
            yield answer | ({"tool_name": name} if name else {})


def _call(call: ToolCallPart) -> dict[str, Any]:
    return {"function": {"name": call.name, "arguments": dict(call.arguments)}}


def _image(part: ImagePart) -> str:
    """Return the base64 of a `data:` URL (RFC 2397)."""
    scheme, _, rest = part.url.partition(":")
    head, comma, data = rest.partition(",")
    if scheme.lower() != "data" or not comma:
        message = "Ollama: an image has to be a data: URL."
        raise BadRequestError(message, hint="Ollama downloads no images itself.")
    if head.lower().endswith(";base64"):
        return data
    return base64.b64encode(unquote_to_bytes(data)).decode()


def duration(written: str) -> str | int | float:
    """Return how long to keep a model as Ollama takes it: `5m`, or seconds."""
    for number in (int, float):
        try:
            return number(written)
        except ValueError:
            continue
    return written
