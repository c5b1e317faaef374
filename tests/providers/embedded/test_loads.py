"""A file is refused before the engine starts if its model is not made for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parllama_nb.errors import BadRequestError
from parllama_nb.providers.embedded.loads import own_load
from tests.weights.made_weights import make_gguf
from tests.weights.tiny_models import bert


@pytest.mark.parametrize("embeddings", [False, True])
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"general__type": "adapter"}, "changes another model"),
        ({"general__type": "mmproj"}, "that sees"),
        ({"architecture": "clip"}, "the part of a model"),
        ({"llama__pooling_type": 4}, "compares two texts"),
    ],
)
def test_what_is_no_whole_model_is_not_loaded(
    tmp_path: Path, more: dict[str, Any], words: str, *, embeddings: bool
) -> None:
    path = make_gguf(tmp_path / "m.gguf", **more)
    with pytest.raises(BadRequestError, match=words) as caught:
        own_load(path, embeddings=embeddings)
    assert caught.value.hint


def test_a_model_for_embeddings_does_not_answer(tmp_path: Path) -> None:
    path = bert(tmp_path / "m.gguf")
    with pytest.raises(BadRequestError, match="does not answer"):
        own_load(path, embeddings=False)
    assert own_load(path, embeddings=True).pooling == ""


def test_a_model_for_chat_may_embed_by_the_mean(tmp_path: Path) -> None:
    load = own_load(make_gguf(tmp_path / "m.gguf"), embeddings=True)
    assert (load.pooling, load.context) == ("mean", 2048)
    assert "made for chat" in load.note
