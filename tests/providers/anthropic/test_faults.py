"""Every fault of Anthropic's API is one clear error, and the key is in none of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

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
)
from parllama_nb.providers.anthropic.client import AnthropicClient
from parllama_nb.providers.messages import TextDelta
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor, Secret
from tests.servers.anthropic import MODELS, AnthropicDouble

from ..conftest import FAST, KEY, assert_nothing_holds_the_key, fail, log_everything

# The class, a part of the message, whether it is worth a retry, and the text before.
FAULTS: dict[str, tuple[type[ProviderError], str, bool, str]] = {
    "unknown": (ModelNotFoundError, "there is no model 'unknown'", False, ""),
    "fault-400": (BadRequestError, "temperature: range", False, ""),
    "fault-401-echo": (AuthenticationError, "invalid x-api-key", False, ""),
    "fault-402": (RateLimitError, "credit balance is too low", False, ""),
    "fault-403": (AuthenticationError, "may not use this", False, ""),
    "fault-404-path": (InvalidResponseError, "there is no such API", False, ""),
    "fault-413": (BadRequestError, "exceeds 32 MB", False, ""),
    "fault-429-retry-after": (RateLimitError, "over your limit", True, ""),
    "fault-500": (ServerError, "Failed with", True, ""),
    "fault-504": (ServerError, "Timed out", True, ""),
    "fault-529": (ServerError, "Overloaded", True, ""),
    "fault-context": (ContextLengthError, "210000 tokens", False, ""),
    "fault-html": (InvalidResponseError, "a web page", False, ""),
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
    "fault-cut-headers": (ConnectionFailedError, "without an answer", True, ""),
    "fault-no-end": (
        StreamInterruptedError,
        "broke in mid-answer",
        False,
        "One two three",
    ),
    "fault-error-event": (ServerError, "Overloaded by", True, "One two "),
}


@pytest.fixture
async def client(anthropic: AnthropicDouble) -> AsyncIterator[AnthropicClient]:
    """A client of the double."""
    key = Secret("DOUBLE_API_KEY", KEY)
    made = AnthropicClient(anthropic.url, key, Timeouts(), Redactor(), "Double")
    yield made
    await made.aclose()


def test_every_fault_of_the_double_is_expected_here() -> None:
    faults = {model for model in MODELS if model.startswith("fault")}
    assert faults - {"fault-malformed"} == set(FAULTS) - {"unknown"}


@pytest.mark.parametrize("model", FAULTS)
async def test_a_fault_is_one_clear_error_without_the_key(
    client: AnthropicClient, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    kind, words, retriable, text = FAULTS[model]
    if "stall" in model:
        client.timeouts = FAST
    error, events = await fail(client, model)
    assert type(error) is kind
    assert words in error.message
    assert error.message.startswith("Double: ")
    assert len(error.message) <= 300
    assert "\n" not in f"{error.message}{error.hint}"
    assert error.retriable is retriable
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == text
    assert_nothing_holds_the_key(error, client, caplog)


async def test_the_time_to_wait_is_told_and_the_library_does_not_retry(
    client: AnthropicClient, anthropic: AnthropicDouble
) -> None:
    error, _ = await fail(client, "fault-429-retry-after")
    assert error.retry_after == 7.0
    assert [r.path for r in anthropic.requests].count("/v1/messages") == 1


async def test_a_wrong_path_points_at_the_base_url(anthropic: AnthropicDouble) -> None:
    url, key = f"{anthropic.root}/elsewhere", Secret("DOUBLE_API_KEY", KEY)
    client = AnthropicClient(url, key, Timeouts(), Redactor(), "Double")
    error, _ = await fail(client, "echo")
    await client.aclose()
    assert type(error) is InvalidResponseError
    assert error.hint == f"Check the base URL {url}."
