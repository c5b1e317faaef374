"""Secrets do not print themselves, and known ones are redacted."""

from __future__ import annotations

import base64
import copy
import html
import json
import pickle
import threading
import tracemalloc
from urllib.parse import quote

import pytest

from parllama_nb.secret import Redactor, Secret, redacted

from .sentinels import found

VALUE = 'sk-"quoted"/and+more=é'


@pytest.mark.parametrize(
    "show",
    [repr, str, "{:>40}".format, lambda secret: f"{secret}", ascii],
    ids=["repr", "str", "format", "f-string", "ascii"],
)
def test_a_secret_shows_its_name(show: object) -> None:
    shown = show(Secret("OPENAI_API_KEY", VALUE))  # type: ignore[operator]
    assert "OPENAI_API_KEY" in shown
    assert "sk-" not in shown


@pytest.mark.parametrize("copier", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_cannot_be_copied_out(copier: object) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        copier(Secret("KEY", VALUE))  # type: ignore[operator]


def test_a_secret_cannot_be_written_as_json() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret("KEY", VALUE))


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        json.dumps({"key": VALUE}),
        f"https://example.com/?key={quote(VALUE, safe='')}",
        base64.b64encode(VALUE.encode()).decode(),
        VALUE.encode().hex(),
        json.dumps({"key": VALUE}, ensure_ascii=False),
        repr(VALUE.encode()),
        f"https://example.com/?key={quote(VALUE)}",
        base64.urlsafe_b64encode(f"{VALUE}~~?".encode()).decode(),
        base64.b64encode(f"user:{VALUE} and more".encode()).decode(),
        base64.b64encode(f"Bearer {VALUE} and more".encode()).decode(),
        base64.b64encode(f"Basic {VALUE} and more".encode()).decode(),
        f"a {VALUE} b {VALUE}",
        f"<td>{html.escape(VALUE)}</td>",
        f"<td>{html.escape(VALUE, quote=False)}</td>",
    ],
)
def test_every_form_of_a_known_secret_is_redacted(form: str) -> None:
    redact = Redactor()
    redact.add(Secret("KEY", VALUE))
    redacted = redact(form)
    assert "<Secret KEY>" in redacted
    assert form not in redacted
    assert "quoted" not in redacted
    assert found(redacted.encode(), [VALUE]) == []


def test_a_value_is_redacted_without_the_line_break_of_its_file() -> None:
    redact = Redactor()
    redact.add(Secret("KEY", f"{VALUE}\n"))
    redact.add(Secret("SHORT", "abc\n\n\n\n"))
    assert redact(f"abc {VALUE}, abc") == "abc <Secret KEY>, abc"
    assert VALUE not in redact(json.dumps([VALUE]))


def test_one_secret_of_thousands_is_redacted_in_every_form() -> None:
    redact = Redactor()
    for number in range(3_000):
        redact.add(Secret(f"OTHER_{number}", f"{number}-other-{number}"))
    redact.add(Secret("BRIEF", "a=b<c>"))
    redact.add(Secret("LONG", "a=b<c>-and-more"))
    text = "a=b<c>-and-more; a=b<c>; 17-other-17; a=b&lt;c&gt;; é"
    shown = "<Secret LONG>; <Secret BRIEF>; <Secret OTHER_17>; <Secret BRIEF>; é"
    assert redact(text) == shown
    assert redact("a=b") == "a=b"
    assert redact("") == ""


def test_secrets_of_a_long_text_are_redacted_wherever_they_stand_in_little_memory() -> (
    None
):
    redact = Redactor()
    for number in range(100):
        redact.add(Secret(f"KEY_{number}", f"value-{number:03}-{number * 7919}"))
    text = "".join(f"{number:07} " for number in range(125_000))
    # Also across the places where the text is cut to be searched.
    for at in (0, (1 << 16) - 3, (1 << 16) - 1, 1 << 16, len(text) - 14):
        value = "value-007-55433"
        hidden = redact(text[:at] + value + text[at:])
        assert hidden == f"{text[:at]}<Secret KEY_7>{text[at:]}"
    tracemalloc.start()
    try:
        redact(text)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_text_without_secrets_is_unchanged() -> None:
    redact = Redactor()
    redact.add(Secret("SHORT", "abc"))
    redact.add(Secret("KEY", VALUE))
    assert redact("abc and all the rest") == "abc and all the rest"


def test_a_secret_that_contains_another_is_redacted_whole() -> None:
    redact = Redactor()
    redact.add(Secret("SHORT", "abcdefgh"))
    redact.add(Secret("LONG", "abcdefgh-and-more"))
    assert redact("abcdefgh-and-more") == "<Secret LONG>"


def test_every_redactor_knows_what_may_not_be_shown() -> None:
    first, second = Redactor(), Redactor()
    first.add(Secret("A", "value-of-a"))
    second.add(Secret("B", "value-of-b"))
    assert redacted("value-of-a value-of-b") == "<Secret A> <Secret B>"


def test_a_value_that_is_not_utf_8_is_redacted() -> None:
    redact = Redactor()
    redact.add(Secret("KEY", "odd-\udcff-value"))
    assert redact("an odd-\udcff-value") == "an <Secret KEY>"


def test_each_secret_that_is_added_is_told() -> None:
    told: list[tuple[str, ...]] = []
    redact = Redactor(lambda: told.append(tuple(each.name for each in redact.known)))
    first = redact.add(Secret("A", "value-of-a"))
    redact.add(Secret("B", "value-of-b"))
    redact.add(first)
    redact.add(Secret("SHORT", "abc"))
    assert told == [("A",), ("A", "B"), ("A", "B")]


def test_a_redactor_may_be_made_while_others_redact() -> None:
    stop = threading.Event()

    def make() -> None:
        while not stop.is_set():
            Redactor().add(Secret("A", "value-of-a"))

    kept = Redactor()
    kept.add(Secret("B", "value-of-b"))
    makers = [threading.Thread(target=make) for _ in range(2)]
    for maker in makers:
        maker.start()
    shown = {redacted("value-of-b") for _ in range(2_000)}
    stop.set()
    for maker in makers:
        maker.join()
    assert shown == {"<Secret B>"}
