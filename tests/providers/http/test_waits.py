"""How long a server asks to wait is found wherever it says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from parllama_nb.providers.http.waits import wait_of


def in_iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "60s"}, 60.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
        # OpenAI's two limits: the one that is used up counts
        (
            {
                "x-ratelimit-reset-requests": "8.64s",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-remaining-tokens": "5",
            },
            8.64,
        ),
        ({"x-ratelimit-reset-tokens": "1m2.5s"}, 62.5),
        ({"x-ratelimit-reset": "9", "x-ratelimit-remaining": "5"}, None),
        ({"ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-limit-requests": "12"}, None),
    ],
)
def test_the_time_to_wait_is_read_from_headers_in_all_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert wait_of(headers, None, 429) == seconds


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("x-ratelimit-reset", "{:.0f}".format),
        ("X-RateLimit-Reset", lambda at: f"{1000 * at:.0f}"),
        ("anthropic-ratelimit-requests-reset", in_iso),
    ],
)
def test_the_reset_of_a_limit_may_be_a_time(
    name: str, written: Callable[[float], str]
) -> None:
    headers = {name: written(time.time() + 30)}
    for body in (None, {"metadata": {"headers": headers}}):
        wait = wait_of({} if body else headers, body, 429)
        assert wait is not None
        assert 0 < wait <= 31


def test_the_reset_of_a_limit_is_read_of_a_limit_alone() -> None:
    # OpenAI sends these headers with every response.
    assert wait_of({"x-ratelimit-reset-requests": "60s"}, None, 500) is None


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Limit 3, Used 3. Please try again in 7.66s. Visit the page.", 7.66),
        ("Please try again in 6m0s", 360),
        ("try again in 250ms", 0.25),
        ("Please retry in 1m2.5s.", 62.5),
        ("Please retry after 60 seconds.", 60),
        ("Retry after 5", 5),
        ("Please wait 20 seconds before the next request", 20),
        ("The limit resets in 3 hours and 5 minutes", 11_100),
        ("Try again in 2 days.", 172_800),
        ("Try again later.", None),
        ("No retry: 3 of 5 failed", None),
        ("retry limit 3 reached", None),
        ("wait. 5 seconds have passed", None),
        ("", None),
    ],
)
def test_the_time_to_wait_is_read_from_the_words_of_a_server(
    words: str, seconds: float | None
) -> None:
    for body in (words, {"message": words}, {"error": {"message": words}}):
        assert wait_of({}, body, 429) == (pytest.approx(seconds) if seconds else None)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"details": [{"@type": "RetryInfo", "retryDelay": "12s"}]}, 12),
        ([{"error": {"details": [{"retryDelay": {"seconds": 12}}]}}], 12),
        ({"retry_after": 12}, 12),
        ({"retry_after": "12"}, 12),
        ({"retry_after_ms": 500}, 0.5),
        ({"retryAfter": 12.5, "message": "Try again in 99s"}, 12.5),
        ({"error": "m is currently loading", "estimated_time": 20.5}, 20.5),
        ({"retry_after": None, "message": [1, True]}, None),
        ({"retry_after": True}, None),
    ],
)
def test_the_time_to_wait_is_read_from_the_fields_of_an_error(
    body: Any, seconds: float | None
) -> None:
    assert wait_of({}, body, 429) == seconds


def test_a_header_comes_before_the_words() -> None:
    assert wait_of({"retry-after": "3"}, "try again in 9s", 429) == 3
