"""A vault whose password costs nothing to try, which the public API refuses to make.

Every test but those of the key derivation itself would wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from parllama_nb.vaults.format.crypto import KDF
from parllama_nb.vaults.policy import Policy
from parllama_nb.vaults.storage.sqlite import SQLiteStorage
from parllama_nb.vaults.timer import Limits
from parllama_nb.vaults.vault import Vault

__all__ = ["OTHER", "PASSWORD", "WEAK", "MakeVault", "vault_at", "weak_policy"]

PASSWORD = "correct horse battery staple"
OTHER = "seven magnetic pelicans yawning"

WEAK = KDF(memory=8, passes=1, lanes=1)

MakeVault = Callable[..., Vault]


def weak_policy(limits: Limits | None = None, kdf: KDF = WEAK) -> Policy:
    policy = Policy(limits=limits or Limits())
    object.__setattr__(policy, "kdf", kdf)
    return policy


def vault_at(path: Path, **more: Any) -> Vault:
    """A vault in a file, as one kernel has it."""
    return Vault(SQLiteStorage(lambda: path), **{"policy": weak_policy(), **more})
