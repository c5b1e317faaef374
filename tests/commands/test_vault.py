"""%parllama vault, and what the app does with a vault."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Notebook
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_line
from parllama_nb.errors import AuthenticationError, InputError, PrivateLineError
from parllama_nb.vaults.errors import (
    ImportFileError,
    SecretMissingError,
    VaultError,
    VaultMissingError,
    WeakPasswordError,
    WrongPasswordError,
)
from parllama_nb.vaults.unattended import VARIABLE, take

from ..importers.parllama_files import secrets_json
from ..own_app import own_app, result_of
from ..vaults.weak import OTHER, PASSWORD, weak_policy

Do = Callable[..., str]


class Typist:
    """Types what a test gives it, in order; remembers what it was asked."""

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.asked: list[str] = []

    async def ask(self, what: str) -> str:
        self.asked.append(what)
        if not self.typed:
            message = "nobody"
            raise InputError(message)
        return self.typed.pop(0)


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.vault.policy = weak_policy()
        yield app


@pytest.fixture
def typist() -> Typist:
    return Typist()


@pytest.fixture
def do(app: Parllama, typist: Typist) -> Do:
    """Runs a line as the magic would; gives what it shows."""

    def do(line: str, *typed: str) -> str:
        typist.typed = list(typed)
        command, params = parse_line(COMMANDS, f"vault {line}")
        values = params.model_dump(exclude_unset=True)
        notebook = Notebook("nb", ask=typist.ask)
        result: Any = result_of(app, command.name, notebook, **values)
        assert typist.typed == [], "not all of it was asked for"
        return str(result)

    return do


@pytest.fixture
def created(do: Do) -> None:
    do("create", PASSWORD, PASSWORD)


def test_commands_without_a_vault_name_vault_create(do: Do, home: Path) -> None:
    assert "vault create" in do("")
    for line in ("unlock", "set A", "list", "backup", "passwd", "rotate", "clear"):
        with pytest.raises(VaultMissingError):
            do(line)
    assert not (home / "data" / "vault.db").exists()


def test_a_password_is_typed_twice_and_judged(do: Do) -> None:
    with pytest.raises(WeakPasswordError):
        do("create", "Password1!")
    with pytest.raises(VaultError, match="differ"):
        do("create", PASSWORD, OTHER)
    assert "strong" in do("create", PASSWORD, PASSWORD)


@pytest.mark.usefixtures("created")
def test_set_list_and_remove_a_secret(do: Do, app: Parllama) -> None:
    do("set A_KEY", "  sk-value\n")
    assert app.vault.get("A_KEY").reveal() == "sk-value"
    assert "A_KEY" in do("list")
    assert "sk-value" not in do("list")
    do("remove A_KEY")
    with pytest.raises(SecretMissingError):
        do("remove A_KEY")
    assert "no secret" in do("list")


@pytest.mark.usefixtures("created")
def test_set_unlocks_a_locked_vault_first(do: Do, typist: Typist) -> None:
    do("lock")
    do("set A_KEY", OTHER, PASSWORD, "sk-value")
    assert typist.asked[-3:] == [
        "Password of the vault",
        "That was wrong. Password of the vault",
        "Value of A_KEY",
    ]
    do("lock")
    with pytest.raises(InputError):
        do("list")


@pytest.mark.usefixtures("created")
def test_unlock_fails_after_three_wrong_passwords(do: Do, app: Parllama) -> None:
    do("lock")
    with pytest.raises(WrongPasswordError):
        do("unlock", OTHER, OTHER, OTHER)
    assert app.vault.state == "locked"


@pytest.mark.usefixtures("created")
def test_exports_are_shown_and_removed(do: Do) -> None:
    do("set A_KEY --export", "sk-value")
    assert os.environ["A_KEY"] == "sk-value"
    assert "A_KEY" in do("status")
    do("export A_KEY --off")
    assert "A_KEY" not in os.environ
    do("export A_KEY")
    assert os.environ["A_KEY"] == "sk-value"
    do("lock")
    assert "A_KEY" not in os.environ


@pytest.mark.usefixtures("created")
def test_the_password_is_changed_and_the_keys_rotated(do: Do, app: Parllama) -> None:
    app.vault.set("A_KEY", "a")
    with pytest.raises(WeakPasswordError):
        do("passwd", PASSWORD, "weak")
    do("passwd", PASSWORD, OTHER, OTHER)
    do("rotate", OTHER)
    do("lock")
    do("unlock", OTHER)
    assert app.vault.get("A_KEY").reveal() == "a"
    assert "is complete" in do("audit")
    assert "rotate" in do("audit")


@pytest.mark.usefixtures("created")
def test_a_cleared_vault_is_restored_from_its_backup(
    do: Do, app: Parllama, home: Path
) -> None:
    app.vault.set("A_KEY", "a")
    assert "backups" in do("backup")
    do("clear", PASSWORD)
    assert app.vault.names() == []
    *_, cleared = sorted((home / "data" / "backups").iterdir())
    assert "A_KEY would be added" in do(f"restore {cleared}", PASSWORD)
    assert app.vault.names() == []
    assert "A_KEY is added" in do(f"restore {cleared} --yes", PASSWORD)
    assert app.vault.get("A_KEY").reveal() == "a"


@pytest.mark.usefixtures("created")
def test_import_reads_par_llamas_secrets(do: Do, app: Parllama, tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    theirs = {"A_KEY": "a", "B_KEY": "b", "PATH": "p"}
    path.write_text(secrets_json("Password1!", theirs, exports={"B_KEY": False}))
    app.vault.set("A_KEY", "mine")
    shown = do(f"import {path} --dry-run", "Password1!")
    assert "would be imported" in shown
    assert "into the environment: A_KEY, PATH" in shown
    assert app.vault.names() == ["A_KEY"]
    do(f"import {path}", "Wrong1!", "Password1!")
    assert app.vault.get("A_KEY").reveal() == "mine"
    assert app.vault.get("B_KEY").reveal() == "b"
    assert app.vault.exported() == []
    before = os.environ["PATH"]
    do(f"import {path} --replace --keep-exports", "Password1!")
    assert app.vault.exported() == ["A_KEY"]
    assert os.environ["PATH"] == before
    assert [e.event for e in app.vault.log()].count("import") == 2


@pytest.mark.usefixtures("created")
def test_import_finds_par_llamas_file(
    do: Do, app: Parllama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLLAMA_DATA_DIR", str(tmp_path / "theirs"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ImportFileError):
        do("import")
    (tmp_path / "parllama").mkdir()
    text = secrets_json("Password1!", {"A_KEY": "a"})
    (tmp_path / "parllama" / "secrets.json").write_text(text)
    do("import", "Password1!")
    assert app.vault.names() == ["A_KEY"]


@pytest.mark.usefixtures("created")
def test_import_reads_a_dotenv_file(do: Do, app: Parllama, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A_KEY=a\nEMPTY=\nhunter2\nURL=${WHERE}\n")
    report = do(f"import {path}")
    assert "EMPTY   is skipped" in report
    assert "line 3  is skipped: it is not NAME=value" in report
    assert "as written: the file does not set that variable" in report
    assert "hunter2" not in report
    assert app.vault.names() == ["A_KEY", "URL"]


@pytest.mark.parametrize(
    "line",
    ["hunter2", "unlock hunter2", "set A=hunter2", "lock -p hunter2", "set A B", "set"],
)
def test_a_line_that_may_hold_a_secret_is_not_repeated(line: str) -> None:
    with pytest.raises(PrivateLineError) as caught:
        parse_line(COMMANDS, f"vault {line}")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_help_does_not_import_cryptography() -> None:
    code = (
        "import sys\n"
        "from tests.own_app import own_app, result_of\n"
        "with own_app() as app:\n"
        "    print('--accept-older' in str(result_of(app, 'help', command='vault')))\n"
        "print('cryptography' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "False"]


def test_completion_offers_actions(app: Parllama) -> None:
    offered = complete(COMMANDS, app, "vault re", cell=False)
    assert offered == ["remove", "restore"]


@pytest.mark.usefixtures("created")
def test_a_provider_is_handed_the_key_at_the_call(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.vault.set("OPENAI_API_KEY", "sk-from-the-vault")
    secret = app.keychain.find("OPENAI_API_KEY")
    assert secret
    assert secret.reveal() == "sk-from-the-vault"
    assert app.redact("sk-from-the-vault") == "<Secret OPENAI_API_KEY>"
    assert "OPENAI_API_KEY" not in os.environ
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-kernel")
    secret = app.keychain.find("OPENAI_API_KEY")
    assert secret
    assert secret.reveal() == "sk-of-this-kernel"


@pytest.mark.usefixtures("created")
def test_the_hint_of_a_missing_key_names_a_locked_vault(do: Do, app: Parllama) -> None:
    answer = result_of(app, "ask", prompt="Hi.", model="openai/gpt-5-mini")
    assert isinstance(answer.error, AuthenticationError)
    assert "%parllama vault set OPENAI_API_KEY" in str(answer.error)
    do("lock")
    assert app.keychain.find("OPENAI_API_KEY") is None
    answer = result_of(app, "ask", prompt="Hi.", model="openai/gpt-5-mini")
    assert "unlock the vault" in str(answer.error)


def test_find_without_a_vault_does_not_load_it(home: Path) -> None:
    with own_app() as app:
        assert app.keychain.find("A_KEY") is None
        assert app.keychain._vault is None


@pytest.mark.usefixtures("created")
def test_an_unattended_kernel_unlocks_at_the_first_need(
    do: Do, app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    do("set A_KEY", "sk-value")
    monkeypatch.setenv(VARIABLE, PASSWORD)
    take()
    assert VARIABLE not in os.environ
    with own_app() as other:
        other.vault.policy = weak_policy()
        assert other.vault.state == "locked"
        secret = other.keychain.find("A_KEY")
        assert secret
        assert secret.reveal() == "sk-value"
        other.vault.lock("auto-lock")
        assert other.keychain.find("A_KEY")
        other.vault.lock()
        assert other.keychain.find("A_KEY") is None


@pytest.mark.usefixtures("created")
def test_a_wrong_unattended_password_is_named_in_the_error(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, OTHER)
    with own_app() as other:
        assert other.keychain.find("A_KEY") is None
        with pytest.raises(VaultError, match=VARIABLE):
            other.vault.get("A_KEY")


def test_an_unattended_kernel_creates_a_vault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with own_app() as app:
        app.vault.policy = weak_policy()
        with pytest.raises(VaultMissingError):
            app.vault.names()
        result_of(app, "vault", action="create")
        assert app.vault.state == "unlocked"


@pytest.mark.usefixtures("created")
def test_the_doctor_shows_the_state_of_the_vault(
    do: Do, app: Parllama, home: Path
) -> None:
    def said() -> str:
        (line,) = [
            line
            for line in result_of(app, "doctor").text.splitlines()
            if "| vault |" in line
        ]
        return str(line)

    assert "unlocked" in said()
    do("lock")
    assert "locked" in said()
    app.vault.close()
    (home / "data" / "vault.db").write_bytes(b"no database" * 500)
    assert "damaged" in said()
    assert "**no**" in said()
