from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import parllama_nb as pl
from parllama_nb.errors import UsageError


def test_describe_returns_what_a_chat_is_told_of_a_value() -> None:
    text = pl.describe(pd.DataFrame({"a": [1, 2], "password": ["x", "y"]}))
    assert text.splitlines()[:2] == ["DataFrame, 2 rows x 2 columns", "Columns:"]
    assert "password" in text
    assert "x,y" not in text


def test_describe_keeps_to_the_tokens_that_it_is_given() -> None:
    value = list(range(1_000))
    assert len(pl.describe(value, tokens=60)) < len(pl.describe(value, tokens=600))


@pytest.mark.parametrize("tokens", [0, -1, 39, "many"])
def test_describe_refuses_a_budget_without_room(tokens: int) -> None:
    with pytest.raises(UsageError, match="at least 40 tokens") as caught:
        pl.describe([1], tokens=tokens)
    assert caught.value.hint


def test_describe_says_what_reading_a_value_has_raised() -> None:
    class Broken(dict[str, int]):
        @property
        def __class__(self) -> Any:  # type: ignore[override]
            message = "sk-0123456789"
            raise RuntimeError(message)

    with pytest.raises(UsageError, match="raised RuntimeError") as caught:
        pl.describe([Broken()])
    assert "sk-" not in str(caught.value)
    assert caught.value.__context__ is None
