"""Bytes become text, or an error that names the byte."""

from __future__ import annotations

import codecs

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.prompting.sources.decoding import decoded

TEXT = "name,prompt\nMüller,»Arrr!« 😀\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
    ],
)
def test_unicode_is_read_with_and_without_a_mark(data: bytes) -> None:
    assert decoded(data) == TEXT


@pytest.mark.parametrize(
    ("data", "phrase"),
    [
        ("a\nCaf\xe9".encode("latin-1"), r"0xE9 in line 2 \(byte 6 of the file\)"),
        (b"\xef\xbb\xbfab\xff", r"0xFF in line 1 \(byte 6"),
        (b"\xc3", "0xC3"),
        (b"\xff\xfea", "UTF-16"),
        (b"GIF89a\x00\x01\xff", "binary"),
        (b"PK\x03\x04\x00\x00", "binary"),
        (b"a" * 10_000 + b"\0", "binary"),
    ],
)
def test_another_encoding_is_an_error_that_names_the_byte(
    data: bytes, phrase: str
) -> None:
    with pytest.raises(UsageError, match=phrase) as caught:
        decoded(data)
    assert caught.value.hint
