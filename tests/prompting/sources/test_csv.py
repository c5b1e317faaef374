"""Tables: any delimiter and encoding, bad rows, and what a cell cannot hold."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.prompting.sources.csv_list import CSVSource
from parllama_nb.providers.messages import Message

from .readers import found, one, problems

SOURCE = CSVSource()
PIRATE = Prompt(
    "Pirate",
    (Message.of("system", 'Say "Arrr", mate.'), Message.of("user", "Greet {{whom}}")),
    "Talks, oddly",
    ("fun", "sea"),
    (Variable("whom", "me"),),
    "openai/gpt-5",
)
COLUMNS = ["Name", "Description", "Tags", "System Prompt", "user", "variables", "model"]
ROW = ["Pirate", "Talks, oddly", "fun,sea", 'Say "Arrr", mate.', "Greet {{whom}}"]
ROWS = [COLUMNS, [*ROW, "whom=me", "openai/gpt-5"]]


def table(delimiter: str) -> str:
    cells = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in ROWS]
    return "".join(delimiter.join(row) + "\r\n" for row in cells)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_table_is_read_whatever_is_between_its_columns(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(table(delimiter).encode(encoding))
    assert one(SOURCE, path) == PIRATE
    path.write_bytes(f"sep={delimiter}\r\n{table(delimiter)}".encode(encoding))
    assert one(SOURCE, path) == PIRATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '"act","prompt"\n"Linux Terminal","I want you to act as a terminal. Go."\n',
            Prompt(
                "Linux Terminal",
                (Message.of("system", "I want you to act as a terminal. Go."),),
                "I want you to act as a terminal.",
            ),
        ),
        (
            "act,prompt,for_devs,type,contributor\nA,Be {{x}}.,TRUE,TEXT,f\n",
            Prompt(
                "A",
                (Message.of("system", "Be {{x}}."),),
                "Be {{x}}.",
                variables=(Variable("x"),),
            ),
        ),
        (
            "prompt\nHello.\n",
            Prompt("p 2", (Message.of("user", "Hello."),), "Hello."),
        ),
        (
            "name,prompt,description,submit\nx,Hello.,,yes\n",
            Prompt("x", (Message.of("user", "Hello."),), submit=True),
        ),
        (
            'name, prompt, variables\nx, "a\n\nb, c", "[{""name"": ""v""}]"\n\n,,\n',
            Prompt(
                "x",
                (Message.of("user", "a\n\nb, c"),),
                "a",
                variables=(Variable("v"),),
            ),
        ),
    ],
)
def test_a_table_of_another_program_is_read(
    tmp_path: Path, text: str, expected: Prompt
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    assert one(SOURCE, path) == expected


def test_bad_rows_are_problems_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "name,prompt,variables,messages\n"
        "good,Hello.\n"
        "good,Again.\n"
        "comma,Hello, you, there, now\n"
        'quote,"Hello" there\n'
        ",Nameless\n"
        "empty,,,\n"
        "bad,x,[1,\n"
        'worse,x,"[1,"\n'
        'role,x,,"[{""role"": ""tool""}]"\n'
        "-dash,x\n"
        'open,"never closed\n'
    )
    result = found(SOURCE, path)
    assert [prompt.name for prompt in result.prompts] == ["good", "p 6"]
    assert {each.where: each.what.split(":")[0] for each in result.problems} == {
        "p.csv, row 3": "There is a prompt 'good' already",
        "p.csv, row 4": "It has 5 cells, and the first row 4.",
        "p.csv, row 5": "This is not CSV (',' expected after '\"'), line 5.",
        "p.csv, row 7": "The prompt has no text.",
        "p.csv, row 8": "Line 1",
        "p.csv, row 9": "Line 1",
        "p.csv, row 10": "Message 1 has the role 'tool'.",
        "p.csv, row 11": "The name begins with '-'.",
        "p.csv, row 12": "This is not CSV (unexpected end of data), line 12.",
    }


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("a,b\n1,2\n", "names no column"),
        ("\n\n", "names no column"),
        ("prompt,Prompt\nx,y\n", "'prompt'"),
        ("name,prompt\nx,\n", "no text"),
        ('"prompt', "names no column"),
    ],
)
def test_a_table_without_prompts_is_an_error(
    tmp_path: Path, text: str, phrase: str
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        found(SOURCE, path)
    assert phrase in (caught.value.hint or "")


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f'name,system\nx,"{"word " * 100_000}"\n')
    assert len(one(SOURCE, path).system) == 500_000


def test_a_zero_character_goes_into_a_message_alone(tmp_path: Path) -> None:
    zero = replace(PIRATE, messages=(Message.of("user", "a\0b"),))
    path = tmp_path / "p.csv"
    path.write_bytes(SOURCE.write([zero])["prompts.csv"])
    assert one(SOURCE, path) == zero
    with pytest.raises(UsageError, match="description of Pirate") as caught:
        SOURCE.write([replace(PIRATE, description="a\0b")])
    assert caught.value.hint


def test_columns_that_no_prompt_needs_are_not_written() -> None:
    def header(prompt: Prompt) -> bytes:
        return SOURCE.write([prompt])["prompts.csv"].splitlines()[0]

    assert header(PIRATE).endswith(b'"variables","model"')
    assert header(replace(PIRATE, submit=True)).endswith(b'"model","submit"')


def test_a_damaged_table_is_read_or_is_an_error_of_ours(tmp_path: Path) -> None:
    chance = random.Random(11)
    whole = SOURCE.write([PIRATE, replace(PIRATE, name="Other")])["prompts.csv"]
    path = tmp_path / "p.csv"
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(len(data))] = chance.choice(b'",;\n\r\0\xff\t[{= a')
        path.write_bytes(data)
        try:
            result = found(SOURCE, path)
        except UsageError as error:
            assert error.hint  # noqa: PT017 - an error is one of two good ends
        else:
            assert all("\n" not in each.what for each in result.problems)


def test_a_folder_of_tables_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt\nHi.\n")
    (tmp_path / "b.tsv").write_text("name\tprompt\nx\tHi.\n")
    (tmp_path / "c.csv").write_bytes(b"prompt\n\xe9\n")
    names = [prompt.name for prompt in found(SOURCE, tmp_path).prompts]
    assert names == ["a 2", "x"]
    assert list(problems(SOURCE, tmp_path)) == ["c.csv"]
