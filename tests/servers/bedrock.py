"""A loopback double of Amazon Bedrock: Converse, its stream, and the list of models.

It is for what cannot be had here: an account at AWS. Written after AWS's own pages:

- ConverseStream: the API reference of the Bedrock Runtime;
- the frames of its stream: "Amazon event stream encoding" of the Smithy specification;
- signatures: "Create a signed AWS API request" of the IAM guide (Signature Version 4),
  each checked with `SECRET`; a bearer token is the one other way in.

The fault is chosen by the name of the model; `MODELS` lists them.
"""

from __future__ import annotations

import asyncio
import binascii
import hashlib
import hmac
import json
import struct
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote

from tornado import httpserver, iostream, netutil, web

__all__ = [
    "ACCESS_KEY",
    "BEARER",
    "MODELS",
    "REGION",
    "SECRET",
    "Asked",
    "BedrockDouble",
    "frame",
]

ACCESS_KEY = "AKIADOUBLEDOUBLE1234"
SECRET = "sntnlQ/7+9xKQwVb3nM0pLkZq7sntnlQ7x9KQwVb"
BEARER = "sntnl-bedrock-api-key-Vb3nM0pLk"
REGION = "eu-central-1"


def frame(headers: dict[str, str], payload: bytes, *, damaged: bool = False) -> bytes:
    """One message of an event stream: a prelude, headers, a payload, two checksums."""
    head = b"".join(
        struct.pack("!B", len(name))
        + name.encode()
        + struct.pack("!BH", 7, len(value))  # 7: a string
        + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(head) + len(payload), len(head))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + head + payload
    checksum = binascii.crc32(message) ^ damaged
    return message + struct.pack("!I", checksum)


