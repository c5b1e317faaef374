"""A refusal says what the server said, and its hint what would really mend it."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    InvalidResponseError,
    ModelLoadingError,
    ModelNotFoundError,
    ProviderError,
    RateLimitError,
    ServerError,
)
from parllama_nb.providers.http.endpoint import Endpoint, FailedCall
from parllama_nb.providers.http.refusals import refused
from parllama_nb.secret import Redactor, Secret

KEY = Secret("MAKER_API_KEY", "sntnl-4f9a27d1c0b84e55")
KEY_HINT = "Check MAKER_API_KEY."


def refusal(
    status: int, body: Any, *, sent: bool = True, **headers: str
) -> ProviderError:
    endpoint = Endpoint(
        "Maker",
        "https://maker.example",
        Redactor(),
        (KEY,) if sent else (),
        {"authentication": KEY_HINT if sent else "Set MAKER_API_KEY."},
        usual_path="/v1",
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refused(FailedCall(endpoint, "m", status=status, body=body, headers=named))


@pytest.mark.parametrize(
    ("status", "words", "hint"),
    [
        (403, "this model requires a subscription, upgrade for access", "plan"),
        (403, "Your plan does not include this model", "plan"),
        (401, "This feature is for the paid tier", "plan"),
        (403, "Country, region, or territory not supported", "region"),
        (403, "Your account is past due", "billing"),
        (403, "You must accept the license agreement to use this model", "terms"),
        (403, "Access to this gated model is restricted", "terms"),
        (403, "Your IP address 192.0.2.7 is not allowed", "IP address"),
        (401, "IP not in allowlist", "IP address"),
        (403, "Your organization must be verified to use the model", "Verify"),
        (403, "This account was suspended", "Ask the provider"),
        (403, "Gemini API has not been used in project 7 before", "Enable the API"),
        (403, "You are not allowed to sample from this model.", "permission"),
        (403, "You have insufficient permissions: missing scopes", "permission"),
    ],
)
def test_access_that_no_other_key_would_give_is_no_matter_of_a_wrong_key(
    status: int, words: str, hint: str
) -> None:
    error = refusal(status, {"error": {"message": words}})
    assert type(error) is AuthenticationError
    assert error.message == f"Maker: {words.rstrip('.')}."
    assert hint in (error.hint or "")
    assert error.hint != KEY_HINT
    assert not error.retriable


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"message": "Invalid API Key"}),
        (401, None),
        (403, None),
        (403, {"message": "Forbidden"}),
        (401, {"message": "Access denied due to invalid subscription key"}),
        (401, {"message": "The key was not found. Upgrade?", "code": 401}),
        (401, {"message": "Your plan", "code": "invalid_api_key"}),
        (400, {"message": "Incorrect API key provided: x"}),
    ],
)
def test_a_key_that_may_be_wrong_is_to_be_checked(status: int, body: Any) -> None:
    error = refusal(status, body)
    assert type(error) is AuthenticationError
    assert error.hint == KEY_HINT


def test_a_missing_permission_may_mean_a_missing_key() -> None:
    error = refusal(403, {"message": "Not authorized to do this"}, sent=False)
    assert error.hint == "Set MAKER_API_KEY."


def test_a_web_page_that_refuses_is_not_the_api() -> None:
    error = refusal(403, "<html>Just a moment...</html>")
    assert type(error) is AuthenticationError
    assert "a web page refuses access (403)" in error.message
    assert error.hint == "A proxy or a firewall may stand before it."


def test_credits_that_are_used_up_are_told_whatever_the_status() -> None:
    for status in (400, 401, 402, 403, 429):
        for words in (
            "Insufficient credits on this account",
            "Your credit balance is too low to access the API",
            "Your team has used all available credits",
            "Please make sure your account is in good standing",
        ):
            error = refusal(status, {"message": words})
            assert type(error) is RateLimitError
            assert error.hint == "Check the plan and the billing of the account."
            assert not error.retriable


def test_a_region_that_is_refused_as_a_bad_request_is_told() -> None:
    error = refusal(400, {"message": "User location is not supported for the API use."})
    assert type(error) is BadRequestError
    assert "region" in (error.hint or "")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        # LM Studio says it with a 200, so without a status
        (0, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}),
        (404, {"error": {"message": "Invalid URL (POST /v2/chat/completions)"}}),
        (400, {"message": "Unknown endpoint"}),
        (500, {"message": "Cannot POST /chat/completions"}),
        (404, {"message": "no Route matched with those values: no route"}),
        (404, "404 page not found"),
        (405, {"detail": "Method Not Allowed"}),
        (404, None),
        (404, "<html>Not Found</html>"),
    ],
)
def test_an_address_without_the_api_points_at_the_base_url(
    status: int, body: Any
) -> None:
    error = refusal(status, body)
    assert type(error) is InvalidResponseError
    assert "there is no such API at https://maker.example" in error.message
    assert error.hint == "Check the base URL https://maker.example; most end in /v1."
    assert not error.retriable


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("7200", "2 h"), ("90", "1 min 30 s"), ("7", "7 s"), ("259200", "3 d")],
)
def test_a_limit_says_how_long_it_lasts(seconds: str, words: str) -> None:
    error = refusal(429, {"message": "Too many requests"}, retry_after=seconds)
    assert error.message == "Maker: Too many requests."
    assert error.hint == f"It can be asked again in {words}."
    assert error.retriable
    assert error.retry_after == float(seconds)


def test_a_failure_says_how_long_it_lasts() -> None:
    error = refusal(503, {"message": "Down for maintenance"}, retry_after="7200")
    assert error.hint == "It can be asked again in 2 h."
    assert type(error) is ServerError


def test_a_limit_whose_words_say_how_long_it_lasts_is_not_told_twice() -> None:
    error = refusal(429, {"message": "Please try again in 20s."})
    assert error.hint is None
    assert error.retry_after == 20


@pytest.mark.parametrize(
    ("body", "retriable"),
    [
        # Gemini's limit of a minute speaks of plan and billing, too
        (
            {
                "message": "You exceeded your current quota, please check your plan "
                "and billing details. Please retry in 37.9s.",
                "details": [{"retryDelay": "37s"}],
            },
            True,
        ),
        ({"message": "You exceeded your current quota, check your plan"}, False),
        ({"message": "you have reached your weekly usage limit"}, False),
        ({"message": "Rate limit reached", "code": "insufficient_quota"}, False),
        ({"message": "Trial keys are limited to 1000 API calls / month"}, False),
        ({"message": "Limit of 50 requests per day reached"}, False),
        ({"message": "Limit of 50 requests per minute reached"}, True),
        ({"message": "Too many requests"}, True),
    ],
)
def test_a_limit_that_passes_is_told_from_a_quota_that_is_used_up(
    body: Any, retriable: bool
) -> None:
    error = refusal(429, body)
    assert type(error) is RateLimitError
    assert error.retriable is retriable
    spent = "Check the plan and the billing of the account."
    assert (error.hint == spent) is not retriable


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, {"error": {"message": "Loading model", "type": "unavailable_error"}}),
        (503, {"error": "Model org/m is currently loading", "estimated_time": 20.0}),
        (503, {"message": "The model is still being loaded"}),
        (500, {"message": "model m is not ready yet"}),
        (0, {"error": {"message": "Loading model", "code": 503}}),
        (400, {"error": "Model m is still loading. Please wait."}),
    ],
)
def test_a_server_that_loads_the_model_says_so(status: int, body: Any) -> None:
    error = refusal(status, body)
    assert type(error) is ModelLoadingError
    assert "the server is loading the model" in error.message
    assert error.retriable


@pytest.mark.parametrize(
    "words",
    [
        "error loading model: no such file",
        "failed loading the model",
        "unable to load model",
        "No model is currently loaded",
        "model loading failed",
        "the model is overloaded",
        "server busy",
    ],
)
def test_a_model_that_cannot_be_loaded_is_not_waited_for(words: str) -> None:
    assert type(refusal(500, {"message": words})) is ServerError


def test_a_server_that_has_no_model_loaded_says_what_to_do() -> None:
    words = "No models loaded. Please load a model in the developer page."
    error = refusal(404, {"error": {"message": words, "code": "model_not_found"}})
    assert type(error) is ModelNotFoundError
    assert error.message == f"Maker: {words}"


def test_a_request_that_was_not_there_in_time_is_sent_again() -> None:
    assert refusal(408, {"error": {"message": "Request timed out"}}).retriable


def test_a_proxy_that_wants_a_login_is_not_asked_again() -> None:
    error = refusal(407, "<html>Proxy Authentication Required</html>")
    assert type(error) is ConnectionFailedError
    assert "HTTPS_PROXY" in (error.hint or "")
    assert not error.retriable
