"""What the models of the double do, each by its name."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..synthetic import tokens as synthetic_tokens
from .models import Model

if TYPE_CHECKING:
    from .chat import Chat

__all__ = ["FAULTS_BEFORE_LOAD", "FRAME", "MODELS", "models", "synthetic"]

_SYNTHETIC = re.compile(r"synthetic-(\d+)-(\d+)")

FRAME = 10
"""Tokens of a prompt beside its words."""


async def _echo(chat: Chat) -> None:
    words = re.findall(r"\s*\S+", chat.question) or ["(nothing)"]
    limit = chat.options.get("num_predict")
    said = words if limit is None or limit < 0 else words[:limit]
    if chat.asked.get("format"):
        said = [json.dumps({"format": chat.asked["format"]})]
    await chat.say(*said)
    await chat.complete(len(said), "length" if len(said) < len(words) else "stop")


async def synthetic(chat: Chat) -> None:
    match = _SYNTHETIC.match(chat.model.behaviour)
    assert match
    count, rate = int(match[1]), int(match[2])
    for text in synthetic_tokens(count, markdown=False):
        await chat.say(text)
        if rate:
            await asyncio.sleep(1 / rate)
    await chat.complete(count)


async def _think(chat: Chat) -> None:
    if chat.thinks:
        for thought in ("What is ", "asked?"):
            await chat.line(chat.chunk(thought=thought))
    await chat.say("An ", "answer.")
    await chat.complete(4)


async def _think_inline(chat: Chat) -> None:
    text = "<think>\nWhat is\nasked?</think>\n\nAn answer with <think> in it."
    await chat.say(*text)
    await chat.complete(len(text))


async def _not_streamed(chat: Chat) -> None:
    told = chat.chunk("All at once.", done=True, done_reason="stop")
    chat.answer({**told, "prompt_eval_count": 5, "eval_count": 3})


def _refusal(
    status: int, message: str, *, plain: bool = False, **headers: str
) -> Callable[[Chat], Awaitable[None]]:
    async def behave(chat: Chat) -> None:
        said = message.replace("KEY", chat.key)
        for name, value in headers.items():
            chat.set_header(name.replace("_", "-"), value.replace("KEY", chat.key))
        if plain:
            chat.set_status(status)
            chat.set_header("Content-Type", "text/plain")
            chat.finish(said)
        else:
            chat.refuse(status, said)

    return behave


def _html(status: int) -> Callable[[Chat], Awaitable[None]]:
    async def behave(chat: Chat) -> None:
        chat.set_status(status)
        chat.set_header("Content-Type", "text/html")
        chat.finish(f"<!doctype html><title>Welcome</title><p>{chat.key}</p>")

    return behave


async def _signin(chat: Chat) -> None:
    url = "https://ollama.com/connect?name=box&key=abc"
    chat.answer({"error": "unauthorized", "signin_url": url}, 401)


async def _500_then_ok(chat: Chat) -> None:
    if chat.double.first_time(chat.recorded.model):
        chat.refuse(500, "The server had an error.")
    else:
        chat.load()
        chat.prompt = FRAME
        await _echo(chat)


async def _redirect(chat: Chat) -> None:
    chat.set_status(301)
    login = f"me:{quote(chat.key, safe='')}"
    chat.set_header("Location", f"https://{login}@elsewhere.example/api/chat")
    chat.finish()


async def _malformed(chat: Chat) -> None:
    await chat.say("Good ", "so far")
    await chat.raw('{"message": {"content": "' + chat.key + "\n")
    await chat.complete(2)


async def _shapeless(chat: Chat) -> None:
    await chat.raw('{"response": "of another API", "done": false}\n')
    chat.finish()


async def _stall(chat: Chat) -> None:
    await chat.say("One ", "two ", "three")
    await chat.never()


async def _stall_headers(chat: Chat) -> None:
    await chat.never()


async def _cut(chat: Chat) -> None:
    await chat.say("One ", "two ", "three")
    chat.hang_up()


async def _cut_headers(chat: Chat) -> None:
    chat.hang_up()


async def _no_done(chat: Chat) -> None:
    await chat.say("One ", "two ", "three")
    chat.finish()


async def _error_line(chat: Chat) -> None:
    await chat.say("One ", "two ")
    told = "an error was encountered while running the model"
    await chat.report(f"{told}: unexpected EOF {chat.key}")


_MEMORY = "model requires more system memory (21.4 GiB) than is available (7.6 GiB)"
_BUSY = "server busy, please try again.  maximum pending requests exceeded"
_STOPPED = (
    "model runner has unexpectedly stopped, this may be due to resource limitations or "
    "an internal error, check ollama server logs for details"
)

MODELS: dict[str, Callable[[Chat], Awaitable[None]]] = {
    "echo": _echo,
    "think": _think,
    "gpt-oss": _think,
    "think-inline": _think_inline,
    "sees": _echo,
    "embeds": _echo,
    "cloud": _echo,
    "not-streamed": _not_streamed,
    "fault-401": _refusal(401, "invalid key KEY", X_Echo="KEY"),
    "fault-401-html": _html(401),
    "fault-401-signin": _signin,
    "fault-402": _refusal(402, "this model requires a subscription"),
    "fault-403": _refusal(403, "ollama cloud is disabled: remote inference"),
    "fault-404-old": _refusal(404, 'model "x" not found, try pulling it first'),
    "fault-404-path": _refusal(404, "404 page not found", plain=True),
    "fault-429": _refusal(429, "you've reached your usage limit", Retry_After="7"),
    "fault-499": _refusal(499, "request canceled"),
    "fault-500": _refusal(500, "Failed with KEY.", X_Echo="KEY"),
    "fault-500-then-ok": _500_then_ok,
    "fault-503-busy": _refusal(503, _BUSY),
    "fault-memory": _refusal(500, _MEMORY),
    "fault-crash": _refusal(500, _STOPPED),
    "fault-load": _refusal(
        500, "llama-server startup failed: error loading model: missing tensor"
    ),
    "fault-html": _html(200),
    "fault-html-404": _html(404),
    "fault-html-502": _html(502),
    "fault-redirect": _redirect,
    "fault-malformed": _malformed,
    "fault-shapeless": _shapeless,
    "fault-stall": _stall,
    "fault-stall-headers": _stall_headers,
    "fault-cut": _cut,
    "fault-cut-headers": _cut_headers,
    "fault-no-done": _no_done,
    "fault-error-line": _error_line,
}
"""What each model does. `synthetic-TOKENS-RATE` streams so many tokens at so many a
second (0: as fast as can be) for the few that are there; any other name is unknown."""

FAULTS_BEFORE_LOAD = {
    behave
    for name, behave in MODELS.items()
    if name.startswith("fault-")
    and behave not in (_malformed, _shapeless, _stall, _cut, _no_done, _error_line)
}

_SPEEDS = ("synthetic-100000-200", "synthetic-20-100", "synthetic-4000-0")


def models() -> list[Model]:
    given: dict[str, dict[str, Any]] = {
        "think": {"capabilities": ("completion", "thinking"), "family": "qwen3"},
        "gpt-oss": {"capabilities": ("completion", "thinking"), "family": "gptoss"},
        "sees": {"capabilities": ("completion", "vision"), "window": 131_072},
        "embeds": {"capabilities": ("embedding",), "family": "nomic-bert"},
        "cloud": {
            "remote_host": "https://ollama.com:443",
            "remote_model": "qwen3-coder:480b",
            "family": "qwen3moe",
            "quantization": "BF16",
            "parameter_size": "480B",
            "size": 0,
        },
    }
    named = {"cloud": "qwen3-coder:480b-cloud", "echo": "echo:latest"}
    newest = datetime(2026, 6, 1, tzinfo=UTC)
    models = [
        Model(
            name=named.get(name, f"{name}:latest"),
            behaviour=name,
            modified=newest - timedelta(days=age),
            **given.get(name, {}),
        )
        for age, name in enumerate((*MODELS, *_SPEEDS))
    ]
    small = Model("echo:small", parameters={"num_ctx": 512}, window=32_768)
    return [*models, small]
