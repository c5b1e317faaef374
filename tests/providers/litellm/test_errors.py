"""The table of litellm's exceptions is complete, and what it says is read."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
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
)
from parllama_nb.providers.http.endpoint import Endpoint, FailedCall
from parllama_nb.providers.litellm.errors import CLASSES, mapped
from parllama_nb.secret import Redactor, Secret

from ..conftest import KEY


def called(*, begun: bool = False) -> FailedCall:
    redact = Redactor()
    key = redact.add(Secret("MAKER_API_KEY", KEY))
    return FailedCall(Endpoint("Maker", "", redact, (key,)), "maker/m", begun)


def failure(name: str, text: str = "", **more: Any) -> dict[str, Any]:
    return {"classes": [name], "causes": [name], "text": text} | more


def exceptions_of_litellm() -> set[str]:
    """All exception classes that litellm's own module of exceptions defines."""
    found = importlib.util.find_spec("litellm")
    assert found
    assert found.origin
    tree = ast.parse(Path(found.origin).with_name("exceptions.py").read_text("utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and not {ast.unparse(base) for base in node.bases}
        & {"str", "enum.Enum", "TypedDict", "NamedTuple", "BaseModel", "Protocol"}
        and node.bases
    }


def test_every_exception_of_litellm_is_listed() -> None:
    found = exceptions_of_litellm()
    assert len(found) >= 30
    assert found - set(CLASSES) == set()


@pytest.mark.parametrize("name", sorted(exceptions_of_litellm()))
def test_every_exception_becomes_one_clear_line(name: str) -> None:
    text = f"litellm.{name}: MakerException - {KEY} is\nwrong"
    error = mapped(failure(name, text, status=400), called())
    assert isinstance(error, ProviderError)
    assert error.message.startswith("Maker: ")
    shown = f"{error} {error!r}"
    assert KEY not in shown
    assert "\n" not in error.message
    assert "litellm" not in error.message


WORDS = [
    (
        'litellm.BadRequestError: MakerException - b\'{"error":{"message":"No."}}\'',
        "No",
    ),
    ("litellm.RateLimitError: litellm.RateLimitError: Wait.", "Wait"),
    (
        "litellm.APIError: APIError: MakerException - Broken. LiteLLM Retried: 1",
        "Broken",
    ),
    ("Plain words\nTraceback (most recent call last):\n  secret", "Plain words"),
    ('{"Message": "AWS writes it so."}', "AWS writes it so"),
    ("BedrockException Invalid Authentication - No credentials", "No credentials"),
    ("No. Received Model Group=x\nAvailable Model Group Fallbacks=None", "No"),
]


@pytest.mark.parametrize(("text", "said"), WORDS)
def test_the_words_of_the_server_are_found_among_litellms(text: str, said: str) -> None:
    error = mapped(failure("APIError", text, status=500), called())
    assert error.message == f"Maker: {said}."


KINDS: list[tuple[dict[str, Any], type[ProviderError], str]] = [
    (
        failure(
            "UnsupportedParamsError",
            "litellm.UnsupportedParamsError: maker does not support parameters: "
            "['seed', 'reasoning_effort'], for model=m.",
            status=400,
        ),
        BadRequestError,
        "maker/m does not support seed or reasoning.",
    ),
    (
        failure("ContextWindowExceededError", "Too long", status=400),
        ContextLengthError,
        "",
    ),
    (failure("ContextWindowExceededError", "Tokens", status=429), RateLimitError, ""),
    (
        failure("NotFoundError", "", status=404),
        ModelNotFoundError,
        "no model 'maker/m'",
    ),
    (failure("NotFoundError", "No such page", status=404), InvalidResponseError, ""),
    (
        failure("BadRequestError", "The model `m` does not exist", status=400),
        ModelNotFoundError,
        "",
    ),
    (
        failure("BadRequestError", "prompt is too long: 9", status=400),
        ContextLengthError,
        "",
    ),
    (
        failure("ContentPolicyViolationError", "flagged", status=400),
        BadRequestError,
        "flagged",
    ),
    (failure("Timeout", "", status=408), ProviderTimeoutError, ""),
    (failure("BedrockError", "Slow down", status=429), RateLimitError, "Slow down"),
    (failure("BedrockError", "No", status=403), AuthenticationError, ""),
    (
        failure("APIConnectionError", "", causes=["A", "ClientConnectorDNSError"]),
        ConnectionFailedError,
        "no connection",
    ),
    (
        failure("APIConnectionError", "Unable to locate credentials"),
        AuthenticationError,
        "",
    ),
    (
        failure(
            "APIConnectionError", "vertex import failed", causes=["A", "ImportError"]
        ),
        BadRequestError,
        "vertex import failed",
    ),
    (failure("APIConnectionError", "It broke"), ServerError, "It broke"),
    (failure("JSONSchemaValidationError", "", status=500), InvalidResponseError, ""),
    (failure("KeyError", "'choices'"), ProviderError, "unexpected KeyError"),
]


@pytest.mark.parametrize(("said", "kind", "words"), KINDS, ids=range(len(KINDS)))
def test_each_kind_of_failure_has_its_error(
    said: dict[str, Any], kind: type[ProviderError], words: str
) -> None:
    error = mapped(said, called())
    assert type(error) is kind, repr(error)
    assert words in error.message


def test_a_class_that_is_not_listed_is_treated_like_its_base() -> None:
    said = failure("NewError", "Slow down", status=429)
    error = mapped(said | {"classes": ["NewError", "RateLimitError"]}, called())
    assert isinstance(error, RateLimitError)


def test_a_connection_that_breaks_in_mid_answer_is_a_cut() -> None:
    said = failure("MidStreamFallbackError", "x", causes=["ClientPayloadError"])
    assert type(mapped(said, called(begun=True))) is StreamInterruptedError
    assert type(mapped(said, called())) is ConnectionFailedError
