"""Files of variables."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from parllama_nb.importers.dotenv import read_dotenv
from parllama_nb.vaults.errors import ImportFileError, VaultError


def read(path: Path, text: str) -> dict[str, str]:
    path.write_bytes(text.encode())
    return {name: raw.decode() for name, raw in read_dotenv(path).values.items()}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("A = b ", "b"),
        ("export A=b", "b"),
        ("  A=b # comment", "b"),
        ("A=b#no comment", "b#no comment"),
        ("A='b # c'", "b # c"),
        ("A='b # c' # d", "b # c"),
        (r"A='b\n'", r"b\n"),
        (r"A='C:\\new'", r"C:\\new"),
        (r'A="b\n\"c\" $D \\"', 'b\n"c" $D \\'),
        ('A="two\nlines"', "two\nlines"),
        ("A=$B", "$B"),
        ("A=b=c==", "b=c=="),
        ("\ufeffA=b", "b"),
        ("A=b\r\nB=c", "b"),
        ("# A=x\n\n\nA=b", "b"),
        ("A=x\nA=b", "b"),
        ("A=it's", "it's"),
    ],
)
def test_a_line_gives_its_value(tmp_path: Path, line: str, value: str) -> None:
    assert read(tmp_path / ".env", line)["A"] == value


@pytest.mark.timeout(20)
def test_a_long_run_of_spaces_is_read_at_once(tmp_path: Path) -> None:
    spaces = " " * 60_000
    assert read(tmp_path / ".env", f"A=b{spaces}c")["A"] == f"b{spaces}c"


def test_an_empty_value_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=\nB=''\nC= # nothing\nD=d")
    found = read_dotenv(path)
    assert found.values.keys() == {"D"}
    assert [name for name, _ in found.skipped] == ["A", "B", "C"]
    assert found.exports == frozenset()


@pytest.mark.parametrize("line", ["sk-secret", "A: b", "=b", "A='never closed", 'A="x'])
def test_an_error_names_the_line_and_not_its_text(tmp_path: Path, line: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"B=b\n{line}\n")
    with pytest.raises(ImportFileError, match="Line 2") as caught:
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
            read_dotenv(path)
        except VaultError as error:
            shown.append(str(error))
    assert len(shown) > 100
    assert not any("\n" in each for each in shown)
    path.write_text('A="' + "\\" * 200_000)
    with pytest.raises(ImportFileError):
        read_dotenv(path)
