"""A loopback double of Ollama's API, with faults on demand.

Its answers, headers and errors are those of a real Ollama 0.33, with which they were
compared; `version` makes it an older one. A token is a word, and a prompt has ten more.
The fault, or the speed, is chosen by the name of the model; `MODELS` lists them.

    python -m tests.servers.ollama --port 0
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tornado import iostream, web

from .double import Double, Handler, Recorded
from .ollama_library import SHA256, Library, Loaded, Model, canonical
from .synthetic import tokens as synthetic_tokens

__all__ = ["MODELS", "OllamaDouble", "Recorded"]

_SYNTHETIC = re.compile(r"synthetic-(\d+)-(\d+)")

_FRAME = 10
"""Tokens of a prompt beside its words."""


class _Api(Handler):
    double: OllamaDouble

    def set_default_headers(self) -> None:
        # Tornado's own would say that an empty answer is a web page.
        self.clear_header("Content-Type")
        self.clear_header("Server")

    async def prepare(self) -> None:
        await super().prepare()
        self.unsent: list[dict[str, Any]] = []
        if self.refused or (self.double.login and not self._let_in()):
            # As a proxy that guards a server does.
            self.set_status(401)
            self.set_header("Content-Type", "text/html")
            scheme = "Bearer" if self.refused else "Basic"
            self.set_header("WWW-Authenticate", f'{scheme} realm="ollama"')
            self.finish("<html><h1>401 Authorization Required</h1></html>")

    def _let_in(self) -> bool:
        pair = base64.b64encode(self.double.login.encode()).decode()
        return self.request.headers.get("Authorization") == f"Basic {pair}"

    def write_error(self, status_code: int, **_: Any) -> None:
        said = {404: "404 page not found", 405: "405 method not allowed"}
        self.set_header("Content-Type", "text/plain")
        self.finish(said.get(status_code, "error"))

    def answer(self, body: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(body))

    def refuse(self, status: int, message: str) -> None:
        self.answer({"error": message}, status)

    @property
    def asked(self) -> dict[str, Any]:
        """The body; refused as the server refuses it where there is none."""
        if not self.request.body:
            self.refuse(400, "missing request body")
            raise web.Finish
        if not isinstance(self.recorded.body, dict):
            first = self.request.body.decode(errors="replace")[:1]
            told = f"invalid character '{first}' looking for beginning of value"
            self.refuse(400, told)
            raise web.Finish
        return self.recorded.body

    @property
    def name(self) -> str:
        """The model's name as it was given."""
        name = str(self.asked.get("model") or self.asked.get("name") or "")
        if not name:
            self.refuse(400, "model is required")
            raise web.Finish
        try:
            canonical(name)
        except ValueError:
            self.refuse(400, "invalid model name")
            raise web.Finish from None
        return name

    async def stream(self, steps: Iterator[dict[str, Any]]) -> None:
        """The steps of a long task, or its last where nobody wants the others."""
        if self.asked.get("stream") is False:
            *_, last = steps
            if "error" in last:
                self.refuse(last.get("status", 500), last["error"])
            else:
                self.answer(last)
            return
        with contextlib.suppress(iostream.StreamClosedError):
            for step in steps:
                if "error" in step:
                    await self.report(step["error"], int(step.get("status", 500)))
                    return
                await self.line(step)
                await asyncio.sleep(self.double.step)
            self.finish()

    async def line(self, found: dict[str, Any]) -> None:
        if self.asked.get("stream") is False:
            self.unsent.append(found)
            return
        await self.raw(f"{json.dumps(found, separators=(',', ':'))}\n")
        self.recorded.sent += 1

    async def raw(self, text: str) -> None:
        if self.recorded.ended:
            raise iostream.StreamClosedError
        self.set_header("Content-Type", "application/x-ndjson")
        self.write(text)
        await self.flush()

    async def report(self, message: str, status: int = 500) -> None:
        """An error: as a status while nothing is written, else as a line."""
        if self._headers_written:
            await self.raw(json.dumps({"error": message}) + "\n")
            self.finish()
        else:
            self.set_status(status)
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps({"error": message}))


class _Version(_Api):
    def get(self) -> None:
        self.answer({"version": ".".join(map(str, self.double.version))})


