"""Names of models: read, refused and compared as Ollama does it."""

from __future__ import annotations

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.providers.ollama.names import ModelName, canonical, is_cloud


@pytest.mark.parametrize(
    ("written", "full", "shortest"),
    [
        ("llama3.2", "registry.ollama.ai/library/llama3.2:latest", "llama3.2:latest"),
        (" llama3.2:1b ", "registry.ollama.ai/library/llama3.2:1b", "llama3.2:1b"),
        ("Me/Mine", "registry.ollama.ai/Me/Mine:latest", "Me/Mine:latest"),
        ("hf.co/a-b/c.d:Q4", "hf.co/a-b/c.d:Q4", "hf.co/a-b/c.d:Q4"),
        ("box:5000/a/b", "box:5000/a/b:latest", "box:5000/a/b:latest"),
        (
            "Registry.Ollama.ai/Library/x:Y",
            "Registry.Ollama.ai/Library/x:Y",
            "x:Y",
        ),
        (
            "https://ollama.com/library/llama3.2:1b",
            "registry.ollama.ai/library/llama3.2:1b",
            "llama3.2:1b",
        ),
        ("https://www.ollama.com/me/x/", "registry.ollama.ai/me/x:latest", None),
        ("https://huggingface.co/a/b", "huggingface.co/a/b:latest", None),
        ("http://localhost:5000/a/b:1", "localhost:5000/a/b:1", None),
        ("a" * 80, f"registry.ollama.ai/library/{'a' * 80}:latest", None),
        ("_a:_", "registry.ollama.ai/library/_a:_", "_a:_"),
    ],
)
def test_a_name_is_completed(written: str, full: str, shortest: str | None) -> None:
    name = ModelName.parse(written)

    assert name.full == full
    assert str(name) == (shortest or name.shortest)
    assert ModelName.parse(name.full) == name or name.scheme == "http"
    assert name.key == canonical(name.shortest)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("my model", "its model has a space"),
        ("a:b c", "its tag has a space"),
        ("a/b/c/d", "it has more than two slashes"),
        ("https://huggingface.co/a/b/tree/main", "it has more than two slashes"),
        ("llama:", "its tag is missing"),
        (":1b", "its model is missing"),
        ("/llama", "its namespace is missing"),
        ("llama/", "its model is missing"),
        ("//a", "its host is missing"),
        ("a.b/c", "its namespace may hold only letters"),
        ("-a", "its model begins with '-'"),
        ("a:.b", "its tag begins with '.'"),
        ("a:b:c", "its model may hold only"),
        ("a" * 81, "its model is longer than 80"),
        ("a:" + "b" * 81, "its tag is longer than 80"),
        ("h" * 351 + "/a/b", "its host is longer than 350"),
        ("llämä", "its model may hold only"),
        ("a@sha256:00", "its model may hold only"),
        ("ftp://h/a/b", "ftp:// is not a way to reach a registry"),
        ("a\x00b", "its model may hold only"),
        ("../../etc/passwd", "it has more than two slashes"),
    ],
)
def test_what_is_no_name_is_refused_with_the_reason(written: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        ModelName.parse(written)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 250


def test_names_are_the_same_whatever_their_case() -> None:
    one, other = ModelName.parse("Me/Mine:Q8"), ModelName.parse("me/mine:q8")

    assert one != other
    assert one.key == other.key == "me/mine:q8"


def test_a_name_says_where_it_is_from() -> None:
    assert ModelName.parse("HF.co/a/b").is_hugging_face
    assert not ModelName.parse("hf.example/a/b").is_hugging_face
    assert ModelName.parse("me/x").is_listed
    assert ModelName.parse("me/x:1").without_tag == "me/x"
    assert ModelName.parse("x").with_tag("2").shortest == "x:2"


def test_a_cloud_model_is_told_by_its_tag() -> None:
    assert is_cloud("gpt-oss:120b-cloud")
    assert is_cloud("Glm:Cloud")
    assert not is_cloud("cloudy")
