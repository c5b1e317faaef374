"""From chunks to events, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.providers.http.stream_errors import ReportedError, UnreadableError
from parllama_nb.providers.messages import (
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from parllama_nb.providers.openai.stream import AnswerReader
from parllama_nb.providers.thinking import ThinkingSplitter


def texts(events: list[StreamEvent]) -> tuple[str, str]:
    """The thinking and the text of some events."""
    return (
        "".join(e.text for e in events if isinstance(e, ThinkingDelta)),
        "".join(e.text for e in events if isinstance(e, TextDelta)),
    )


def split(pieces: list[str]) -> tuple[str, str]:
    splitter = ThinkingSplitter()
    events = [event for piece in pieces for event in splitter.feed(piece)]
    events += splitter.end()
    assert all(e.text for e in events)  # type: ignore[union-attr]
    return texts(events)


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("<think>\nhm</think>\n\nyes", "hm", "yes"),
        ("  \n<think>a < b</thin k></think>yes", "a < b</thin k>", "yes"),
        ("<think>never closed </thi", "never closed </thi", ""),
        ("<think></think>\n\nempty thought", "", "empty thought"),
        ("no tags", "", "no tags"),
        ("  indented", "", "  indented"),
        ("the tag <think> is text here</think>", "", None),
        ("<thinking> is another word", "", None),
        ("<", "", "<"),
        ("", "", ""),
        ("<think>x</think>and </think> again", "x", "and </think> again"),
    ],
)
def test_thinking_is_told_from_text(
    text: str, thinking: str, answer: str | None
) -> None:
    expected = (thinking, text if answer is None else answer)
    assert split([text]) == expected
    assert split(list(text)) == expected
    for cut in range(len(text)):
        assert split([text[:cut], text[cut:]]) == expected


def read(*chunks: Any) -> tuple[AnswerReader, list[StreamEvent]]:
    reader, events = AnswerReader(), []
    for chunk in chunks:
        reader.read(chunk, events)
    return reader, events + reader.answer.end()


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields}]}


def finish(reason: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


@pytest.mark.parametrize(
    ("wire", "ours"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("model_length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        ("eos", "stop"),
    ],
)
def test_the_finish_reason_is_one_of_ours(wire: str, ours: str) -> None:
    assert read(finish(wire))[0].answer.reason == ours


def test_only_the_first_choice_is_the_answer() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "no"}}]}
    assert texts(read(delta(content="yes"), other)[1]) == ("", "yes")


def test_parts_of_a_content_are_thinking_and_text() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "yes"},
        {"type": "tool", "x": 1},
        None,
    ]
    assert texts(read(delta(content=parts))[1]) == ("hm", "yes")


def test_a_refusal_is_text() -> None:
    assert texts(read(delta(content=None, refusal="I cannot."))[1]) == ("", "I cannot.")


def test_reasoning_that_is_sent_under_both_names_is_taken_once() -> None:
    both = delta(content="", reasoning="hm", reasoning_content="hm")
    assert texts(read(both)[1]) == ("hm", "")


@pytest.mark.parametrize("place", ["usage", "x_groq"])
def test_usage_is_taken_from_where_it_is(place: str) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    where = usage if place == "usage" else {"usage": usage}
    assert read({"choices": [], place: where})[0].answer.usage == Usage(3, 5)


def test_usage_that_is_no_number_is_not_known() -> None:
    usage = {"prompt_tokens": "3", "completion_tokens": None}
    assert read({"usage": usage})[0].answer.usage == Usage(None, None)


@pytest.mark.parametrize(
    "chunk",
    [
        {"error": {"message": "no"}},
        {"error": "no"},
        {"object": "error", "message": "no"},
        finish("error"),
    ],
)
def test_an_error_in_the_stream_is_reported(chunk: dict[str, Any]) -> None:
    with pytest.raises(ReportedError):
        read(chunk)


@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": [None]},
        {"choices": 5},
        {"choices": [{"delta": "text"}]},
        {"usage": [1]},
    ],
)
def test_what_is_no_chunk_is_unreadable(chunk: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        read(chunk)


@pytest.mark.parametrize(
    "chunk",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"delta": None, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": None}}], "usage": None},
    ],
)
def test_empty_chunks_are_nothing(chunk: dict[str, Any]) -> None:
    reader, events = read(chunk)
    assert events == []
    assert reader.answer.reason is None


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "total_tokens": 59,
                "prompt_tokens_details": {"cached_tokens": 32, "cache_write_tokens": 8},
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(50, 9, 32, 8, 4),
        ),
        # DeepSeek
        (
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "prompt_cache_hit_tokens": 32,
            },
            Usage(50, 9, 32),
        ),
        # xAI counts thoughts beside the answer
        (
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "total_tokens": 159,
                "completion_tokens_details": {"reasoning_tokens": 100},
            },
            Usage(50, 109, reasoning_tokens=100),
        ),
        # Gemini in the total only
        (
            {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 159},
            Usage(50, 109, reasoning_tokens=100),
        ),
        # a total that is made of something else
        (
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "total_tokens": 159,
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            Usage(50, 9, reasoning_tokens=3),
        ),
        ({"prompt_tokens": "50", "completion_tokens": None}, Usage()),
    ],
    ids=["openai", "deepseek", "xai", "gemini", "odd", "no numbers"],
)
def test_tokens_are_counted_alike_whoever_counts(
    usage: dict[str, Any], expected: Usage
) -> None:
    reader = AnswerReader()
    reader.read({"choices": [], "usage": usage}, [])
    assert reader.answer.usage == expected


@pytest.mark.parametrize("tag", ["think", "thought"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_thoughts_of_either_tag_are_taken_out(tag: str, size: int) -> None:
    text = f"<{tag}>\nHm: <b>.</{tag}>\n\nAn <{tag}>answer</{tag}>."
    splitter = ThinkingSplitter()
    events: list[StreamEvent] = []
    for start in range(0, len(text), size):
        events += splitter.feed(text[start : start + size])
    events += splitter.end()
    assert texts(events) == ("Hm: <b>.", f"An <{tag}>answer</{tag}>.")


@pytest.mark.parametrize("text", ["<thin air>", "<thoughts>", "<", "<thou"])
def test_what_only_begins_like_a_tag_is_text(text: str) -> None:
    splitter = ThinkingSplitter()
    events: list[StreamEvent] = []
    for letter in text:
        events += splitter.feed(letter)
    events += splitter.end()
    assert texts(events) == ("", text)
