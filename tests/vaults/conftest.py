"""Vaults of a test's own, closed in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.vaults.storage.memory import MemoryStorage
from parllama_nb.vaults.vault import Vault

from .weak import PASSWORD, MakeVault, vault_at, weak_policy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.db"


@pytest.fixture
def open_vault(path: Path) -> Iterator[MakeVault]:
    """Makes further objects for the same file, as other kernels have them."""
    made: list[Vault] = []

    def make(where: Path = path, **more: Any) -> Vault:
        made.append(vault_at(where, **more))
        return made[-1]

    yield make
    for vault in made:
        vault.close()


@pytest.fixture
def in_memory() -> Vault:
    """An unlocked vault that touches no disk, for tests that write a lot."""
    vault = Vault(MemoryStorage(), policy=weak_policy())
    vault.create(PASSWORD)
    return vault


@pytest.fixture
def vault(open_vault: MakeVault) -> Vault:
    """An unlocked vault."""
    vault = open_vault()
    vault.create(PASSWORD)
    return vault
