"""A loopback double of the OpenAI chat-completions wire format, with faults on demand.

It is for what no real server does when asked to: stall, cut, answer HTML, echo a key.
It runs inside a test, on a thread and loop of its own, or as a program:

    python -m tests.servers.openai_sse --port 0

The fault, or the speed, is chosen by the name of the model; `MODELS` lists them, and
what is set as `listed` is listed in their place. What was asked, and how each
connection ended, is recorded: see `Recorded`.

Tornado is what it is made of: every Jupyter has it, and unlike aiohttp it is not
imported by `openai`, whose import it would make slower for every benchmark.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import email.utils
import json
import re
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from tornado import httpserver, iostream, netutil, web

from .synthetic import tokens as synthetic_tokens

__all__ = ["MODELS", "OpenAIDouble", "Recorded"]

_SYNTHETIC = re.compile(r"synthetic(-md)?:(\d+):([\d.]+)(?::([\d.]+))?")

OVERFLOW = (
    "request (20031 tokens) exceeds the available context size (8192 tokens), "
    "try increasing it"
)


@dataclass
class Recorded:
    """One request: what was asked, over which connection, and how it ended.

    `ended` is "complete", "disconnected" (by the client) or "faulted" (by us), and ""
    while it is under way; `sent` counts the events written. `first_token` and
    `last_token` are the Unix times at which a synthetic stream wrote them.
    """

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    connection: int
    sent: int = 0
    first_token: float = 0.0
    last_token: float = 0.0
    ended: str = ""
    _over: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def model(self) -> str:
        return str((self.body or {}).get("model", ""))

    def end(self, how: str) -> None:
        if not self.ended:
            self.ended = how
            self._over.set()

    def wait(self, seconds: float = 10.0) -> str:
        """How it ended, once it has."""
        assert self._over.wait(seconds), "the request is still under way"
        return self.ended

    def to_dict(self) -> dict[str, Any]:
        shown = {k: v for k, v in vars(self).items() if not k.startswith("_")}
        return dict(shown)


class _Base(web.RequestHandler):
    double: OpenAIDouble
    recorded: Recorded

    def initialize(self, double: OpenAIDouble) -> None:
        self.double = double

    def prepare(self) -> None:
        self.gone = asyncio.Event()
        body = None
        with contextlib.suppress(ValueError):
            body = json.loads(self.request.body or b"null")
        headers = {name.lower(): value for name, value in self.request.headers.items()}
        connection = id(self.request.connection.stream)  # type: ignore[union-attr]
        self.recorded = self.double.record(
            self.request.method or "", self.request.path, headers, body, connection
        )
        # Else a token would wait up to 40 ms for the acknowledgement of the one before.
        self.request.connection.stream.set_nodelay(True)  # type: ignore[union-attr]

    def on_finish(self) -> None:
        self.recorded.end("complete")

    def on_connection_close(self) -> None:
        self.recorded.end("disconnected")
        self.gone.set()
        super().on_connection_close()

    @property
    def key(self) -> str:
        return self.request.headers.get("Authorization", "").removeprefix("Bearer ")

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

    def hang_up(self) -> None:
        """Close the connection in mid-answer, without the end of the answer."""
        self.recorded.end("faulted")
        self.request.connection.stream.close()  # type: ignore[union-attr]


class _Models(_Base):
    async def get(self) -> None:
        if self.request.path.startswith("/never/"):
            await self.gone.wait()
            return
        if self.double.key and self.key != self.double.key:
            self.fail(401, "Invalid API key.", code="invalid_api_key")
            return
        listed = self.double.listed
        if listed is None:
            listed = [
                {"id": name, "object": "model", "created": 1_700_000_000}
                for name in MODELS
            ]
        self.finish({"object": "list", "data": listed})


class _Chat(_Base):
    async def post(self) -> None:
        if self.double.key and self.key != self.double.key:
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

    async def raw(self, text: str) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.write(text)
        await self.flush()

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

    async def never(self) -> None:
        """Wait for the client to go away."""
        await self.gone.wait()

    @property
    def asked(self) -> str:
        content = self.recorded.body["messages"][-1]["content"]
        if isinstance(content, str):
            return content
        return "".join(part.get("text", "") for part in content)


class _Control(web.RequestHandler):
    def initialize(self, double: OpenAIDouble) -> None:
        self.double = double

    def get(self) -> None:
        self.finish({"requests": [r.to_dict() for r in self.double.requests]})

    def delete(self) -> None:
        self.double.reset()
        self.finish()


class OpenAIDouble:
    """The double as a context manager: a server on a thread of its own."""

    def __init__(self, *, port: int = 0, key: str | None = None) -> None:
        self.key = key
        self.requests: list[Recorded] = []
        self.listed: list[dict[str, Any]] | None = None
        self.arrived = threading.Event()
        self.port = port
        self._failed: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._stop: asyncio.Event

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base URL, as OPENAI_BASE_URL takes it."""
        return f"{self.root}/v1"

    @property
    def mute(self) -> str:
        """A base URL whose list of models never comes."""
        return f"{self.root}/never/v1"

    @property
    def last(self) -> Recorded:
        return self.requests[-1]

    def reset(self) -> None:
        self.requests.clear()
        self.listed = None
        self.arrived.clear()
        self._failed.clear()

    def record(self, *request: Any) -> Recorded:
        recorded = Recorded(len(self.requests) + 1, *request)
        self.requests.append(recorded)
        self.arrived.set()
        return recorded

    def first_time(self, what: str) -> bool:
        first = what not in self._failed
        self._failed.add(what)
        return first

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the server does not start"
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        given = {"double": self}
        routes = [
            (r"(?:/never)?/v1/models", _Models, given),
            (r"/v1/chat/completions", _Chat, given),
            (r"/_recorded", _Control, given),
        ]
        server = httpserver.HTTPServer(
            web.Application(routes, log_function=lambda _: None),
            max_buffer_size=64 * 1024 * 1024,
        )
        sockets = netutil.bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        server.add_sockets(sockets)
        self._ready.set()
        await self._stop.wait()
        server.stop()
        await server.close_all_connections()


# what the models do


async def _echo(chat: _Chat) -> None:
    words = re.findall(r"\s*\S+", chat.asked) or ["(nothing)"]
    await chat.begin(*words)
    await chat.complete(len(words))


async def _synthetic(chat: _Chat) -> None:
    """A stream at a given speed; 0 tokens a second is as fast as can be."""
    match = _SYNTHETIC.fullmatch(chat.recorded.model)
    assert match
    count, rate = int(match[2]), float(match[3])
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
        chat.set_status(status)
        chat.set_header("Content-Type", "text/html")
        chat.finish(f"<!doctype html><title>Welcome</title><p>{chat.key}</p>")

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
    await chat.raw(": waiting\n\n")
    while not chat.recorded.ended:
        # Comments keep a connection alive; they are no token.
        await asyncio.sleep(0.02)
        await chat.raw(": waiting\n\n")


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


async def _refuses_usage(chat: _Chat) -> None:
    if "stream_options" in chat.recorded.body:
        message = "Unrecognized request argument supplied: stream_options"
        chat.fail(400, message)
    else:
        await _echo(chat)


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
    "refuses-usage": _refuses_usage,
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


def main() -> None:
    """Serve until interrupted; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(description="OpenAI wire format double")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default=None, help="refuse every other key")
    given = parser.parse_args()
    with OpenAIDouble(port=given.port, key=given.key) as double:
        print(double.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
