"""A loopback double of the OpenAI chat-completions wire format, with faults on demand.

It is for what no real server does when asked to: stall, cut, answer HTML, echo a key.
The fault, or the speed, is chosen by the name of the model; `MODELS` lists them, and
what is set as `listed` is listed in their place. What was asked, and how each
connection ended, is recorded: see `Recorded`. It answers at Azure's paths too.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tornado import iostream

from .double import Double, Handler, Recorded, serve
from .synthetic import tokens as synthetic_tokens

__all__ = ["MODELS", "OpenAIDouble", "Recorded"]

_SYNTHETIC = re.compile(r"synthetic(-md)?:(\d+):([\d.]+)(?::([\d.]+))?")

OVERFLOW = (
    "request (20031 tokens) exceeds the available context size (8192 tokens), "
    "try increasing it"
)


class _Base(Handler):
    def fail(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",  # noqa: A002 - as it is on the wire
        code: str | int | None = None,
        **headers: str,
    ) -> None:
        self.set_status(status)
        for name, value in headers.items():
            self.set_header(name.replace("_", "-"), value)
        self.finish({"error": {"message": message, "type": type, "code": code}})


class _Models(_Base):
    async def get(self) -> None:
        if self.request.path.startswith("/never/"):
            await self.gone.wait()
            return
        if self.refused:
            self.fail(401, "Invalid API key.", code="invalid_api_key")
            return
        listed = self.double.listed
        if listed is None:
            listed = [
                {"id": name, "object": "model", "created": 1_700_000_000}
                for name in MODELS
            ]
        self.finish({"object": "list", "data": listed})


class _Deployments(_Base):
    def get(self) -> None:
        if self.refused:
            self.fail(401, "Access denied due to invalid key.", code="401")
            return
        listed = [
            {"id": name, "model": "gpt-4o", "created_at": 1_700_000_000}
            for name in MODELS
        ]
        self.finish({"object": "list", "data": listed})


class _Chat(_Base):
    async def post(self) -> None:
        if self.refused:
            self.fail(401, "Invalid API key.", code="invalid_api_key")
            return
        model = self.recorded.model
        with contextlib.suppress(iostream.StreamClosedError):
            if _SYNTHETIC.fullmatch(model):
                await _synthetic(self)
            elif model in MODELS:
                await MODELS[model](self)
            else:
                self.fail(
                    404,
                    f"The model `{model}` does not exist or you do not have access.",
                    code="model_not_found",
                )

    async def event(self, data: object) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        await self.raw(f"data: {text}\n\n")
        self.recorded.sent += 1

    def chunk(
        self, delta: dict[str, Any] | None = None, reason: str | None = None
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta or {}, "finish_reason": reason}
        return {
            "id": f"chatcmpl-{self.recorded.number}",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": self.recorded.model,
            "choices": [choice],
        }

    async def begin(self, *texts: str) -> None:
        await self.event(self.chunk({"role": "assistant", "content": ""}))
        for text in texts:
            await self.event(self.chunk({"content": text}))

    async def complete(self, sent: int, reason: str = "stop") -> None:
        await self.event(self.chunk(reason=reason))
        options = self.recorded.body.get("stream_options") or {}
        if options.get("include_usage"):
            asked = json.dumps(self.recorded.body.get("messages"))
            usage = {"prompt_tokens": len(asked) // 4, "completion_tokens": sent}
            await self.event({**self.chunk(), "choices": [], "usage": usage})
        await self.event("[DONE]")

    @property
    def streams(self) -> bool:
        return bool(self.recorded.body.get("stream"))

    def whole(self, text: str, sent: int) -> None:
        """Everything at once, for who did not ask for a stream."""
        asked = json.dumps(self.recorded.body.get("messages"))
        usage = {"prompt_tokens": len(asked) // 4, "completion_tokens": sent}
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        answer = {**self.chunk(), "object": "chat.completion", "choices": [choice]}
        self.finish({**answer, "usage": usage})

    @property
    def asked(self) -> str:
        content = self.recorded.body["messages"][-1]["content"]
        if isinstance(content, str):
            return content
        return "".join(part.get("text", "") for part in content)


class OpenAIDouble(Double):
    """The double as a context manager: a server on a thread of its own."""

    routes = (
        (r"(?:/never)?/v1/models", _Models),
        (r"/v1/chat/completions", _Chat),
        (r"/openai/deployments", _Deployments),
        (r"/openai/deployments/[^/]+/chat/completions", _Chat),
        (r"/openai/v1/chat/completions", _Chat),
    )
    listed: list[dict[str, Any]] | None = None

    @property
    def url(self) -> str:
        """The base URL, as OPENAI_BASE_URL takes it."""
        return f"{self.root}/v1"

    @property
    def mute(self) -> str:
        """A base URL whose list of models never comes."""
        return f"{self.root}/never/v1"

    def reset(self) -> None:
        super().reset()
        self.listed = None


# what the models do


async def _echo(chat: _Chat) -> None:
    words = re.findall(r"\s*\S+", chat.asked) or ["(nothing)"]
    if not chat.streams:
        chat.whole("".join(words), len(words))
        return
    await chat.begin(*words)
    await chat.complete(len(words))


async def _synthetic(chat: _Chat) -> None:
    """A stream at a given speed; 0 tokens a second is as fast as can be."""
    match = _SYNTHETIC.fullmatch(chat.recorded.model)
    assert match
    count, rate = int(match[2]), float(match[3])
    if not chat.streams:
        await asyncio.sleep(count / rate if rate else 0)
        chat.whole("".join(synthetic_tokens(count, markdown=bool(match[1]))), count)
        return
    # Each event is written on its own, as servers do, but made once: this server's
    # time is not to be measured.
    before, after = json.dumps(chat.chunk({"content": "\0"})).split('"\\u0000"')
    events = [
        f"data: {before}{json.dumps(token)}{after}\n\n"
        for token in synthetic_tokens(count, markdown=bool(match[1]))
    ]
    await chat.begin()
    await asyncio.sleep(float(match[4] or 0))
    chat.recorded.first_token = time.time()
    started, written = time.perf_counter(), 0
    while written < count and not chat.recorded.ended:
        if not rate:
            due = written + 1
        else:
            due = min(count, int((time.perf_counter() - started) * rate) + 1)
        while written < due:
            chat.recorded.last_token = time.time()
            await chat.raw(events[written])
            written += 1
            chat.recorded.sent += 1
        if rate and written < count:
            # By the clock, so that no error adds up.
            await asyncio.sleep(
                max(0.0, started + written / rate - time.perf_counter())
            )
    if not chat.recorded.ended:
        await chat.complete(count)


async def _think_inline(chat: _Chat) -> None:
    text = "<think>\nWhat is\nasked?</think>\n\nAn answer with <think> in it."
    await chat.begin(*text)
    await chat.complete(len(text))


def _reasoning(name: str) -> Callable[[_Chat], Awaitable[None]]:
    async def behave(chat: _Chat) -> None:
        await chat.begin()
        for text in ("What is ", "asked?"):
            await chat.event(chat.chunk({name: text, "content": None}))
        for text in ("An ", "answer."):
            await chat.event(chat.chunk({"content": text}))
        await chat.complete(4)

    return behave


def _refusal(
    status: int, message: str, **more: Any
) -> Callable[[_Chat], Awaitable[None]]:
    async def behave(chat: _Chat) -> None:
        said = message.replace("KEY", chat.key)
        chat.fail(
            status,
            said,
            **{k: str(v).replace("KEY", chat.key) for k, v in more.items()},
        )

    return behave


def _html(status: int) -> Callable[[_Chat], Awaitable[None]]:
    async def behave(chat: _Chat) -> None:
        chat.html(status)

    return behave


async def _retry_date(chat: _Chat) -> None:
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    chat.fail(429, "Rate limit reached.", code="rate_limit_exceeded", Retry_After=date)


async def _500_then_ok(chat: _Chat) -> None:
    if chat.double.first_time(chat.recorded.model):
        chat.fail(500, "The server had an error.", type="server_error")
    else:
        await _echo(chat)


async def _garbage(chat: _Chat) -> None:
    await chat.raw(f"what is this\nno event stream\n{chat.key}\n")
    chat.finish()


async def _malformed(chat: _Chat) -> None:
    await chat.begin("Good ", "so far")
    await chat.event('{"choices": [{"delta": {"content": "' + chat.key)
    await chat.complete(2)


async def _stall(chat: _Chat) -> None:
    await chat.begin("One ", "two ", "three")
    await chat.never()


async def _stall_before_first(chat: _Chat) -> None:
    await chat.wait_aloud()


async def _stall_headers(chat: _Chat) -> None:
    await chat.never()


async def _cut(chat: _Chat) -> None:
    await chat.begin("One ", "two ", "three")
    chat.hang_up()


async def _cut_before_first(chat: _Chat) -> None:
    await chat.raw(": waiting\n\n")
    chat.hang_up()


async def _cut_headers(chat: _Chat) -> None:
    chat.hang_up()


async def _cut_after_finish(chat: _Chat) -> None:
    await chat.begin("All ", "of it.")
    await chat.event(chat.chunk(reason="stop"))
    chat.hang_up()


async def _no_done(chat: _Chat) -> None:
    await chat.begin("One ", "two ", "three")


async def _only_done(chat: _Chat) -> None:
    await chat.begin("One ", "two.")
    await chat.event("[DONE]")


async def _error_event(chat: _Chat) -> None:
    await chat.begin("One ", "two ")
    message = f"The upstream refused {chat.key} and failed."
    await chat.event({"error": {"code": 502, "message": message}})


async def _error_event_first(chat: _Chat) -> None:
    error = {"message": OVERFLOW, "type": "exceed_context_size_error", "code": 400}
    await chat.event({"error": error})


async def _length(chat: _Chat) -> None:
    await chat.begin("Too ", "short")
    await chat.complete(2, "length")


def _refusing(*options: str) -> Callable[[_Chat], Awaitable[None]]:
    """Answers a request without any of these options, and refuses one by one."""

    async def answer(chat: _Chat) -> None:
        for option in options:
            if option in chat.recorded.body:
                message = f"Unrecognized request argument supplied: {option}"
                chat.fail(400, message)
                return
        await _echo(chat)

    return answer


async def _not_streamed(chat: _Chat) -> None:
    message = {"role": "assistant", "content": "All at once."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 5, "completion_tokens": 3}
    chat.finish({"object": "chat.completion", "choices": [choice], "usage": usage})


MODELS: dict[str, Callable[[_Chat], Awaitable[None]]] = {
    "echo": _echo,
    "length": _length,
    "think-inline": _think_inline,
    "think-reasoning-content": _reasoning("reasoning_content"),
    "think-reasoning": _reasoning("reasoning"),
    "not-streamed": _not_streamed,
    "refuses-usage": _refusing("stream_options"),
    "refuses-max-tokens": _refusing("max_tokens"),
    "refuses-several": _refusing("stream_options", "max_tokens", "seed"),
    "refuses-limits": _refusing("max_tokens", "max_completion_tokens"),
    "only-done": _only_done,
    "fault-400": _refusal(400, "Invalid value for 'temperature': KEY"),
    "fault-401-echo": _refusal(
        401,
        "Incorrect API key provided: KEY. You can find your API key elsewhere.",
        code="invalid_api_key",
        WWW_Authenticate='Bearer error="KEY"',
    ),
    "fault-402": _refusal(402, "Insufficient credits. Add more credits."),
    "fault-403": _refusal(403, "You are not allowed to sample from this model."),
    "fault-404-path": _refusal(404, "Unknown request URL", code="unknown_url"),
    "fault-429-retry-after": _refusal(
        429, "Rate limit reached.", code="rate_limit_exceeded", Retry_After=7
    ),
    "fault-429-retry-after-ms": _refusal(
        429, "Rate limit reached.", Retry_After_Ms=1500, Retry_After=2
    ),
    "fault-429-retry-after-date": _retry_date,
    "fault-429-quota": _refusal(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        type="insufficient_quota",
        code="insufficient_quota",
    ),
    "fault-500": _refusal(500, "Failed with KEY.", type="server_error", X_Echo="KEY"),
    "fault-500-image": _refusal(
        500, "image input is not supported - hint: mmproj", type="server_error"
    ),
    "fault-500-then-ok": _500_then_ok,
    "fault-503": _refusal(503, "Loading model", type="unavailable_error"),
    "fault-html": _html(200),
    "fault-html-404": _html(404),
    "fault-html-502": _html(502),
    "fault-garbage": _garbage,
    "fault-malformed-sse": _malformed,
    "fault-stall": _stall,
    "fault-stall-before-first": _stall_before_first,
    "fault-stall-headers": _stall_headers,
    "fault-cut": _cut,
    "fault-cut-before-first": _cut_before_first,
    "fault-cut-headers": _cut_headers,
    "fault-cut-after-finish": _cut_after_finish,
    "fault-no-done": _no_done,
    "fault-error-event": _error_event,
    "fault-error-event-first": _error_event_first,
    "fault-context": _refusal(
        400,
        "This model's maximum context length is 8192 tokens.",
        code="context_length_exceeded",
    ),
    "fault-context-llamacpp": _refusal(
        400, OVERFLOW, type="exceed_context_size_error", code=400
    ),
}
"""What each model does. `synthetic:TOKENS:RATE` and `synthetic-md:TOKENS:RATE` stream
so many tokens at so many a second (0: as fast as can be), after so many seconds where
there is a third number; any other name is unknown."""


if __name__ == "__main__":
    serve(OpenAIDouble, "OpenAI wire format double")
