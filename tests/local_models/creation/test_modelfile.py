"""A Modelfile is read as Ollama reads it, and written without loss."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.local_models.creation.modelfile import (
    Command,
    Modelfile,
    decode,
    parse,
)

# What `parser.ParseFile` of Ollama 0.33 makes of each text; null where it refuses.
RECORDED: list[tuple[str, list[list[str]] | None]] = json.loads(
    Path(__file__).with_name("modelfiles.json").read_text("utf-8")
)

_WORDS = ["FROM", "parameter", "SYSTEM", "MESSAGE", "LICENSE", "FORM", "#", "# c", ""]
_KEYS = {"parameter": ["stop ", "num_ctx ", "x.y "], "message": ["user ", "tool "]}
_BITS = ['"', '"""', '""', " ", "\t", "a", "b c", "\n", "\r\n", "\r", "é", "猫", "🙂"]
_BITS += ["{{ .Prompt }}", "\\n", "#", "'", 'x"', '"y', '""""', "   "]


def read(text: str) -> list[list[str]] | None:
    """The commands of a text in the form in which Ollama has them; None if refused."""
    try:
        commands = parse(text).commands
    except UsageError:
        return None
    return [
        {
            "from": ["model", c.value],
            "parameter": [c.key, c.value],
            "message": ["message", f"{c.key}: {c.value}"],
        }.get(c.name, [c.name, c.value])
        for c in commands
    ]


def random_text(chance: random.Random) -> str:
    text = ["\ufeff"] if chance.random() < 0.1 else []
    for _ in range(chance.randint(1, 6)):
        word = chance.choice(_WORDS)
        space = chance.choice([" ", " ", " ", "", "  ", "\t", "\n"])
        text += [word, space, chance.choice(_KEYS.get(word.lower(), [""]))]
        text += chance.choices(_BITS, k=chance.randint(0, 7))
        text.append(chance.choice(["\n", "\n", "\n\n", "\r\n", "", " \n"]))
    return "FROM x\n" + "".join(text)


@pytest.mark.parametrize(
    ("text", "commands"), RECORDED, ids=lambda each: repr(each)[:40]
)
def test_a_text_is_read_as_ollama_reads_it(
    text: str, commands: list[list[str]] | None
) -> None:
    # Ollama refuses a parameter without a name only when it makes the model.
    if commands and any(not name for name, _ in commands):
        commands = None
    assert read(text) == commands


@pytest.mark.parametrize("seed", range(20))
def test_every_text_that_can_be_read_is_written_as_it_was(seed: int) -> None:
    chance = random.Random(seed)
    written, refusals = 0, []
    for _ in range(300):
        text = random_text(chance)
        try:
            modelfile = parse(text)
        except UsageError as error:
            refusals.append(error)
            continue
        assert modelfile.render() == text
        anew = modelfile.render(anew=True)
        assert parse(anew).commands == modelfile.commands
        written += 1
    assert written > 10
    for error in refusals:
        assert error.message.startswith("The Modelfile")
        assert error.hint
        assert "\n" not in error.message


@pytest.mark.parametrize("seed", range(20))
def test_any_value_is_read_as_it_was_written_or_refused(seed: int) -> None:
    chance, refused = random.Random(seed), []
    for _ in range(300):
        value = "".join(chance.choices([*_BITS, "\u200d", "\u3000"], k=4))
        command = Command("system", value)
        try:
            modelfile = Modelfile.of([Command("from", "x"), command])
        except UsageError:
            refused.append(value)
        else:
            assert parse(modelfile.render()).values("system") == (value,)
    assert all('"""' in value and set("\r\n") & {*value} for value in refused)


def test_what_cannot_be_printed_is_kept_within_a_value() -> None:
    family, persian, wide = "👨\u200d👩\u200d👧", "می\u200cخو", "一\u3000二"
    text = f"FROM x\nSYSTEM {family} {persian} {wide}\n"
    assert parse(text).value("system") == f"{family} {persian} {wide}"


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ("FROM x\nFORM y", 2, "'FORM' is not a command", "Did you mean FROM?"),
        ("FROM x\n\nPARAM a 1", 3, "'PARAM' is not a command", "PARAMETER"),
        ("FROM x\r\nSYSTM y", 2, "'SYSTM' is not a command", "SYSTEM"),
        ("FROM x\n???", 2, "'???' is not a command", "The commands are FROM, "),
        ("SYSTEM hi", 0, "no FROM line", "GGUF"),
        ("FROM x\nSYSTEM\nhi", 2, "SYSTEM has no value on its line", "ollama"),
        ("FROM x\nPARAMETER  a 1", 2, "a parameter's name was expected", "ollama"),
        ("FROM x\nPARAMETER a.b 1", 2, "name was expected, not 'a.b'", "ollama"),
        ("FROM x\nPARAMETER top_k", 2, "PARAMETER top_k has no value", "ollama"),
        ("FROM x\nMESSAGE tool a", 2, "one of system, user, assistant", "ollama"),
        ('FROM x\n\nSYSTEM """a\nb\n', 3, 'no line\'s end closes the """', "ollama"),
    ],
)
def test_a_refusal_names_the_line_and_what_was_expected(
    text: str, line: int, words: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert words in caught.value.message
    assert hint in (caught.value.hint or "")
    assert not line or f"line {line}:" in caught.value.message


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_change_keeps_comments_order_and_line_ends(end: str) -> None:
    lines = ["# mine", "FROM x", "PARAMETER stop a", "SYSTEM old # kept", "# end"]
    modelfile = parse(end.join(lines) + end)

    changed = modelfile.having(Command("system", "new")).having(
        Command("parameter", "b", "stop")
    )
    changed = changed.having(Command("parameter", "4096", "num_ctx"))

    expected = ["# mine", "FROM x", "PARAMETER stop a", "PARAMETER stop b"]
    expected += ["SYSTEM new", "# end", "PARAMETER num_ctx 4096"]
    assert changed.render() == end.join(expected) + end
    assert changed.without("parameter", "stop").render() == end.join(
        ["# mine", "FROM x", "SYSTEM new", "# end", "PARAMETER num_ctx 4096"]
    ) + (end)
    assert modelfile.value("system") == "old # kept"


@pytest.mark.parametrize("seed", range(5))
def test_a_changed_text_says_what_its_value_says(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        try:
            before = parse(random_text(chance))
        except UsageError:
            continue
        name, key = chance.choice([("system", ""), ("parameter", "stop"), ("from", "")])
        after = before.having(Command(name, "猫 new", key))
        assert parse(after.render()).commands == after.commands
        assert after.values(name, key)[-1] == "猫 new"
        without = before.without("system")
        assert parse(without.render()).commands == without.commands


@pytest.mark.parametrize(
    "command",
    [
        Command("form", "x"),
        Command("parameter", "1", ""),
        Command("parameter", "1", "num ctx"),
        Command("message", "hi", "tool"),
        Command("system", 'a"\nb"""\nc'),
    ],
    ids=str,
)
def test_what_a_modelfile_cannot_hold_is_refused(command: Command) -> None:
    with pytest.raises(UsageError, match=r"cannot hold|not a command"):
        command.written()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_decoded_by_its_mark(encoding: str) -> None:
    text = "FROM x\nSYSTEM 猫 é\n"
    modelfile = parse(decode(text.encode(encoding)))
    assert modelfile.value("system") == "猫 é"


def test_bytes_that_are_no_text_are_no_crash() -> None:
    assert parse(decode(b"FROM x\nSYSTEM \xff\xfe\n")).value("system") == "\ufffd\ufffd"
