"""From chunks to events, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.providers.http.stream_errors import ReportedError, UnreadableError
from parllama_nb.providers.messages import (
    StreamEvent,
    TextDelta,
    ThinkingDelta,
)
from parllama_nb.providers.openai.stream import AnswerReader


def texts(events: list[StreamEvent]) -> tuple[str, str]:
    """The thinking and the text of some events."""
    return (
        "".join(e.text for e in events if isinstance(e, ThinkingDelta)),
        "".join(e.text for e in events if isinstance(e, TextDelta)),
    )


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
        ("MAX_TOKENS", "length"),
        ("content_filter", "content_filter"),
        ("content_filter: RECITATION", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("tool_calls", "stop"),
        ("eos", "stop"),
    ],
)
def test_the_finish_reason_is_one_of_ours(wire: str, ours: str) -> None:
    assert read(finish(wire))[0].answer.reason == ours


def test_only_the_first_choice_is_the_answer() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "no"}}]}
    assert texts(read(delta(content="yes"), other)[1]) == ("", "yes")


def test_a_refusal_is_text() -> None:
    assert texts(read(delta(content=None, refusal="I cannot."))[1]) == ("", "I cannot.")


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
        {"choices": ["text"]},
        {"choices": 5},
        {"choices": [{"delta": "text"}]},
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
