"""Every fault of a server is one clear error, and the key is in none of them."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    InvalidResponseError,
    ModelLoadingError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from parllama_nb.providers.messages import TextDelta
from parllama_nb.providers.openai.client import OpenAIClient
from parllama_nb.providers.spec import Timeouts
from tests.servers.openai_sse import MODELS, OpenAIDouble

from ..conftest import (
    FAST,
    KEY,
    ask,
    assert_nothing_holds_the_key,
    collect,
    fail,
    log_everything,
)

Connect = Callable[..., OpenAIClient]

# The class, a part of the message, whether it is worth a retry, and the text before.
FAULTS: dict[str, tuple[type[ProviderError], str, bool, str]] = {
    "unknown": (ModelNotFoundError, "there is no model 'unknown'", False, ""),
    "fault-400": (BadRequestError, "Invalid value for 'temperature'", False, ""),
    "fault-401-echo": (AuthenticationError, "Incorrect API key", False, ""),
    "fault-402": (RateLimitError, "Insufficient credits", False, ""),
    "fault-403": (AuthenticationError, "not allowed to sample", False, ""),
    "fault-404-path": (InvalidResponseError, "there is no such API", False, ""),
    "fault-429-retry-after": (RateLimitError, "Rate limit reached", True, ""),
    "fault-429-retry-after-ms": (RateLimitError, "Rate limit reached", True, ""),
    "fault-429-retry-after-date": (RateLimitError, "Rate limit reached", True, ""),
    "fault-429-quota": (RateLimitError, "exceeded your current quota", False, ""),
    "fault-500": (ServerError, "Failed with", True, ""),
    "fault-500-image": (BadRequestError, "image input is not supported", False, ""),
    "fault-503": (ModelLoadingError, "Loading model", True, ""),
    "fault-html": (InvalidResponseError, "a web page", False, ""),
    "fault-html-404": (InvalidResponseError, "there is no such API", False, ""),
    "fault-html-502": (ServerError, "failed on its side (502)", True, ""),
    "fault-garbage": (InvalidResponseError, "not an event stream", False, ""),
    "fault-stall": (ProviderTimeoutError, "no further token", False, "One two three"),
    "fault-stall-before-first": (ProviderTimeoutError, "no first token", False, ""),
    "fault-stall-headers": (ProviderTimeoutError, "no first token", False, ""),
    "fault-cut": (
        StreamInterruptedError,
        "broke in mid-answer",
        False,
        "One two three",
    ),
    "fault-cut-before-first": (ConnectionFailedError, "without an answer", True, ""),
    "fault-cut-headers": (ConnectionFailedError, "without an answer", True, ""),
    "fault-no-done": (
        StreamInterruptedError,
        "broke in mid-answer",
        False,
        "One two three",
    ),
    "fault-error-event": (ServerError, "The upstream refused", True, "One two "),
    "fault-error-event-first": (ContextLengthError, "exceeds", False, ""),
    "fault-context": (ContextLengthError, "maximum context length", False, ""),
    "fault-context-llamacpp": (ContextLengthError, "20031 tokens", False, ""),
}


def test_every_fault_of_the_double_is_expected_here() -> None:
    answered = {"fault-500-then-ok", "fault-cut-after-finish", "fault-malformed-sse"}
    assert {m for m in MODELS if m.startswith("fault")} - answered == (
        set(FAULTS) - {"unknown"}
    )


@pytest.mark.parametrize("model", FAULTS)
async def test_a_fault_is_one_clear_error(connect: Connect, model: str) -> None:
    kind, words, retriable, text = FAULTS[model]
    error, events = await fail(
        connect(timeouts=FAST if "stall" in model else None), model
    )
    assert type(error) is kind
    assert words in error.message
    assert error.message.startswith("Double: ")
    assert len(error.message) <= 300
    assert "\n" not in f"{error.message}{error.hint}"
    assert error.retriable is retriable
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == text


@pytest.mark.parametrize("model", FAULTS)
async def test_the_key_is_in_nothing_a_fault_leaves(
    connect: Connect, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    client = connect(timeouts=FAST if "stall" in model else None)
    error, _ = await fail(client, model)

    assert_nothing_holds_the_key(error, client, caplog)


@pytest.mark.parametrize("redacted", [True, False])
async def test_only_the_redaction_keeps_an_echoed_key_out_of_the_log(
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    redacted: bool,
) -> None:
    # Without it the double's echo in a header is logged, so the test above can fail.
    client = connect()
    for name in ("httpcore.http11", "httpcore2.http11"):
        caplog.set_level(logging.DEBUG, logger=name)
    if not redacted:
        monkeypatch.setattr("parllama_nb.redaction.logs.redacted", lambda text: text)
    await fail(client, "fault-500")
    assert any(KEY in r.getMessage() for r in caplog.records) is not redacted


@pytest.mark.parametrize(
    ("model", "seconds"),
    [
        ("fault-429-retry-after", 7.0),
        ("fault-429-retry-after-ms", 1.5),
        ("fault-429-quota", None),
    ],
)
async def test_the_time_to_wait_is_told(
    connect: Connect, model: str, seconds: float | None
) -> None:
    error, _ = await fail(connect(), model)
    assert error.retry_after == seconds
    assert error.status == 429


async def test_the_time_to_wait_may_be_a_date(connect: Connect) -> None:
    error, _ = await fail(connect(), "fault-429-retry-after-date")
    assert error.retry_after is not None
    assert 20 < error.retry_after <= 30


async def test_what_failed_once_works_the_next_time(connect: Connect) -> None:
    client = connect()
    error, _ = await fail(client, "fault-500-then-ok")
    assert error.retriable
    assert len(await collect(client, ask("fault-500-then-ok"))) > 1


async def test_the_library_does_not_retry(
    connect: Connect, double: OpenAIDouble
) -> None:
    for model in ("fault-500", "fault-429-retry-after", "fault-cut-headers"):
        double.reset()
        await fail(connect(), model)
        assert len(double.requests) == 1


async def test_nobody_there_is_unreachable(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://user:hunter22@127.0.0.1:{taken.getsockname()[1]}/v1"
        error, _ = await fail(connect(url=url), "echo")
        assert type(error) is ConnectionFailedError
        assert "no connection to http://127.0.0.1:" in error.message
        assert "hunter22" not in f"{error} {error!r}"
        with pytest.raises(ConnectionFailedError):
            await connect(url=url).models()


async def test_a_host_that_is_not_known_is_told(connect: Connect) -> None:
    error, _ = await fail(connect(url="http://no-such-host.invalid/v1"), "echo")
    assert type(error) is ConnectionFailedError
    assert "no-such-host.invalid is not known" in error.message


async def test_a_connection_that_is_not_accepted_is_timed_out(connect: Connect) -> None:
    # A full backlog: the system does not answer, as a firewall that drops does.
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        waiting = []
        for _ in range(4):
            held = socket.socket()
            held.setblocking(False)
            held.connect_ex(address)
            waiting.append(held)
        try:
            timeouts = Timeouts(connect=0.2)
            client = connect(url=f"http://127.0.0.1:{address[1]}/v1", timeouts=timeouts)
            error, _ = await fail(client, "echo")
        finally:
            for held in waiting:
                held.close()
    assert type(error) is ProviderTimeoutError
    assert "no connection to" in error.message
    assert error.retriable


@pytest.mark.parametrize("path", ["", "/v2", "/v1/models"])
async def test_a_wrong_path_points_at_the_base_url(
    connect: Connect, double: OpenAIDouble, path: str
) -> None:
    error, _ = await fail(connect(url=double.root + path), "echo")
    assert type(error) is InvalidResponseError
    assert double.root + path in (error.hint or "")


async def test_models_fail_like_answers_do(connect: Connect) -> None:
    with OpenAIDouble(key="another") as strict:
        client = connect(url=strict.url)
        with pytest.raises(AuthenticationError, match="Invalid API key") as caught:
            await client.models()
    assert caught.value.__context__ is None
    assert isinstance(caught.value, ParllamaError)
