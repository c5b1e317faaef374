"""Copies, and putting one back."""

from __future__ import annotations

import random
import stat
from pathlib import Path

import pytest

from parllama_nb.vaults.errors import (
    VaultDamagedError,
    VaultError,
    VaultMissingError,
    VaultStorageError,
    WrongPasswordError,
)
from parllama_nb.vaults.storage.watermark import Watermark
from parllama_nb.vaults.vault import Vault

from .weak import OTHER, PASSWORD, MakeVault


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    path = tmp_path / "backups"
    path.mkdir()
    return path


@pytest.fixture
def kept(open_vault: MakeVault, backups: Path) -> Vault:
    """A vault that keeps backups, and some secrets."""
    vault = open_vault(backups=lambda: backups)
    vault.create(PASSWORD)
    for number in range(5):
        vault.set(f"N{number}", f"{number}")
    return vault


def test_a_backup_opens_as_a_vault(
    kept: Vault, open_vault: MakeVault, tmp_path: Path, backups: Path
) -> None:
    path = tmp_path / "copy.db"
    assert kept.backup(path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    copy = open_vault(path)
    copy.unlock(PASSWORD)
    assert copy.names() == kept.names()
    assert {each.name for each in tmp_path.iterdir()} <= {
        *("vault.db", "copy.db", "backups", "home"),
    }


@pytest.mark.parametrize(
    "named", ["~nobody_has_this_name/v.db", "a\0b"], ids=["home", "zero"]
)
def test_what_cannot_be_a_path_is_refused(kept: Vault, named: str) -> None:
    with pytest.raises(VaultStorageError, match="cannot be the path"):
        kept.backup(named)
    with pytest.raises(VaultStorageError, match="cannot be the path"):
        kept.restore(named, PASSWORD)


def test_a_backup_does_not_overwrite_a_file(kept: Vault, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    path.write_text("something of yours")
    with pytest.raises(VaultStorageError, match="exists already"):
        kept.backup(path)
    assert path.read_text() == "something of yours"
    with pytest.raises(VaultStorageError):
        kept.backup(tmp_path / "nowhere" / "copy.db")


def test_a_missing_vault_is_not_backed_up(
    open_vault: MakeVault, tmp_path: Path
) -> None:
    with pytest.raises(VaultMissingError):
        open_vault().backup(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_damaged_vault_is_not_backed_up(kept: Vault, tmp_path: Path) -> None:
    key = kept.storage.read(lambda reader: reader.scan(b"r"))[0][0]
    kept.storage.write(lambda writer: writer.delete([key]))
    with pytest.raises(VaultDamagedError):
        kept.backup(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_locked_vault_is_backed_up(kept: Vault, tmp_path: Path) -> None:
    kept.lock()
    kept.backup(tmp_path / "copy.db")
    found = kept.restore(tmp_path / "copy.db", PASSWORD)
    assert not found.known
    assert len(found.added) == 5


def test_only_the_last_five_automatic_backups_stay(kept: Vault, backups: Path) -> None:
    made = [kept.backup() for _ in range(7)]
    assert sorted(backups.iterdir()) == made[2:]


def test_restore_without_apply_reports_and_changes_nothing(
    kept: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "copy.db"
    kept.backup(path)
    kept.set("N1", "changed")
    kept.remove("N2")
    kept.set("NEW", "new")
    found = kept.restore(path, PASSWORD)
    assert (found.added, found.removed, found.changed) == (("N2",), ("NEW",), ("N1",))
    assert (found.same, found.known, found.log) == (3, True, "")
    assert kept.get("NEW").reveal() == "new"


def test_restore_backs_up_the_replaced_vault(
    kept: Vault, open_vault: MakeVault, tmp_path: Path, backups: Path
) -> None:
    path = tmp_path / "copy.db"
    kept.backup(path)
    other = open_vault()
    other.unlock(PASSWORD)
    kept.set("NEW", "new")
    kept.change_password(PASSWORD, OTHER)
    found = kept.restore(path, PASSWORD, apply=True)
    assert kept.state == "unlocked"
    assert kept.names() == [f"N{number}" for number in range(5)]
    assert kept.verify() == ""
    (replaced,) = backups.iterdir()
    assert found.kept == str(replaced)
    assert kept.restore(replaced, OTHER).added == ("NEW",)
    with pytest.raises(WrongPasswordError):
        other.unlock(OTHER)
    other.unlock(PASSWORD)
    assert "NEW" not in other.names()


def test_a_restored_vault_does_not_raise_rollback(
    open_vault: MakeVault, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    vault = open_vault(watermark=Watermark(lambda: state))
    vault.create(PASSWORD)
    vault.backup(tmp_path / "copy.db")
    for number in range(5):
        vault.set(f"N{number}", "x")
    vault.restore(tmp_path / "copy.db", PASSWORD, apply=True)
    assert vault.names() == []
    vault.lock()
    vault.unlock(PASSWORD)
    vault.set("A", "a")
    vault.lock()
    vault.unlock(PASSWORD)


def test_restore_with_a_wrong_password_changes_nothing(
    kept: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "copy.db"
    kept.backup(path)
    before = path.read_bytes()
    kept.set("NEW", "new")
    with pytest.raises(WrongPasswordError):
        kept.restore(path, OTHER, apply=True)
    assert kept.get("NEW").reveal() == "new"
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["garbage", "other", "empty"])
def test_restore_sets_a_damaged_vault_aside(
    kept: Vault, open_vault: MakeVault, tmp_path: Path, path: Path, damage: str
) -> None:
    copy = tmp_path / "copy.db"
    kept.backup(copy)
    kept.close()
    content = {"garbage": b"no database" * 99, "empty": b""}.get(damage)
    if content is None:
        content = bytearray(path.read_bytes())
        content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)
    vault = open_vault()
    found = vault.restore(copy, PASSWORD, apply=True)
    assert len(vault.names()) == 5
    if damage != "empty":
        assert Path(found.kept).read_bytes() == content


def test_restore_works_without_a_vault(
    kept: Vault, open_vault: MakeVault, tmp_path: Path
) -> None:
    kept.backup(tmp_path / "copy.db")
    fresh = open_vault(tmp_path / "fresh.db")
    fresh.restore(tmp_path / "copy.db", PASSWORD, apply=True)
    assert fresh.names() == kept.names()


def test_restore_refuses_what_is_not_a_backup(kept: Vault, tmp_path: Path) -> None:
    for name, content in {"text": b"hello", "empty": b"", "zeros": bytes(9000)}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(VaultError):
            kept.restore(tmp_path / name, PASSWORD, apply=True)
    with pytest.raises(VaultStorageError):
        kept.restore(tmp_path / "nowhere", PASSWORD)
    with pytest.raises(VaultStorageError):
        kept.restore(tmp_path, PASSWORD)
    assert len(kept.names()) == 5


@pytest.mark.slow
def test_a_damaged_backup_raises_an_error_or_is_unchanged(
    kept: Vault, tmp_path: Path
) -> None:
    whole, bent = tmp_path / "copy.db", tmp_path / "bent.db"
    kept.backup(whole)
    content = whole.read_bytes()
    chance = random.Random(11)
    refused = 0
    for _ in range(400):
        changed = bytearray(content)
        for _ in range(chance.choice((1, 1, 3, 100))):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.2:
            changed = changed[: chance.randrange(len(changed))]
        bent.write_bytes(changed)
        try:
            found = kept.restore(bent, PASSWORD)
        except VaultError:
            refused += 1
        else:
            assert (found.added, found.removed, found.changed) == ((), (), ())
    assert refused > 120
    assert len(kept.names()) == 5
