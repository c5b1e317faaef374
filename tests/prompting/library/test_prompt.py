"""What a library prompt may hold, and what it becomes when it is filled in."""

from __future__ import annotations

import pickle
from itertools import product

import pytest
from IPython.lib.pretty import pretty

from parllama_nb.commands import COMMANDS
from parllama_nb.commands.grammar import parse_line
from parllama_nb.errors import FieldError, UsageError
from parllama_nb.prompting.library.prompt import (
    LONGEST_TEXT,
    Prompt,
    checked,
    checked_name,
    same_name,
)
from parllama_nb.prompting.library.rendering import render
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.providers.messages import Message
from parllama_nb.quoting import quoted
from parllama_nb.secret import Redactor, Secret


def prompt(text: str = "Be brief.", **fields: object) -> Prompt:
    values: dict[str, object] = {
        "name": "brief",
        "messages": (Message.of("system", text),),
    }
    return Prompt(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [
        ({"name": " \n "}, "name", "empty"),
        ({"name": "x" * 101}, "name", "101 characters"),
        ({"name": "a\u202eb"}, "name", "cannot be seen"),
        ({"name": "/etc"}, "name", "begins with '/'"),
        ({"messages": ()}, "messages", "no text"),
        ({"messages": (Message.of("user", " \n"),)}, "messages", "no text"),
        (
            {"messages": (Message.of("user", "x" * (LONGEST_TEXT + 1)),)},
            "messages",
            "1,000,001 characters",
        ),
        ({"messages": (Message.of("system", "a"),) * 2}, "messages", "2 system"),
        ({"tags": ("x" * 51,)}, "tags", "51 characters"),
        ({"tags": ("a,b",)}, "tags", "comma"),
        ({"tags": tuple(map(str, range(31)))}, "tags", "31 tags"),
        ({"description": "x" * 2001}, "description", "2,001 characters"),
        ({"variables": (Variable("a b"),)}, "variables", "'a b'"),
        ({"variables": (Variable("a"), Variable("a"))}, "variables", "twice"),
        ({"variables": (Variable("a", "{{a}}"),)}, "variables", "a names itself"),
        (
            {"variables": (Variable("a", "{{b}}"), Variable("b", "not {{a}}"))},
            "variables",
            "a names itself",
        ),
        ({"variables": tuple(map(Variable, "x" * 101))}, "variables", "101"),
    ],
)
def test_an_invalid_field_is_named(
    fields: dict[str, object], field: str, word: str
) -> None:
    with pytest.raises(FieldError, match=word) as caught:
        checked(prompt(**fields))
    assert caught.value.field == field
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_what_is_stored_is_trimmed_and_sendable() -> None:
    system, user = Message.of("system", "S\ud800"), Message.of("user", "U")

    stored = checked(
        prompt(
            name="  Två   ord\n",
            tags=(" #a ", "A", "", "b c"),
            description=" what ",
            messages=(user, system, Message.of("assistant", " ")),
        )
    )

    assert stored.name == "Två ord"
    assert stored.tags == ("A", "b c")
    assert stored.description == "what"
    assert [each.role for each in stored.messages] == ["system", "user"]
    assert stored.system.encode()


def test_names_that_look_alike_are_the_same() -> None:
    assert same_name("Straße") == same_name("STRASSE")
    assert same_name("café") == same_name("cafe\u0301")
    assert same_name("\uff46ull") == same_name("full")


def test_only_declared_variables_are_filled() -> None:
    text = 'Say {{word}} in {{ lang }}; {{other}}, {"json": {{}}}, {word}'
    asked = prompt(text, variables=(Variable("word"), Variable("lang", "French")))

    rendered = render(asked, {"word": "{{lang}}"})

    assert rendered.system == (
        'Say {{lang}} in French; {{other}}, {"json": {{}}}, {word}'
    )


def test_a_default_may_name_other_variables() -> None:
    variables = (Variable("a", "<{{b}}>"), Variable("b", "{{c}}!"), Variable("c"))
    rendered = render(prompt("{{a}}", variables=variables), {"c": "x"})
    assert rendered.system == "<x!>"


@pytest.mark.parametrize(
    ("values", "field", "hint"),
    [
        ({"lang": "en", "lagn": "en"}, "lagn", "Did you mean lang?"),
        ({}, "lang", "In which language. Give one: --set lang=VALUE"),
    ],
)
def test_a_wrong_or_missing_value_is_named(
    values: dict[str, str], field: str, hint: str
) -> None:
    asked = prompt("{{lang}}", variables=(Variable("lang", None, "In which language"),))
    with pytest.raises(FieldError) as caught:
        render(asked, values)
    assert (caught.value.field, caught.value.hint) == (field, hint)


