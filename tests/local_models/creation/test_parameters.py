"""The values of parameters are read as Ollama reads those of a Modelfile."""

from __future__ import annotations

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.local_models.creation.parameters import checked, joined


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("temperature", "0.5", 0.5),
        ("temperature", "1", 1.0),
        ("temperature", "1e-1", 0.1),
        ("temperature", 1, 1),
        ("num_ctx", "4096", 4096),
        ("num_predict", "-1", -1),
        ("seed", "+7", 7),
        ("use_mmap", "t", True),
        ("use_mmap", "FALSE", False),
        ("use_mmap", False, False),
        ("stop", "", [""]),
        ("stop", ("a", "b"), ["a", "b"]),
    ],
)
def test_a_value_is_of_its_type_or_a_text_that_says_it(
    name: str, given: object, value: object
) -> None:
    found = checked({name: given})[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("temperature", "hot"),
        ("temperature", "1_0"),
        ("temperature", "1e39"),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("temperature", True),
        ("temperature", None),
        ("num_ctx", "4k"),
        ("num_ctx", "1.0"),
        ("num_ctx", " 1"),
        ("num_ctx", 2**63),
        ("use_mmap", "yes"),
        ("use_mmap", 1),
        ("stop", [None]),
        ("stop", {"a": 1}),
        ("", "1"),
        ("Temperature", "1"),
    ],
)
def test_another_value_is_refused(name: str, given: object) -> None:
    with pytest.raises(UsageError, match=r"has to be|no parameter"):
        checked({name: given})


def test_the_last_value_counts_but_stops_add_up() -> None:
    pairs = [("stop", "a"), ("top_k", "1"), ("stop", "b"), ("top_k", "2")]
    assert joined(pairs) == {"top_k": "2", "stop": ["a", "b"]}


def test_what_a_server_no_longer_reads_is_left_out() -> None:
    assert checked({"mirostat": "2", "seed": "1"}) == {"seed": 1}
