"""Texts and vectors are checked, whatever the provider."""

from __future__ import annotations

import pytest

from parllama_nb.errors import BadRequestError, InvalidResponseError
from parllama_nb.providers.embeddings import checked_texts, checked_vectors
from parllama_nb.testing import FakeProvider


def test_half_a_character_is_not_sent() -> None:
    (sent,) = checked_texts(["a\ud800b"])
    sent.encode()


@pytest.mark.parametrize(
    "vectors",
    [
        None,
        "x",
        [],
        [[1.0]],
        [[1.0], [2.0], [3.0]],
        [[1.0, 2.0], [1.0]],
        [[], []],
        [[1.0], ["1"]],
        [[1.0], [None]],
        [[1.0], [float("nan")]],
        [[1.0], [float("inf")]],
        [[1.0], [True]],
    ],
    ids=str,
)
def test_vectors_that_cannot_be_right_are_refused(vectors: object) -> None:
    with pytest.raises(InvalidResponseError, match="Here"):
        checked_vectors(vectors, 2, "Here")


def test_whole_numbers_are_numbers() -> None:
    assert checked_vectors([[1, 2.5], [0, -1]], 2, "Here") == [[1.0, 2.5], [0.0, -1.0]]


async def test_a_provider_without_embeddings_says_who_has_them() -> None:
    with pytest.raises(BadRequestError, match="makes no embeddings") as caught:
        await FakeProvider([]).embed("m", ["x"])
    assert "ollama" in (caught.value.hint or "")
