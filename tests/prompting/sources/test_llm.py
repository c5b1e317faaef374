"""Templates of `llm`: what becomes a variable, and what is not carried over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.rendering import render
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.prompting.sources.llm import LLMSource
from parllama_nb.providers.messages import Message, Role

from .readers import found, one, one_problem

SOURCE = LLMSource()
APPENDED = Variable("input", "")
HEADED = """\
# name: Other
# description: d
# tags: [x]
# model: a/b
# submit: true
system: Hi
"""


def prompt(*messages: tuple[Role, str], **more: object) -> Prompt:
    made = tuple(Message.of(role, text) for role, text in messages)
    return Prompt("t", made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "'Summarize: $input'",
            prompt(("user", "Summarize: {{input}}"), description="Summarize: {{input}}",
                variables=(Variable("input"),)),
        ),
        (
            "system: Be a $voice.\ndefaults:\n  voice: 007\n",
            prompt(("system", "Be a {{voice}}."), description="Be a {{voice}}.",
                variables=(Variable("voice", "007"),)),
        ),
        (
            "# Sums up.\n# Briefly.\nprompt: Sum $$5 up$\nsystem: ''\n",
            prompt(("user", "Sum $5 up$\n{{input}}"), description="Sums up. Briefly.",
                variables=(APPENDED,)),
        ),
        (
            "prompt: ${a}b $c! $\nsystem: on $input\n",
            prompt(("system", "on {{input}}"), ("user", "{{a}}b {{c}}! $"),
                description="on {{input}}",
                variables=(Variable("input"), Variable("a"), Variable("c"))),
        ),
        (
            HEADED,
            replace(prompt(("system", "Hi"), description="d", tags=("x",), model="a/b",
                submit=True), name="Other"),
        ),
    ],
)  # fmt: skip
def test_a_template_is_read_as_llm_uses_it(
    tmp_path: Path, text: str, expected: Prompt
) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(text)
    assert one(SOURCE, path) == expected


def test_a_template_without_input_is_sent_with_what_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("prompt: Sum this up\n")
    read = one(SOURCE, path)
    assert render(read, {}, "a text").text == "Sum this up\na text"
    assert render(read, {}).text == "Sum this up\n"
    assert b"\nprompt: Sum this up\n" in SOURCE.write([read])["t.yaml"]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("system: x\nmodel: gpt-4o", "'gpt-4o'"),
        (
            "system: x\nschema_object: {type: object}\noptions: {temperature: 0}",
            "options, schema_object",
        ),
        ("system: x\nfragments: [a]\ntools: [b]\nextract: true", "extract, fragments"),
        ("system: '{{name}} is $name'", "{{name}}"),
    ],
)
def test_what_is_not_carried_over_is_said(
    tmp_path: Path, text: str, phrase: str
) -> None:
    (tmp_path / "t.yaml").write_text(text)
    assert phrase in one_problem(SOURCE, tmp_path)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("- a\n- b", "no keys"),
        ("", "no keys"),
        ("options: {a: 1}", "no text"),
        ("prompt: [a]", "list, not a text"),
        ("prompt: x\ndefaults: [a]", "not a mapping"),
        ("prompt: $x\ndefaults: {x: [a]}", "list, not a text"),
        ("prompt: x\nprompt: y", "twice"),
        ("prompt: !!python/name:os.system x", "tag"),
        ("prompt: x\n---\nprompt: y", "second document"),
    ],
)
def test_what_is_no_template_is_a_problem(
    tmp_path: Path, text: str, phrase: str
) -> None:
    (tmp_path / "good.yaml").write_text("system: Hi")
    (tmp_path / "t.yaml").write_text(text)
    assert phrase in one_problem(SOURCE, tmp_path)


def test_its_folder_is_found_by_the_environment(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "t.yaml").write_text("system: Hi")
    assert found(SOURCE, None, {"LLM_USER_PATH": str(tmp_path)}).prompts
    with pytest.raises(UsageError, match="no templates") as caught:
        found(SOURCE, None, {"LLM_USER_PATH": str(templates)})
    assert caught.value.hint


@pytest.mark.parametrize(
    "refused",
    [
        prompt(("user", "a"), ("assistant", "b")),
        prompt(("user", "a"), ("user", "b")),
        prompt(("system", "{{größe}}"), variables=(Variable("größe"),)),
    ],
)
def test_what_a_template_cannot_hold_is_refused(refused: Prompt) -> None:
    with pytest.raises(UsageError) as caught:
        SOURCE.write([refused])
    assert caught.value.hint
