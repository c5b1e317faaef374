"""Markdown: one prompt as text, and files of other programs."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from parllama_nb.errors import FieldError, UsageError
from parllama_nb.prompting.library.prompt import Prompt, checked
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.prompting.sources import reading
from parllama_nb.prompting.sources.markdown.layout import markdown_of, prompt_of
from parllama_nb.prompting.sources.markdown.source import MarkdownSource
from parllama_nb.providers.messages import Message

from .readers import found, one, one_problem, problems

SOURCE = MarkdownSource()

WHOLE = """\
---
name: Explain code
description: Explains code to a beginner.
tags: [python, teaching]
model: openai/gpt-5-mini
submit: true
variables:
  language: Python
  input:
---

You explain {{language}} code.

<!-- user -->

{{input}}
"""
EXPLAIN = Prompt(
    name="Explain code",
    messages=(
        Message.of("system", "You explain {{language}} code."),
        Message.of("user", "{{input}}"),
    ),
    description="Explains code to a beginner.",
    tags=("python", "teaching"),
    variables=(Variable("language", "Python"), Variable("input")),
    model="openai/gpt-5-mini",
    submit=True,
)


def test_a_prompt_as_markdown_is_what_a_person_would_write() -> None:
    assert markdown_of(EXPLAIN) == WHOLE
    assert prompt_of(WHOLE, "other") == EXPLAIN


def test_a_prompt_of_random_texts_is_the_same_after_markdown() -> None:
    chance = random.Random(3)
    pieces = ["\n", "\n\n", " ", "\t", "a", "{{code}}", "<!-- user -->", "---", "\r\n"]
    pieces += ["$ARGUMENTS", "é😀", "\u2028", "\0", "'", '"', "# x", ": ", "- ", "yes"]

    def text() -> str:
        return "".join(chance.choices(pieces, k=chance.randint(1, 6)))

    for _ in range(300):
        roles = chance.choices(["user", "assistant"], k=chance.randrange(3))
        system = [Message.of("system", text())] if chance.random() < 0.6 else []
        messages = [*system, *(Message.of(role, text()) for role in roles)]
        names = chance.sample(["input", "code", "x1"], chance.randrange(3))
        try:
            prompt = checked(
                Prompt(
                    name=chance.choice(["A", "yes", "1.5", "x: y", "foo.prompt"]),
                    messages=tuple(messages),
                    description=chance.choice(["", text()]),
                    tags=tuple(chance.choice([[], ["no", "c: d"]])),
                    variables=tuple(
                        Variable(name, chance.choice([None, "", "no", text()]))
                        for name in names
                    ),
                )
            )
        except FieldError:
            continue
        assert prompt_of(markdown_of(prompt), "other") == prompt


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Be brief.", Prompt("N", (Message.of("system", "Be brief."),), "Be brief.")),
        (
            "# Title\n\nYou are\nkind. Always.\n",
            Prompt(
                "N",
                (Message.of("system", "# Title\n\nYou are\nkind. Always."),),
                "You are kind.",
            ),
        ),
        (
            "---\n---\n\nHi {{a}} {{ b }} {{a}} {{c.d}} {{{e}}} {f}",
            Prompt(
                "N",
                (Message.of("system", "Hi {{a}} {{ b }} {{a}} {{c.d}} {{{e}}} {f}"),),
                "Hi {{a}} {{ b }} {{a}} {{c.d}} {{{e}}} {f}",
                variables=(Variable("a"), Variable("b")),
            ),
        ),
        (
            (
                "---\nname: 2024-01-01\ndescription:\ntags: a, b\nsubmit: No\n"
                "variables: []\n...\nHi {{a}}"
            ),
            Prompt("2024-01-01", (Message.of("system", "Hi {{a}}"),), "", ("a", "b")),
        ),
        (
            (
                "---\ndescription: d\nvariables:\n- a\n- b: 1.10\n"
                "- {name: c, default: yes, description: e}\n---\n<!-- User -->\nx"
            ),
            Prompt(
                "N",
                (Message.of("user", "x"),),
                "d",
                variables=(
                    Variable("a"),
                    Variable("b", "1.10"),
                    Variable("c", "yes", "e"),
                ),
            ),
        ),
        (
            "---\ndescription: d\nvariables: a, b=2\n---\nx",
            Prompt(
                "N",
                (Message.of("system", "x"),),
                "d",
                variables=(Variable("a"), Variable("b", "2")),
            ),
        ),
        (
            "---\nmode: agent\ntools: [a]\ndescription: d\n---\nx",
            Prompt("N", (Message.of("system", "x"),), "d"),
        ),
        (
            "---\r\nname: x\r\ndescription: d\r\n---\r\n\r\na\r\nb\r\n",
            Prompt("x", (Message.of("system", "a\nb"),), "d"),
        ),
    ],
)
def test_a_text_is_read_as_a_person_means_it(text: str, expected: Prompt) -> None:
    assert prompt_of(text, "N") == expected


@pytest.mark.parametrize(
    ("text", "field", "phrase"),
    [
        ("---\nname: x\n", "", "Line 1: .*no end"),
        ("---\njust words\n---\nx", "", "Line 2: .*no keys"),
        ("---\nname: a: b\n---\nx", "name", "Line 2: .*not YAML"),
        ("---\nname: x\n\ttags: y\n---\nx", "name", "Line 3: .*not YAML"),
        ("---\ndescription: d\nname: [a]\n---\nx", "name", "Line 3: .*list"),
        ("---\nname: -x\n---\nx", "name", "Line 2: .*begins with"),
        ("---\ntags: {a: b}\n---\nx", "tags", "Line 2: .*mapping, not a list"),
        ("---\ntags: [[a]]\n---\nx", "tags", "Line 2: .*list, not a text"),
        ("---\nsubmit: maybe\n---\nx", "submit", "Line 2: .*'maybe', not true"),
        ("---\nsubmit: [true]\n---\nx", "submit", "Line 2: .*list"),
        ("---\nvariables: [1x]\n---\nx", "variables", "Line 2: .*'1x'"),
        ("---\nvariables: [a, a]\n---\nx", "variables", "Line 2: .*twice"),
        ("---\nvariables: {a: [b]}\n---\nx", "variables", "Line 2: .*list"),
        ("---\nvariables: [{default: b}]\n---\nx", "variables", "Line 2: .*no name"),
        ("---\nvariables: {a: '{{a}}'}\n---\nx", "variables", "Line 2: .*itself"),
        ("---\nmodel: gpt-5\n---\nx", "model", "Line 2: .*provider/model"),
        ("---\ntag: x\n---\nx", "tag", "Line 2: .*'tag'"),
        ("---\nname: x\n---\n\n", "messages", "Line 5: .*no text"),
        ("", "messages", "no text"),
        ("---\nname: x\n---\na\n<!-- system -->\nb", "messages", "2 system prompts"),
        ("---\nmessages: x\n---\n", "messages", "Line 2: .*list of messages"),
        ("---\nmessages: [x]\n---\n", "messages", "Line 2: .*not a message"),
        ("---\nmessages: [{role: tool}]\n---\n", "messages", "Line 2: .*'tool'"),
        ("x" * 1_000_001, "messages", "characters"),
    ],
)
def test_an_invalid_field_is_named_with_its_line(
    text: str, field: str, phrase: str
) -> None:
    with pytest.raises(FieldError, match=phrase) as caught:
        prompt_of(text, "N")
    assert caught.value.field == field
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_damaged_text_is_a_prompt_or_an_error_of_ours() -> None:
    chance = random.Random(7)
    parts = [
        "---\n",
        "\n",
        ":",
        "[",
        "{",
        '"',
        "*a",
        "&a",
        "!!x",
        "\t",
        "<!-- user -->",
    ]
    for _ in range(400):
        text = WHOLE
        for _ in range(chance.randint(1, 4)):
            begin = chance.randrange(len(text))
            end = min(len(text), begin + chance.choice([0, 0, 1, 5, 40]))
            text = text[:begin] + chance.choice(parts) + text[end:]
        try:
            prompt = prompt_of(text, "N")
        except FieldError as error:
            assert error.hint  # noqa: PT017 - an error is one of two good ends
        else:
            assert prompt_of(markdown_of(prompt), "N") == prompt


COMMAND = """\
---
allowed-tools: Bash(git:*)
argument-hint: [pr-number] [priority]
description: Review: a pull request
model: claude-opus-4
---
Review $1 with $2 for: $ARGUMENTS. It costs $10.
"""
DOTPROMPT = """\
---
model: googleai/gemini-2.5-flash
input:
  schema:
    topic: string, what it is about
    tone?: string
  default:
    topic: rain
