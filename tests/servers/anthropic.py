"""A loopback double of Anthropic's Messages API, with faults on demand.

The answers are those of https://platform.claude.com/docs/en/api/messages, `/streaming`
and `/errors`. The fault is chosen by the name of the model; `MODELS` lists them. What
was asked, and how each connection ended, is recorded: see `Recorded`. Like the API it
wants `max_tokens`, refuses a budget that does not fit, and lists its models in pages.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from tornado import iostream

from .double import Double, Handler, Recorded, serve

__all__ = ["LIMITS", "MODELS", "AnthropicDouble", "Recorded"]

PAGE = 20
"""Models of one page, whatever is asked for."""

LIMITS: dict[str, dict[str, Any]] = {
    # How the API describes its generations of models.
    "echo": {"adaptive": True, "enabled": True, "disabled": True, "effort": True},
    "newest": {"adaptive": True, "enabled": False, "disabled": False, "effort": True},
    "older": {"adaptive": False, "enabled": True, "disabled": True, "effort": False},
}


def _listed(name: str) -> dict[str, Any]:
    """A model as the API lists it."""
    limits = LIMITS.get(name, LIMITS["echo"])

    def is_so(value: bool) -> dict[str, bool]:
        return {"supported": value}

    ways = {way: is_so(limits[way]) for way in ("adaptive", "enabled", "disabled")}
    return {
        "type": "model",
        "id": name,
        "display_name": name.title(),
        "created_at": "2026-10-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 200_000,
        "max_tokens": 64_000 if name != "older" else 32_000,
        "capabilities": {
            "effort": {**is_so(limits["effort"]), "low": is_so(limits["effort"])},
            "image_input": is_so(True),
            "pdf_input": is_so(True),
            "structured_outputs": is_so(name != "older"),
            "thinking": {**is_so(True), "types": ways},
        },
    }


class _Base(Handler):
    def fail(self, status: int, message: str, type: str, **headers: str) -> None:  # noqa: A002
        self.set_status(status)
        for name, value in headers.items():
            self.set_header(name.replace("_", "-"), value)
        error = {"type": type, "message": message, "details": None}
        self.finish({"type": "error", "error": error, "request_id": "req_1"})

    def is_let_in(self) -> bool:
        if self.refused:
            self.fail(401, "invalid x-api-key", "authentication_error")
        return not self.refused


class _Models(_Base):
    def get(self) -> None:
        if not self.is_let_in():
            return
        names = list(MODELS)
        after = self.get_argument("after_id", "")
        start = names.index(after) + 1 if after else 0
        page = names[start : start + PAGE]
        self.finish(
            {
                "data": [_listed(name) for name in page],
                "first_id": page[0],
                "last_id": page[-1],
                "has_more": start + PAGE < len(names),
            }
        )


class _Model(_Base):
    def get(self, name: str) -> None:
        if not self.is_let_in():
            return
        if name in MODELS and name not in UNLISTED:
            self.finish(_listed(name))
        else:
            self.fail(404, f"model: {name}", "not_found_error")


class _Messages(_Base):
    async def post(self) -> None:
        if not self.is_let_in():
            return
        wrong = _wrong(self.recorded.body)
        model = self.recorded.model
        with contextlib.suppress(iostream.StreamClosedError):
            if wrong:
                self.fail(400, wrong, "invalid_request_error")
            elif model in MODELS:
                await MODELS[model](self)
            else:
                self.fail(404, f"model: {model}", "not_found_error")

    async def event(self, type: str, **data: Any) -> None:  # noqa: A002 - as on the wire
        text = json.dumps({"type": type, **data})
        await self.raw(f"event: {type}\ndata: {text}\n\n")
        self.recorded.sent += 1

    async def start(self, **usage: int) -> None:
        asked = len(json.dumps(self.recorded.body.get("messages"))) // 4
        counts = {"input_tokens": asked, "output_tokens": 1, **usage}
        message = {
            "id": f"msg_{self.recorded.number}",
            "type": "message",
            "role": "assistant",
            "model": self.recorded.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": counts,
        }
        await self.event("message_start", message=message)
        await self.event("ping")

    async def block(self, index: int, kind: str, texts: list[str]) -> None:
        """A block of text or of thoughts, in pieces."""
        field = "text" if kind == "text" else "thinking"
        empty = {"type": kind, field: ""}
        await self.event("content_block_start", index=index, content_block=empty)
        for text in texts:
            delta = {"type": f"{kind}_delta", field: text}
            await self.event("content_block_delta", index=index, delta=delta)
        if kind == "thinking":
            signed = {"type": "signature_delta", "signature": "EqQBCgIYAhIM"}
            await self.event("content_block_delta", index=index, delta=signed)
        await self.event("content_block_stop", index=index)

    async def begin(self, *texts: str) -> None:
        """An answer up to its first texts, its block left open."""
        await self.start()
        empty = {"type": "text", "text": ""}
        await self.event("content_block_start", index=0, content_block=empty)
        for text in texts:
            delta = {"type": "text_delta", "text": text}
            await self.event("content_block_delta", index=0, delta=delta)

    async def complete(
        self, sent: int, reason: str = "end_turn", **usage: object
    ) -> None:
        delta = {"stop_reason": reason, "stop_sequence": None}
        counts = {"output_tokens": sent, **usage}
        await self.event("message_delta", delta=delta, usage=counts)
        await self.event("message_stop")

    @property
    def asked(self) -> str:
        content = self.recorded.body["messages"][-1]["content"]
        if isinstance(content, str):
            return content
        return "".join(part.get("text", "") for part in content)


def _wrong(body: Any) -> str:
    """What the API would refuse of a request, in its words; "" for nothing."""
    most = body.get("max_tokens")
    if not most:
        return "max_tokens: Field required"
    thinking = body.get("thinking") or {}
    limits = LIMITS.get(body.get("model"), LIMITS["echo"])
    kind = thinking.get("type")
    if kind and not limits[kind]:
        return f'"thinking.type.{kind}" is not supported for this model.'
    budget = thinking.get("budget_tokens")
    if budget is not None and not 1024 <= budget < most:
        return "thinking.enabled.budget_tokens: must be below max_tokens"
    if body.get("model") == "newest" and body.get("temperature") not in (None, 1):
        return "`temperature` is deprecated for this model."
    roles = {message["role"] for message in body["messages"]}
    if not roles <= {"user", "assistant"}:
        return "messages.0.role: Input should be 'user' or 'assistant'"
    return ""


class AnthropicDouble(Double):
    """The double as a context manager: a server on a thread of its own."""

    routes = (
        (r"/v1/models", _Models),
        (r"/v1/models/([^/]+)", _Model),
        (r"/v1/messages", _Messages),
    )


# what the models do


async def _echo(chat: _Messages) -> None:
    words = re.findall(r"\s*\S+", chat.asked) or ["(nothing)"]
    await chat.start()
    await chat.block(0, "text", words)
    await chat.complete(len(words))


async def _thinks(chat: _Messages) -> None:
    await chat.start(cache_read_input_tokens=100, cache_creation_input_tokens=20)
    hidden = {"type": "redacted_thinking", "data": "EmwKAhgB"}
    await chat.block(0, "thinking", ["What is ", "asked?"])
    await chat.event("content_block_start", index=1, content_block=hidden)
    await chat.event("content_block_stop", index=1)
    await chat.block(2, "text", ["An ", "answer."])
    await chat.complete(9, output_tokens_details={"thinking_tokens": 5})


async def _grown(chat: _Messages) -> None:
    """A newer API: events, blocks and deltas that nobody knows yet."""
    await chat.start()
    await chat.event("weather", sky="blue")
    await chat.event(
        "content_block_start", index=0, content_block={"type": "poem", "verse": "x"}
    )
    await chat.event(
        "content_block_delta", index=0, delta={"type": "verse_delta", "verse": "y"}
    )
    await chat.block(1, "text", ["Known."])
    await chat.complete(3, "out_of_ideas")


async def _not_streamed(chat: _Messages) -> None:
    chat.finish(
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": "All at once."}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 5, "output_tokens": 3},
        }
    )


def _ends(reason: str) -> Callable[[_Messages], Awaitable[None]]:
    async def behave(chat: _Messages) -> None:
        await chat.start()
        await chat.block(0, "text", ["Too ", "short"])
        await chat.complete(2, reason)

    return behave


def _refusal(
    status: int,
    message: str,
    type: str,  # noqa: A002 - as it is on the wire
    **headers: str,
) -> Callable[[_Messages], Awaitable[None]]:
    async def behave(chat: _Messages) -> None:
        told = {name: text.replace("KEY", chat.key) for name, text in headers.items()}
        chat.fail(status, message.replace("KEY", chat.key), type, **told)

    return behave


def _html(status: int) -> Callable[[_Messages], Awaitable[None]]:
    async def behave(chat: _Messages) -> None:
        chat.html(status)

    return behave


async def _stall(chat: _Messages) -> None:
    await chat.begin("One ", "two ", "three")
    await chat.never()


async def _stall_before_first(chat: _Messages) -> None:
    await chat.start()
    await chat.wait_aloud()


async def _stall_headers(chat: _Messages) -> None:
    await chat.never()


async def _cut(chat: _Messages) -> None:
    await chat.begin("One ", "two ", "three")
    chat.hang_up()


async def _cut_headers(chat: _Messages) -> None:
    chat.hang_up()


async def _no_end(chat: _Messages) -> None:
    await chat.begin("One ", "two ", "three")


async def _garbage(chat: _Messages) -> None:
    await chat.raw(f"what is this\nno event stream\n{chat.key}\n")
    chat.finish()


async def _malformed(chat: _Messages) -> None:
    await chat.begin("Good ", "so far")
    await chat.raw(
        'data: {"type": "content_block_delta", "delta": ' + chat.key + "\n\n"
    )
    await chat.complete(2)


async def _error_event(chat: _Messages) -> None:
    await chat.begin("One ", "two ")
    told = f"Overloaded by {chat.key}"
    await chat.event("error", error={"type": "overloaded_error", "message": told})


MODELS: dict[str, Callable[[_Messages], Awaitable[None]]] = {
    "echo": _echo,
    "newest": _echo,
    "older": _echo,
    "unlisted": _echo,
    "thinks": _thinks,
    "grown": _grown,
    "not-streamed": _not_streamed,
    "length": _ends("max_tokens"),
    "window": _ends("model_context_window_exceeded"),
    "refusal": _ends("refusal"),
    "stop": _ends("stop_sequence"),
    "fault-400": _refusal(
        400, "temperature: range: 0..1, not KEY", "invalid_request_error"
    ),
    "fault-401-echo": _refusal(
        401,
        "invalid x-api-key: KEY",
        "authentication_error",
        WWW_Authenticate='Bearer error="KEY"',
    ),
    "fault-402": _refusal(402, "Your credit balance is too low.", "billing_error"),
    "fault-403": _refusal(403, "Your key may not use this.", "permission_error"),
    "fault-404-path": _refusal(404, "Not Found", "not_found_error"),
    "fault-413": _refusal(413, "Request exceeds 32 MB.", "request_too_large"),
    "fault-429-retry-after": _refusal(
        429, "Number of tokens is over your limit.", "rate_limit_error", Retry_After="7"
    ),
    "fault-500": _refusal(500, "Failed with KEY.", "api_error", X_Echo="KEY"),
    "fault-504": _refusal(504, "Timed out.", "timeout_error"),
    "fault-529": _refusal(529, "Overloaded", "overloaded_error"),
    "fault-context": _refusal(
        400,
        "prompt is too long: 210000 tokens > 200000 maximum",
        "invalid_request_error",
    ),
    "fault-html": _html(200),
    "fault-html-502": _html(502),
    "fault-garbage": _garbage,
    "fault-malformed": _malformed,
    "fault-stall": _stall,
    "fault-stall-before-first": _stall_before_first,
    "fault-stall-headers": _stall_headers,
    "fault-cut": _cut,
    "fault-cut-headers": _cut_headers,
    "fault-no-end": _no_end,
    "fault-error-event": _error_event,
}
"""What each model does; any other name is unknown."""

UNLISTED = {"unlisted"}
"""Models that answer, but of which the API says nothing."""

if __name__ == "__main__":
    serve(AnthropicDouble, "Double of Anthropic's Messages API")
