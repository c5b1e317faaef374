"""Text that can be encoded."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.surrogates import without_surrogates

HALF = "\udce9"


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("plain", "plain"),
        ("é 😀", "é 😀"),
        (f"a{HALF}b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ({f"k{HALF}": [f"{HALF}", 1, None]}, {"k\ufffd": ["\ufffd", 1, None]}),
        ((f"{HALF}", b"x"), ("\ufffd", b"x")),
        (7, 7),
    ],
)
def test_a_surrogate_on_its_own_becomes_the_sign_for_one(
    value: Any, result: Any
) -> None:
    assert without_surrogates(value) == result


def test_a_value_that_holds_no_json_is_returned_itself() -> None:
    value = object()
    assert without_surrogates(value) is value
