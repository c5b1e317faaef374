"""A Modelfile becomes what it asks for, its paths taken from where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.local_models.creation.creation import Creation
from parllama_nb.local_models.creation.from_modelfile import creation_of
from parllama_nb.local_models.creation.modelfile import parse
from tests.weights.made_weights import make_gguf

_BLOB = f"/models/blobs/sha256-{'0' * 64}"


def test_all_commands_are_taken_over(tmp_path: Path) -> None:
    make_gguf(tmp_path / "lora.gguf", general__type="adapter")
    make_gguf(tmp_path / "draft.gguf")
    text = '''
        # of mine
        FROM echo
        SYSTEM """Be
        brief."""
        TEMPLATE {{ .Prompt }}
        PARAMETER stop a
        PARAMETER stop b
        PARAMETER num_ctx 1024
        PARAMETER num_ctx 2048
        LICENSE MIT
        LICENSE Apache
        MESSAGE user Hi: there
        MESSAGE assistant Hello
        RENDERER r
        PARSER p
        REQUIRES 0.14.0
        ADAPTER ./lora.gguf
        DRAFT draft.gguf
    '''
    assert creation_of("new", parse(text), tmp_path, quantize="Q8_0") == Creation(
        "new",
        from_model="echo",
        system="Be\n        brief.",
        template="{{ .Prompt }}",
        parameters={"num_ctx": "2048", "stop": ["a", "b"]},
        license=("MIT", "Apache"),
        messages=(("user", "Hi: there"), ("assistant", "Hello")),
        renderer="r",
        parser="p",
        requires="0.14.0",
        adapter=tmp_path / "./lora.gguf",
        draft=tmp_path / "draft.gguf",
        quantize="Q8_0",
    )


def test_a_path_is_taken_for_a_path_only_where_it_is_there(tmp_path: Path) -> None:
    model = make_gguf(tmp_path / "m.gguf")
    (tmp_path / "llama3.2").mkdir()
    (tmp_path / "weights").mkdir()
    make_gguf(tmp_path / "weights" / "m.gguf")

    def made_from(value: str) -> tuple[str, tuple[Path, ...]]:
        creation = creation_of("n", parse(f"FROM {value}"), tmp_path)
        return creation.from_model, creation.weights

    assert made_from("m.gguf") == ("", (model,))
    assert made_from(str(model)) == ("", (model,))
    assert made_from("./weights") == ("", (tmp_path / "weights",))
    assert made_from("weights") == ("", (tmp_path / "weights",))
    assert made_from("llama3.2") == ("llama3.2", ())
    assert made_from("./llama3.2") == ("", (tmp_path / "llama3.2",))
    assert made_from("hf.co/user/repo:Q8_0") == ("hf.co/user/repo:Q8_0", ())
    assert made_from("x" * 5000) == ("x" * 5000, ())
    two = creation_of("n", parse("FROM m.gguf\nFROM weights/m.gguf"), tmp_path)
    assert two.weights == (model, tmp_path / "weights" / "m.gguf")


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("FROM ./none", "FROM names './none', which is not there", "folder"),
        ("FROM none.gguf", "'none.gguf', which is not there", "folder"),
        ("FROM ~nobody-here/m", "which is not there", "folder"),
        (f"FROM {_BLOB}", "a file that the server keeps", "Name the model"),
        ("FROM \n", "FROM of the Modelfile has no value", ""),
        ("FROM a\nADAPTER lora", "ADAPTER names 'lora', which is not", "folder"),
        ("FROM a\nDRAFT ./d", "DRAFT names './d', which is not there", "folder"),
        ("FROM a\nFROM m.gguf", "names a model, a, and files", "either"),
    ],
)
def test_what_is_not_there_is_said(
    text: str, words: str, hint: str, tmp_path: Path
) -> None:
    make_gguf(tmp_path / "m.gguf")
    with pytest.raises(UsageError) as caught:
        creation_of("n", parse(text), tmp_path)
    assert words in caught.value.message
    assert hint in (caught.value.hint or "")