class _Tags(_Api):
    def get(self) -> None:
        lists_all = self.double.version >= (0, 30, 0)
        models = [
            m.listed(lists_all=lists_all)
            for m in self.double.library.listed()
            if m.behaviour in ("echo", *self.double.shown)
        ]
        self.answer({"models": models})


class _Show(_Api):
    def post(self) -> None:
        model = self.double.library.find(self.name)
        if model is None:
            self.refuse(404, f"model '{canonical(self.name)}' not found")
            return
        told = self.double.version >= (0, 6, 4)
        self.answer(model.shown(shows_capabilities=told))


class _Embed(_Api):
    """A word is a token, and a vector has 8 numbers that say where the words begin."""

    def post(self) -> None:
        if self.double.version < (0, 3, 4):
            self.set_status(404)
            self.write_error(404)
            return
        model = self.double.library.find(self.name)
        if model is None:
            self.refuse(404, f"model '{self.name}' not found")
            return
        if "embedding" not in model.capabilities and self.double.version >= (0, 30, 0):
            # llama.cpp's server, handed on.
            told = "This server does not support embeddings. Start it with"
            self.refuse(501, f"{told} `--embeddings`")
            return
        given = self.asked.get("input") or []
        texts = [given] if isinstance(given, str) else given
        if not self.asked.get("truncate", True) and any(
            len(text.split()) > model.window for text in texts
        ):
            self.refuse(400, "the input length exceeds the context length")
            return
        vectors = [_vector(text.split()[: model.window]) for text in texts]
        self.answer({"model": self.name, "embeddings": vectors})


def _vector(words: list[str]) -> list[float]:
    vector = [0.0] * 8
    for word in words:
        vector[ord(word[0]) % 8] += 1.0
    length = sum(number * number for number in vector) ** 0.5
    return [number / length for number in vector]


class _Ps(_Api):
    def get(self) -> None:
        tells = self.double.version >= (0, 9, 7)
        loaded = sorted(
            self.double.loaded.values(), key=lambda e: e.expires, reverse=True
        )
        self.answer({"models": [e.listed(tells_window=tells) for e in loaded]})


class _Copy(_Api):
    def post(self) -> None:
        source = str(self.asked.get("source", ""))
        destination = str(self.asked.get("destination", ""))
        for what, name in (("source", source), ("destination", destination)):
            try:
                canonical(name)
            except ValueError:
                self.refuse(400, f'{what} "{name}" is invalid')
                return
        model = self.double.library.find(source)
        if model is None:
            self.refuse(404, f'model "{source}" not found')
            return
        self.double.library.add(
            Model(**{**vars(model), "name": canonical(destination)})
        )
        self.finish()


class _Delete(_Api):
    def delete(self) -> None:
        name = str(self.asked.get("model") or self.asked.get("name") or "")
        try:
            canonical(name)
        except ValueError:
            self.refuse(400, f'name "{name}" is invalid')
            return
        if not self.double.library.remove(name):
            self.refuse(404, f"model '{name}' not found")
            return
        self.finish()


class _Pull(_Api):
    async def post(self) -> None:
        await self.stream(self.double.library.pulling(self.name))


class _Push(_Api):
    async def post(self) -> None:
        await self.stream(self.double.library.pushing(self.name))


class _Create(_Api):
    async def post(self) -> None:
        _ = self.name
        if not (self.asked.get("from") or self.asked.get("files")):
            await self.report("neither 'from' or 'files' was specified", 400)
            return
        await self.stream(self.double.library.creating(self.asked))


class _Blobs(_Api):
    def head(self, digest: str) -> None:
        self.set_status(200 if digest in self.double.library.blobs else 404)
        self.finish()

    def post(self, digest: str) -> None:
        if not SHA256.fullmatch(digest):
            self.refuse(400, "invalid digest format")
        elif digest in self.double.library.blobs:
            self.finish()
        else:
            got = f"sha256:{hashlib.sha256(self.request.body).hexdigest()}"
            if got != digest:
                told = f'digest mismatch, expected "{digest}", got "{got}"'
                self.refuse(400, told)
                return
            self.double.library.blobs[digest] = len(self.request.body)
            self.set_status(201)
            self.finish()


