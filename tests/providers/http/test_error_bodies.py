"""What servers say is found in their error bodies, and told from answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    ProviderError,
    RateLimitError,
    ServerError,
)
from parllama_nb.providers.http.endpoint import Endpoint, FailedCall
from parllama_nb.providers.http.error_bodies import field_of, is_error, words_of
from parllama_nb.providers.http.stream_errors import ReportedError
from parllama_nb.providers.openai.errors import OPENAI_FAILURES
from parllama_nb.secret import Redactor


def openrouter(raw: object) -> dict[str, Any]:
    metadata = {"raw": raw, "provider_name": "Acme"}
    message = "Provider returned error"
    return {"error": {"message": message, "code": 400, "metadata": metadata}}


INNER = {"error": {"message": "The image is too small", "type": "invalid"}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "No."}}, "No."),
        ({"error": "No."}, "No."),
        ({"error": ["one", {"message": "two"}]}, "one; two"),
        ({"errors": ["one", "two"]}, "one; two"),
        ({"errors": [{"message": "one"}, {"detail": "two"}]}, "one; two"),
        ({"errors": {"model": ["is required"]}}, "model: is required"),
        ({"detail": "No."}, "No."),
        ({"detail": [{"loc": ["body", "n"], "msg": "no"}]}, "body.n: no"),
        ({"detail": {"message": "No."}}, "No."),
        ({"msg": "No."}, "No."),
        ({"Message": "No."}, "No."),
        ({"errorMessage": "No."}, "No."),
        ({"error_message": "No.", "error_type": "x"}, "No."),
        ({"base_resp": {"status_code": 1008, "status_msg": "No."}}, "No."),
        ({"error": "Bad Request", "message": "n is 0"}, "Bad Request: n is 0"),
        ({"title": "Bad Request", "detail": "n is 0"}, "n is 0: Bad Request"),
        ({"error": {"message": "No."}, "message": "No."}, "No."),
        ({"error": {"error": {"error": {"message": "No."}}}}, "No."),
        ({"type": "error", "error": {"error": "No."}}, "No."),
        ([{"error": {"message": "No."}}], "No."),
        ({"error": json.dumps(INNER)}, "The image is too small"),
        (
            openrouter(json.dumps(INNER)),
            "Provider returned error: The image is too small",
        ),
        (openrouter(INNER), "Provider returned error: The image is too small"),
        (openrouter("Worker is full"), "Provider returned error: Worker is full"),
        (openrouter("<html>502</html>"), "Provider returned error"),
        (
            {"error": {"message": f"litellm.APIError: XException - {INNER!r}"}},
            "The image is too small",
        ),
        (
            {"detail": f"litellm.APIError: XException - {json.dumps(INNER)} Model: x"},
            "The image is too small",
        ),
        ({"detail": f"Error code: 400 - {INNER!r}"}, "The image is too small"),
        ({"error": f"Upstream: {json.dumps(INNER)}"}, "Upstream: The image is too sm"),
        ({"error": "Extra: {'a': 1}"}, "Extra: {'a': 1}"),
        (
            {"error": {"message": "Bad.", "details": [{"loc": ["n"], "msg": "no"}]}},
            "Bad: n: no",
        ),
        (
            {"error": {"message": "Filtered.", "innererror": {"message": "hate"}}},
            "Filtered: hate",
        ),
        (
            {
                "error": {
                    "message": "API key not valid.",
                    "details": [
                        {"@type": "x.ErrorInfo", "reason": "R", "detail": "stack"},
                        {"@type": "x.LocalizedMessage", "message": "API key not valid"},
                    ],
                }
            },
            "API key not valid.",
        ),
        ("<html>no</html>", ""),
        ({"error": 5}, ""),
        (None, ""),
        ({"error": {"message": "{"}}, "{"),
        ("[" * 10_000, "[" * 10),
    ],
)
def test_the_words_of_a_server_are_found(body: object, words: str) -> None:
    assert words_of(body).startswith(words)
    assert bool(words_of(body)) is bool(words)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": "x"}}, "x"),
        ({"error": "text", "code": 7}, 7),
        ({"error": {"error": {"code": "x"}}}, "x"),
        ({"base_resp": {"status_code": 1008}}, 1008),
        ({"errors": [{"code": "x"}]}, "x"),
        ({"error": json.dumps({"error": {"code": "x"}})}, "x"),
        ({"errorCode": "x"}, "x"),
        ("text", None),
        (None, None),
    ],
)
def test_the_code_of_an_error_is_found_in_all_layers(body: object, code: Any) -> None:
    assert field_of(body, "code") == code


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"message": "No."}}, True),
        ({"error": "No."}, True),
        ({"errors": ["No."]}, True),
        ({"type": "error", "message": "No."}, True),
        ({"type": "invalid_request_error", "message": "No."}, True),
        ({"object": "error", "message": "No."}, True),
        ({"code": 20012, "message": "No."}, True),
        ({"code": "InvalidParameter", "message": "No."}, True),
        ({"status_code": 500, "message": "No."}, True),
        ({"success": False, "message": "No."}, True),
        ({"status": "failed", "msg": "No."}, True),
        ({"choices": None, "base_resp": {"status_code": 1, "status_msg": "No"}}, True),
        ({"choices": None, "error_message": "No.", "error_type": "x"}, True),
        ({}, False),
        ({"error": None}, False),
        ({"error": {}}, False),
        ({"error": ""}, False),
        ({"error": {"code": 0, "message": ""}}, False),
        ({"code": 0, "message": "success"}, False),
        ({"code": 200, "msg": "ok"}, False),
        ({"success": True, "message": "queued"}, False),
        ({"base_resp": {"status_code": 0, "status_msg": ""}}, False),
        ({"choices": [], "usage": {"prompt_tokens": 3}}, False),
        ({"status": "pulling manifest"}, False),
        ({"message": "queued"}, False),
    ],
)
def test_an_error_is_told_from_what_is_none(
    body: dict[str, Any], expected: bool
) -> None:
    assert is_error(body) is expected


def vendor(words: str) -> dict[str, Any]:
    return {"code": 20012, "message": words}


@pytest.mark.parametrize(
    ("body", "kind", "retriable"),
    [
        (vendor("model not open for this account"), ServerError, False),
        (vendor("What is this?"), ServerError, False),
        (vendor("The service is busy, try again later"), ServerError, True),
        (vendor("upstream time-out"), ServerError, True),
        (vendor("insufficient balance"), RateLimitError, False),
        (vendor("Your account balance is insufficient"), RateLimitError, False),
        (vendor("not enough credits"), RateLimitError, False),
        (vendor("账户余额不足"), RateLimitError, False),
        ({"error": "Your trial has expired"}, ServerError, False),
        ({"error": "slot unavailable"}, ServerError, True),
        ({"error": "The upstream refused"}, ServerError, True),
        ({"error": {"message": "rate limit of your account"}}, ServerError, True),
        ({"error": {"status_code": 400, "message": "x"}}, BadRequestError, False),
        ({"error": {"code": "x", "status_code": 503}}, ServerError, True),
        ({"code": "InvalidParameter", "message": "Range is wrong"}, ServerError, False),
        ({"code": "1302", "message": "您当前使用该API的并发数过高"}, ServerError, True),
        ({"error": {"code": 401, "message": "x"}}, AuthenticationError, False),
        ({"error": {"message": "context size exceeded"}}, ContextLengthError, False),
    ],
)
def test_only_what_may_pass_is_tried_again(
    body: dict[str, Any], kind: type[ProviderError], retriable: bool
) -> None:
    call = FailedCall(Endpoint("Maker", "https://maker.example/v1", Redactor()), "m-1")
    error = OPENAI_FAILURES.mapped(ReportedError(body), call)
    assert type(error) is kind
    assert error.retriable is retriable
    assert words_of(body) in error.message
