"""A file that cannot be read is, to the embedded engine, a model that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from parllama_nb.errors import ModelNotFoundError
from parllama_nb.providers.embedded.file_facts import file_facts
from tests.weights.tiny_models import split_model


def test_a_missing_file_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="There is no file") as caught:
        file_facts(tmp_path / "nowhere.gguf")
    assert str(tmp_path) in (caught.value.hint or "")
    assert caught.value.__cause__ is caught.value.__context__ is None
    with pytest.raises(ModelNotFoundError, match="is not a file"):
        file_facts(tmp_path)
    first, *_, last = split_model(tmp_path, "big")
    last.unlink()
    with pytest.raises(ModelNotFoundError, match=last.name):
        file_facts(first)
