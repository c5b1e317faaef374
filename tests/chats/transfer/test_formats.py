"""What is written of a conversation is read back, whatever its texts are."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings

from parllama_nb.chats.history.saved import SavedConversation
from parllama_nb.chats.transfer.formats import FORMATS, find_format, format_of
from parllama_nb.chats.transfer.json_file import read_json, write_json
from parllama_nb.chats.transfer.markdown.reading import read_markdown
from parllama_nb.chats.transfer.markdown.writing import write_markdown
from parllama_nb.chats.transfer.notebook import read_notebook, write_notebook
from parllama_nb.chats.transfer.sharing import redacted, without_paths
from parllama_nb.errors import UsageError
from parllama_nb.providers.messages import ImagePart, Message

from .conversations import conversations, everything, told

_OFTEN = settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def read(text: str) -> SavedConversation:
    parsed = read_markdown(text)
    assert parsed is not None
    return parsed.conversation


@_OFTEN
@given(conversations())
def test_markdown_returns_any_conversation_as_it_was(saved: SavedConversation) -> None:
    assert read(write_markdown(saved, attachments=True)) == saved


@_OFTEN
@given(conversations())
def test_json_returns_any_conversation_as_it_was(saved: SavedConversation) -> None:
    assert read_json(write_json(saved)) == saved


@settings(_OFTEN, max_examples=50)
@given(conversations())
def test_a_notebook_is_valid_and_returns_any_conversation_without_its_paths(
    saved: SavedConversation,
) -> None:
    text = write_notebook(saved)
    nbformat.validate(nbformat.reads(text, as_version=4))
    parsed = read_notebook(text)
    assert parsed is not None
    assert parsed.conversation == without_paths(saved)


@pytest.mark.parametrize("name", ["markdown", "json", "notebook"])
def test_all_that_a_conversation_has_is_read_back(name: str) -> None:
    kind = FORMATS[name]
    assert kind.read is not None
    parsed = kind.read(kind.write(everything(), True))
    assert parsed is not None
    assert parsed.notes == ()
    assert without_paths(parsed.conversation) == without_paths(everything())


def test_markdown_without_images_names_them_and_says_so_when_it_is_read() -> None:
    text = write_markdown(everything())
    assert "data:image" not in text
    assert "*Image (PNG, 72 B), which is not in this file.*" in text
    parsed = read_markdown(text)
    assert parsed is not None
    assert parsed.notes == ("1 image is not in the file.",)
    (_, asked) = parsed.conversation.turns[0].question
    assert [part.type for part in asked.parts] == ["text", "document"]


def test_markdown_is_for_people_and_its_front_matter_can_be_changed() -> None:
    text = write_markdown(everything())
    assert text.startswith("---\nformat: parllama_nb conversation\nversion: 1\n")
    assert "\n## openai/gpt-5-mini\n" in text
    assert "\n<summary>Thinking</summary>\n" in text
    assert "<summary>Other branches: 1 turn</summary>" in text
    changed = text.replace("folder: work/ideas", "folder: elsewhere").replace(
        "pinned: true", "pinned: false"
    )
    saved = read(changed)
    assert (saved.folder, saved.pinned) == ("elsewhere", False)


def test_a_fence_that_an_answer_leaves_open_does_not_swallow_what_follows() -> None:
    saved = SavedConversation(
        "x", (told("a", "````py\n# x\n```"), told("b", "c", 2)), 2
    )
    text = write_markdown(saved)
    assert "# x\n```\n````\n\n<!-- " in text
    assert read(text) == saved


def test_markdown_with_the_line_ends_of_windows_is_read() -> None:
    saved = SavedConversation("x", (told("a\nb", "```\n\n# c\n```"),), 1)
    assert read(write_markdown(saved).replace("\n", "\r\n")) == saved


def test_a_boundary_that_a_text_holds_is_not_taken() -> None:
    plain = SavedConversation("x", (told("a", "b"),), 1)
    boundary = write_markdown(plain).split("boundary: ")[1][:8].strip("'\n")
    hostile = f"<!-- {boundary} end -->\n\n<!-- {boundary} turn {{}} -->"
    saved = SavedConversation("x", (told("a", hostile),), 1)
    assert read(write_markdown(saved)) == saved


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("version: 1", "version: 2", "newer"),
        ("version: 1", "version: x", "not a version"),
        ("boundary: ", "other: ", "no boundary"),
        ('turn {"number":1', 'turn {"number":"a"', "turns.0.number"),
        ('turn {"number":1', "turn {number", "values that are not JSON"),
        (" end -->", " end", "Line"),
        (' turn {"number":2', ' turn {"number":1', "Two turns have the number 1"),
    ],
)
def test_damaged_markdown_is_refused_with_the_reason(
    before: str, after: str, message: str
) -> None:
    saved = SavedConversation("x", (told("a", "b"), told("c", "d", 2)), 2)
    text = write_markdown(saved)
    assert before in text
    with pytest.raises(UsageError, match=message):
        read_markdown(text.replace(before, after, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"format": "parllama_nb conversation", "version": 9}', "newer"),
        (
            '{"format": "parllama_nb conversation", "version": 1}',
            "should be a dictionary",
        ),
    ],
)
def test_damaged_json_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_json(text)


def _changed(**values: object) -> str:
    content = json.loads(write_json(SavedConversation("x", (told("a", "b"),), 1)))
    content["conversation"] |= values
    return json.dumps(content)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": 3}, "name: Input should be a valid string"),
        ({"tip": 7}, "The last turn, 7, is missing"),
        ({"created": 1e300}, "A time in it is not one"),
        ({"input_tokens": 10**30}, "A number of tokens in it is not one"),
        ({"turns": [{"number": 1, "parent": 1}]}, "question: Field required"),
    ],
)
def test_json_with_a_wrong_value_is_refused_and_the_value_is_named(
    values: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_json(_changed(**values))


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": "else"}', "null"])
def test_other_json_is_no_conversation(text: str) -> None:
    assert read_json(text) is None
    assert read_notebook(text) is None


@pytest.mark.parametrize(
    "text", ["", "# Notes\n\n## user\n", "---\ntitle: x\n---\n\n# x\n", "---\nx\n"]
)
def test_other_markdown_is_no_conversation(text: str) -> None:
    assert read_markdown(text) is None


def test_a_text_of_ten_megabytes_is_written_and_read() -> None:
    saved = SavedConversation("x", (told("a", "# comment\n```\n" * 700_000),), 1)
    assert read(write_markdown(saved)) == saved
    assert read_json(write_json(saved)) == saved


def test_known_secrets_are_replaced_wherever_they_stand() -> None:
    saved = everything()
    turn = replace(saved.turns[0], notes=("sk-1",), options={"stop": ["sk-1"]})
    asked = Message("user", (ImagePart("data:text/plain,sk-1"),))
    turn = replace(turn, question=(Message.of("user", "key sk-1 here"), asked))
    saved = replace(saved, name="my sk-1", turns=(turn,), tip=1)
    clean, count = redacted(saved, lambda text: text.replace("sk-1", "KEY"))
    assert count == 5
    assert "sk-1" not in write_json(clean)
    assert redacted(clean, lambda text: text.replace("sk-1", "KEY")) == (clean, 0)


def test_a_notebook_has_cells_that_can_be_run_again_and_no_local_path() -> None:
    text = write_notebook(everything())
    assert "~/plans" not in text
    notebook = nbformat.reads(text, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert sources == [
        "%load_ext parllama_nb",
        "%%parllama -m openai/gpt-5-mini -c\nWhat is this?",
        "%%parllama -m fake/scripted -c\n## user\n\nNext?",
    ]
    (image,) = [cell for cell in notebook.cells if "attachments" in cell]
    assert image.source == "![Image 1](attachment:image-1.png)"
    (output,) = notebook.cells[-2].outputs
    assert "# a comment" in output.data["text/markdown"]


def test_formats_are_told_by_the_end_of_a_name() -> None:
    assert format_of("a/B.MD") is FORMATS["markdown"]
    assert format_of("x.ipynb") is FORMATS["notebook"]
    assert format_of("x.zip") is None
    assert format_of("md") is None
    with pytest.raises(UsageError, match="no format 'markdwn'") as caught:
        find_format("markdwn")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("Did you mean markdown?")
