"""A key is what its maker gave out, without what was pasted around it."""

from __future__ import annotations

import pytest

from parllama_nb.providers.address import SPECS
from parllama_nb.providers.base import ProviderContext
from parllama_nb.providers.keys import find_key, key_state, require_key
from parllama_nb.testing import context

KEY = "sntnl-4f9a27d1c0b84e55"
NAME = "OPENAI_API_KEY"

PASTED = [
    f'"{KEY}"',
    f"'{KEY}'",
    f"`{KEY}`",
    f"“{KEY}”",
    f"„{KEY}“",
    f"‘{KEY}’",  # noqa: RUF001 - as word processors write it
    f"«{KEY}»",
    f"  {KEY}\n",
    f"\ufeff{KEY}\u200b",
    f"Bearer {KEY}",
    f"bearer  {KEY}",
    f"Authorization: Bearer {KEY}",
    f'"Bearer {KEY}"',
    f" '\"{KEY}\" ' ",
]


def given(value: str) -> ProviderContext:
    return context({NAME: value})


@pytest.mark.parametrize("pasted", PASTED)
def test_what_is_pasted_around_a_key_is_not_sent(pasted: str) -> None:
    made = given(pasted)
    for key in (
        find_key([NAME], made),
        require_key(SPECS["openai"], made),
        key_state(SPECS["openai"], made).secret,
    ):
        assert key is not None
        assert key.name == NAME
        assert key.reveal() == KEY


@pytest.mark.parametrize("pasted", PASTED)
def test_a_pasted_key_is_redacted_in_both_forms(pasted: str) -> None:
    made = given(pasted)
    find_key([NAME], made)
    for shown in (pasted, KEY):
        assert KEY not in made.redact(f"said: {shown}.")


@pytest.mark.parametrize(
    "value", [KEY, '"', "'x", 'a"b"c', '{"type": "service_account"}', "Bearer"]
)
def test_a_key_without_anything_around_it_is_sent_as_it_is(value: str) -> None:
    key = find_key([NAME], given(value))
    assert key is not None
    assert key.reveal() == value


@pytest.mark.parametrize("empty", ['""', " ", "' '"])
def test_nothing_between_quotes_is_no_key(empty: str) -> None:
    assert find_key([NAME], given(empty)) is None
