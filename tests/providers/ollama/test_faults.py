"""Every fault of an Ollama server is one clear error, and no secret is in any."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
    UsageError,
)
from parllama_nb.providers.http.endpoint import Endpoint, FailedCall
from parllama_nb.providers.http.stream_errors import (
    BrokenOffError,
    RefusedError,
    ReportedError,
)
from parllama_nb.providers.messages import StreamEvent, TextDelta
from parllama_nb.providers.ollama.errors import OLLAMA_FAILURES
from parllama_nb.providers.ollama.provider import Ollama
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor
from tests.servers.ollama import MODELS, OllamaDouble

from ..conftest import FAST, KEY, answer_of, ask, assert_no_key

Local = Callable[..., Ollama]

CALL = FailedCall(Endpoint("Ollama", "http://box:11434", Redactor()), "m")
PASSWORD = "hunter22-/+=pw"

# The class, a part of the message, whether it is worth a retry, and the text before.
FAULTS: dict[str, tuple[type[ProviderError], str, bool, str]] = {
    "unknown": (ModelNotFoundError, "there is no model 'unknown'", False, ""),
    "bad name!": (BadRequestError, "invalid model name", False, ""),
    "embeds": (BadRequestError, "does not support chat", False, ""),
    "fault-401": (AuthenticationError, "invalid key", False, ""),
    "fault-401-html": (AuthenticationError, "access was denied (401)", False, ""),
    "fault-401-signin": (AuthenticationError, "not signed in", False, ""),
    "fault-402": (RateLimitError, "requires a subscription", False, ""),
    "fault-403": (BadRequestError, "cloud is disabled", False, ""),
    "fault-404-old": (ModelNotFoundError, "no model 'fault-404-old'", False, ""),
    "fault-404-path": (InvalidResponseError, "there is no such API", False, ""),
    "fault-429": (RateLimitError, "reached your usage limit", True, ""),
    "fault-499": (BadRequestError, "request canceled", False, ""),
    "fault-500": (ServerError, "Failed with", True, ""),
    "fault-503-busy": (ServerError, "server busy", True, ""),
    "fault-memory": (ServerError, "requires more system memory (21.4", False, ""),
    "fault-crash": (ServerError, "model runner has unexpectedly", True, ""),
    "fault-load": (ServerError, "missing tensor", False, ""),
    "fault-html": (InvalidResponseError, "answered with a web page", False, ""),
    "fault-html-404": (InvalidResponseError, "there is no such API", False, ""),
    "fault-html-502": (ServerError, "failed on its side (502)", True, ""),
    "fault-redirect": (InvalidResponseError, "redirects (301)", False, ""),
    "fault-shapeless": (InvalidResponseError, "lines of an unknown shape", False, ""),
    "fault-stall": (ProviderTimeoutError, "no further token", False, "One two three"),
    "fault-stall-headers": (ProviderTimeoutError, "no first token", False, ""),
    "fault-cut": (
        StreamInterruptedError,
        "broke in mid-answer",
        False,
        "One two three",
    ),
    "fault-cut-headers": (ConnectionFailedError, "without an answer", True, ""),
    "fault-no-done": (
        StreamInterruptedError,
        "without saying why",
        False,
        "One two three",
    ),
    "fault-error-line": (ServerError, "unexpected EOF", True, "One two "),
}


async def fail(provider: Ollama, model: str) -> tuple[ProviderError, list[StreamEvent]]:
    events: list[StreamEvent] = []
    try:
        async for event in provider.stream(ask(model), lambda _: None):
            events.append(event)  # noqa: PERF401 - what came before the error is kept
    except ProviderError as error:
        return error, events
    message = f"{model} did not fail: {events}"
    raise AssertionError(message)


def test_every_fault_of_the_double_is_expected_here() -> None:
    faults = {model for model in MODELS if model.startswith("fault")}
    answered = {"fault-500-then-ok", "fault-malformed"}
    assert faults - answered == {m for m in FAULTS if m[:5] == "fault"}


@pytest.mark.parametrize("model", FAULTS)
async def test_a_fault_is_one_clear_error(local: Local, model: str) -> None:
    kind, words, retriable, text = FAULTS[model]
    provider = local(timeouts=FAST if "stall" in model else None)
    error, events = await fail(provider, model)
    assert type(error) is kind
    assert words in error.message
    assert error.message.startswith("Ollama: ")
    assert len(error.message) <= 300
    assert "\n" not in f"{error.message}{error.hint}"
    assert error.retriable is retriable
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == text


@pytest.mark.parametrize("model", FAULTS)
async def test_the_key_is_in_nothing_a_fault_leaves(
    local: Local, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "httpx2", "httpcore2", "parllama_nb"):
        caplog.set_level(logging.DEBUG, logger=name)
    provider = local(key=KEY, timeouts=FAST if "stall" in model else None)
    error, _ = await fail(provider, model)

    assert error.__cause__ is None
    assert error.__context__ is None
    shown = traceback.TracebackException.from_exception(
        error, capture_locals=True, compact=False
    )
    locals_ = "".join(shown.format())
    assert "self = " in locals_, "the locals were not captured"
    assert_no_key(locals_, "a traceback with its locals")
    assert_no_key(f"{error} {error!r} {vars(error)} {error.args}", "the error")
    for client in provider._clients:
        assert_no_key(f"{client!r} {vars(client)!r}", "the client")
    assert caplog.records, "nothing was logged, so nothing was tried"
    for record in caplog.records:
        assert_no_key(f"{record.getMessage()} {record.args}", "the log")
        assert_no_key(record.exc_text or "", "the log")


async def test_the_time_to_wait_is_told(local: Local) -> None:
    error, _ = await fail(local(), "fault-429")
    assert (error.retry_after, error.status) == (7.0, 429)


async def test_what_failed_once_works_the_next_time(local: Local) -> None:
    provider = local()
    error, _ = await fail(provider, "fault-500-then-ok")
    assert error.retriable
    assert len(await answer_of(provider, "fault-500-then-ok")) > 1


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("fault-memory", "smaller model"),
        ("fault-401-html", "NAME:PASSWORD@HOST"),
        ("fault-401-signin", "`ollama signin`"),
        ("fault-404-path", "OLLAMA_HOST"),
        ("fault-html", "OLLAMA_HOST"),
        ("fault-no-done", "repeats itself"),
        ("embeds", "model for embeddings"),
        ("unknown", "`%parllama pull unknown`"),
    ],
)
async def test_what_to_do_is_told(local: Local, model: str, hint: str) -> None:
    error, _ = await fail(local(), model)
    assert hint in (error.hint or "")


async def test_a_redirect_says_where_to(local: Local) -> None:
    error, _ = await fail(local(key=KEY), "fault-redirect")
    assert "to https://elsewhere.example/api/chat" in error.message


@pytest.mark.parametrize("model", ["fault-stall", "fault-stall-headers"])
async def test_what_is_timed_out_is_ended_at_the_server(
    local: Local, ollama: OllamaDouble, model: str
) -> None:
    await fail(local(timeouts=FAST), model)
    assert await asyncio.to_thread(ollama.asked()[0].wait) == "disconnected"


async def test_a_slow_reader_is_not_timed_out(local: Local) -> None:
    # The limits are on the server, not on who reads: a cell may be busy meanwhile.
    provider = local(timeouts=Timeouts(first_token=5.0, stall=0.3))
    events = []
    async for event in provider.stream(ask("echo", "one two"), lambda _: None):
        events.append(event)
        await asyncio.sleep(0.35)
    assert len(events) == 3


@pytest.mark.parametrize("key", ["two\nlines-of-key", "naïve-key-1234"])
async def test_a_key_no_header_can_carry_is_refused_before_it_is_sent(
    local: Local, ollama: OllamaDouble, key: str
) -> None:
    with pytest.raises(AuthenticationError, match="OLLAMA_API_KEY") as caught:
        await answer_of(local(key=key), "echo")
    assert key not in f"{caught.value}"
    assert not ollama.requests


# a name and a password in the address


@pytest.fixture
def guarded() -> Iterator[OllamaDouble]:
    """A server behind a proxy that wants a name and a password."""
    with OllamaDouble(login=f"me:{PASSWORD}") as double:
        yield double


QUOTED = "hunter22-%2F%2B%3Dpw"


def address(double: OllamaDouble, password: str = QUOTED) -> str:
    return f"http://me:{password}@{double.host}"


async def test_name_and_password_are_sent_with_every_call(
    local: Local, guarded: OllamaDouble
) -> None:
    provider = local(host=address(guarded), key=KEY)
    assert len(await answer_of(provider, "echo", "word " * 4000)) > 1
    assert await provider.models()
    await provider.prepare("echo", lambda _: None)
    pull = provider.client().objects("/api/pull", {"model": "tiny"})
    assert [step async for step in pull][-1] == {"status": "success"}
    asked = {request.path for request in guarded.requests}
    assert asked == {"/api/chat", "/api/ps", "/api/show", "/api/tags", "/api/pull"}
    assert {request.wait() for request in guarded.requests} == {"complete"}
    pair = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    sent = {request.headers["authorization"] for request in guarded.requests}
    assert sent == {f"Basic {pair}"}


@pytest.mark.parametrize("model", ["echo", "unknown", "fault-500", "fault-cut"])
async def test_name_and_password_are_in_nothing_that_is_left(
    local: Local,
    guarded: OllamaDouble,
    model: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for password in (QUOTED, "hunter22-wrong"):
        provider = local(host=address(guarded, password))
        if model == "echo" and "wrong" not in password:
            await answer_of(provider, model)
            left = ""
        else:
            error, _ = await fail(provider, model)
            shown = traceback.TracebackException.from_exception(
                error, capture_locals=True
            )
            left = f"{''.join(shown.format())} {error!r} {vars(error)}"
        left += f"{provider._clients} {[vars(c) for c in provider._clients]}"
        left += " ".join(record.getMessage() for record in caplog.records)
        pair = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
        for form in ("hunter22", PASSWORD, pair):
            assert form not in left


async def test_a_wrong_password_says_where_it_belongs(
    local: Local, guarded: OllamaDouble
) -> None:
    provider = local(host=guarded.host)
    for asking in (answer_of(provider, "echo"), provider.models()):
        with pytest.raises(AuthenticationError, match="401") as caught:
            await asking
        assert "http://NAME:PASSWORD@HOST" in (caught.value.hint or "")


async def test_nobody_at_an_address_with_a_password_is_told_without_it(
    local: Local,
) -> None:
    provider = local(host=f"http://me:{PASSWORD.replace('/', '')}@127.0.0.1:9")
    error, _ = await fail(provider, "echo")
    assert type(error) is ConnectionFailedError
    assert "http://127.0.0.1:9" in error.message
    assert "hunter22" not in f"{error}{vars(error)}"


async def test_what_is_no_address_is_told_without_its_password(local: Local) -> None:
    with pytest.raises(UsageError, match="OLLAMA_HOST") as caught:
        await answer_of(local(host="ftp://me:hunter22@box"), "echo")
    assert "hunter22" not in f"{caught.value}"


# the table


def test_every_exception_of_the_http_library_becomes_one_of_ours() -> None:
    import httpx2

    found = {
        thing
        for name in httpx2.__all__
        if isinstance(thing := vars(httpx2).get(name), type)
        and issubclass(thing, Exception)
        and not issubclass(thing, Warning)
        and "WebSocket" not in name
    }
    assert len(found) > 10
    # What talking to Ollama cannot raise.
    never = {"CookieConflict", "ResponseNotRead", "RequestNotRead"}
    for kind in found:
        error = OLLAMA_FAILURES.mapped(kind.__new__(kind), replace(CALL, begun=True))
        known = not error.message.startswith("Ollama: unexpected")
        assert known is (kind.__name__ not in never), kind


def test_every_exception_of_ours_below_is_mapped() -> None:
    for error in (
        RefusedError(500, {}, b""),
        ReportedError({"error": "x"}),
        BrokenOffError(),
    ):
        assert "unexpected" not in OLLAMA_FAILURES.mapped(error, CALL).message


def refused(status: int, body: Any, **headers: str) -> ProviderError:
    text = body if isinstance(body, str) else json.dumps(body)
    refusal = RefusedError(status, headers, text.encode())
    return OLLAMA_FAILURES.mapped(refusal, CALL)


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        # As servers of several years have said it.
        (404, "model 'm' not found", ModelNotFoundError),
        (404, 'model "m" not found, try pulling it first', ModelNotFoundError),
        (400, "model 'm' not found", ModelNotFoundError),
        (400, "the input length exceeds the context length", ContextLengthError),
        (400, "the prompt is longer than the context length", ContextLengthError),
        (500, "cudaMalloc failed: out of memory", ServerError),
        (500, "llama runner process has terminated: exit status 2", ServerError),
        (400, 'registry.ollama.ai/m "m" does not support tools', BadRequestError),
        (500, 'invalid format: "yaml"; expected "json"', BadRequestError),
        (408, "", ProviderTimeoutError),
        (405, "405 method not allowed", InvalidResponseError),
        (403, "", AuthenticationError),
        (418, "", BadRequestError),
    ],
)
def test_what_servers_say_is_read(
    status: int, said: str, kind: type[ProviderError]
) -> None:
    error = refused(status, {"error": said})
    assert type(error) is kind
    assert error.status == status


def test_the_length_of_a_prompt_is_read_from_below() -> None:
    below = {
        "code": 400,
        "message": "request (6010 tokens) exceeds the available context size",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 6010,
        "n_ctx": 4096,
    }
    error = refused(400, {"error": json.dumps({"error": below})})
    assert isinstance(error, ContextLengthError)
    assert error.tokens == 6010
    told = refused(400, {"error": below["message"]})
    assert isinstance(told, ContextLengthError)
    assert told.tokens == 6010


@pytest.mark.parametrize(
    "body", ["{", '{"error": "{"}', "[1]", '"x"', '{"error": 5}', "null", ""]
)
def test_odd_bodies_are_survived(body: str) -> None:
    assert type(refused(500, body)) is ServerError
    assert type(refused(400, body)) is BadRequestError


def test_a_model_that_is_in_no_library_is_told() -> None:
    body = {"error": "pull model manifest: file does not exist"}
    error = OLLAMA_FAILURES.mapped(ReportedError(body), CALL)
    assert type(error) is ModelNotFoundError
