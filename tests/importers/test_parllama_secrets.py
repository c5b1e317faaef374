"""PAR LLAMA's files, of both eras, and what is none."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from parllama_nb.importers import parllama_secrets
from parllama_nb.importers.parllama_secrets import needs_password, read_secrets
from parllama_nb.vaults.errors import ImportFileError, VaultError, WrongPasswordError

from .parllama_files import NEW, OLD, secrets_json

DATA = Path(__file__).parent / "data" / "parllama"

PASSWORDS = ("Password1!", " spaces kept ", "пароль", "cafe\u0301", "🔑" * 8)
SECRETS = (
    {"OPENAI_API_KEY": "sk-1"},
    {"A": "x", "B": "two\nlines\n", "C": "π"},
    {f"N{number}": "v" * number for number in range(1, 12)},
    {"LONG": "x" * 20_000},
)
SALT = '"__salt__": "AAAAAAAAAAAAAAAAAAAAAA=="'
EXPORTS = (None, {"A": False}, {"OPENAI_API_KEY": True, "A": True, "B": False})


def fixtures() -> list[tuple[int, str, dict[str, str], dict[str, bool] | None]]:
    both = [
        (iterations, password, secrets)
        for iterations in (OLD, NEW)
        for password in PASSWORDS
        for secrets in SECRETS
    ]
    # The old era knew no export flags.
    return [
        (*each, None if each[0] == OLD else EXPORTS[number % 3])
        for number, each in enumerate(both)
    ]


def test_there_are_forty_fixtures() -> None:
    assert len(fixtures()) == 40


@pytest.mark.parametrize(
    ("iterations", "password", "secrets", "exports"),
    fixtures(),
    ids=[str(number) for number in range(40)],
)
def test_files_of_both_eras_decrypt_and_stay_unchanged(
    tmp_path: Path,
    iterations: int,
    password: str,
    secrets: dict[str, str],
    exports: dict[str, bool] | None,
) -> None:
    path = tmp_path / "secrets.json"
    # One salt for all with one password, so that the fixtures are made quickly.
    salt = password.encode().ljust(16, b".")[:16]
    path.write_text(
        secrets_json(
            password, secrets, iterations=iterations, exports=exports, salt=salt
        )
    )
    before = path.stat(), path.read_bytes()
    found = read_secrets(path, password)
    assert {name: raw.decode() for name, raw in found.values.items()} == secrets
    # What is not said to stay out is exported there.
    kept_out = {name for name, flag in (exports or {}).items() if not flag}
    assert found.exports == secrets.keys() - kept_out
    assert found.skipped == ()
    after = path.stat()
    assert (after.st_mtime_ns, after.st_mode) == (
        before[0].st_mtime_ns,
        before[0].st_mode,
    )
    assert path.read_bytes() == before[1]
    assert "sk-1" not in repr(found)
    found.wipe()
    assert all(not any(raw) for raw in found.values.values())


def golden() -> list[str]:
    return sorted(path.name for path in DATA.glob("*.json"))


@pytest.mark.parametrize("name", golden())
def test_files_that_par_llama_has_written_decrypt(name: str) -> None:
    path = DATA / name
    found = read_secrets(path, "Golden1!pass")
    assert {key: raw.decode() for key, raw in found.values.items()} == {
        "OPENAI_API_KEY": "sk-golden-1234567890",
        "UMLAUT": "Grüße, мир",
    }


@pytest.mark.parametrize("password", ["Password1", "Password1! ", "", "\ud800"])
def test_a_wrong_password_raises_wrong_password(tmp_path: Path, password: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(secrets_json("Password1!", {"A": "x"}, salt=b"s" * 16))
    with pytest.raises(WrongPasswordError, match="does not open"):
        read_secrets(path, password)


def test_a_file_without_a_password_has_no_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"__salt__": "%s==", "__key__": null, "secrets": {}}' % ("A" * 22))
    assert not needs_password(path)
    assert read_secrets(path, "").values == {}
    path.write_text(path.read_text().replace("{}", '{"A": "AAAA"}'))
    with pytest.raises(ImportFileError):
        read_secrets(path, "")


def test_a_damaged_secret_is_skipped_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    content = json.loads(
        secrets_json("Password1!", {"A": "x", "B": "y", "C": "z"}, salt=b"s" * 16)
    )
    content["secrets"]["B"] = content["secrets"]["A"][:-8] + "AAAAAAA="
    content["secrets"]["bad\nname"] = content["secrets"]["C"]
    content["secrets"]["E"] = ""
    path.write_text(json.dumps(content))
    found = read_secrets(path, "Password1!")
    assert found.values.keys() == {"A", "C"}
    assert {name for name, _ in found.skipped} == {"B", "bad\nname", "E"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        "null",
        "{" * 100_000,
        '{"__salt__": 1, "__key__": null, "secrets": {}}',
        '{"__salt__": "AAAA", "__key__": null, "secrets": {}}',
        f'{{{SALT}, "__key__": 7, "secrets": {{}}}}',
        f'{{{SALT}, "__key__": null, "secrets": []}}',
        f'{{{SALT}, "__key__": null, "secrets": {{"A": "ä"}}}}',
        f'{{{SALT}, "__key__": null, "secrets": {{}}, "export_to_env": [1]}}',
        "\ufeff\x00\x01",
    ],
    ids=range(12),
)
def test_a_file_that_is_not_par_llamas_raises_an_import_error(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)
    with pytest.raises(ImportFileError):
        read_secrets(path, "Password1!")


def test_a_missing_or_oversized_file_raises_an_import_error(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError):
        read_secrets(tmp_path / "nowhere.json", "x")
    with pytest.raises(ImportFileError):
        read_secrets(tmp_path, "x")
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(ImportFileError, match="too large"):
        read_secrets(path, "x")


@pytest.mark.parametrize("count", [600, pytest.param(3_000, marks=pytest.mark.long)])
def test_a_hostile_file_is_a_vault_error_or_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(parllama_secrets, "ERAS", (1, 2))
    chance = random.Random(7)
    text = secrets_json("Password1!", {"A": "x", "B": "y"}, iterations=2, exports={})
    path = tmp_path / "secrets.json"
    outcomes = set()
    for _ in range(count):
        bent = bytearray(text.encode())
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(bent))
            match chance.randrange(4):
                case 0:
                    bent[place] ^= 1 << chance.randrange(8)
                case 1:
                    del bent[place : place + chance.randint(1, 40)]
                case 2:
                    bent[place:place] = chance.randbytes(chance.randint(1, 8))
                case _:
                    bent = bent[:place] + bent[place // 2 :]
        path.write_bytes(bent)
        try:
            outcomes.add(len(read_secrets(path, "Password1!").values))
        except VaultError as error:
            outcomes.add(type(error).__name__)
    assert {"ImportFileError", "WrongPasswordError"} <= outcomes
