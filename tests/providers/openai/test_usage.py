"""Tokens are counted alike, whoever counts them and however they are written."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.providers.anthropic.stream import MessageReader
from parllama_nb.providers.messages import Usage
from parllama_nb.providers.ollama.stream import ChatReader
from parllama_nb.providers.openai.stream import AnswerReader
from parllama_nb.providers.openai.usage import usage_of

PLAIN = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def reported(*chunks: dict[str, Any]) -> Usage:
    reader = AnswerReader()
    for chunk in chunks:
        reader.read(chunk, [])
    return reader.answer.usage


@pytest.mark.parametrize(
    "chunk",
    [
        {"usage": PLAIN},
        {"choices": [], "usage": PLAIN},
        {"choices": [], "x_groq": {"usage": PLAIN}},
        {"choices": [{"index": 0, "delta": {}, "usage": PLAIN}]},
        {"choices": [{"index": 0, "delta": {"usage": PLAIN}}]},
        {"choices": [{"index": 0, "message": {"usage": PLAIN}}]},
        {"choices": [], "usage": {"promptTokens": 7, "completionTokens": 3}},
        {
            "choices": [],
            "usage": {
                "billed_units": {"input_tokens": 5, "output_tokens": 3},
                "tokens": {"input_tokens": 7, "output_tokens": 3},
            },
        },
        {"usage": None, "x_groq": None, "choices": [{"delta": {}, "usage": PLAIN}]},
    ],
)
def test_usage_is_taken_from_where_it_is(chunk: dict[str, Any]) -> None:
    assert reported(chunk) == Usage(7, 3)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "total_tokens": 59,
                "prompt_tokens_details": {"cached_tokens": 32, "cache_write_tokens": 8},
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(50, 9, 32, 8, 4),
            id="OpenAI",
        ),
        pytest.param(
            {
                "input_tokens": 50,
                "output_tokens": 9,
                "input_tokens_details": {"cached_tokens": 32},
                "output_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(50, 9, 32, None, 4),
            id="names of the Responses API",
        ),
        pytest.param(
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "prompt_cache_hit_tokens": 32,
                "prompt_cache_miss_tokens": 18,
            },
            Usage(50, 9, 32),
            id="DeepSeek",
        ),
        pytest.param(
            {**PLAIN, "prompt_tokens": 50, "total_tokens": 53, "cached_tokens": 32},
            Usage(50, 3, 32),
            id="Moonshot",
        ),
        pytest.param(
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "total_tokens": 159,
                "completion_tokens_details": {"reasoning_tokens": 100},
            },
            Usage(50, 109, reasoning_tokens=100),
            id="xAI, thoughts beside the answer",
        ),
        pytest.param(
            {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 159},
            Usage(50, 109, reasoning_tokens=100),
            id="Gemini, thoughts in the total only",
        ),
        pytest.param(
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "total_tokens": 159,
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            Usage(50, 9, reasoning_tokens=3),
            id="a total of something else",
        ),
        pytest.param(
            {
                "prompt_tokens": 368,
                "completion_tokens": 19,
                "total_tokens": 10923,
                "cache_read_input_tokens": 10536,
                "cache_creation_input_tokens": 0,
            },
            Usage(10904, 19, 10536, 0),
            id="cached tokens beside the prompt",
        ),
        pytest.param(
            {
                "prompt_tokens": 368,
                "completion_tokens": 19,
                "total_tokens": 387,
                "prompt_tokens_details": {"cached_tokens": 10000},
                "cache_creation_input_tokens": 536,
            },
            Usage(10904, 19, 10000, 536),
            id="cached tokens beside prompt and total",
        ),
        pytest.param(
            {
                "prompt_tokens": 10904,
                "completion_tokens": 19,
                "total_tokens": 10923,
                "cache_read_input_tokens": 10536,
            },
            Usage(10904, 19, 10536),
            id="cached tokens within the prompt",
        ),
    ],
)
def test_tokens_are_counted_alike_whoever_counts(
    usage: dict[str, Any], expected: Usage
) -> None:
    assert usage_of(usage) == expected


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (7, 7),
        (7.0, 7),
        ("7", 7),
        ("7.0", 7),
        (0, 0),
        (7.5, None),
        (-7, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        (True, None),
        ("many", None),
        ("9" * 5000, None),
        (None, None),
        ([7], None),
        ({"n": 7}, None),
    ],
    ids=lambda value: f"{value!r:.20}",
)
def test_a_count_is_a_whole_number_however_it_is_written(
    written: object, count: int | None
) -> None:
    usage = {"prompt_tokens": written, "completion_tokens": written}
    assert reported({"usage": usage}) == Usage(count, count)
    counts = {"prompt_eval_count": written, "eval_count": written}
    ollama = ChatReader()
    ollama.read({"message": {}, "done": True, **counts}, [])
    assert ollama.answer.usage == Usage(count or None, count or None)
    anthropic = MessageReader()
    start = {"usage": {"input_tokens": written, "output_tokens": written}}
    data = {"type": "message_start", "message": start}
    anthropic.read(data, [])
    assert anthropic.answer.usage == Usage(count, count)


@pytest.mark.parametrize(
    "odd", [None, [], [1], "many", -1, 0, True, float("nan"), {"cached_tokens": [1]}]
)
def test_odd_details_change_no_count(odd: object) -> None:
    names = [
        *("prompt_tokens_details", "completion_tokens_details"),
        *("cached_tokens", "reasoning_tokens"),
    ]
    for name in names:
        usage = reported({"usage": {**PLAIN, name: odd}})
        assert (usage.input_tokens, usage.output_tokens) == (7, 3)


@pytest.mark.parametrize("odd", [[1], "many", 7, True])
def test_a_usage_that_is_no_object_is_not_known(odd: object) -> None:
    assert reported({"usage": odd, "x_groq": odd}) == Usage()


@pytest.mark.parametrize("later", [0, None])
def test_a_later_count_of_nothing_does_not_undo_a_count(later: int | None) -> None:
    usage = {"prompt_tokens": later, "completion_tokens": 45, "total_tokens": later}
    assert reported({"usage": PLAIN}, {"usage": usage}) == Usage(7, 45)
    reader = MessageReader()
    start = {"input_tokens": 123, "cache_read_input_tokens": 100, "output_tokens": 1}
    end = {"input_tokens": later, "cache_read_input_tokens": later, "output_tokens": 45}
    for event in (
        {"type": "message_start", "message": {"usage": start}},
        {"type": "message_delta", "delta": {}, "usage": end},
    ):
        reader.read(event, [])
    assert reader.answer.usage == Usage(223, 45, 100)


def test_counts_that_grow_with_the_answer_are_updated() -> None:
    usages = [{"prompt_tokens": 7, "completion_tokens": count} for count in (1, 2, 3)]
    assert reported(*({"usage": usage} for usage in usages)) == Usage(7, 3)