def event(kind: str, value: dict[str, Any], **options: bool) -> bytes:
    """An event of a Converse stream."""
    headers = {
        ":event-type": kind,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return frame(headers, json.dumps(value).encode(), **options)


def exception(kind: str, message: str) -> bytes:
    """An error inside of a stream that began as a success."""
    headers = {
        ":exception-type": kind,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return frame(headers, json.dumps({"message": message}).encode())


def signature_of(request: Any, body: bytes, secret: str) -> tuple[str, str]:
    """The signature a request has, and the one it should have."""
    header = request.headers.get("Authorization", "")
    scheme, _, rest = header.partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        return "", "-"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    _, date, region, service, _ = parts["Credential"].split("/")
    signed = parts["SignedHeaders"].split(";")
    path, _, query = request.uri.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join(
        [
            request.method,
            quote(path, safe="/-_.~"),  # encoded a second time: all but S3 do
            "&".join(
                f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in pairs
            ),
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{date}/{region}/{service}/aws4_request"
    to_sign = "\n".join(
        [
            scheme,
            request.headers["X-Amz-Date"],
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return parts["Signature"], hmac.new(key, to_sign.encode(), "sha256").hexdigest()


@dataclass
class Asked:
    """One request, and how it ended; see `openai_sse.Recorded`."""

    path: str
    headers: dict[str, str]
    body: Any
    raw: bytes = field(default=b"", repr=False)
    ended: str = ""
    over: threading.Event = field(default_factory=threading.Event, repr=False)

    def end(self, how: str) -> None:
        if not self.ended:
            self.ended = how
            self.over.set()

    def wait(self, seconds: float = 10.0) -> str:
        assert self.over.wait(seconds), "the request is still under way"
        return self.ended


class _Base(web.RequestHandler):
    def initialize(self, double: BedrockDouble) -> None:
        self.double = double

    def prepare(self) -> None:
        self.gone = asyncio.Event()
        body = json.loads(self.request.body or b"null")
        headers = {name.lower(): value for name, value in self.request.headers.items()}
        self.asked = Asked(self.request.path, headers, body, self.request.body)
        self.double.requests.append(self.asked)
        self._authorize()

    def on_finish(self) -> None:
        self.asked.end("complete")

    def on_connection_close(self) -> None:
        self.asked.end("disconnected")
        self.gone.set()
        super().on_connection_close()

    def fail(self, status: int, kind: str, message: str) -> None:
        self.set_status(status)
        self.set_header("x-amzn-ErrorType", kind)
        self.set_header("Content-Type", "application/json")
        self.finish({"message": message})

    def _authorize(self) -> None:
        authorization = self.request.headers.get("Authorization", "")
        if authorization == f"Bearer {BEARER}":
            return
        if authorization.startswith("Bearer "):
            message = f"Authentication failed: {authorization} is not valid."
            self.fail(403, "AccessDeniedException", message)
            return
        if f"Credential={ACCESS_KEY}/" not in authorization:
            message = "The security token included in the request is invalid."
            self.fail(403, "UnrecognizedClientException", message)
            return
        got, wanted = signature_of(self.request, self.request.body, SECRET)
        if not hmac.compare_digest(got, wanted):
            message = (
                "The request signature we calculated does not match the signature you "
                "provided. Check your AWS Secret Access Key and signing method."
            )
            self.fail(403, "InvalidSignatureException", message)


class _Stream(_Base):
    async def post(self, model: str) -> None:
        if self._finished:
            return
        name = unquote(model)
        answer = MODELS.get(name)
        if answer is None:
            message = "The provided model identifier is invalid."
            self.fail(400, "ValidationException", message)
            return
        try:
            await answer(self)
        except iostream.StreamClosedError:
            self.asked.end("disconnected")

    async def send(self, *messages: bytes) -> None:
        self.set_header("Content-Type", "application/vnd.amazon.eventstream")
        for message in messages:
            self.write(message)
            await self.flush()

    async def begin(self, *texts: str) -> None:
        await self.send(event("messageStart", {"role": "assistant"}))
        await self.send(*(_delta({"text": text}) for text in texts))

    async def complete(self, reason: str = "end_turn", **usage: int) -> None:
        counts = {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15} | usage
        await self.send(
            event("contentBlockStop", {"contentBlockIndex": 0}),
            event("messageStop", {"stopReason": reason}),
            event("metadata", {"usage": counts, "metrics": {"latencyMs": 7}}),
        )

    def hang_up(self) -> None:
        self.asked.end("faulted")
        self.request.connection.stream.close()  # type: ignore[union-attr]


class _Whole(_Base):
    """An answer in one piece: litellm asks for JSON so, by a tool it makes up."""

    def post(self, model: str) -> None:
        if self._finished:
            return
        tools = self.asked.body["toolConfig"]["tools"]
        used = {
            "toolUseId": "tooluse_1",
            "name": tools[0]["toolSpec"]["name"],
            "input": {"colour": "red"},
        }
        message = {"role": "assistant", "content": [{"toolUse": used}]}
        self.finish(
            {
                "output": {"message": message},
                "stopReason": "tool_use",
                "usage": {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15},
                "metrics": {"latencyMs": 7},
            }
        )


class _Models(_Base):
    def get(self) -> None:
        if not self._finished:
            self.finish(
                {
                    "modelSummaries": [
                        _summary("double.echo-v1:0", ["ON_DEMAND"]),
                        _summary("double.provisioned-v1:0", ["PROVISIONED"]),
                    ]
                }
            )


class _Profiles(_Base):
    def get(self) -> None:
        if not self._finished:
            profile = {
                "inferenceProfileName": "EU Echo",
                "inferenceProfileArn": "arn:aws:bedrock:::inference-profile/eu.echo",
                "inferenceProfileId": "eu.double.echo-v1:0",
                "models": [],
                "status": "ACTIVE",
                "type": "SYSTEM_DEFINED",
            }
            self.finish({"inferenceProfileSummaries": [profile]})


def _summary(name: str, types: list[str]) -> dict[str, Any]:
    return {
        "modelArn": f"arn:aws:bedrock:{REGION}::foundation-model/{name}",
        "modelId": name,
        "inputModalities": ["TEXT"],
        "outputModalities": ["TEXT"],
        "inferenceTypesSupported": types,
    }


def _delta(delta: dict[str, Any], index: int = 0) -> bytes:
    value = {"contentBlockIndex": index, "delta": delta}
    return event("contentBlockDelta", value)


def _refusal(status: int, kind: str, message: str) -> Callable[..., Awaitable[None]]:
    async def refuse(chat: _Stream) -> None:
        chat.fail(status, kind, message)

    return refuse


async def _echo(chat: _Stream) -> None:
    text = chat.asked.body["messages"][-1]["content"][0]["text"]
    await chat.begin(*(f"{word} " for word in text.split()))
    await chat.complete()


async def _cached(chat: _Stream) -> None:
    await chat.begin("From the cache.")
    await chat.complete(cacheReadInputTokens=400, cacheWriteInputTokens=100)


async def _think(chat: _Stream) -> None:
    await chat.begin()
    await chat.send(
        _delta({"reasoningContent": {"text": "Let me "}}),
        _delta({"reasoningContent": {"text": "think."}}),
        _delta({"reasoningContent": {"signature": "c2ln"}}),
        event("contentBlockStop", {"contentBlockIndex": 0}),
        _delta({"text": "Thought."}, 1),
    )
    await chat.complete()


async def _length(chat: _Stream) -> None:
    await chat.begin("Too ", "short")
    await chat.complete("max_tokens")


async def _filtered(chat: _Stream) -> None:
    await chat.begin("I ")
    await chat.complete("guardrail_intervened")


async def _endless(chat: _Stream) -> None:
    await chat.begin()
    while not chat.asked.ended:
        await chat.send(_delta({"text": "more "}))
        await asyncio.sleep(0.01)


async def _stall(chat: _Stream) -> None:
    await chat.begin("One ", "two ")
    await chat.gone.wait()


async def _stream_error(chat: _Stream) -> None:
    await chat.begin("One ", "two ")
    message = "The model failed in mid-answer."
    await chat.send(exception("modelStreamErrorException", message))


async def _stream_throttled(chat: _Stream) -> None:
    message = "Too many tokens, please wait before trying again."
    await chat.send(exception("throttlingException", message))


async def _cut(chat: _Stream) -> None:
    await chat.begin("One ", "two ")
    # In the middle of a message.
    await chat.send(_delta({"text": "three"})[:-7])
    chat.hang_up()


async def _cut_headers(chat: _Stream) -> None:
    chat.hang_up()


async def _damaged(chat: _Stream) -> None:
    await chat.begin("One ")
    await chat.send(event("metadata", {}, damaged=True))
    await chat.complete()


MODELS: dict[str, Callable[[_Stream], Awaitable[None]]] = {
    "double.echo-v1:0": _echo,
    "double.cached": _cached,
    "double.think": _think,
    "double.length": _length,
    "double.filtered": _filtered,
    "double.endless": _endless,
    "fault.throttled": _refusal(
        429,
        "ThrottlingException",
        "Too many requests, please wait before trying again.",
    ),
    "fault.context": _refusal(
        400, "ValidationException", "Input is too long for requested model."
    ),
    "fault.validation": _refusal(
        400, "ValidationException", "The value at temperature is not in [0, 1]."
    ),
    "fault.denied": _refusal(
        403,
        "AccessDeniedException",
        "You don't have access to the model with the specified model ID.",
    ),
    "fault.missing": _refusal(
        404, "ResourceNotFoundException", "Could not resolve the foundation model."
    ),
    "fault.timeout": _refusal(
        408, "ModelTimeoutException", "The model took too long to answer."
    ),
    "fault.internal": _refusal(500, "InternalServerException", "It broke."),
    "fault.unavailable": _refusal(
        503, "ServiceUnavailableException", "Bedrock is unable to process your request."
    ),
    "fault.stream": _stream_error,
    "fault.stream-throttled": _stream_throttled,
    "fault.stall": _stall,
    "fault.cut": _cut,
    "fault.cut-headers": _cut_headers,
    "fault.damaged": _damaged,
}
"""What each model does; a name that is not here is no model."""


class BedrockDouble:
    """The server, on a thread and loop of its own; a context manager."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bedrock", daemon=True)
        self._ready = threading.Event()

    @property
    def last(self) -> Asked:
        return self.requests[-1]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _listen(self) -> None:
        given = {"double": self}
        application = web.Application(
            [
                (r"/model/([^/]+)/converse-stream", _Stream, given),
                (r"/model/([^/]+)/converse", _Whole, given),
                (r"/foundation-models", _Models, given),
                (r"/inference-profiles", _Profiles, given),
            ],
            log_function=lambda _: None,
        )
        sockets = netutil.bind_sockets(0, "127.0.0.1")
        self._server = httpserver.HTTPServer(application)
        self._server.add_sockets(sockets)
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"

    async def _close(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()
        current = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not current]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