def test_the_input_is_the_variable_of_that_name() -> None:
    variables = (Variable("input"),)
    messages = (Message.of("system", "S"), Message.of("user", "About {{input}}."))

    rendered = render(prompt(messages=messages, variables=variables), {}, "dogs")
    without = render(prompt(messages=messages, variables=variables), {})

    assert (rendered.text, rendered.has_input) == ("About dogs.", True)
    assert (without.text, without.has_input) == ("About {{input}}.", False)


def test_a_system_prompt_with_the_input_is_what_the_user_asks() -> None:
    asked = prompt("About {{input}}.", variables=(Variable("input"),))
    assert render(asked, {}, "dogs").messages == (Message.of("user", "About dogs."),)


def test_a_secret_is_not_filled_in() -> None:
    asked = prompt("{{key}}", variables=(Variable("key"),))
    with pytest.raises(UsageError, match="secret"):
        render(asked, {"key": Secret("KEY", "sk-very-secret")})


def test_what_the_user_asks_is_sent_even_if_no_text_has_a_place_for_it() -> None:
    asked = prompt("Be kind.", variables=(Variable("input"),))
    rendered = render(asked, {}, "Why?")
    assert [each.text for each in rendered.messages] == ["Be kind.", "Why?"]


def test_the_input_may_be_in_the_default_of_another_variable() -> None:
    variables = (Variable("topic", "On {{input}}"), Variable("input"))
    asked = prompt("{{topic}}.", variables=variables)
    assert render(asked, {}, "dogs").text == "On dogs."
    other = render(asked, {"topic": "On cats"}, "dogs")
    assert [each.text for each in other.messages] == ["On cats.", "dogs"]


def test_the_message_with_the_input_is_asked_last() -> None:
    messages = (
        Message.of("system", "S"),
        Message.of("user", "About {{input}}."),
        Message.of("assistant", "A"),
    )
    asked = prompt(messages=messages, variables=(Variable("input"),))
    rendered = render(asked, {}, "dogs")
    assert [each.role for each in rendered.messages] == ["system", "assistant", "user"]
    assert rendered.text == "About dogs."


def test_letters_may_be_joined_in_a_name_that_is_not_latin() -> None:
    for name in (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f469\u200d\U0001f469",
    ):
        assert checked_name(name) == name
    with pytest.raises(FieldError, match=r"cannot be seen: U\+200B"):
        checked_name("a\u200bb")
    with pytest.raises(FieldError, match=r"cannot be seen: U\+200D"):
        checked_name("a\u200db")


def test_a_name_is_quoted_so_that_a_line_gives_it_back() -> None:
    letters = "a \"'\\=-#$`"
    names = {"".join(each) for each in product(letters, repeat=4)}
    for name in names:
        if name != " ".join(name.split()) or name.startswith("-"):
            continue
        _, params = parse_line(COMMANDS, f"prompts show {quoted(name)}")
        assert params.words == (name,)  # type: ignore[attr-defined]


def test_a_prompt_shows_as_markdown_without_secrets_and_tags() -> None:
    redactor = Redactor()
    redactor.add(Secret("KEY", "sk-very-secret"))
    redactor.add(Secret("OTHER", "sk-other-secret"))
    asked = prompt(
        "sk-very-secret ``` $x$ {{lang}}",
        description="<img src=x> sk-very-secret",
        tags=("t",),
        variables=(Variable("lang", "en", "a | b"),),
        source="fabric",
    )
    rendered = asked.render("Why? <b> sk-very-secret")

    shown, filled = asked._repr_markdown_(), rendered._repr_markdown_()

    for text in (shown, filled, pretty(asked), pretty(rendered), repr(asked)):
        assert "sk-very" not in text
    assert "&lt;img" in shown
    assert "````text\n<Secret KEY> ``` $x$ {{lang}}\n````" in shown
    assert "from fabric" in shown
    assert "| `lang` | 'en' | a &#124; b |" in shown
    assert "$x$ en\n````" in filled
    assert "user:\n\n```text\nWhy? <b> <Secret KEY>" in filled
    assert pretty(asked).endswith("variables:\nlang = 'en'")
    assert b"sk-other" not in pickle.dumps(asked)


def test_no_more_of_a_long_prompt_is_shown_than_a_notebook_should_keep() -> None:
    shown = prompt("x" * 30_000)._repr_markdown_()
    assert len(shown) < 21_000
    assert "… 10,000 more characters" in shown
