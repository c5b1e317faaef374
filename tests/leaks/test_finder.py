"""Secrets in bytes: in which forms they are found, and where."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import string
from urllib.parse import quote, quote_plus

import pytest

from parllama_nb.leaks.finder import Finder
from parllama_nb.secret import Secret, _forms

PLAIN = "sk-proj-Zx81kQwe77PlmN"
ODD = 'p/ss+"w&rd\\=ü<€> '
PEM = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA7bq\nshort\n-----END KEY-----\n"
SIX = "hunter"


def names(data: bytes, *values: str) -> set[str]:
    finder = Finder(Secret(value, value) for value in values)
    return {name for match in finder.find(data) for name in match.names}


def written(value: str) -> dict[str, bytes]:
    raw = value.encode()
    around = [base64.b64encode(b"x" * n + raw + b"tail") for n in range(3)]
    return {
        "as it is": raw,
        "in JSON": json.dumps(value).encode(),
        "in JSON, unescaped": json.dumps(value, ensure_ascii=False).encode(),
        "in JSON in JSON": json.dumps(json.dumps({"a": value})).encode(),
        "in Python": repr([value]).encode(),
        "in HTML": html.escape(value).encode(),
        "in a URL": quote(value, safe="").encode(),
        "in a path": quote(value).encode(),
        "in a form": quote_plus(value).encode(),
        "in a URL, lower": re.sub(
            "%..", lambda match: match[0].lower(), quote(value, safe="")
        ).encode(),
        "as hex": raw.hex().encode(),
        "as HEX": raw.hex().upper().encode(),
        "as UTF-16": value.encode("utf-16-le"),
        "as base64, 0": around[0],
        "as base64, 1": around[1],
        "as base64, 2": around[2],
        "for URLs, 1": base64.urlsafe_b64encode(b"x" + raw + b"t"),
        "with CRLF": value.replace("\n", "\r\n").encode(),
    }


@pytest.mark.parametrize("value", [PLAIN, ODD, PEM, SIX])
@pytest.mark.parametrize("form", written(PLAIN))
def test_a_secret_is_found_in_every_form_at_every_place(value: str, form: str) -> None:
    content = written(value)[form]
    for before in range(9):
        data = b"." * before + content + b"," * 3
        assert value in names(data, PLAIN, ODD, PEM, SIX), before
    assert names(content[1:-1].swapcase()[:3] + b"...", value) == set()


@pytest.mark.parametrize("value", [PLAIN, ODD, PEM, SIX])
def test_what_is_redacted_is_found(value: str) -> None:
    for form in _forms(value):
        assert names(form.encode(), value) == {value}


def test_a_line_of_a_long_secret_is_found() -> None:
    assert names(b"> MIIEowIBAAKCAQEA7bq <", PEM) == {PEM}
    assert names(b"-----BEGIN KEY-----\nshort\n", PEM) == set()


def test_a_match_says_where_it_is_and_how_it_is_written() -> None:
    finder = Finder([Secret("A", PLAIN), Secret("B", PLAIN), Secret("C", SIX)])
    data = f"x{PLAIN} {PLAIN.encode().hex()} {SIX}".encode()
    matches = finder.first(data, 10)
    assert [(match.names, match.form) for match in matches] == [
        (("A", "B"), "as it is"),
        (("A", "B"), "as hex"),
        (("C",), "as it is"),
    ]
    assert data[matches[0].start : matches[0].end] == PLAIN.encode()
    assert PLAIN not in repr([finder, matches])


def test_short_secrets_are_named_and_not_searched_for() -> None:
    finder = Finder([Secret("PIN", "12345"), Secret("KEY", PLAIN)])
    assert finder.too_short == ("PIN",)
    assert not list(finder.find(b"12345"))
    empty = Finder([Secret("PIN", "12345")])
    assert empty.longest == 0
    assert not list(empty.find(b"12345" * 100))


def test_many_secrets_are_all_found_and_nothing_else() -> None:
    chance = random.Random(1)
    letters = string.ascii_letters + string.digits + "-_+/="
    values = {
        "".join(chance.choices(letters, k=chance.randrange(6, 80))) for _ in range(500)
    }
    finder = Finder(Secret(value, value) for value in values)
    noise = chance.randbytes(3_000_000)
    assert not list(finder.find(noise))
    hidden = chance.sample(sorted(values), 60)
    data = bytearray(noise)
    places = chance.sample(range(0, len(noise) - 200, 200), len(hidden))
    for place, value in zip(places, hidden, strict=True):
        data[place : place + len(value)] = value.encode()
    assert {
        (match.start, match.names)
        for match in finder.find(bytes(data))
        if len(match.names[0]) > 6
    } >= {
        (place, (value,))
        for place, value in zip(places, hidden, strict=True)
        if len(value) > 6
    }


def test_a_secret_of_one_repeated_character_is_found() -> None:
    assert names(b"0" * 100_000, "000000", "0000000x") == {"000000"}
    assert names(b"0" * 100_000 + b"x", "0000000x") == {"0000000x"}
