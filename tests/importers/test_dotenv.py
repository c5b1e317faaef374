"""Files of variables."""

from __future__ import annotations

import random
from pathlib import Path

import dotenv
import pytest

from parllama_nb.importers.dotenv import read_dotenv
from parllama_nb.vaults.errors import ImportFileError, VaultError


def read(path: Path, text: str) -> dict[str, str]:
    path.write_bytes(text.encode())
    return {name: raw.decode() for name, raw in read_dotenv(path).values.items()}


@pytest.mark.parametrize(
    "text",
    [
        "A=b",
        "A = b ",
        "  A=b",
        "\tA\t=\tb\t",
        "export A=b",
        "export   A=b",
        "export=b",
        "exported=b",
        "'A'=b",
        "A=b # comment",
        "A=b\t#comment",
        "A=b#no comment",
        "A=#no comment",
        "A=",
        "A= ",
        "A= # comment",
        "A=''",
        "A='b # c'",
        "A='b # c' # d",
        "A='b'#c",
        r"A='b\n'",
        r"A='C:\new\data'",
        r"A='it\'s'",
        r"A=C:\new\n",
        r"A=\\server\share\ ",
        r'A="b\n\t\r\a\b\f\v"',
        r'A="\"c\" \' \\ \\n"',
        r'A="C:\data\users \d \0 \x41 \u0041"',
        'A="it\'s"',
        "A='say \"hi\"'",
        "A=it's",
        'A=b"c"d',
        'A="two\nlines"',
        "A='two\nlines'\nB=c",
        'A="-----BEGIN KEY-----\nMIIE+/=\n-----END KEY-----\n"\nB=c',
        "A=$B ${ $",
        "B=c\nA=${B}/d",
        'B=c\nA="${B}${B}"',
        "B=c\nA=${B:-d}",
        "A=b=c==",
        "A=b c  d",
        "\ufeffA=b",
        "A=b\r\nB=c\r\n",
        "A=b\rB=c",
        "A='x\r\ny'\r\nB=c",
        "# A=x\n\n  # B=y\n\nA=b",
        "A=x\nA=b",
        "A=é 😀 \xa0x",
        "ÄPFEL=b",
        "A.B=c\nA-B=d",
        "A=b\x0b\nB=c",
        "A=b\n\x0c\nB=c",
    ],
)
def test_a_file_is_read_as_python_dotenv_reads_it(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("B", raising=False)
    values = read(tmp_path / ".env", text)
    theirs = dotenv.dotenv_values(tmp_path / ".env", encoding="utf-8")
    # A vault holds no empty value.
    assert values == {name: value for name, value in theirs.items() if value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"A='C:\\new'", r"C:\\new"),
        ("A='C:\\dir\\'", "C:\\dir\\"),
        ("A='C:\\dir\\' # comment\nB='c'", "C:\\dir\\"),
        ("B=c\nA='${B}'", "${B}"),
        ("A=${HOME}", "${HOME}"),
        ("A=${NOWHERE:-b}", "${NOWHERE:-b}"),
    ],
)
def test_a_secret_keeps_what_python_dotenv_would_change(
    tmp_path: Path, text: str, value: str
) -> None:
    assert read(tmp_path / ".env", text)["A"] == value


def test_references_that_the_file_does_not_resolve_are_named(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=${B}\nB=b\nC=${B}\nD='${B}'\nE=${F}\nE=e")
    assert read_dotenv(path).unresolved == {"A", "D"}


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A=b", "c"),
        ("A", "c"),
        ("A=", "# c"),
        ("", "A:"),
        ("A='b'", "c"),
        ("A=b", "#c"),
    ],
)
def test_a_long_run_of_spaces_is_read_at_once(
    tmp_path: Path, before: str, after: str
) -> None:
    spaces = " " * 60_000
    values = read(tmp_path / ".env", f"B=b\n{before}{spaces}{after}")
    assert values["B"] == "b"
    if after == "c" and before == "A=b":
        assert values["A"] == f"b{spaces}c"


def test_an_empty_value_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=\nB=''\nC= # nothing\nD=d")
    found = read_dotenv(path)
    assert found.values.keys() == {"D"}
    assert [name for name, _ in found.skipped] == ["A", "B", "C"]
    assert found.exports == frozenset()


@pytest.mark.parametrize(
    "line",
    [
        "sk-secret",
        "SECRET",
        "export SECRET",
        "A: sk-secret",
        "=sk-secret",
        "1ST=sk-secret",
        "sk/secret=1",
        "A='sk-secret",
        'A="sk-secret',
        "A='sk-secret'x",
        "A sk-secret=1",
        "curl https://sk-secret",
    ],
)
def test_an_odd_line_costs_itself_only_and_is_named_by_its_number(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / ".env"
    path.write_text(f"B=b\n\n{line}\nC=c\nD='d'\n")
    found = read_dotenv(path)
    assert found.values == {"B": b"b", "C": b"c", "D": b"d"}
    assert found.skipped == (("line 3", "it is not NAME=value"),)


def test_odd_lines_in_a_row_are_named_together(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("x\ny\nB=b\nz\n")
    skipped = [label for label, _ in read_dotenv(path).skipped]
    assert skipped == ["lines 1 to 2", "line 4"]


def test_a_piece_of_a_secret_in_the_place_of_a_name_is_not_repeated(
    tmp_path: Path,
) -> None:
    path = tmp_path / ".env"
    path.write_text("KEY=-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0==\nB=\n")
    skipped = dict(read_dotenv(path).skipped)
    assert "MIIE" not in repr(skipped)


@pytest.mark.parametrize("text", ["sk-secret", '{"a": 1}\n', "A='never closed"])
def test_a_file_without_any_variable_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".env"
    path.write_text(text)
    with pytest.raises(ImportFileError, match="No line") as caught:
        read_dotenv(path)
    assert "sk-secret" not in str(caught.value)


def test_an_unreadable_file_raises_an_import_error(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("A=ä".encode("latin-1"))
    for name in ("nowhere", "latin", "."):
        with pytest.raises(ImportFileError):
            read_dotenv(tmp_path / name)


def test_a_hostile_file_raises_vault_errors_only(tmp_path: Path) -> None:
    chance = random.Random(3)
    path = tmp_path / ".env"
    signs = ["A", "=", "'", '"', "\\", "\n", "#", " ", "export ", "é", "\0", "$", "\r"]
    shown = []
    for _ in range(2_000):
        path.write_text("".join(chance.choices(signs, k=chance.randint(0, 60))))
        try:
            shown += [label for label, _ in read_dotenv(path).skipped]
        except VaultError as error:
            shown.append(str(error))
    assert len(shown) > 100
    assert not any("\n" in each for each in shown)
    path.write_text('A="' + "\\" * 200_000)
    with pytest.raises(ImportFileError):
        read_dotenv(path)
