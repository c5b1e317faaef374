"""From bytes to events, without a server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parllama_nb.providers.http.framing import EventLines
from parllama_nb.providers.http.stream_errors import ReportedError, UnreadableError
from parllama_nb.providers.messages import (
    StreamEvent,
    TextDelta,
    ThinkingDelta,
)
from parllama_nb.providers.openai.stream import AnswerReader

STREAM = (
    b': comment\r\n\r\ndata: {"a": 1}\r\n\r\nevent: message\ndata: two\ndata: lines\n'
    b"\nid: 7\nretry: 10\ndata:three\n\n"
)


def texts(events: list[StreamEvent]) -> tuple[str, str]:
    """The thinking and the text of some events."""
    return (
        "".join(e.text for e in events if isinstance(e, ThinkingDelta)),
        "".join(e.text for e in events if isinstance(e, TextDelta)),
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_the_same_however_the_bytes_are_cut(size: int) -> None:
    lines = EventLines()
    got = [
        data
        for start in range(0, len(STREAM), size)
        for data in lines.feed(STREAM[start : start + size])
    ]
    assert got == [b'{"a": 1}', b"two\nlines", b"three"]
    assert not lines.stray


def test_an_event_whose_empty_line_is_missing_is_read_at_the_end() -> None:
    lines = EventLines()
    assert lines.feed(b"data: [DONE]") == []
    assert lines.end() == [b"[DONE]"]


def test_what_is_no_event_stream_is_noticed() -> None:
    lines = EventLines()
    assert lines.feed(b"hello\nworld\n") == []
    assert lines.stray


def read(*chunks: Any) -> tuple[AnswerReader, list[StreamEvent]]:
    reader, events = AnswerReader(), []
    for chunk in chunks:
        data = chunk if isinstance(chunk, bytes) else json.dumps(chunk).encode()
        reader.read(data, events)
    return reader, events + reader.end()


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
    assert read(finish(wire))[0].reason == ours


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
    "data",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"7",
        b'{"choices": [null]}',
        b'{"choices": 5}',
        b'{"choices": [{"delta": "text"}]}',
    ],
)
def test_what_is_no_chunk_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(data)


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
    assert reader.reason is None
