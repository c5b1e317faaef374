"""The search finds every text at every place, and nothing that is not there."""

from __future__ import annotations

import os
import random
import string

import pytest

from parllama_nb.redaction.needles import Needles

LETTERS = (string.ascii_letters + string.digits).encode()


def texts(count: int, length: int) -> list[bytes]:
    chance = random.Random(f"{count} {length}")
    return [bytes(chance.choices(LETTERS, k=length)) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 5, 20, 100])
@pytest.mark.parametrize("length", [1, 8, 14, 15, 16, 23, 31, 40, 71, 200])
def test_a_text_is_found_wherever_it_stands(count: int, length: int) -> None:
    wanted = texts(count, length)
    needles = Needles(wanted)
    for number in range(150):
        before, after = b"." * number, b"." * (number % 17)
        assert needles.within(before + wanted[number % count] + after), number


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("length", [8, 40, 200])
def test_a_part_of_a_text_is_not_the_text(count: int, length: int) -> None:
    wanted = texts(count, length)
    needles = Needles(wanted)
    for text in wanted:
        assert not needles.within(text[1:] + b"." + text[:-1])


def test_texts_of_all_lengths_are_found_together() -> None:
    wanted = [text for length in range(8, 90) for text in texts(3, length)]
    needles = Needles(wanted)
    noise = os.urandom(5_000)
    assert not needles.within(noise)
    for number, text in enumerate(wanted):
        assert needles.within(noise[:number] + text + noise[number:])


@pytest.mark.parametrize("data", [b"", b".", b"." * 7, b"." * 8, b"." * 1_000])
def test_nothing_is_found_in_short_and_empty_data(data: bytes) -> None:
    assert not Needles(()).within(data)
    assert not Needles(texts(20, 40)).within(data)
