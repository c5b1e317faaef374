"""JSON: ours, that of other programs, and what is damaged."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.events import Progress
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.prompting.sources.json_list import JSONSource
from parllama_nb.prompting.sources.source import SourceContext
from parllama_nb.providers.messages import Message, Role
from parllama_nb.testing import PromptSourceConformance

from .readers import found, one, problems

SOURCE = JSONSource()


def prompt(
    name: str, *messages: tuple[Role, str], description: str, **more: object
) -> Prompt:
    made = tuple(Message.of(role, text) for role, text in messages)
    return Prompt(name, made, description, **more)  # type: ignore[arg-type]


HI = prompt("p", ("user", "Hi."), description="Hi.")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"prompt": "Hi."}, HI),
        ([{"text": "Hi."}], HI),
        (["Hi."], HI),
        ({"prompts": [{"template": "Hi."}]}, HI),
        ({"p": "Hi."}, HI),
        ({"p": {"content": "Hi.", "tags": "a, b"}}, prompt("p", ("user", "Hi."),
            description="Hi.", tags=("a", "b"))),
        (
            {"act": "Poet", "prompt": "Rhyme."},
            prompt("Poet", ("system", "Rhyme."), description="Rhyme."),
        ),
        (
            {"Name": 3.10, "system-prompt": "A.", "User": "B."},
            prompt("3.1", ("system", "A."), ("user", "B."), description="A."),
        ),
        (
            {
                "messages": [
                    {"role": "developer", "content": "A."},
                    {"role": "user", "content": [{"type": "text", "text": "B."}]},
                    {"role": "assistant", "content": "C."},
                ]
            },
            prompt("p", ("system", "A."), ("user", "B."), ("assistant", "C."),
                description="A."),
        ),
        (
            [
                {
                    "command": "/mail",
                    "user_id": "u",
                    "title": "Write a mail",
                    "content": 'To {{ to | text:placeholder="a name" }}, {{tone | '
                    'select:options=["kind","terse"]:default="kind"}}: {{what}}',
                    "timestamp": 1700000000,
                    "access_control": {},
                }
            ],
            prompt(
                "Write a mail",
                ("user", "To {{to}}, {{tone}}: {{what}}"),
                description="To {{to}}, {{tone}}: {{what}}",
                variables=(
                    Variable("to", None, "a name"),
                    Variable("tone", "kind"),
                    Variable("what"),
                ),
            ),
        ),
        (
            {"command": "/mail", "content": "Hi.", "is_active": True},
            prompt("mail", ("user", "Hi."), description="Hi."),
        ),
        (
            {"prompt": "{{a}}", "variables": {"a": None}, "description": None},
            prompt("p", ("user", "{{a}}"), description="", variables=(Variable("a"),)),
        ),
        (
            {"prompt": "{{a}}", "variables": [], "submit": 1, "model": "a/b"},
            prompt("p", ("user", "{{a}}"), description="{{a}}", submit=True,
                model="a/b"),
        ),
    ],
)  # fmt: skip
def test_objects_of_other_programs_are_read(
    tmp_path: Path, document: object, expected: Prompt
) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(document))
    assert one(SOURCE, path) == expected


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    lines = [
        '{"prompt": "A."}',
        "",
        '{"prompt": }',
        '{"messages": []}',
        '{"user": "B"}',
    ]
    path.write_text("\r\n".join(lines))
    result = found(SOURCE, path)
    assert [each.name for each in result.prompts] == ["p 1", "p 4"]
    assert [each.where for each in result.problems] == ["line 3", "line 4"]


def test_bad_items_are_problems_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    items = [
        {"name": "good", "prompt": "Hi."},
        {"name": ["a"], "prompt": "Hi."},
        {"name": True, "prompt": "Hi."},
        {"prompt": {"a": "b"}},
        {"name": "x"},
        {"prompt": "Hi.", "variables": [["a"]]},
        {"prompt": "Hi.", "variables": [{"name": "a", "default": {}}]},
        {"prompt": "Hi.", "tags": {"a": 1}},
        {"prompt": "Hi.", "submit": "perhaps"},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"messages": [{"role": "user", "content": {"a": 1}}]},
        {"messages": "x"},
        {"messages": [3]},
        {"prompt": ""},
        {"name": "GOOD", "prompt": "Hi."},
        {"name": "a\u200bb", "prompt": "Hi."},
        3,
        None,
        [],
    ]
    path.write_text(json.dumps(items))
    result = found(SOURCE, path)
    assert [each.name for each in result.prompts] == ["good"]
    wheres = [f"item {number}" for number in range(2, len(items) + 1)]
    assert [each.where for each in result.problems] == wheres


def test_parts_that_are_no_text_are_left_out_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    image = {"type": "image_url", "image_url": {"url": "data:..."}}
    content = [{"type": "text", "text": "Hi."}, image]
    path.write_text(json.dumps([{"messages": [{"role": "user", "content": content}]}]))
    assert found(SOURCE, path).prompts[0].messages == HI.messages
    assert "image_url" in problems(SOURCE, path)["item 1"]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("", "not JSON"),
        ("{", "Line 1: This is not JSON"),
        ('[{"prompt": "a"},\n{"prompt": "b"]', "Line 2: This is not JSON"),
        ("3", "neither a list nor an object"),
        ("[]", "Expected"),
        ("{}", "Expected"),
        ("[" * 100_000, "deep"),
        ('{"a":' * 100_000, "deep"),
        ('{"prompt": NaN}', "NaN"),
        ('[{"prompt": "a", "prompt": "b"}]', "'prompt' twice"),
        (
            '{"format": "parllama_nb prompts", "version": 2, "prompts": [{}]}',
            "newer version",
        ),
        ("9" * 10_000, "neither"),
    ],
)
def test_a_file_without_prompts_is_an_error(
    tmp_path: Path, text: str, phrase: str
) -> None:
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        found(SOURCE, path)
    assert phrase in (caught.value.hint or "")


def test_a_damaged_file_is_read_or_is_an_error_of_ours(tmp_path: Path) -> None:
    chance = random.Random(13)
    whole = SOURCE.write(PromptSourceConformance.samples)["prompts.json"]
    path = tmp_path / "p.json"
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(b'"[]{}:,\\\n\0\xff1tn')
        path.write_bytes(data)
        try:
            result = found(SOURCE, path)
        except UsageError as error:
            assert error.hint  # noqa: PT017 - an error is one of two good ends
        else:
            assert all("\n" not in each.what for each in result.problems)


def test_progress_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text('["x", "y", "z"]')
    reports: list[Progress] = []
    context = SourceContext(cache_dir=Path)
    asyncio.run(SOURCE.read(str(tmp_path), reports.append, context))
    assert {each.total for each in reports} <= {None, 2}
    assert reports[-1] == Progress("Parsing", 2, 2, "items", percent=90)
