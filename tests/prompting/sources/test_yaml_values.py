"""YAML of strangers: what is read as text, and what is refused."""

from __future__ import annotations

import random

import pytest

from parllama_nb.errors import FieldError
from parllama_nb.prompting.sources.yaml_values import Inline, read_yaml, write_yaml

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes\nb: No\nc: true", {"a": "yes", "b": "No", "c": "true"}),
        ("a: 1.10\nb: 0x1F\nc: 012", {"a": "1.10", "b": "0x1F", "c": "012"}),
        ("a: 2024-01-01\nb: 12:30:45", {"a": "2024-01-01", "b": "12:30:45"}),
        ("yes: a\nnull: b\n1: c", {"yes": "a", "null": "b", "1": "c"}),
        ("a:\nb: ~\nc: null\nd: ''", {"a": None, "b": None, "c": None, "d": ""}),
        ("a: 'null'\nb: \"~\"", {"a": "null", "b": "~"}),
        ("a: &x word\nb: *x", {"a": "word", "b": "word"}),
        ("a: !!str 5", {"a": "5"}),
        ("a: |\n  one\n  two\n\nb: >\n  x\n  y\n", {"a": "one\ntwo\n", "b": "x y\n"}),
        ("[a, [b, {c: d}], []]", ["a", ["b", {"c": "d"}], []]),
        ("", None),
        ("# only a comment", None),
        ("just words", "just words"),
        ("<<: {a: b}\nc: d", {"<<": {"a": "b"}, "c": "d"}),
        ("a: \ud83d", {"a": "\ufffd"}),
    ],
)
def test_scalars_are_the_texts_that_stand_there(text: str, value: object) -> None:
    assert read_yaml(text).value == value


@pytest.mark.parametrize(
    ("text", "field", "line", "phrase"),
    [
        (BOMB, "b", 2, "alias"),
        ("a: &a [*a]", "a", 1, "alias"),
        ("a: *nowhere", "a", 1, "alias"),
        ("name: x\na: 1\nname: y", "name", 3, "twice"),
        ("a: {b: 1, b: 2}", "a", 1, "twice"),
        ("a: !!python/object/apply:os.system [ls]", "a", 1, "tag"),
        ("a: !!python/name:os.system x", "a", 1, "tag"),
        ("a: !!binary aGk=", "a", 1, "tag"),
        ("a: 1\n\tb: 2", "a", 2, "YAML"),
        ("a: b: c", "a", 1, "YAML"),
        ("a: [1, 2", "a", 1, "YAML"),
        ("a: 'b", "a", 1, "YAML"),
        ("a: 1\n---\nb: 2", "a", 2, "document"),
        ("? [a, b]\n: c", "", 1, "key"),
        ("{a: b}: c", "", 1, "YAML|key"),
        ("a: \x01", "", 1, "YAML"),
        ("%YAML 9.9\n---\na: b", "", 1, "YAML"),
        (f"a: {'[' * 30}{']' * 30}", "a", 1, "deep"),
        ("[" * 100_000, "", 1, "deep|depth"),
        ("- " * 100_000, "", 1, "deep"),
        (f"a: [{'x,' * 30_000}]", "a", 1, "values"),
    ],
)
def test_what_no_prompt_needs_is_an_error_with_its_line(
    text: str, field: str, line: int, phrase: str
) -> None:
    with pytest.raises(FieldError, match=phrase) as caught:
        read_yaml(text)
    assert caught.value.message.startswith(f"Line {line}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    assert caught.value.field == field


def test_the_first_line_is_added_to_the_lines() -> None:
    assert read_yaml("a: 1\nb: 2", first_line=5).lines == {"a": 5, "b": 6}
    with pytest.raises(FieldError, match="Line 6: "):
        read_yaml("a: 1\na: 2", first_line=5)


def test_what_is_written_is_read_again() -> None:
    chance = random.Random(5)
    pieces = [*" \t\n:#-[]{}&*!|>%@`'\"\\,?=~é😀\r\x85\u2028\ufeff\x1b\0", "yes", "1"]
    for _ in range(300):
        texts = ["".join(chance.choices(pieces, k=chance.randrange(8))) for _ in "abcd"]
        values = {
            "a": texts[0],
            "b": Inline(texts[1:3]),
            "c": {"k": texts[3], "n": None},
        }
        assert read_yaml(write_yaml(values)).value == values, texts
