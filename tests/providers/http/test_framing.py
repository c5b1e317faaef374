"""Bytes are split into the same values, however they are cut."""

from __future__ import annotations

import pytest

from parllama_nb.providers.http import framing
from parllama_nb.providers.http.framing import Framer
from parllama_nb.providers.http.json_values import Mark, Value
from parllama_nb.providers.http.stream_errors import UnreadableError


def split(data: bytes, size: int = 1000) -> list[Value]:
    framer = Framer()
    values: list[Value] = []
    for at in range(0, len(data), size):
        values += framer.feed(data[at : at + size])
    return values + framer.end()


STREAM = (
    b'\xef\xbb\xbf: comment\r\n\r\ndata: {"a": 1}\r\n\r\nevent: message\rdata: {\r'
    b'data: "b": 2}\r\rid: 7\nretry: 10\ndata:{"c":3}\n\n{"d": 4}\n{\n  "e": [\n    5\n'
    b'  ]\n}\nevent: error\ndata: six\n\nerror: {"f": 7}\n[{"g": 8}, {"h": 9}]\n'
    b'data: {"i": "a\nb"}\n\ndata: {"j": 1}{"k": 2}\n\ndata: [DONE]'
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_values_are_the_same_however_the_bytes_are_cut(size: int) -> None:
    assert split(STREAM, size) == [
        *({"a": 1}, {"b": 2}, {"c": 3}, {"d": 4}, {"e": [5]}),
        {"type": "error", "error": "six"},
        {"type": "error", "error": {"f": 7}},
        *({"g": 8}, {"h": 9}, {"i": "a\nb"}, {"j": 1}, {"k": 2}),
        Mark.DONE,
    ]


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"", []),
        (b"\n\n\n", []),
        (b"hello\nworld\n", []),
        (b"data: \n\n", []),
        (b"data: ping\n\n", [Mark.JUNK]),
        (b'data: "text"\n\n', [Mark.JUNK]),
        (b'data: "[DONE]"\n\n', [Mark.DONE]),
        (b"[DONE]\n", [Mark.DONE]),
        (b"data: [1, 2]\n\n", [Mark.JUNK, Mark.JUNK]),
        (b'data: {"a": \n\n', [Mark.DAMAGED]),
        (b'data: {"a": \ndata: {"b": 1}\n\n', [Mark.DAMAGED, {"b": 1}]),
        (b'{"a": \n{"b": 1}\n', [Mark.DAMAGED, {"b": 1}]),
        (b'data: {"a": "\xff"}\n\n', [{"a": "\ufffd"}]),
        (b'data: {"a": "\t\x1b\x00"}\n\n', [{"a": "\t\x1b\x00"}]),
        (b'data: {"a": 1}', [{"a": 1}]),
        (b"data: " + b"[" * 10_000 + b"\n\n", [Mark.JUNK]),
        (b"data: " + b'{"a":' * 10_000 + b"}\n\n", [Mark.DAMAGED]),
    ],
)
def test_what_is_no_object_is_marked(data: bytes, values: list[Value]) -> None:
    assert split(data) == values


def test_a_value_is_there_with_the_end_of_its_line() -> None:
    framer = Framer()
    assert framer.feed(b'data: {"a": 1}') == []
    assert framer.feed(b"\r") == [{"a": 1}]
    assert framer.feed(b"\n\r\n") == []


def test_the_first_words_of_something_else_are_kept() -> None:
    framer = Framer()
    framer.feed(b"hello\nworld\n")
    assert framer.first_words == "hello"


def test_a_page_is_refused_at_its_first_line() -> None:
    with pytest.raises(UnreadableError, match="a web page"):
        Framer().feed(b"\n <!doctype html>\n")


def test_a_tag_in_the_midst_of_an_answer_is_no_page() -> None:
    assert split(b'data: {"a": 1}\n<p>\ndata: {"b": 2}\n') == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    "endless", [b"x" * 100, b"data: xxxxxxxxxx\n" * 10, b'"a": [1, 2, 3],\n' * 10]
)
def test_what_has_no_end_is_refused(
    endless: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "_LONGEST", 1000)
    framer = Framer()
    framer.feed(b"{")
    with pytest.raises(UnreadableError, match="without end"):  # noqa: PT012 - at last
        for _ in range(20):
            framer.feed(endless)