---
{{role "system"}}
You are a poet.
{{role "user"}}
Write about {{topic}} for {{reader}}{{#if tone}} in {{tone}}{{/if}}.
"""


@pytest.mark.parametrize(
    ("name", "text", "expected", "noted"),
    [
        (
            "review.md",
            COMMAND,
            Prompt(
                "review",
                (
                    Message.of(
                        "user",
                        "Review {{pr_number}} with {{priority}} for: {{input}}. "
                        "It costs $10.",
                    ),
                ),
                "Review: a pull request",
                variables=(
                    Variable("pr_number"),
                    Variable("priority"),
                    Variable("input", None, "[pr-number] [priority]"),
                ),
            ),
            "claude-opus-4",
        ),
        (
            ".claude/commands/fix.md",
            "Fix $2, see @README.md and !`git status`",
            Prompt(
                "fix",
                (
                    Message.of(
                        "user",
                        "Fix {{argument_2}}, see @README.md and !`git status`",
                    ),
                ),
                "Fix {{argument_2}}, see @README.md and !`git status`",
                variables=(Variable("argument_2"),),
            ),
            "sent as text",
        ),
        (
            "form.prompt.md",
            (
                "---\nmode: agent\ndescription: 'A form'\ntools: ['codebase']\n---\n"
                "Make ${input:formName:MyForm} in ${file} for ${input:formName}, {{x}}."
            ),
            Prompt(
                "form",
                (
                    Message.of(
                        "user", "Make {{formName}} in ${file} for {{formName}}, {{x}}."
                    ),
                ),
                "A form",
                variables=(Variable("formName", None, "MyForm"),),
            ),
            "",
        ),
        (
            "plan.agent.md",
            "---\ndescription: Plans\nargument-hint: [x] [y]\n---\nYou plan.",
            Prompt("plan", (Message.of("system", "You plan."),), "Plans"),
            "",
        ),
        (
            "poem.prompt",
            DOTPROMPT,
            Prompt(
                "poem",
                (
                    Message.of("system", "You are a poet."),
                    Message.of(
                        "user",
                        "Write about {{topic}} for {{reader}}{{#if tone}} in "
                        "{{tone}}{{/if}}.",
                    ),
                ),
                "You are a poet.",
                variables=(
                    Variable("topic", "rain", "what it is about"),
                    Variable("reader"),
                    Variable("tone", ""),
                ),
                model="gemini/gemini-2.5-flash",
            ),
            "Dotprompt",
        ),
        (
            "summarize/system.md",
            "# IDENTITY\n\nYou summarize. Well.",
            Prompt(
                "summarize",
                (Message.of("system", "# IDENTITY\n\nYou summarize. Well."),),
                "You summarize.",
            ),
            "",
        ),
    ],
)
def test_files_of_other_programs_are_read_as_these_use_them(
    tmp_path: Path, name: str, text: str, expected: Prompt, noted: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    result = found(SOURCE, tmp_path)
    assert result.prompts == (expected,)
    assert result.problems == ()
    assert [noted in each.what for each in result.notes] == [True] * bool(noted)


def test_a_folder_is_read_with_its_folders_and_without_those_of_tools(
    tmp_path: Path,
) -> None:
    for name in ("b.md", "a/c.MD", "a/d.markdown", "a/x.txt", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Hi.")
    for name in (".git", ".ipynb_checkpoints", "node_modules"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "e.md").write_text("Hi.")
    (tmp_path / "a" / "readme.md").write_text("---\nname: Mine\n---\nHi.")
    names = [prompt.name for prompt in found(SOURCE, tmp_path).prompts]
    assert names == ["c", "d", "Mine", "b"]


def test_of_a_skill_its_own_file_alone_is_read(tmp_path: Path) -> None:
    for name in ("pdf/SKILL.md", "pdf/references/forms.md", "pdf/more.md", "other.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Hi.")
    names = [prompt.name for prompt in found(SOURCE, tmp_path).prompts]
    assert names == ["other", "pdf"]


def test_links_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.md").write_text("Hi.")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "self.md").symlink_to(tmp_path / "self.md")
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere")
    result = found(SOURCE, tmp_path)
    assert [prompt.name for prompt in result.prompts] == ["x"]
    assert {each.where for each in result.problems} == {"gone.md", "self.md"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_a_problem_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Hi.")
    os.mkfifo(tmp_path / "b.md")
    assert one_problem(SOURCE, tmp_path) == "It is not a file."


def test_the_second_of_two_prompts_of_a_name_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("---\nname: Straße\n---\nfirst")
    (tmp_path / "two.md").write_text("---\nname: STRASSE\n---\nsecond")
    result = found(SOURCE, tmp_path)
    assert [prompt.system for prompt in result.prompts] == ["first"]
    assert problems(SOURCE, tmp_path) == {
        "two.md": "There is a prompt 'STRASSE' already: one.md."
    }


def test_too_many_files_are_said_in_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_FILES", 3)
    for number in range(5):
        (tmp_path / f"{number}.md").write_text("Hi.")
    assert len(found(SOURCE, tmp_path).prompts) == 3
    assert "first 3 files" in one_problem(SOURCE, tmp_path)


def test_what_is_left_out_of_many_files_is_said_once(tmp_path: Path) -> None:
    for number in range(20):
        text = f"---\nmodel: {'gpt-4o' if number % 10 else 'o3'}\n---\nHi."
        (tmp_path / f"{number:02}.md").write_text(text)
    assert list(problems(SOURCE, tmp_path)) == [
        "18 prompts, the first is 01.md",
        "00.md",
        "10.md",
    ]


def test_a_secret_in_a_file_is_not_in_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Hi.")
    (tmp_path / "b.md").write_text("---\nsubmit: sk-secret\n---\nHi.")
    assert "[secret]" in one_problem(SOURCE, tmp_path)


def test_a_long_file_is_read_and_a_longer_one_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x" * 999_999)
    (tmp_path / "b.md").write_text("{{" * 2_500_000)
    (tmp_path / "c.md").write_text("---\na: " + "[" * 5_000_000 + "\n---\n")
    assert len(found(SOURCE, tmp_path).prompts) == 1
    assert set(problems(SOURCE, tmp_path)) == {"b.md", "c.md"}


def test_an_address_is_not_taken_for_a_file() -> None:
    with pytest.raises(UsageError, match="address"):
        found(SOURCE, "https://example.org/prompts.md")


def test_one_file_of_any_suffix_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "pirate.txt"
    path.write_bytes(b"\xef\xbb\xbfArrr.\r\n")
    assert one(SOURCE, path).system == "Arrr."
