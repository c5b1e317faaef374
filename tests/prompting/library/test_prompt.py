"""What a library prompt may hold, and what it becomes when it is filled in."""

from __future__ import annotations

import pytest

from parllama_nb.errors import FieldError, UsageError
from parllama_nb.prompting.library.prompt import (
    LONGEST_TEXT,
    Prompt,
    Variable,
    checked,
    same_name,
)
from parllama_nb.prompting.library.rendering import render
from parllama_nb.providers.messages import Message
from parllama_nb.secret import Secret


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
