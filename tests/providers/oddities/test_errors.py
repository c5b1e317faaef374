"""What servers say is wrong is what the user reads, in whichever way they say it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from parllama_nb.errors import (
    ConnectionFailedError,
    InvalidResponseError,
    ProviderError,
    StreamInterruptedError,
)
from tests.servers.scripted import Script, ScriptedDouble

from ..conftest import KEY, assert_no_key
from .conftest import Ask, Connect
from .dialects import ALL, DIALECTS, EVENTS, OPENAI, Dialect, chunk

WORDS = "Your trial is over"

BODIES: dict[str, Any] = {
    "error": {"error": {"message": WORDS, "type": "invalid_request_error"}},
    "error, a text": {"error": WORDS},
    "error, a list": {"error": [{"message": WORDS}]},
    "error, nested": {"error": {"error": {"message": WORDS}}},
    "error, of another server": {
        "error": {
            "message": "Provider returned error",
            "metadata": {"raw": json.dumps({"error": {"message": WORDS}})},
        }
    },
    "errors": {"errors": [WORDS]},
    "type": {"type": "error", "message": WORDS},
    "object": {"object": "error", "message": WORDS, "code": 400},
    "code": {"code": 20012, "message": WORDS, "data": None},
    "code, around an answer": {
        "code": 20012,
        "message": WORDS,
        "data": {"choices": None},
    },
    "code, a word": {"code": "TrialOver", "msg": WORDS},
    "success": {"success": False, "message": WORDS},
    "status": {"status": "failed", "detail": WORDS},
    "base_resp": {
        "choices": None,
        "usage": {"total_tokens": 0},
        "base_resp": {"status_code": 1008, "status_msg": WORDS},
    },
    "error_message": {"choices": None, "error_type": "X", "error_message": WORDS},
    "detail": {"detail": WORDS},
    "details": {"detail": [{"loc": ["body"], "msg": WORDS}]},
    "message": {"message": WORDS},
    "response": {"Response": {"Error": {"Code": "Over", "Message": WORDS}}},
    "list": [{"error": {"message": WORDS}}],
}

IMMEDIATE = [name for name in BODIES if name not in ("detail", "details", "message")]
"""Those that can be nothing else, also in the midst of an answer."""


def event(body: Any, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(body)}\n\n".encode()


WAYS: dict[str, Callable[[Any], Script]] = {
    "document": lambda body: Script((json.dumps(body).encode(),), "application/json"),
    "indented": lambda body: Script((json.dumps(body, indent=2).encode(),), ""),
    "document in a stream": lambda body: Script((json.dumps(body).encode(),)),
    "event": lambda body: Script((event(body),)),
    "event and end": lambda body: Script((event(body), b"data: [DONE]\n\n")),
    "error event": lambda body: Script((event(body, "error"),)),
    "error field": lambda body: Script(
        (f"error: {json.dumps(body)}\n\n".encode(), b"data: [DONE]\n\n")
    ),
    "error and a reset": lambda body: Script((event(body, "error"),), end="reset"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("body", BODIES)
async def test_an_error_that_comes_as_a_success_is_an_error(
    ask: Ask, body: str, way: str
) -> None:
    got = await ask("openai", WAYS[way](BODIES[body]))
    assert got.error
    assert WORDS in got.error.message
    assert not got.error.retriable


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wire", ALL)
async def test_an_error_is_an_error_on_every_wire(
    ask: Ask, wire: str, way: str
) -> None:
    got = await ask(wire, WAYS[way](BODIES["code"]))
    assert got.error
    assert WORDS in got.error.message
    assert not got.error.retriable


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("way", ["document", "event", "error field"])
async def test_an_error_is_an_error_where_a_whole_answer_was_asked_for(
    ask: Ask, body: str, way: str
) -> None:
    got = await ask("openai", WAYS[way](BODIES[body]), whole=True)
    assert got.error
    assert WORDS in got.error.message


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
async def test_a_refusal_is_told_in_the_words_of_the_server(
    ask: Ask, wire: str, body: str
) -> None:
    words = json.dumps(BODIES[body]).encode()
    got = await ask(wire, Script((words,), "application/json", status=400))
    assert got.error
    assert WORDS in got.error.message
    assert got.error.status == 400


@pytest.mark.parametrize("body", IMMEDIATE)
@pytest.mark.parametrize("wire", ALL)
async def test_an_error_after_text_keeps_the_text(
    ask: Ask, wire: str, body: str
) -> None:
    begun = DIALECTS[wire].dialect.begin("Good")
    got = await ask(wire, Script((*begun, event(BODIES[body]))))
    assert got.text == "Good"
    assert got.error
    assert WORDS in got.error.message


@pytest.mark.parametrize("way", ["error event", "error field"])
@pytest.mark.parametrize("words", [WORDS, json.dumps(WORDS), "{"])
@pytest.mark.parametrize("wire", EVENTS)
async def test_an_error_event_may_hold_any_words(
    ask: Ask, wire: str, words: str, way: str
) -> None:
    line = f"event: error\ndata: {words}" if way == "error event" else f"error: {words}"
    begun = DIALECTS[wire].dialect.begin("Good")
    got = await ask(wire, Script((*begun, f"{line}\n\n".encode())))
    assert got.text == "Good"
    assert got.error
    assert words.strip('"') in got.error.message


@pytest.mark.parametrize("begun", [True, False], ids=["begun", "not begun"])
@pytest.mark.parametrize(
    "line",
    [
        f"data: Error: {WORDS}\n\n",
        f"Failed: {WORDS}\n",
        f'"error: {WORDS}"',
        f"data: 余额不足: {WORDS}\n\n",
    ],
)
@pytest.mark.parametrize("wire", EVENTS)
async def test_words_of_an_error_in_place_of_an_answer_are_told(
    ask: Ask, wire: str, line: str, begun: bool
) -> None:
    before = DIALECTS[wire].dialect.begin("Good") if begun else []
    got = await ask(wire, Script((*before, line.encode())))
    assert got.text == ("Good" if begun else "")
    assert got.error
    assert WORDS in got.error.message


@pytest.mark.parametrize(
    "line",
    [
        KEY,
        f"Error: {KEY}",
        f"data: Error: {KEY}\n\n",
        f"error: {KEY}\n\n",
        f'data: {{"error": {{"metadata": {{"raw": "of {KEY[:20]}"}}}}}}\n\n',
    ],
)
@pytest.mark.parametrize("wire", ALL)
async def test_no_words_of_a_server_bring_the_key_back(
    ask: Ask, wire: str, line: str
) -> None:
    got = await ask(wire, Script((line.encode(),)))
    assert got.error
    assert_no_key(f"{got.error!r} {vars(got.error)}", "the error")


ODD_CHUNKS: dict[str, dict[str, Any]] = {
    "with a reason": {
        **chunk({"content": ""}, "error"),
        "error": {"code": 502, "message": WORDS},
    },
    "with a good reason": {**chunk({}, "stop"), "error": {"message": WORDS}},
    "in the choice": chunk({}, error={"code": 502, "message": WORDS}),
    "in every reason": chunk({"content": "."}, "error", message={}, error=WORDS),
    "in Groq's field": {**chunk({}), "x_groq": {"id": "r", "error": WORDS}},
    "in the reason": {
        "choices": [{"finish_reason": {"type": "abort", "message": WORDS}}]
    },
}


@pytest.mark.parametrize("odd", ODD_CHUNKS)
@pytest.mark.parametrize("wire", OPENAI)
async def test_an_error_in_a_chunk_is_an_error(ask: Ask, wire: str, odd: str) -> None:
    dialect = DIALECTS[wire].dialect
    got = await ask(wire, Script((*dialect.begin("Good"), event(ODD_CHUNKS[odd]))))
    assert got.text.startswith("Good")
    assert got.error
    assert WORDS in got.error.message


@pytest.mark.parametrize("reason", ["error", "network_error", "abort", "cancelled"])
async def test_a_reason_that_is_a_failure_is_an_error(ask: Ask, reason: str) -> None:
    dialect = DIALECTS["openai"].dialect
    events = (*dialect.begin("Good"), event(chunk({}, reason)))
    got = await ask("openai", Script(events))
    assert got.text == "Good"
    assert got.error
    assert reason in got.error.message


@pytest.mark.parametrize("body", [name for name in IMMEDIATE if name != "list"])
@pytest.mark.parametrize("wire", ["openai", "anthropic"])
async def test_a_list_of_models_that_is_an_error_is_told_as_one(
    connect: Connect,
    server: ScriptedDouble,
    monkeypatch: pytest.MonkeyPatch,
    wire: str,
    body: str,
) -> None:
    monkeypatch.setattr(server, "listed", json.dumps(BODIES[body]).encode())
    with pytest.raises(ProviderError) as raised:
        await connect(wire, None).models()
    assert WORDS in raised.value.message


# an end that is missing


def in_every_chunk(dialect: Dialect, *texts: str) -> list[bytes]:
    return [event(chunk({"content": text}, "stop")) for text in texts]


BROKEN: dict[str, tuple[Callable[[Dialect], list[bytes]], tuple[str, ...]]] = {
    "text": (lambda d: d.begin("Good ", "morning"), ALL),
    "text and half a line": (
        lambda d: [*d.begin("Good ", "morning"), d.encode(d.text("."))[:-9]],
        ALL,
    ),
    "text counted each time": (
        lambda d: [
            event({**chunk({"content": text}), "usage": {"prompt_tokens": 7}})
            for text in ("Good ", "morning")
        ],
        OPENAI,
    ),
    "a piece after the reason": (
        lambda d: in_every_chunk(d, "Good ", "morning"),
        OPENAI,
    ),
}


@pytest.mark.parametrize("end", ["complete", "cut", "reset"])
@pytest.mark.parametrize(
    ("wire", "broken"), [(wire, name) for name in BROKEN for wire in BROKEN[name][1]]
)
async def test_an_answer_without_an_end_is_an_error_that_keeps_the_text(
    ask: Ask, wire: str, broken: str, end: Any
) -> None:
    pieces = BROKEN[broken][0](DIALECTS[wire].dialect)
    got = await ask(wire, Script(tuple(pieces), end=end))
    assert got.text == "Good morning"
    if broken == "a piece after the reason" and end == "complete":
        assert got.error is None
        return
    assert type(got.error) is StreamInterruptedError


@pytest.mark.parametrize("wire", ALL)
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"Ollama is running", 'not an event stream: "Ollama is running"'),
        (b"<!doctype html><p>Hello", "a web page"),
        (b"\n\n  <html>", "a web page"),
        (b"data: Come back soon\n\ndata: [DONE]\n\n", '"Come back soon"'),
        (b'{"choices": [{', "broken JSON"),
        (b"{bad}", "broken JSON"),
        (b"data: {bad}\n\n", "broken JSON"),
    ],
)
async def test_what_is_no_answer_is_told(
    ask: Ask, wire: str, body: bytes, words: str
) -> None:
    got = await ask(wire, Script((body,), "text/plain"))
    assert type(got.error) is InvalidResponseError
    assert words in got.error.message


@pytest.mark.parametrize("end", [True, False], ids=["ended", "closed"])
@pytest.mark.parametrize(
    ("wire", "spoken"),
    [
        (wire, spoken)
        for wire in ("openai", "anthropic", "ollama")
        for spoken in ("openai", "anthropic", "ollama", "other")
        if wire != spoken
    ],
)
async def test_an_answer_of_another_api_is_told_as_one(
    ask: Ask, wire: str, spoken: str, end: bool
) -> None:
    """It is no answer without text, nor a connection that was closed."""
    other: list[Any] = [{"response": "Good morning."}, {"response": "", "done": True}]
    parts = DIALECTS[spoken].dialect.parts("Good") if spoken in DIALECTS else other
    lines = [f"data: {Dialect.words(part)}\n\n".encode() for part in parts]
    got = await ask(wire, Script((*lines, *([b"data: [DONE]\n\n"] if end else []))))
    assert type(got.error) is InvalidResponseError
    assert got.error.hint
    assert got.text == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b": waiting\n\n",
        b"data: {}\n\n",
        b'event: ping\ndata: {"type": "ping"}\n\n',
        b'data: {"status": "queued", "position": 3}\n\n',
    ],
)
@pytest.mark.parametrize("wire", EVENTS)
async def test_nothing_at_all_is_a_closed_connection(
    ask: Ask, wire: str, body: bytes
) -> None:
    got = await ask(wire, Script((body,)))
    assert type(got.error) is ConnectionFailedError
    assert got.error.retriable