class _Chat(_Api):
    """`/api/chat`, and `/api/generate` which says the same in other fields."""

    model: Model
    window: int
    prompt: int

    @property
    def generates(self) -> bool:
        return self.request.path == "/api/generate"

    async def post(self) -> None:
        name = self.name
        model = self.double.library.find(name)
        if model is None:
            self.refuse(404, f"model '{name}' not found")
            return
        self.model = model
        if not self.messages:
            self._load_or_unload(name)
            return
        if self._unable():
            return
        behave = MODELS.get(model.behaviour, _synthetic)
        with contextlib.suppress(iostream.StreamClosedError):
            if behave in _FAULTS_BEFORE_LOAD:
                await behave(self)
                return
            if model.remote:
                self.prompt = _FRAME
            else:
                self.load()
                if not await self._fits():
                    return
            await behave(self)

    @property
    def messages(self) -> list[dict[str, Any]]:
        if self.generates:
            prompt = self.asked.get("prompt")
            return [{"role": "user", "content": prompt}] if prompt else []
        return self.asked.get("messages") or []

    @property
    def options(self) -> dict[str, Any]:
        return self.asked.get("options") or {}

    @property
    def question(self) -> str:
        return str(self.messages[-1]["content"])

    @property
    def thinks(self) -> bool:
        able = "thinking" in self.model.capabilities
        return able and self.asked.get("think", True) is not False

    def load(self) -> None:
        model = self.model
        asked = self.options.get("num_ctx") or model.parameters.get("num_ctx")
        self.window = min(asked or self.double.window, model.window)
        key = canonical(model.name)
        loaded = self.double.loaded.get(key)
        if loaded is None or loaded.window != self.window:
            self.double.loads.append((model.name, self.window))
        now = datetime.now(UTC)
        # Later than the others even where the clock has not moved.
        last = max((e.expires for e in self.double.loaded.values()), default=now)
        expires = max(now + timedelta(minutes=5), last + timedelta(seconds=1))
        self.double.loaded[key] = Loaded(model, self.window, expires)

    def chunk(self, text: str = "", thought: str = "", **more: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat().replace("+00:00", "123Z")
        told: dict[str, Any] = {"model": self.asked["model"], "created_at": now}
        if self.generates:
            told["response"] = text
        else:
            told["message"] = {"role": "assistant", "content": text}
        if thought and self.generates:
            told["thinking"] = thought
        elif thought:
            told["message"]["thinking"] = thought
        return {**told, "done": False, **more}

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.line(self.chunk(text))

    async def complete(self, sent: int, reason: str = "stop") -> None:
        counts = {
            "total_duration": 1_690_933_298,
            "load_duration": 1_053_174_848,
            "prompt_eval_count": self.prompt,
            "prompt_eval_duration": 581_571_000,
            "eval_count": sent,
            "eval_duration": 53_829_000,
        }
        more = {"context": [1, 2, 3]} if self.generates else {}
        told = self.chunk(done=True, done_reason=reason, **more, **counts)
        if self.asked.get("stream") is False:
            said = [each["message"]["content"] for each in self.unsent]
            told["message"]["content"] = "".join(said)
            self.answer(told)
            return
        await self.line(told)
        self.finish()

    async def never(self) -> None:
        """Wait for the client to go away."""
        await self.gone.wait()

    def _load_or_unload(self, name: str) -> None:
        keep = self.asked.get("keep_alive")
        unloads = keep in (0, "0", "0s")
        if unloads:
            self.double.loaded.pop(canonical(self.model.name), None)
        else:
            self.load()
        reason = "unload" if unloads else "load"
        self.answer({**self.chunk(), "done": True, "done_reason": reason})

    def _unable(self) -> bool:
        """Refuse what the model cannot do."""
        name, able = self.asked["model"], self.model.capabilities
        think, keep = self.asked.get("think"), self.asked.get("keep_alive")
        levels = self.double.version >= (0, 17, 7) or self.model.family == "gptoss"
        if isinstance(keep, str) and not re.fullmatch(r"-?([\d.]+[a-z]+)+", keep):
            self.refuse(400, f'time: missing unit in duration "{keep}"')
        elif isinstance(think, str) and think not in ("low", "medium", "high", "max"):
            told = '(must be "high", "medium", "low", "max", true, or false)'
            self.refuse(400, f'invalid think value: "{think}" {told}')
        elif think and "thinking" not in able:
            self.refuse(400, f'"{name}" does not support thinking')
        elif isinstance(think, str) and not levels:
            told = f'think value "{think}" is not supported for this model'
            self.refuse(400, told)
        elif "completion" not in able:
            self.refuse(400, f'"{name}" does not support chat')
        elif isinstance(self.options.get("temperature"), str):
            self.refuse(500, 'option "temperature" must be of type float32')
        elif "vision" not in able and any(m.get("images") for m in self.messages):
            told = "Multimodal data provided, but model does not support multimodal"
            self._refuse_below(f"{told} requests.", "invalid_request_error")
        else:
            return False
        return True

    def _refuse_below(self, message: str, kind: str, **more: int) -> None:
        """An error of the engine below, whose body becomes the text of ours."""
        below = {"code": 400, "message": message, "type": kind, **more}
        self.refuse(400, json.dumps({"error": below}))

    async def _fits(self) -> bool:
        """Whether the prompt does; by default what does not is cut without a word."""
        texts = [str(message["content"]) for message in self.messages]
        self.prompt = _FRAME + sum(len(text.split()) for text in texts)
        if self.prompt < self.window:
            return True
        told = self.double.version >= (0, 12, 6)
        if told and self.asked.get("truncate") is False:
            self._refuse_below(
                f"request ({self.prompt} tokens) exceeds the available context size "
                f"({self.window} tokens), try increasing it",
                "exceed_context_size_error",
                n_prompt_tokens=self.prompt,
                n_ctx=self.window,
            )
            return False
        self.prompt = self.window // 2
        return True


class _Lost(_Api):
    async def prepare(self) -> None:
        await super().prepare()
        if not self._finished:
            self.send_error(404)


class OllamaDouble(Double):
    """The double as a context manager: a server on a thread of its own.

    `login` is `NAME:PASSWORD` that every request has to bring; `window` what a model
    is given that asks for none; `step` the seconds between two steps of a pull.
    """

    routes = (
        (r"/api/version", _Version),
        (r"/api/tags", _Tags),
        (r"/api/show", _Show),
        (r"/api/ps", _Ps),
        (r"/api/embed", _Embed),
        (r"/api/copy", _Copy),
        (r"/api/delete", _Delete),
        (r"/api/pull", _Pull),
        (r"/api/push", _Push),
        (r"/api/create", _Create),
        (r"/api/blobs/(.+)", _Blobs),
        (r"/api/(?:chat|generate)", _Chat),
        (r".*", _Lost),
    )

    def __init__(
        self,
        *,
        port: int = 0,
        version: tuple[int, int, int] = (0, 33, 0),
        login: str = "",
        window: int = 4096,
    ) -> None:
        super().__init__(port=port)
        self.login = login
        self.version = version
        self.window = window
        self.step = 0.001
        self.library = Library(_models())
        self.loaded: dict[str, Loaded] = {}
        self.loads: list[tuple[str, int]] = []
        self.shown = ("think", "gpt-oss", "sees", "embeds", "cloud")

    @property
    def url(self) -> str:
        """The address, as OLLAMA_HOST takes it."""
        return self.root

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def asked(self, path: str = "/api/chat") -> list[Recorded]:
        """What came to one path."""
        return [request for request in self.requests if request.path == path]

    def reset(self) -> None:
        super().reset()
        self.library.reset()
        self.loaded.clear()
        self.loads.clear()


# what the models do


async def _echo(chat: _Chat) -> None:
    words = re.findall(r"\s*\S+", chat.question) or ["(nothing)"]
    limit = chat.options.get("num_predict")
    said = words if limit is None or limit < 0 else words[:limit]
    if chat.asked.get("format"):
        said = [json.dumps({"format": chat.asked["format"]})]
    await chat.say(*said)
    await chat.complete(len(said), "length" if len(said) < len(words) else "stop")


async def _synthetic(chat: _Chat) -> None:
    match = _SYNTHETIC.match(chat.model.behaviour)
    assert match
    count, rate = int(match[1]), int(match[2])
    for text in synthetic_tokens(count, markdown=False):
        await chat.say(text)
        if rate:
            await asyncio.sleep(1 / rate)
    await chat.complete(count)


async def _think(chat: _Chat) -> None:
    if chat.thinks:
        for thought in ("What is ", "asked?"):
            await chat.line(chat.chunk(thought=thought))
    await chat.say("An ", "answer.")
    await chat.complete(4)


async def _think_inline(chat: _Chat) -> None:
    text = "<think>\nWhat is\nasked?</think>\n\nAn answer with <think> in it."
    await chat.say(*text)
    await chat.complete(len(text))


async def _not_streamed(chat: _Chat) -> None:
    told = chat.chunk("All at once.", done=True, done_reason="stop")
    chat.answer({**told, "prompt_eval_count": 5, "eval_count": 3})


def _refusal(
    status: int, message: str, *, plain: bool = False, **headers: str
) -> Callable[[_Chat], Awaitable[None]]:
    async def behave(chat: _Chat) -> None:
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


def _html(status: int) -> Callable[[_Chat], Awaitable[None]]:
    async def behave(chat: _Chat) -> None:
        chat.set_status(status)
        chat.set_header("Content-Type", "text/html")
        chat.finish(f"<!doctype html><title>Welcome</title><p>{chat.key}</p>")

    return behave


async def _signin(chat: _Chat) -> None:
    url = "https://ollama.com/connect?name=box&key=abc"
    chat.answer({"error": "unauthorized", "signin_url": url}, 401)


async def _500_then_ok(chat: _Chat) -> None:
    if chat.double.first_time(chat.recorded.model):
        chat.refuse(500, "The server had an error.")
    else:
        chat.load()
        chat.prompt = _FRAME
        await _echo(chat)


async def _redirect(chat: _Chat) -> None:
    chat.set_status(301)
    login = f"me:{quote(chat.key, safe='')}"
    chat.set_header("Location", f"https://{login}@elsewhere.example/api/chat")
    chat.finish()


async def _malformed(chat: _Chat) -> None:
    await chat.say("Good ", "so far")
    await chat.raw('{"message": {"content": "' + chat.key + "\n")
    await chat.complete(2)


async def _shapeless(chat: _Chat) -> None:
    await chat.raw('{"response": "of another API", "done": false}\n')
    chat.finish()


async def _stall(chat: _Chat) -> None:
    await chat.say("One ", "two ", "three")
    await chat.never()


async def _stall_headers(chat: _Chat) -> None:
    await chat.never()


async def _cut(chat: _Chat) -> None:
    await chat.say("One ", "two ", "three")
    chat.hang_up()


async def _cut_headers(chat: _Chat) -> None:
    chat.hang_up()


async def _no_done(chat: _Chat) -> None:
    await chat.say("One ", "two ", "three")
    chat.finish()


async def _error_line(chat: _Chat) -> None:
    await chat.say("One ", "two ")
    told = "an error was encountered while running the model"
    await chat.report(f"{told}: unexpected EOF {chat.key}")


_MEMORY = "model requires more system memory (21.4 GiB) than is available (7.6 GiB)"
_BUSY = "server busy, please try again.  maximum pending requests exceeded"
_STOPPED = (
    "model runner has unexpectedly stopped, this may be due to resource limitations or "
    "an internal error, check ollama server logs for details"
)

MODELS: dict[str, Callable[[_Chat], Awaitable[None]]] = {
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

_FAULTS_BEFORE_LOAD = {
    behave
    for name, behave in MODELS.items()
    if name.startswith("fault-")
    and behave not in (_malformed, _shapeless, _stall, _cut, _no_done, _error_line)
}

_SPEEDS = ("synthetic-100000-200", "synthetic-20-100", "synthetic-4000-0")


def _models() -> list[Model]:
    given: dict[str, dict[str, Any]] = {
        "think": {"capabilities": ("completion", "thinking"), "family": "qwen3"},
        "gpt-oss": {"capabilities": ("completion", "thinking"), "family": "gptoss"},
        "sees": {"capabilities": ("completion", "vision"), "window": 131_072},
        "embeds": {"capabilities": ("embedding",), "family": "nomic-bert"},
        "cloud": {"remote": True, "size": 384},
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


def main() -> None:
    """Serve until interrupted; the first line printed is the address."""
    parser = argparse.ArgumentParser(description="Ollama double")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--login", default="", help="NAME:PASSWORD to ask for")
    given = parser.parse_args()
    with OllamaDouble(port=given.port, login=given.login) as double:
        print(double.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
