"""A name is taken if and only if an Ollama server takes it."""

from __future__ import annotations

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.local_models.names import check_name, is_pulled_by_server


# What `ParseName(name).IsValid()` of Ollama 0.33 says.
@pytest.mark.parametrize(
    "name",
    [
        "a",
        "llama3.2:1b",
        "me/my-model:tag_1.0",
        "hf.co/User/Repo-GGUF:Q4_K_M",
        "localhost:5000/ns/m:t",
        "http://host:1/n/m",
        "a..b",
        "_a",
        "x" * 80,
    ],
)
def test_a_name_of_a_model_is_taken(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a/b/c/d", "-a", "a:", "/a", "a/", "n.s/a", "a:b:c", "é", "x" * 81],
)
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        check_name(name)


def test_a_name_that_is_close_is_offered() -> None:
    with pytest.raises(UsageError) as caught:
        check_name(" My model (new) ")
    assert caught.value.hint == "My-model-new would be one."


def test_a_name_that_says_where_it_is_from_is_pulled_by_the_server() -> None:
    assert is_pulled_by_server("hf.co/user/repo")
    assert is_pulled_by_server("registry.ollama.ai/library/x:1b")
    assert not is_pulled_by_server("me/model:tag")
