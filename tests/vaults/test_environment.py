"""What is put into `os.environ`, and that it is taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from parllama_nb.vaults.environment import check_export
from parllama_nb.vaults.errors import SecretMissingError, SecretRefusedError
from parllama_nb.vaults.vault import Vault

from .weak import PASSWORD, MakeVault


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    for name in ("A_KEY", "B_KEY"):
        os.environ.pop(name, None)


def test_env_sets_variables_inside_the_block_only(vault: Vault) -> None:
    vault.set("A_KEY", "a")
    vault.set("B_KEY", "b")
    with vault.env("A_KEY", "B_KEY"):
        assert (os.environ["A_KEY"], os.environ["B_KEY"]) == ("a", "b")
        assert vault.exported() == ["A_KEY", "B_KEY"]
    assert "A_KEY" not in os.environ
    assert vault.exported() == []


def test_env_restores_the_value_from_before(vault: Vault) -> None:
    os.environ["A_KEY"] = "before"
    vault.set("A_KEY", "a")
    with vault.env("A_KEY"):
        with vault.env("A_KEY"):
            assert os.environ["A_KEY"] == "a"
        assert os.environ["A_KEY"] == "a"
    assert os.environ["A_KEY"] == "before"


def test_env_leaves_a_value_that_somebody_else_has_set(vault: Vault) -> None:
    vault.set("A_KEY", "a")
    with vault.env("A_KEY"):
        os.environ["A_KEY"] = "theirs"
    assert os.environ["A_KEY"] == "theirs"


def test_env_with_a_missing_secret_sets_no_variable(vault: Vault) -> None:
    vault.set("A_KEY", "a")
    with pytest.raises(SecretMissingError), vault.env("A_KEY", "B_KEY"):
        pass
    assert "A_KEY" not in os.environ


def test_env_removes_the_variable_after_an_error(vault: Vault) -> None:
    vault.set("A_KEY", "a")
    with pytest.raises(ZeroDivisionError), vault.env("A_KEY"):
        _ = 1 / 0
    assert "A_KEY" not in os.environ


def test_a_lock_removes_exported_variables(vault: Vault) -> None:
    vault.set("A_KEY", "a", export=True)
    vault.set("B_KEY", "b")
    with vault.env("B_KEY"):
        assert os.environ["B_KEY"] == "b"
        vault.lock()
        assert "A_KEY" not in os.environ
        assert "B_KEY" not in os.environ
        vault.unlock(PASSWORD)
        assert os.environ["A_KEY"] == "a"
    assert os.environ["A_KEY"] == "a"
    vault.lock()
    assert "A_KEY" not in os.environ


def test_a_new_secret_is_not_exported(vault: Vault) -> None:
    vault.set("A_KEY", "a")
    assert "A_KEY" not in os.environ
    assert [entry.export for entry in vault.entries()] == [False]


def test_an_exported_variable_follows_its_secret(
    vault: Vault, open_vault: MakeVault
) -> None:
    vault.set("A_KEY", "a", export=True)
    assert os.environ["A_KEY"] == "a"
    vault.set("A_KEY", "aa")
    assert os.environ["A_KEY"] == "aa"
    vault.set_export("A_KEY", export=False)
    assert "A_KEY" not in os.environ
    vault.set_export("A_KEY", export=True)
    assert os.environ["A_KEY"] == "aa"
    vault.remove("A_KEY")
    assert "A_KEY" not in os.environ


@pytest.mark.parametrize(
    "name",
    [
        *("LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "PYTHONPATH"),
        *("PYTHONSTARTUP", "PATH", "BASH_ENV", "ENV", "IFS", "GIT_SSH_COMMAND"),
        *("NODE_OPTIONS", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "PIP_INDEX_URL"),
        *("HTTPS_PROXY", "SSL_CERT_FILE", "SSLKEYLOGFILE", "REQUESTS_CA_BUNDLE"),
        *("EDITOR", "PAGER", "LESSOPEN", "PROMPT_COMMAND", "HOME", "SHELL", "path"),
        *("PARLLAMA_VAULT_KEY", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "TMPDIR"),
        *("a b", "1A", "A=B", "", "Ключ"),
    ],
)
def test_a_variable_that_changes_how_programs_run_is_refused(
    vault: Vault, name: str
) -> None:
    with pytest.raises(SecretRefusedError):
        check_export(name)
    if name and name.strip() == name:
        vault.set(name, "x")
        with pytest.raises(SecretRefusedError):
            vault.set_export(name, export=True)
        with pytest.raises(SecretRefusedError), vault.env(name):
            pass
    assert vault.exported() == []


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "GIT_TOKEN", "NPM_TOKEN", "SSH_PASSWORD", "A", "_x"]
)
def test_keys_and_tokens_may_be_exported(name: str) -> None:
    check_export(name)


def test_a_value_with_a_zero_byte_is_not_exported(vault: Vault) -> None:
    vault.set("A_KEY", "a\0b")
    with pytest.raises(SecretRefusedError, match="zero byte"), vault.env("A_KEY"):
        pass
