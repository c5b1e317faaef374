"""How the lines of magics are parsed."""

from __future__ import annotations

import pytest

from parllama_nb.commands import COMMANDS
from parllama_nb.commands.grammar import parse_cell, parse_line
from parllama_nb.commands.question import AskParams
from parllama_nb.errors import UsageError


def ask(line: str) -> AskParams:
    command, params = parse_line(COMMANDS, line)
    assert command.name == "ask"
    assert isinstance(params, AskParams)
    return params


def cell(line: str, body: str = "Why?") -> AskParams:
    _, params = parse_cell(COMMANDS, line, body)
    assert isinstance(params, AskParams)
    return params


@pytest.mark.parametrize(
    "text",
    [
        'Say "hello  world" and don\'t stop',
        '{"a": {"b": [1, 2]}} is what?',
        "x - y --z",
        r"\frac{a}{b} and {{name}} and %d",
        "It's",
        "-5 + 3 is?",
    ],
)
def test_a_question_on_the_line_is_sent_as_written(text: str) -> None:
    assert ask(f"ask {text}").prompt == text


def test_options_may_stand_before_the_question() -> None:
    params = ask('ask -t 0.5 --max-tokens=7 -s "Be brief." -m a/b What -t is it?')
    assert params.temperature == 0.5
    assert params.max_tokens == 7
    assert params.system == "Be brief."
    assert params.model == ("a/b",)
    assert params.prompt == "What -t is it?"


@pytest.mark.parametrize(
    ("typed", "system"),
    [
        (r'"C:\new"', r"C:\new"),
        (r'"C:\dir\"', "C:\\dir\\"),
        (r"C:\new\x", r"C:\new\x"),
        (r"'C:\new'", r"C:\new"),
        (r'"\\"', r"\\"),
        (r'"say \"hi\" now"', 'say "hi" now'),
        ('"say ""hi"" now"', 'say "hi" now'),
        ("'it''s'", "it's"),
        ('"it\'s"', "it's"),
        ("it's", "it's"),
        ("\"a\"b'c d'", "abc d"),
        ("''", ""),
        ('""', ""),
    ],
)
def test_the_value_of_an_option_is_what_its_quotes_hold(
    typed: str, system: str
) -> None:
    assert cell(f"-s {typed} -t 1").system == system
    assert cell(f"a/b --system={typed}").system == system
    params = ask(f"ask -s {typed} Why?")
    assert (params.system, params.prompt) == (system, "Why?")


@pytest.mark.parametrize("line", ['-s "Be brief', "-s 'Be brief", '--system="Be brief'])
def test_a_quote_that_is_not_closed_is_an_error_that_shows_how_to_close_it(
    line: str,
) -> None:
    with pytest.raises(UsageError, match="not closed") as caught:
        cell(line)
    assert "..." in str(caught.value.hint)


@pytest.mark.timeout(10)
def test_a_long_question_full_of_quotes_is_parsed_at_once() -> None:
    text = r'"\"' * 20_000
    assert ask(f"ask {text}").prompt == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_a_cells_lines_are_sent_with_plain_line_breaks(end: str) -> None:
    assert cell("", f"One{end}Two{end}{end}").prompt == "One\nTwo"


def test_two_dashes_end_the_options() -> None:
    assert ask("ask -- -t is an option of what?").prompt == "-t is an option of what?"


def test_a_cells_body_is_sent_as_written() -> None:
    body = "def f():\n    return {'a': 1}\n\n\\begin{x} {{ y | z }} {% raw %}\n"
    params = cell("ollama/llama3.2:1b -t 0 --seed 3 -o answer -c --background", body)
    assert params.prompt == body.rstrip("\n")
    assert params.model == ("ollama/llama3.2:1b",)
    assert params.temperature == 0
    assert params.seed == 3
    assert params.output == "answer"
    assert params.follow
    assert params.background


def test_several_models_may_be_named_in_a_cell_and_on_a_line() -> None:
    assert cell("a/b c/d a/b -t 1").model == ("a/b", "c/d", "a/b")
    assert cell("a/b -m c/d --model=e/f").model == ("a/b", "c/d", "e/f")
    assert ask("ask -m a/b -m c/d Why?").model == ("a/b", "c/d")
    assert ask("ask Why?").model == ()


def test_options_and_model_may_stand_in_any_order() -> None:
    assert cell("--seed 3 a/b -t 1") == cell("a/b -t 1 --seed 3")


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ("%%parllama", "first line of its cell", "another cell"),
        ("aks hi", "no command 'aks'", "ask"),
        ("ask --temprature 1 hi", "no option --temprature", "--temperature"),
        ("ask -t warm hi", "--temperature", "help ask"),
        ("ask -t 3 hi", "less than or equal to 2", "help ask"),
        ("ask --max-tokens 0 hi", "greater than or equal to 1", "help ask"),
        ("ask", "needs TEXT", "help ask"),
        ("ask -t", "-t needs a number", "help ask"),
        ("use a/b c/d", "use takes no further word: 'c/d'", "help use"),
        ("jobs stop 3", "cancel", "help jobs"),
    ],
)
def test_an_invalid_line_is_one_line_of_error_with_a_hint(
    line: str, says: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_line(COMMANDS, line)
    assert says in caught.value.message
    assert hint in str(caught.value.hint)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "body", "says"),
    [
        ("", "  \n ", "The question is empty"),
        ("-o 2x", "hi", "cannot be a variable's name"),
        ("-o class", "hi", "cannot be a variable's name"),
        ("--verbose", "hi", "no option --verbose"),
    ],
)
def test_an_invalid_cell_is_refused_with_the_reason(
    line: str, body: str, says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_cell(COMMANDS, line, body)
    assert says in caught.value.message
    assert caught.value.hint


def test_every_field_of_a_user_has_an_option_or_an_argument() -> None:
    for command in COMMANDS.values():
        marked = {*command.options(), *command.arguments()}
        fields = {i.alias or n for n, i in command.params.model_fields.items()}
        # Not a user's, but set by `prepare` and by the functions of the package.
        assert fields - marked <= {"notes", "before"}, command.name


def test_every_flag_of_a_command_is_unique() -> None:
    for command in COMMANDS.values():
        flags = [flag for option in command.options().values() for flag in option.flags]
        assert len(flags) == len(set(flags)), command.name


def test_a_repeated_option_is_a_sequence_and_any_other_its_last_value() -> None:
    params = cell("a/b --stop one --stop=two -t 1 -t 0")
    assert params.stop == ("one", "two")
    assert params.temperature == 0
    assert cell("a/b").stop == ()


@pytest.mark.parametrize("line", ["", "   "])
def test_a_line_without_words_opens_the_panel(line: str) -> None:
    command, _ = parse_line(COMMANDS, line)
    assert command.name == "panel"
