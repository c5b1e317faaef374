"""An older copy of the whole file, put in its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from parllama_nb.vaults.errors import RollbackError
from parllama_nb.vaults.storage.watermark import Watermark

from .weak import OTHER, PASSWORD, MakeVault


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "state"
    path.mkdir()
    return path


@pytest.fixture
def watermark(state: Path) -> Watermark:
    return Watermark(lambda: state)


def test_an_older_file_is_refused_until_it_is_accepted(
    open_vault: MakeVault, path: Path, tmp_path: Path, watermark: Watermark
) -> None:
    vault = open_vault(watermark=watermark)
    vault.create(PASSWORD)
    vault.set("A", "old")
    vault.lock()
    shutil.copy(path, tmp_path / "old.db")
    vault.unlock(PASSWORD)
    vault.set("A", "new")
    vault.lock()
    (tmp_path / "old.db").replace(path)
    with pytest.raises(RollbackError, match="older"):
        vault.unlock(PASSWORD)
    assert vault.state == "locked"
    vault.unlock(PASSWORD, accept_older=True)
    assert vault.get("A").reveal() == "old"
    vault.lock()
    vault.unlock(PASSWORD)


def test_a_file_from_before_a_rotation_is_refused(
    open_vault: MakeVault, path: Path, tmp_path: Path, watermark: Watermark
) -> None:
    vault = open_vault(watermark=watermark)
    vault.create(PASSWORD)
    vault.lock()
    shutil.copy(path, tmp_path / "old.db")
    vault.unlock(PASSWORD)
    vault.rotate(PASSWORD)
    vault.lock()
    (tmp_path / "old.db").replace(path)
    with pytest.raises(RollbackError):
        vault.unlock(PASSWORD)


def test_an_older_file_under_an_unlocked_vault_raises_rollback(
    open_vault: MakeVault, path: Path, tmp_path: Path
) -> None:
    vault = open_vault()
    vault.create(PASSWORD)
    vault.set("A", "old")
    shutil.copy(path, tmp_path / "old.db")
    vault.set("A", "new")
    (tmp_path / "old.db").replace(path)
    with pytest.raises(RollbackError):
        vault.get("A")
    with pytest.raises(RollbackError):
        vault.set("B", "b")


def test_a_vault_without_its_watermark_unlocks_and_writes_one(
    open_vault: MakeVault, state: Path, watermark: Watermark
) -> None:
    vault = open_vault(watermark=watermark)
    vault.create(PASSWORD)
    vault.lock()
    for file in state.iterdir():
        file.unlink()
    vault.unlock(PASSWORD)
    assert len(list(state.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 56, b"x" * 1000])
def test_a_damaged_watermark_counts_as_missing_and_a_forged_one_as_rollback(
    open_vault: MakeVault, state: Path, watermark: Watermark, content: bytes
) -> None:
    vault = open_vault(watermark=watermark)
    vault.create(PASSWORD)
    vault.lock()
    (file,) = state.iterdir()
    file.write_bytes(content)
    if len(content) == 56:
        with pytest.raises(RollbackError):
            vault.unlock(PASSWORD)
        vault.unlock(PASSWORD, accept_older=True)
    else:
        vault.unlock(PASSWORD)


def test_an_unwritable_state_directory_does_not_prevent_unlocking(
    open_vault: MakeVault, tmp_path: Path
) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    vault = open_vault(watermark=Watermark(lambda: nowhere))
    vault.create(PASSWORD)
    vault.change_password(PASSWORD, OTHER)
    vault.lock()
    vault.unlock(OTHER)
